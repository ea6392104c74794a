import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import * as repository from './repository.ts';
import { setThresholds } from './thresholds.ts';

export type { MilestoneAward } from './repository.ts';

/** The milestones of an organisation. Whoever belongs to it may read them; only administrators choose them. */
export interface Milestones {
  listThresholds(call: Call): Promise<number[]>;
  /** Chooses the thresholds; those of badges in use stay. They act on later crossings. Safe to repeat. */
  setThresholds(call: Call, thresholds: readonly number[]): Promise<number[]>;
  /**
   * Awards in the order of mentor and threshold, for a badge service that compares its own with ours. `nextAfter` asks
   * for the page after it; null = this was the last.
   */
  listAwards(
    call: Call,
    page?: { mentorId?: string; after?: AwardPlace; limit?: number },
  ): Promise<{ awards: repository.MilestoneAward[]; nextAfter: AwardPlace | null }>;
}

/** A place in the list of awards. */
export interface AwardPlace {
  mentorId: string;
  threshold: number;
}

/** Wires the milestones. */
export function createMilestones(parts: EngineParts): Milestones {
  const within = <Result>(
    call: Call,
    operation: 'badge.read' | 'badge.manage',
    work: (session: Session) => Promise<Result>,
  ) => {
    requireMay(call.actor, operation);
    return inOrganisation(parts, call, work);
  };

  return {
    listThresholds: async (call) => within(call, 'badge.read', repository.listThresholds),
    setThresholds: async (call, thresholds) =>
      within(call, 'badge.manage', async (session) => {
        const chosen = await setThresholds(session, thresholds);
        const details = { milestones: chosen };
        await recordAction(session, { actor: call.actor, action: 'milestones.set', subjectId: session.orgId, details });
        return chosen;
      }),

    listAwards: async (call, { mentorId, after, limit = 50 } = {}) =>
      within(call, 'badge.read', async (session) => {
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
