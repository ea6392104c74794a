import { resolveMember } from './find.ts';
import { eraseFromCases } from './inbox.ts';
import type { ModelFact, World } from './world.ts';
import { ERASED } from './world.ts';

/**
 * §9: facts whose membership date is at or before the erasure are ignored; a later membership is a new person, whom only
 * what begins a membership makes. A fact without a date is of today.
 */
export const isErased = (world: World, fact: ModelFact): boolean => {
  const { memberId, kind, registeredAt, occurredAt } = fact;
  const erasedAt = memberId === null ? undefined : world.erased.get(memberId);
  if (memberId === null || erasedAt === undefined) return false;
  if ((registeredAt ?? occurredAt ?? Infinity) <= erasedAt) return true;
  const begins = kind === 'registered' || kind === 'confirmed' || registeredAt !== null;
  return !begins && !isKnown(world, memberId);
};

/** Whether the id stands for somebody: he was named since, or merged into one who was. */
export const isKnown = (world: World, memberId: string): boolean => world.sources.has(resolveMember(world, memberId));

/** Takes the identity, under every id that the member had: attributions, credits, days and awards stay. */
export const eraseMember = (world: World, memberId: string): string => {
  if (!isKnown(world, memberId)) return 'nothing';
  const root = resolveMember(world, memberId);
  const isHis = (id: string | null): boolean => id !== null && resolveMember(world, id) === root;
  for (const one of world.attributions.filter((each) => isHis(each.memberId))) {
    one.memberId = ERASED;
    // What only the order of registrations ties to him may be another person's.
    if (!one.flags.has('code_order')) one.registrationRef = null;
  }
  eraseFromCases(world, (id) => id !== '' && id !== ERASED && isHis(id));
  world.namedReferences = world.namedReferences.filter((one) => !isHis(one.memberId));
  const ids = [...world.sources.keys(), ...world.merged.keys()].filter(isHis);
  for (const id of ids) {
    world.erased.set(id, world.now);
    world.sources.delete(id);
    world.merged.delete(id);
  }
  return 'erased';
};
