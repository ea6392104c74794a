import { applyDecision, isBeyondGap } from './decide.ts';
import {
  judgeCode,
  mismatches,
  oldestPending,
  otherMentorsCode,
  registeredWith,
  resolveMember,
  sourceOf,
} from './find.ts';
import { settleTotals } from './totals.ts';
import type { Flag, ModelAttribution, ModelFact, Position, World } from './world.ts';
import { isPositionNewer } from './world.ts';

/** Applies one fact as §2.5, §2.6, §2.7, §2.8, §2.11 and §2.16 say; returns the outcome's word. */
export const applyFact = (world: World, fact: ModelFact): string => {
  const arrival = ++world.arrivals;
  const at = fact.occurredAt ?? world.now;
  const position: Position = { at, last: fact.kind === 'rejected' || fact.kind === 'reversed' ? 1 : 0, arrival };
  const outcome = fact.kind === 'registered' ? registerAs(world, fact, at) : decide(world, fact, position);
  settleTotals(world);
  return outcome;
};

const openInbox = (world: World, kind: string, memberId: string | null, code: string | null): void => {
  world.inbox.add(`${kind}|${memberId === null ? '' : resolveMember(world, memberId)}|${code ?? ''}`);
};

const isOwnMember = (world: World, mentorId: string | undefined, memberId: string | null): boolean =>
  memberId !== null &&
  mentorId !== undefined &&
  world.mentors.get(mentorId)?.memberId === resolveMember(world, memberId);

const create = (
  world: World,
  code: { code: string; mentorId: string },
  fact: { registrationRef: string | null },
  registeredAt: number,
  flags: Iterable<Flag>,
): ModelAttribution => {
  const attribution: ModelAttribution = {
    arrival: world.arrivals,
    code: code.code,
    mentorId: code.mentorId,
    registeredAt,
    registrationRef: fact.registrationRef,
    memberId: null,
    status: 'pending',
    review: 'none',
    approvedBy: [],
    flags: new Set(flags),
    removed: false,
    superseded: false,
    newest: null,
    endedAt: null,
  };
  world.attributions.push(attribution);
  return attribution;
};

/**
 * Makes it the member's current attribution and lets what was kept for the member act on it, in order (§2.16). `after` is
 * the confirmation that made it current: what is older than that says nothing about codes any more.
 */
const attach = (world: World, attribution: ModelAttribution, memberId: string, after: Position | null): void => {
  const source = sourceOf(world, memberId);
  if (source.current) source.current.superseded = true;
  source.current = attribution;
  attribution.memberId = resolveMember(world, memberId);
  const kept = source.kept.toSorted((a, b) => (isPositionNewer(a.position, b.position) ? 1 : -1));
  source.kept = [];
  world.namedReferences = world.namedReferences.filter(
    (one) => one.isRegistration || one.memberId !== attribution.memberId,
  );
  for (const { fact, position } of kept) {
    // A repeated confirmation confirms nothing, so its code says nothing either.
    const isActing =
      fact.kind === 'confirmed' && attribution.status !== 'confirmed' && isPositionNewer(position, after);
    if (isActing && mismatches(world, fact, attribution)) attribution.flags.add('code_mismatch');
    applyDecision(world, attribution, fact.kind, position);
  }
};

/** A registration whose reference an earlier fact named beside a member is that member's. */
const registerAs = (world: World, fact: ModelFact, at: number): string => {
  const inferred = fact.memberId === null ? waitingFor(world, fact.registrationRef) : null;
  if (inferred !== null) return register(world, { ...fact, memberId: inferred }, at, true);
  const outcome = register(world, fact, at, false);
  if (['unmatched', 'codeEnded', 'selfReferral'].includes(outcome)) noteReference(world, fact);
  return outcome;
};

/** A registration: by a reference already seen, by the member it names, else a new pending one under its code. */
const register = (world: World, fact: ModelFact, at: number, isInferred: boolean): string => {
  const registeredAt = fact.registeredAt ?? at;
  const current = fact.memberId === null ? null : sourceOf(world, fact.memberId).current;
  if (fact.memberId !== null && current && !rejoinWaits(world, fact.memberId, current)) {
    const other = otherMentorsCode(world, fact, current);
    if (other === null) return 'alreadyRegistered';
    openInbox(world, 'conflict', fact.memberId, other);
    return 'conflict';
  }
  const found = findFree(world, isInferred ? { ...fact, memberId: null } : fact, registeredAt);
  if (found && fact.memberId === null) return 'alreadyRegistered';
  if (found && fact.memberId !== null) {
    const { attribution } = found;
    if (isOwnMember(world, attribution.mentorId, fact.memberId)) {
      openInbox(world, 'self_referral', fact.memberId, attribution.code);
      return 'selfReferral';
    }
    const place = placeFrom(world, found);
    if (found.how === 'reference' && mismatches(world, fact, place)) place.flags.add('code_mismatch');
    attach(world, place, fact.memberId, null);
    return 'registered';
  }
  if (fact.code === null) return 'unmatched';
  if (isOwnMember(world, world.codes.get(fact.code)?.mentorId, fact.memberId)) {
    openInbox(world, 'self_referral', fact.memberId, fact.code);
    return 'selfReferral';
  }
  const judged = judgeCode(world, fact.code, registeredAt);
  if (judged.verdict === 'code_ended') return 'codeEnded';
  if (judged.verdict !== 'good') {
    if (fact.memberId !== null) openInbox(world, judged.verdict, fact.memberId, fact.code);
    return 'unmatched';
  }
  const made = create(world, judged.code, fact, registeredAt, judged.flag ? [judged.flag] : []);
  if (fact.memberId !== null) attach(world, made, fact.memberId, null);
  return 'registered';
};

/** A confirmation beyond the rejoin gap waits for a registration that tells its mentor (reading R8). */
const rejoinWaits = (world: World, memberId: string, current: ModelAttribution): boolean =>
  sourceOf(world, memberId).kept.some(
    ({ fact, position }) => fact.kind === 'confirmed' && isBeyondGap(world, current, position),
  );

/** The member whom an earlier fact without an attribution named beside that reference. */
const waitingFor = (world: World, ref: string | null): string | null =>
  ref === null ? null : (world.namedReferences.find((one) => one.ref === ref)?.memberId ?? null);

const noteReference = (world: World, fact: ModelFact): void => {
  if (fact.memberId === null || fact.registrationRef === null) return;
  const memberId = resolveMember(world, fact.memberId);
  world.namedReferences.push({ ref: fact.registrationRef, memberId, isRegistration: fact.kind === 'registered' });
};

type Found = { how: 'reference' | 'order' | 'usedReference'; attribution: ModelAttribution };

/** §2.5 (b), then (c). A used reference's code still decides. */
const findFree = (world: World, fact: ModelFact, at: number): Found | null => {
  const byRef = registeredWith(world, fact.registrationRef);
  if (byRef) return { how: byRef.memberId === null ? 'reference' : 'usedReference', attribution: byRef };
  const byOrder = fact.code === null || fact.memberId === null ? null : oldestPending(world, fact.code, at);
  return byOrder ? { how: 'order', attribution: byOrder } : null;
};

/** The found pending itself; where its reference is used up, a new one under its code. */
const placeFrom = (world: World, { how, attribution }: Found): ModelAttribution => {
  if (how === 'order') attribution.flags.add('code_order');
  if (how !== 'usedReference') return attribution;
  const flags: Flag[] = attribution.flags.has('late_after_end') ? ['late_after_end'] : [];
  return create(world, attribution, { registrationRef: null }, attribution.registeredAt, flags);
};

/** A confirmation, rejection or reversal. */
const decide = (world: World, fact: ModelFact, position: Position): string => {
  if (fact.memberId === null) return decideByReference(world, fact, position);
  const source = sourceOf(world, fact.memberId);
  const current = source.current;
  const rejoins = current !== null && fact.kind === 'confirmed' && isBeyondGap(world, current, position);
  if (current && !rejoins) {
    const other = current.status === 'pending' ? null : otherMentorsCode(world, fact, current);
    if (other !== null) {
      openInbox(world, 'conflict', fact.memberId, other);
      if (fact.kind === 'confirmed') return 'conflict';
    }
    if (wouldCreditOneself(world, fact, current, position)) {
      openInbox(world, 'self_referral', fact.memberId, current.code);
      return 'selfReferral';
    }
    if (fact.kind === 'confirmed' && current.status === 'pending' && mismatches(world, fact, current)) {
      current.flags.add('code_mismatch');
    }
    return applyDecision(world, current, fact.kind, position);
  }
  const target = placeFor(world, fact, position);
  if (typeof target === 'string') {
    source.kept.push({ fact, position });
    noteReference(world, fact);
    return target;
  }
  source.kept.push({ fact, position });
  attach(world, target, fact.memberId, fact.kind === 'confirmed' ? position : null);
  return target.status;
};

/** §2.11: a pending or ended attribution of the member's own code (a reversal ended it) is never confirmed. */
const wouldCreditOneself = (world: World, fact: ModelFact, current: ModelAttribution, position: Position): boolean =>
  fact.kind === 'confirmed' &&
  current.status !== 'confirmed' &&
  current.review !== 'rejected' &&
  isPositionNewer(position, current.newest) &&
  isOwnMember(world, current.mentorId, fact.memberId);

/** (b), (c), (d) for a member without a current attribution; a word where there is nothing to decide on. */
const placeFor = (world: World, fact: ModelFact, position: Position): ModelAttribution | string => {
  const found = findFree(world, fact, position.at);
  if (found?.how === 'usedReference' && fact.kind !== 'confirmed') return 'kept';
  if (found) {
    if (fact.kind === 'confirmed' && isOwnMember(world, found.attribution.mentorId, fact.memberId)) {
      openInbox(world, 'self_referral', fact.memberId, found.attribution.code);
      return 'selfReferral';
    }
    const attribution = placeFrom(world, found);
    if (fact.kind === 'confirmed' && mismatches(world, fact, attribution)) attribution.flags.add('code_mismatch');
    return attribution;
  }
  if (fact.kind !== 'confirmed' || fact.code === null) return 'kept';
  if (isOwnMember(world, world.codes.get(fact.code)?.mentorId, fact.memberId)) {
    openInbox(world, 'self_referral', fact.memberId, fact.code);
    return 'selfReferral';
  }
  const registeredAt = fact.registeredAt ?? position.at;
  const judged = judgeCode(world, fact.code, registeredAt);
  if (judged.verdict !== 'good') {
    openInbox(world, judged.verdict, fact.memberId, fact.code);
    return 'unmatched';
  }
  return create(world, judged.code, { registrationRef: null }, registeredAt, judged.flag ? [judged.flag] : []);
};

/** A rejection or reversal that names only the registration. */
const decideByReference = (world: World, fact: ModelFact, position: Position): string => {
  const found = registeredWith(world, fact.registrationRef);
  if (!found || fact.kind === 'confirmed') return 'kept';
  const current = found.memberId === null ? found : sourceOf(world, found.memberId).current;
  return current === found ? applyDecision(world, found, fact.kind, position) : 'kept';
};
