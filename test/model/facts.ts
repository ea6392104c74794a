import { applyDecision, arrivedLately, isBeyondGap, isEligible } from './decide.ts';
import { isErased } from './erase.ts';
import {
  judgeCode,
  mismatches,
  oldestPending,
  otherMentorsCode,
  registeredWith,
  resolveMember,
  sourceOf,
} from './find.ts';
import { openCase, settleCases } from './inbox.ts';
import { settleTotals } from './totals.ts';
import type { FactKind, Flag, KeptFact, ModelAttribution, ModelFact, Position, World } from './world.ts';
import { isPositionNewer } from './world.ts';

/** Applies one fact as §2.5, §2.6, §2.7, §2.8, §2.11 and §2.16 say; returns the outcome's word. */
export const applyFact = (world: World, fact: ModelFact): string => {
  const arrival = ++world.arrivals;
  const at = fact.occurredAt ?? world.now;
  const position: Position = { at, last: fact.kind === 'rejected' || fact.kind === 'reversed' ? 1 : 0, arrival };
  if (isErased(world, fact)) return 'ignoredErased';
  const outcome = fact.kind === 'registered' ? registerAs(world, fact, at) : decide(world, fact, position);
  settleTotals(world);
  return outcome;
};

export const isOwnMember = (world: World, mentorId: string | undefined, memberId: string | null): boolean =>
  memberId !== null &&
  mentorId !== undefined &&
  world.mentors.get(mentorId)?.memberId === resolveMember(world, memberId);

const create = (
  world: World,
  code: { code: string; mentorId: string },
  fact: { kind: FactKind; registrationRef: string | null; device?: string | null },
  registeredAt: number,
  flags: Iterable<Flag>,
): ModelAttribution => {
  const isTold = fact.kind === 'registered';
  const attribution: ModelAttribution = {
    arrival: world.arrivals,
    code: code.code,
    mentorId: code.mentorId,
    registeredAt,
    registrationArrivedAt: isTold ? world.now : null,
    confirmationArrivedAt: null,
    registrationRef: fact.registrationRef,
    memberId: null,
    status: 'pending',
    review: 'none',
    rolesNeeded: [],
    approvals: [],
    flags: new Set(flags),
    removed: false,
    superseded: false,
    moved: false,
    newest: null,
    endedAt: null,
    confirmed: null,
    credited: null,
  };
  if (isTold) addRegistrationFlags(world, attribution, fact.device ?? null);
  world.attributions.push(attribution);
  return attribution;
};

/** §2.10: the mentor's own device, and more registrations than the organisation expects of one mentor in an hour. */
const addRegistrationFlags = (world: World, attribution: ModelAttribution, device: string | null): void => {
  if (device !== null && world.mentors.get(attribution.mentorId)?.device === device)
    attribution.flags.add('same_device');
  if (arrivedLately(world, attribution.mentorId, 'registrationArrivedAt') >= world.settings.velocityPerHour)
    attribution.flags.add('velocity');
};

/** Makes it the member's current attribution; gives what was kept for the member, in order (§2.16). */
const tie = (world: World, attribution: ModelAttribution, memberId: string): KeptFact[] => {
  const source = sourceOf(world, memberId);
  if (source.current) source.current.superseded = true;
  source.current = attribution;
  attribution.memberId = resolveMember(world, memberId);
  settleCases(world, memberId);
  world.namedReferences = world.namedReferences.filter(
    (one) => one.isRegistration || one.memberId !== attribution.memberId,
  );
  return inOrder(source.kept.splice(0));
};

export const inOrder = (kept: readonly KeptFact[]): KeptFact[] =>
  kept.toSorted((a, b) => (isPositionNewer(a.position, b.position) ? 1 : -1));

/** Lets a kept fact act on the attribution that its member has now; nobody is credited for himself by it. */
export const actLate = (world: World, attribution: ModelAttribution, { fact, position }: KeptFact): void => {
  const confirms = fact.kind === 'confirmed' && attribution.status !== 'confirmed';
  if (confirms && isOwnMember(world, attribution.mentorId, fact.memberId)) return;
  // A repeated confirmation confirms nothing, so its code says nothing either.
  if (confirms && isEligible(world, fact) && mismatches(world, fact, attribution))
    attribution.flags.add('code_mismatch');
  applyDecision(world, attribution, fact, position);
};

/** A registration whose reference an earlier fact named beside a member is that member's. */
const registerAs = (world: World, fact: ModelFact, at: number): string => {
  const inferred = fact.memberId === null ? waitingFor(world, fact.registrationRef) : null;
  if (inferred !== null && !isErased(world, { ...fact, memberId: inferred }))
    return register(world, { ...fact, memberId: inferred }, at, true);
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
    openCase(world, 'conflict', fact.memberId, other);
    return 'conflict';
  }
  const found = findFree(world, isInferred ? { ...fact, memberId: null } : fact, registeredAt);
  if (found && fact.memberId === null) return 'alreadyRegistered';
  if (found && fact.memberId !== null) {
    const { attribution } = found;
    if (isOwnMember(world, attribution.mentorId, fact.memberId)) {
      openCase(world, 'self_referral', fact.memberId, attribution.code);
      return 'selfReferral';
    }
    const place = placeFrom(world, found, fact);
    if (found.how === 'reference' && mismatches(world, fact, place)) place.flags.add('code_mismatch');
    for (const kept of tie(world, place, fact.memberId)) actLate(world, place, kept);
    return 'registered';
  }
  if (fact.code === null) return 'unmatched';
  if (isOwnMember(world, world.codes.get(fact.code)?.mentorId, fact.memberId)) {
    openCase(world, 'self_referral', fact.memberId, fact.code);
    return 'selfReferral';
  }
  const judged = judgeCode(world, fact.code, registeredAt);
  if (judged.verdict === 'code_ended') return 'codeEnded';
  if (judged.verdict !== 'good') {
    if (fact.memberId !== null) openCase(world, judged.verdict, fact.memberId, fact.code);
    return 'unmatched';
  }
  const made = create(world, judged.code, fact, registeredAt, judged.flag ? [judged.flag] : []);
  if (fact.memberId !== null) for (const kept of tie(world, made, fact.memberId)) actLate(world, made, kept);
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
const placeFrom = (world: World, { how, attribution }: Found, fact: ModelFact): ModelAttribution => {
  if (how === 'order') attribution.flags.add('code_order');
  if (how !== 'usedReference') return attribution;
  const flags: Flag[] = attribution.flags.has('late_after_end') ? ['late_after_end'] : [];
  return create(world, attribution, { ...fact, registrationRef: null }, attribution.registeredAt, flags);
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
      openCase(world, 'conflict', fact.memberId, other);
      if (fact.kind === 'confirmed') return 'conflict';
    }
    if (wouldCreditOneself(world, fact, current, position)) {
      openCase(world, 'self_referral', fact.memberId, current.code);
      return 'selfReferral';
    }
    const confirms = fact.kind === 'confirmed' && isEligible(world, fact);
    if (confirms && current.status === 'pending' && mismatches(world, fact, current)) {
      current.flags.add('code_mismatch');
    }
    return applyDecision(world, current, fact, position);
  }
  const target = placeFor(world, fact, position);
  if (typeof target === 'string') {
    source.kept.push({ fact, position });
    noteReference(world, fact);
    return target;
  }
  const kept = tie(world, target, fact.memberId);
  if (fact.kind === 'confirmed' && isEligible(world, fact)) {
    applyDecision(world, target, fact, position);
    for (const one of kept.filter((each) => isPositionNewer(each.position, position))) actLate(world, target, one);
  } else {
    for (const one of kept) actLate(world, target, one);
    applyDecision(world, target, fact, position);
  }
  return target.status;
};

/** §2.11: a pending or ended attribution of the member's own code (a reversal ended it) is never confirmed. */
const wouldCreditOneself = (world: World, fact: ModelFact, current: ModelAttribution, position: Position): boolean =>
  fact.kind === 'confirmed' &&
  isEligible(world, fact) &&
  current.status !== 'confirmed' &&
  current.review !== 'rejected' &&
  isPositionNewer(position, current.newest) &&
  isOwnMember(world, current.mentorId, fact.memberId);

/** (b), (c), (d) for a member without a current attribution; a word where there is nothing to decide on. */
const placeFor = (world: World, fact: ModelFact, position: Position): ModelAttribution | string => {
  const credits = fact.kind === 'confirmed' && isEligible(world, fact);
  const found = findFree(world, fact, position.at);
  if (found?.how === 'usedReference' && !credits) return 'kept';
  if (found) {
    if (credits && isOwnMember(world, found.attribution.mentorId, fact.memberId)) {
      openCase(world, 'self_referral', fact.memberId, found.attribution.code);
      return 'selfReferral';
    }
    const attribution = placeFrom(world, found, fact);
    if (credits && mismatches(world, fact, attribution)) attribution.flags.add('code_mismatch');
    return attribution;
  }
  if (!credits || fact.code === null) return 'kept';
  if (isOwnMember(world, world.codes.get(fact.code)?.mentorId, fact.memberId)) {
    openCase(world, 'self_referral', fact.memberId, fact.code);
    return 'selfReferral';
  }
  const registeredAt = fact.registeredAt ?? position.at;
  const judged = judgeCode(world, fact.code, registeredAt);
  if (judged.verdict !== 'good') {
    openCase(world, judged.verdict, fact.memberId, fact.code);
    return 'unmatched';
  }
  return create(world, judged.code, { ...fact, registrationRef: null }, registeredAt, judged.flag ? [judged.flag] : []);
};

/** A rejection or reversal that names only the registration. */
const decideByReference = (world: World, fact: ModelFact, position: Position): string => {
  const found = registeredWith(world, fact.registrationRef);
  if (!found || fact.kind === 'confirmed') return 'kept';
  const current = found.memberId === null ? found : sourceOf(world, found.memberId).current;
  return current === found ? applyDecision(world, found, fact, position) : 'kept';
};
