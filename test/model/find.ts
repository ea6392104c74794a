import type { Flag, ModelAttribution, ModelCode, ModelFact, ModelSource, World } from './world.ts';

/** The source behind a member id, made when missing; merged ids reach the id they were merged into (§2.6). */
export const sourceOf = (world: World, memberId: string): ModelSource => {
  const known = resolveMember(world, memberId);
  const existing = world.sources.get(known);
  if (existing) return existing;
  const made: ModelSource = { current: null, kept: [] };
  world.sources.set(known, made);
  return made;
};

export const resolveMember = (world: World, memberId: string): string => {
  const into = world.merged.get(memberId);
  return into === undefined ? memberId : resolveMember(world, into);
};

/** §2.5 (b): whatever was registered with that reference; the caller looks at whether it is still free. */
export const registeredWith = (world: World, ref: string | null): ModelAttribution | null =>
  ref === null ? null : (world.attributions.find((one) => one.registrationRef === ref) ?? null);

/** §2.5 (c): the oldest unexpired pending of that code, without a source, registered at or before `at`. */
export const oldestPending = (world: World, code: string, at: number): ModelAttribution | null =>
  world.attributions
    .filter(
      (one) =>
        one.code === code &&
        one.status === 'pending' &&
        one.memberId === null &&
        !one.removed &&
        one.registeredAt <= at &&
        one.registeredAt + world.settings.pendingLifeMs > world.now,
    )
    .sort((a, b) => a.registeredAt - b.registeredAt || a.arrival - b.arrival)[0] ?? null;

export type CodeVerdict =
  | { verdict: 'good'; code: ModelCode; flag: Flag | null }
  | { verdict: 'unknown_code' | 'foreign_code' | 'code_ended' };

/** §2.7, §2.8: whether a code credits somebody who registered (unknown: whose fact occurred) at `at`. */
export const judgeCode = (world: World, text: string, at: number): CodeVerdict => {
  const code = world.codes.get(text);
  if (!code) return { verdict: world.foreignCodes.has(text) ? 'foreign_code' : 'unknown_code' };
  const ends = [
    { end: code.expiresAt, grace: world.settings.graceRotatedMs },
    { end: code.rotatedAt, grace: world.settings.graceRotatedMs },
    { end: code.invalidatedAt, grace: world.settings.graceInvalidatedMs },
  ];
  let flag: Flag | null = null;
  for (const { end, grace } of ends) {
    if (end === null || at < end) continue;
    if (at > end + grace) return { verdict: 'code_ended' };
    flag = 'late_after_end';
  }
  return { verdict: 'good', code, flag };
};

/**
 * §2.6: the code of another mentor that a fact names, by text or by its registration's reference. null = none. Unknown and
 * foreign codes are nobody's; two codes of one mentor never conflict.
 */
export const otherMentorsCode = (world: World, fact: ModelFact, attribution: ModelAttribution): string | null => {
  const byText = fact.code === null ? undefined : world.codes.get(fact.code);
  if (byText !== undefined && byText.mentorId !== attribution.mentorId) return byText.code;
  const byReference = registeredWith(world, fact.registrationRef);
  return byReference !== null && byReference.mentorId !== attribution.mentorId ? byReference.code : null;
};

/** §2.5: a different code in the confirmation, also an unknown one, unless it is the same mentor's. */
export const mismatches = (world: World, fact: ModelFact, attribution: ModelAttribution): boolean =>
  (fact.code !== null && !world.codes.has(fact.code)) || otherMentorsCode(world, fact, attribution) !== null;
