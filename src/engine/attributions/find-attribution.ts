import { type Attribution, addFlag } from './attribution.ts';
import type { Fact } from './fact.ts';
import { type KnownCode, type Ledger, type LockedSource, pendingKey, type ReadFact, touch } from './ledger.ts';
import type { RuleSettings } from './rule-settings.ts';
import { tell } from './transitions.ts';

const dayMs = 86_400_000;

/** The code that a fact names: known, another organisation's, unknown, or none. */
export type NamedCode =
  | { kind: 'known'; code: KnownCode }
  | { kind: 'foreign' }
  | { kind: 'unknown' }
  | { kind: 'none' };

export function namedCode(ledger: Ledger, read: ReadFact): NamedCode {
  if (read.codeText === '') return { kind: 'none' };
  const code = ledger.codesByText.get(read.codeText);
  if (code !== undefined) return { kind: 'known', code };
  return { kind: ledger.foreignCodes.has(read.codeText) ? 'foreign' : 'unknown' };
}

/** The attribution that the fact's registration reference stands for, also where another member has used it up. */
export function byReference(ledger: Ledger, read: ReadFact): Attribution | null {
  const reference = read.fact.registrationRef ?? null;
  return reference === null ? null : (ledger.byRegistrationRef.get(reference) ?? null);
}

/** Whether an attribution belongs to another owner than a code. Two codes of one mentor are the same owner. */
export function hasOtherOwner(attribution: Attribution, code: KnownCode): boolean {
  return attribution.ownerModel !== code.ownerModel || attribution.ownerRef !== code.ownerRef;
}

/** The first code named by the fact, by text or by reference, that belongs to another owner than the attribution. */
export function otherOwnersCode(ledger: Ledger, read: ReadFact, attribution: Attribution): KnownCode | null {
  const named = namedCode(ledger, read);
  if (named.kind === 'known' && hasOtherOwner(attribution, named.code)) return named.code;
  const reference = byReference(ledger, read);
  const code = reference === null ? undefined : ledger.codesById.get(reference.codeId);
  return code !== undefined && hasOtherOwner(attribution, code) ? code : null;
}

/** Whether the fact names a code that is not the attribution's owner's: also an unknown one. */
export function isMismatch(ledger: Ledger, read: ReadFact, attribution: Attribution): boolean {
  const named = namedCode(ledger, read);
  if (named.kind === 'unknown' || named.kind === 'foreign') return true;
  return otherOwnersCode(ledger, read, attribution) !== null;
}

/** The oldest unexpired pending of a code and model that no source has, registered at or before the fact (spec §2.5 c). */
export function oldestPending(ledger: Ledger, code: KnownCode, read: ReadFact): Attribution | null {
  const oldestAllowed = ledger.now.getTime() - ledger.rules.pendingDays * dayMs;
  const queue = ledger.pendingByCode.get(pendingKey(code.codeId, read.sourceModel)) ?? [];
  for (const pending of queue) {
    const registered = pending.registeredAt.getTime();
    if (registered > read.occurredAt.getTime()) return null;
    if (registered > oldestAllowed) return pending;
  }
  return null;
}

/** When the person registered, as far as the fact tells. */
export function registrationTime(read: ReadFact): Date {
  return read.fact.registeredAt ?? read.occurredAt;
}

/**
 * Whether somebody who registered at this time still counts for the code, and whether only by grace (spec §2.7). A code
 * can have ended twice (expired, then invalidated): every end that came before has its own grace.
 */
export function standingOf(
  code: Pick<KnownCode, 'expiresAt' | 'rotatedAt' | 'invalidatedAt'>,
  registeredAt: Date,
  rules: Pick<RuleSettings, 'rotatedGraceDays' | 'invalidatedGraceDays'>,
): 'good' | 'late' | 'ended' {
  const ends = [
    { at: code.expiresAt, graceDays: rules.rotatedGraceDays },
    { at: code.rotatedAt, graceDays: rules.rotatedGraceDays },
    { at: code.invalidatedAt, graceDays: rules.invalidatedGraceDays },
  ];
  let standing: 'good' | 'late' = 'good';
  for (const { at, graceDays } of ends) {
    if (at === null || registeredAt < at) continue;
    if (registeredAt.getTime() > at.getTime() + graceDays * dayMs) return 'ended';
    standing = 'late';
  }
  return standing;
}

/** Whether the referred is the owner: the mentor's own member id or user id, or owner and referee the same (spec §2.11). */
export function isSelfReferral(
  ledger: Ledger,
  owner: Pick<KnownCode, 'ownerRef' | 'mentorId'>,
  read: { fact: Pick<Fact, 'memberId' | 'refereeRef'>; source: LockedSource | null },
): boolean {
  const referred = [read.fact.memberId, read.fact.refereeRef ?? null];
  if (referred.includes(owner.ownerRef)) return true;
  const mentor = owner.mentorId === null ? undefined : ledger.mentors.get(owner.mentorId);
  if (mentor === undefined) return false;
  // A user id is a UUID: systems write it in either case.
  if (mentor.userId !== null && referred.some((ref) => ref?.toLowerCase() === mentor.userId)) return true;
  return mentor.memberIdHash !== null && (read.source?.memberIdHashes.includes(mentor.memberIdHash) ?? false);
}

/** Whether an attribution would credit a mentor for his own membership, as far as the source alone tells. */
export function isOwnMembership(
  ledger: Ledger,
  owner: Pick<KnownCode, 'ownerRef' | 'mentorId'>,
  source: LockedSource,
): boolean {
  return isSelfReferral(ledger, owner, { fact: { memberId: source.ref }, source });
}

/** Makes a pending attribution under a code. `isImplied`: nobody told of the registration, the confirmation implies it. */
export function makePending(
  ledger: Ledger,
  code: KnownCode,
  read: ReadFact,
  more: { registeredAt: Date; isImplied: boolean; registrationRef: string | null; isLate: boolean },
): Attribution {
  const click = read.fact.click ?? null;
  const isFreshClick = click !== null && (click.clickId === null || !ledger.byClick.has(click.clickId));
  const attribution: Attribution = {
    attributionId: ledger.makeId(),
    codeId: code.codeId,
    ownerModel: code.ownerModel,
    ownerRef: code.ownerRef,
    mentorId: code.mentorId,
    sourceModel: read.sourceModel,
    sourceId: null,
    isCounted: ledger.rules.countedSourceModels.includes(read.sourceModel),
    status: 'pending',
    reviewState: 'none',
    flags: [],
    linkedBy: null,
    registrationRef: more.registrationRef,
    isRegistrationImplied: more.isImplied,
    registeredAt: more.registeredAt,
    clickId: isFreshClick ? click.clickId : null,
    clickedAt: isFreshClick ? click.clickedAt : null,
    clickChannel: isFreshClick ? click.channel : null,
    confirmedAt: null,
    isConfirmedNow: false,
    creditedAt: null,
    branchId: null,
    reversedAt: null,
    rejectedAt: null,
    rejectionReason: null,
    removedAt: null,
    removalReason: null,
    supersededAt: null,
    supersededBy: null,
  };
  if (more.isLate) addFlag(attribution, 'late_after_end');
  const mentor = code.mentorId === null ? undefined : ledger.mentors.get(code.mentorId);
  if (mentor !== undefined && !more.isImplied) {
    const devices = read.fact.deviceTokenHashes ?? [];
    if (mentor.deviceTokenHash !== null && devices.includes(mentor.deviceTokenHash))
      addFlag(attribution, 'same_device');
    if (mentor.recentRegistrations >= ledger.rules.velocityPerHour) addFlag(attribution, 'velocity');
    mentor.recentRegistrations += 1;
  }
  ledger.made.push(attribution);
  touch(ledger, attribution);
  if (attribution.registrationRef !== null) ledger.byRegistrationRef.set(attribution.registrationRef, attribution);
  if (attribution.clickId !== null) ledger.byClick.set(attribution.clickId, attribution);
  tell(ledger, 'registration.recorded', attribution, { is_implied: more.isImplied });
  return attribution;
}
