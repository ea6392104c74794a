import { recordAction } from '../audit/record-action.ts';
import { awardBadges } from '../badges/award.ts';
import type { Session } from '../database.ts';
import { appendEvents } from '../events/repository.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { milestoneReached } from './count-credits.ts';
import * as repository from './repository.ts';
import { insertAwards } from './totals-repository.ts';

/** What a backfill would grant, or has granted. */
export interface BackfillResult {
  outcome: 'preview' | 'granted';
  milestones: repository.MissingAward[];
  badges: { mentorId: string; badgeDefinitionId: string }[];
}

/**
 * Milestones and badges that were set after mentors had passed them. Changed thresholds act on later crossings only;
 * this grants the rest, when an administrator wants it (spec §2.9).
 */
export interface Backfill {
  /** What `grant` would grant now. Writes nothing. */
  preview(call: Call): Promise<BackfillResult>;
  /** Grants it, marked as backfill, with the events and notices of any award. Safe to repeat: nothing is left then. */
  grant(call: Call): Promise<BackfillResult>;
}

/** Wires the backfill. */
export function createBackfill(parts: EngineParts): Backfill {
  const within = <Result>(call: Call, work: (session: Session) => Promise<Result>) => {
    requireMay(call.actor, 'badge.manage');
    return inOrganisation(parts, call, work);
  };
  return {
    preview: async (call) =>
      within(call, async (session) => ({
        outcome: 'preview',
        milestones: await repository.findMissingAwards(session),
        badges: (await repository.findMissingBadges(session)).map(({ mentorId, badgeDefinitionId }) => ({
          mentorId,
          badgeDefinitionId,
        })),
      })),
    grant: async (call) =>
      within(call, async (session) => {
        await repository.holdTotals(session);
        const missing = await repository.findMissingAwards(session);
        const granted = await insertAwards(session, missing, 'backfill');
        const { badges, events } = await awardBadges(session, await repository.findMissingBadges(session));
        const reached = granted.map((award) => milestoneReached(session.orgId, award, 'backfill'));
        await appendEvents(session, [...reached, ...events]);
        if (granted.length + badges.length > 0) {
          const details = { milestones: granted.length, badges: badges.length };
          const { actor } = call;
          await recordAction(session, { actor, action: 'milestones.backfill', subjectId: session.orgId, details });
        }
        const milestones = granted.map(({ mentorId, threshold, count }) => ({ mentorId, threshold, count }));
        return {
          outcome: 'granted',
          milestones,
          badges: badges.map(({ mentorId, badgeDefinitionId }) => ({ mentorId, badgeDefinitionId })),
        };
      }),
  };
}
