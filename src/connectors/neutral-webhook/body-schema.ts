import { z } from 'zod';

/** Items in one body (spec §8). */
export const MAX_ITEMS = 100;

/** Statuses a sender may write. `invalidated` is the older word for `reversed`. */
export const STATUSES = ['registered', 'confirmed', 'rejected', 'reversed', 'invalidated'] as const;

/** Text that means something only to the membership system: no control characters, ends trimmed, never empty. */
const opaque = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters');

/** A whole number is taken as its digits: many systems have numeric ids. Larger ones have lost digits on the way. */
const reference = (maxLength: number) =>
  z.union([opaque(maxLength), z.int().nonnegative().transform(String)], { error: 'must be text' });

const moment = z.string().trim().min(8).max(40);

/** One statement of the neutral body (membership-systems §6.1); unknown keys are an error. */
export const neutralItemSchema = z.strictObject({
  status: z.enum(STATUSES),
  external_member_id: reference(128).nullish(),
  referral_code: opaque(64).nullish(),
  registration_ref: opaque(128).nullish(),
  registered_at: moment.nullish(),
  occurred_at: moment.nullish(),
  membership_type: opaque(64).nullish(),
  reason: opaque(64).nullish(),
  chapter: opaque(128).nullish(),
  event_id: reference(256).nullish(),
});

export type NeutralItem = z.infer<typeof neutralItemSchema>;
