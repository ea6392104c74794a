import { awardBadges } from '../badges/award.ts';
import type { Database, Session } from '../database.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
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
  preview(orgId: string): Promise<BackfillResult>;
  /** Grants it, marked as backfill, with the events and notices of any award. Safe to repeat: nothing is left then. */
  grant(orgId: string): Promise<BackfillResult>;
}

/** Wires the backfill. */
export function createBackfill(options: { database: Database }): Backfill {
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>) =>
    options.database.transaction({ role: 'verve_engine', orgId: requireUuid(orgId, 'organisation_id') }, work);
  return {
    preview: (orgId) =>
      within(orgId, async (session) => ({
        outcome: 'preview',
        milestones: await repository.findMissingAwards(session),
        badges: (await repository.findMissingBadges(session)).map(({ mentorId, badgeDefinitionId }) => ({
          mentorId,
          badgeDefinitionId,
        })),
      })),
    grant: (orgId) =>
      within(orgId, async (session) => {
        await repository.holdTotals(session);
        const missing = await repository.findMissingAwards(session);
        const granted = await insertAwards(session, missing, 'backfill');
        const { badges, events } = await awardBadges(session, await repository.findMissingBadges(session));
        const reached = granted.map((award) => milestoneReached(session.orgId, award, 'backfill'));
        await appendEvents(session, [...reached, ...events]);
        const milestones = granted.map(({ mentorId, threshold, count }) => ({ mentorId, threshold, count }));
        return {
          outcome: 'granted',
          milestones,
          badges: badges.map(({ mentorId, badgeDefinitionId }) => ({ mentorId, badgeDefinitionId })),
        };
      }),
  };
}
