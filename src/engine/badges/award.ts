import type { Session } from '../database.ts';
import type { NewEvent } from '../events/event.ts';
import { type AwardedRow, awardReached } from './repository.ts';

/** What awarding gave: the badges that are new, and the events that tell of them. */
export interface Awarded {
  badges: AwardedRow[];
  events: NewEvent[];
}

/**
 * The badge criteria integration (spec §4): what is done, in the crediting transaction, for mentors who have reached a
 * milestone. The events are for the caller to record in the same transaction, so the badge and its notice to the badge
 * service exist if and only if the credit does.
 */
export type BadgeCriteria = (
  session: Session,
  reached: readonly { mentorId: string; count: number }[],
) => Promise<Awarded>;

/**
 * The default: awards each mentor every badge whose threshold the credited count reaches and which the mentor does not
 * hold. Set-based, one statement. Safe to repeat: nothing is awarded twice.
 */
export const awardBadges: BadgeCriteria = async (session, reached) => {
  if (reached.length === 0) return { badges: [], events: [] };
  const badges = await awardReached(session, highestOf(reached));
  return { badges, events: badges.map((badge) => badgeAwarded(session.orgId, badge)) };
};

/** The event of a badge awarded. Its `award_key` is the badge's own: two badges at one threshold are two awards. */
export function badgeAwarded(orgId: string, badge: AwardedRow): NewEvent {
  const { mentorId, badgeDefinitionId, earnedBadgeId, threshold } = badge;
  return {
    type: 'badge.awarded',
    mentorId,
    data: {
      award_key: `${orgId}:${mentorId}:badge_${badgeDefinitionId}`,
      badge_definition_id: badgeDefinitionId,
      earned_badge_id: earnedBadgeId,
      threshold,
    },
  };
}

/** One count per mentor, the highest: a mentor can pass several milestones in one transaction. */
function highestOf(reached: readonly { mentorId: string; count: number }[]): { mentorId: string; count: number }[] {
  const byMentor = Map.groupBy(reached, (one) => one.mentorId);
  return [...byMentor].map(([mentorId, own]) => ({ mentorId, count: Math.max(...own.map((one) => one.count)) }));
}
