import { applyFact } from './facts.ts';
import { resolveMember } from './find.ts';
import { reassign, setRemoved } from './people.ts';
import type { ModelAttribution, ModelCase, World } from './world.ts';
import { ERASED } from './world.ts';

/** How a person decides: the member is this mentor's, the code was meant to be this one, or nothing is credited. */
export type Decision =
  | { how: 'attach'; activeCode: string }
  | { how: 'correct_code'; code: string }
  | { how: 'dismiss' };

/** §2.6, §2.8, §2.19: a person settles a case. What is refused has changed nothing. */
export const resolveCase = (world: World, one: ModelCase, decision: Decision): string => {
  if (!one.isOpen) return 'alreadyResolved';
  if (decision.how === 'dismiss') {
    one.isOpen = false;
    one.decided = 'dismissed';
    return 'resolved';
  }
  if (one.memberId === '' || one.memberId === ERASED) return 'refused';
  const current = currentOf(world, one);
  const code = decision.how === 'attach' ? decision.activeCode : decision.code;
  const isAgain = current?.removed === true && one.undo?.attribution === current;
  if (current !== null && (isAgain || decision.how === 'attach'))
    return moveCurrent(world, one, current, { code, isAgain });
  if (current !== null) return 'refused';
  return creditByRegistration(world, one, code);
};

const currentOf = (world: World, one: ModelCase): ModelAttribution | null =>
  world.sources.get(resolveMember(world, one.memberId))?.current ?? null;

/** The member has an attribution: it moves. One that reopening this case had taken out of the counts comes back. */
const moveCurrent = (
  world: World,
  one: ModelCase,
  current: ModelAttribution,
  { code, isAgain }: { code: string; isAgain: boolean },
): string => {
  const fromMentorId = current.mentorId;
  if (reassign(world, current, code) === 'refused') return 'refused';
  const moved = currentOf(world, one) as ModelAttribution;
  if (isAgain) setRemoved(world, moved, false);
  one.undo = { attribution: moved, fromMentorId: isAgain ? null : fromMentorId };
  one.isOpen = false;
  one.decided = isAgain ? 'credited' : 'moved';
  return 'resolved';
};

/** Nobody was credited yet: the person's word is a registration under the code, on which everything that waited acts. */
const creditByRegistration = (world: World, one: ModelCase, code: string): string => {
  const before = structuredClone(world);
  one.isOpen = false;
  one.decided = 'credited';
  const outcome = applyFact(world, {
    kind: 'registered',
    memberId: one.memberId,
    code,
    registrationRef: null,
    registeredAt: null,
    occurredAt: null,
  });
  if (outcome !== 'registered') {
    Object.assign(world, before);
    return 'refused';
  }
  one.undo = { attribution: currentOf(world, one) as ModelAttribution, fromMentorId: null };
  return 'resolved';
};

/** Undoes a decision and opens the case again; what facts settled stays settled. */
export const reopenCase = (world: World, one: ModelCase, codeOf: (mentorId: string) => string): string => {
  if (one.isOpen) return 'alreadyOpen';
  if (one.isSettled) return 'refused';
  const { undo } = one;
  if (one.decided === 'moved' && undo?.fromMentorId != null) {
    if (reassign(world, undo.attribution, codeOf(undo.fromMentorId)) === 'refused') return 'refused';
  } else if (one.decided === 'credited' && undo !== null) {
    if (setRemoved(world, undo.attribution, true) === 'refused') return 'refused';
  }
  one.isOpen = true;
  return 'reopened';
};
