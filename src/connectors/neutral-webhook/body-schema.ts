import { z } from 'zod';

/** Items in one body (spec §8). */
export const MAX_ITEMS = 100;

/** Statuses a sender may write. `invalidated` is the older word for `reversed`. */
const STATUSES = ['registered', 'confirmed', 'rejected', 'reversed', 'invalidated'] as const;

/** Text that means something only to the membership system: no control characters, ends trimmed; blank = absent. */
const opaque = (maxLength: number) => {
  const message = `must be text of at most ${maxLength} characters, without control characters`;
  return z
    .string({ error: message })
    .trim()
    .max(maxLength, message)
    .refine((text) => !/\p{Cc}/u.test(text), message);
};

/** A whole number is taken as its digits: many systems have numeric ids. Larger ones have lost digits on the way. */
const reference = (maxLength: number) =>
  z.union([opaque(maxLength), z.int().nonnegative().transform(String)], {
    error: `must be text of at most ${maxLength} characters without control characters, or a whole number up to 2^53`,
  });

const momentMessage = 'must be a time such as 2026-11-20T11:00:00+01:00';
const moment = z.string({ error: momentMessage }).trim().max(40, momentMessage);

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
