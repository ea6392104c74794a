import { awardBadges } from '../badges/award.ts';
import type { Session } from '../database.ts';
import type { NewEvent, RecordedEvent } from '../events/event.ts';
import { appendEvents } from '../events/repository.ts';
import { awardKey, milestoneName, milestoneType } from './milestone.ts';
import * as totals from './totals-repository.ts';

/** One move of a mentor's total: which act of the transaction caused it, and by how much. */
export interface TotalStep {
  mentorId: string;
  /** The place of the act in its batch. */
  actIndex: number;
  change: 1 | -1;
}

/** What counting gave: every mentor's new total, and which act reached which milestones. */
export interface Counted {
  totalByMentor: Map<string, number>;
  milestonesByAct: Map<number, number[]>;
  /** The events of milestones and badges. */
  events: RecordedEvent[];
}

interface Crossing {
  mentorId: string;
  threshold: number;
  actIndex: number;
  count: number;
  isReached: boolean; // false = fell below
}

/** Walks a mentor's steps from the total before them and gives every threshold passed, in order. */
function crossingsOf(steps: readonly TotalStep[], before: number, thresholds: readonly number[]): Crossing[] {
  const crossings: Crossing[] = [];
  let count = before;
  for (const { mentorId, actIndex, change } of steps) {
    const next = count + change;
    const passed = Math.max(count, next);
    if (thresholds.includes(passed))
      crossings.push({ mentorId, threshold: passed, actIndex, count: next, isReached: change > 0 });
    count = next;
  }
  return crossings;
}

/**
 * Raises the totals (last in the crediting transaction, in id order), grants every milestone and badge that is crossed
 * for the first time, and records their events (spec §2.9). A step down tells of a milestone fallen below and takes
 * nothing away. Not safe to repeat: the caller's rows say whether a credit came or went.
 */
export async function countCredits(
  session: Session,
  steps: readonly TotalStep[],
  thresholds: readonly number[],
): Promise<Counted> {
  const milestonesByAct = new Map<number, number[]>();
  const byMentor = Map.groupBy(steps, (step) => step.mentorId);
  const changes = [...byMentor].map(([mentorId, own]) => ({
    mentorId,
    by: own.reduce((sum, step) => sum + step.change, 0),
  }));
  if (changes.length === 0) return { totalByMentor: new Map(), milestonesByAct, events: [] };
  const totalByMentor = await totals.raiseTotals(session, changes);
  const crossings = changes.flatMap(({ mentorId, by }) =>
    crossingsOf(byMentor.get(mentorId) ?? [], (totalByMentor.get(mentorId) ?? 0) - by, thresholds),
  );
  if (crossings.length === 0) return { totalByMentor, milestonesByAct, events: [] };

  const reached = crossings.filter((crossing) => crossing.isReached);
  const events: NewEvent[] = [];
  const awards = await totals.insertAwards(session, reached, 'crossing');
  for (const award of awards) {
    const crossing = reached.find((one) => one.mentorId === award.mentorId && one.threshold === award.threshold);
    if (crossing !== undefined) {
      milestonesByAct.set(crossing.actIndex, [...(milestonesByAct.get(crossing.actIndex) ?? []), award.threshold]);
    }
    events.push(milestoneReached(session.orgId, award));
  }
  if (awards.length > 0) {
    events.push(...(await awardBadges(session, awards)).events);
  }
  events.push(...(await revoked(session, crossings)));
  return { totalByMentor, milestonesByAct, events: await appendEvents(session, events) };
}

/** The event of a milestone reached; `award_key` is what a badge service recognises a repetition by. */
export function milestoneReached(
  orgId: string,
  award: totals.Award,
  origin: 'crossing' | 'backfill' = 'crossing',
): NewEvent {
  const { mentorId, threshold, count, awardId } = award;
  return {
    type: 'milestone.reached',
    mentorId,
    data: {
      award_id: awardId,
      award_key: awardKey({ orgId, mentorId, threshold }),
      milestone: milestoneName(threshold),
      milestone_type: milestoneType(threshold),
      type: 'recruitment_milestone',
      threshold,
      count,
      origin,
    },
  };
}

async function revoked(session: Session, crossings: readonly Crossing[]): Promise<NewEvent[]> {
  const fallen = crossings.filter((crossing) => !crossing.isReached);
  if (fallen.length === 0) return [];
  const held = await totals.listAwarded(session, [...new Set(fallen.map((crossing) => crossing.mentorId))]);
  return fallen
    .filter((crossing) =>
      held.some((one) => one.mentorId === crossing.mentorId && one.threshold === crossing.threshold),
    )
    .map(({ mentorId, threshold, count }) => ({
      type: 'milestone.revoked',
      mentorId,
      data: {
        award_key: awardKey({ orgId: session.orgId, mentorId, threshold }),
        milestone: milestoneName(threshold),
        threshold,
        count,
      },
    }));
}
