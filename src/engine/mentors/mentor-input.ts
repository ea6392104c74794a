import { z } from 'zod';
import { isUuid, notAnId } from '../ids.ts';

const uuid = z
  .string()
  .refine(isUuid, notAnId)
  .transform((text) => text.toLowerCase());

/** What a mentor is made of. */
export const newMentorSchema = z.strictObject({
  /** A host's own id. (Default: a random one) */
  mentorId: uuid.optional(),
  /** The auth system's user id; null = has no account yet. (Default: null) */
  userId: uuid.nullable().default(null),
  displayName: z.string().trim().min(1).max(200),
  /** null = belongs to the organisation itself. (Default: null) */
  branchId: uuid.nullable().default(null),
  /** His own member id, to refuse self-referral; only its keyed hash is kept. null = not known. (Default: null) */
  memberId: z.string().trim().min(1).max(128).nullable().default(null),
});
export type NewMentorInput = z.input<typeof newMentorSchema>;

/** What can be changed of a mentor; what is left out stays. */
export const mentorChangeSchema = z.strictObject({
  userId: uuid.nullable().optional(),
  displayName: newMentorSchema.shape.displayName.optional(),
  branchId: uuid.nullable().optional(),
  memberId: z.string().trim().min(1).max(128).nullable().optional(),
});
export type MentorChange = z.input<typeof mentorChangeSchema>;
