import { z } from 'zod';

const days = (most: number) => z.number().int().min(0).max(most);

/** The rules of credit that an organisation chooses (spec §2). Every one has a safe default. */
export const ruleSettingsSchema = z.strictObject({
  /** Whether a person looks at a confirmation before it is credited: never, when it carries a flag, or always. */
  review: z.enum(['off', 'flagged', 'all']).default('off'),
  /** Whether a link by the order of registrations is a flag that sends to review. */
  reviewCodeOrder: z.boolean().default(false),
  /** The roles that must approve, one person each. */
  reviewRoles: z
    .array(z.enum(['coordinator', 'org_admin']))
    .min(1)
    .max(5)
    .default(['coordinator']),
  /** Days after which a rotated or expired code no longer credits who came late; posters hang for years. */
  rotatedGraceDays: days(3650).default(365),
  /** The same for an invalidated code. */
  invalidatedGraceDays: days(3650).default(0),
  /** More registrations or confirmations of one mentor within an hour, by arrival, carry the flag `velocity`. */
  velocityPerHour: z.number().int().min(1).max(100_000).default(20),
  /** Days after a reversal within which a new confirmation re-instates; later it is a new attribution. */
  rejoinGapDays: days(3650).default(365),
  /** Days after which a registration that nothing confirmed shows as expired. */
  pendingDays: z.number().int().min(1).max(3650).default(365),
  /** Source models that move totals and milestones. */
  countedSourceModels: z.array(z.string().min(1).max(64)).max(50).default(['membership']),
  /** Membership types that never credit. */
  excludedMembershipTypes: z.array(z.string().min(1).max(64)).max(100).default([]),
});

export type RuleSettings = z.infer<typeof ruleSettingsSchema>;
