/** The name of a milestone outside: `recruits_5`. */
export function milestoneName(threshold: number): string {
  return `recruits_${threshold}`;
}

/** The kind of a milestone as the mobile app knows it. */
export function milestoneType(threshold: number): string {
  if (threshold === 1) return 'first_referral';
  return threshold === 5 || threshold === 10 ? `referral_count_${threshold}` : 'referral_count_custom';
}

/**
 * The receiver's idempotency key for an award: the same over replays, recounts, backfills and revocations, whatever
 * the delivery. Built of ids that never change (an organisation's slug may).
 */
export function awardKey(award: { orgId: string; mentorId: string; threshold: number }): string {
  return `${award.orgId}:${award.mentorId}:${milestoneName(award.threshold)}`;
}
