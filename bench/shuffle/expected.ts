import { applyFact } from '../../test/model/facts.ts';
import { addCode } from '../../test/model/play.ts';
import { emptyWorld, isCredited, type ModelFact, type World } from '../../test/model/world.ts';
import type { MemberHistory } from './plan.ts';

/** Where one member ends, in words that do not depend on which of a mentor's codes was named. */
export interface MemberEnd {
  readonly mentorId: string;
  readonly status: string;
  readonly isCredited: boolean;
}

export interface PlanMentor {
  readonly mentorId: string;
  readonly codes: readonly string[];
}

export const worldOf = (mentors: readonly PlanMentor[], now: number): World => {
  const world = emptyWorld();
  world.now = now;
  for (const { mentorId, codes } of mentors) {
    world.mentors.set(mentorId, { mentorId, memberId: null });
    for (const code of codes) addCode(world, code, mentorId);
  }
  return world;
};

/** The state to which the model comes when the facts of each member arrive once, in the order in which they happened. */
export function playInOrder(
  mentors: readonly PlanMentor[],
  histories: readonly MemberHistory[],
  now: number,
): Map<string, MemberEnd> {
  const ends = new Map<string, MemberEnd>();
  for (const history of histories) {
    const end = playFacts(worldOf(mentors, now), history.facts);
    if (end) ends.set(history.memberId, end);
  }
  return ends;
}

/** Plays the facts of one member on an empty world. null = nobody was named. */
export function playFacts(world: World, facts: readonly ModelFact[]): MemberEnd | null {
  for (const fact of facts) applyFact(world, fact);
  const current = world.attributions.find((one) => !one.superseded);
  return current ? { mentorId: current.mentorId, status: current.status, isCredited: isCredited(current) } : null;
}
