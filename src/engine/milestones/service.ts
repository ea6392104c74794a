import type { Database, Session } from '../database.ts';
import { requireUuid } from '../ids.ts';
import * as repository from './repository.ts';
import { setThresholds } from './thresholds.ts';

export type { MilestoneAward } from './repository.ts';

/** The milestones of an organisation. Callers have been authorised. */
export interface Milestones {
  listThresholds(orgId: string): Promise<number[]>;
  /** Chooses the thresholds; those of badges in use stay. They act on later crossings. Safe to repeat. */
  setThresholds(orgId: string, thresholds: readonly number[]): Promise<number[]>;
  /**
   * Awards in the order of mentor and threshold, for a badge service that compares its own with ours. `nextAfter` asks
   * for the page after it; null = this was the last.
   */
  listAwards(
    orgId: string,
    page?: { mentorId?: string; after?: AwardPlace; limit?: number },
  ): Promise<{ awards: repository.MilestoneAward[]; nextAfter: AwardPlace | null }>;
}

/** A place in the list of awards. */
export interface AwardPlace {
  mentorId: string;
  threshold: number;
}

/** Wires the milestones. */
export function createMilestones(options: { database: Database }): Milestones {
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>) =>
    options.database.transaction({ role: 'verve_engine', orgId: requireUuid(orgId, 'organisation_id') }, work);

  return {
    listThresholds: (orgId) => within(orgId, repository.listThresholds),
    setThresholds: (orgId, thresholds) => within(orgId, (session) => setThresholds(session, thresholds)),

    listAwards: (orgId, { mentorId, after, limit = 50 } = {}) =>
      within(orgId, async (session) => {
        const size = Math.min(Math.max(1, Math.trunc(limit)), 200);
        const awards = await repository.listAwards(session, {
          mentorId: mentorId === undefined ? null : requireUuid(mentorId, 'mentor'),
          after: after ?? null,
          limit: size + 1,
        });
        const page = awards.slice(0, size);
        const last = page.at(-1);
        const hasMore = awards.length > size && last !== undefined;
        return { awards: page, nextAfter: hasMore ? { mentorId: last.mentorId, threshold: last.threshold } : null };
      }),
  };
}
