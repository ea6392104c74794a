import { type Attribution, addFlag } from './attribution.ts';
import type { Decision, FactOutcome } from './fact.ts';
import { compareOrder, type FactOrder, isNewer } from './fact-order.ts';
import * as find from './find-attribution.ts';
import {
  type FactRecord,
  type KnownCode,
  type Ledger,
  type LockedSource,
  noteApplied,
  pendingKey,
  type ReadFact,
  touch,
} from './ledger.ts';
import * as become from './transitions.ts';

/**
 * The rules of credit (spec §2.5–2.8, 2.10, 2.11, 2.16): one fact against what is known, without a query. Every change
 * is noted in the ledger, which the repository writes in one transaction.
 */
export function decide(ledger: Ledger, read: ReadFact): FactOutcome {
  if (read.isErased) return { outcome: 'ignoredErased' };
  const decided = read.fact.kind === 'registered' ? register(ledger, read) : decideStatus(ledger, read);
  const named = find.namedCode(ledger, read);
  const record: FactRecord = {
    read,
    codeId: named.kind === 'known' ? named.code.codeId : null,
    attributionId: decided.attribution?.attributionId ?? null,
    isApplied: decided.isApplied,
    outcome: decided.outcome.outcome,
  };
  ledger.records.push(record);
  if (decided.attribution === null && read.source !== null && read.fact.kind !== 'registered')
    keep(ledger, read.source, read, record);
  return decided.outcome;
}

interface Decided {
  outcome: FactOutcome;
  attribution: Attribution | null;
  isApplied: boolean;
}

const dayMs = 86_400_000;

function standing(attribution: Attribution): Decision {
  return { attributionId: attribution.attributionId, mentorId: attribution.mentorId, codeId: attribution.codeId };
}

function answer(outcome: FactOutcome, attribution: Attribution | null, isApplied: boolean): Decided {
  return { outcome, attribution, isApplied };
}

/** What a decided source answers to a repetition. */
function decisionOf(attribution: Attribution): FactOutcome {
  const decision = standing(attribution);
  if (attribution.removedAt !== null) return { outcome: 'alreadyRemoved', ...decision };
  if (attribution.reviewState === 'rejected') return { outcome: 'alreadyRejected', ...decision };
  switch (attribution.status) {
    case 'pending':
      return { outcome: 'alreadyRegistered', registrationRef: attribution.registrationRef, ...decision };
    case 'confirmed':
      return { outcome: attribution.reviewState === 'waiting' ? 'awaitingReview' : 'alreadyConfirmed', ...decision };
    case 'rejected':
      return { outcome: 'alreadyRejected', ...decision };
    case 'reversed':
      return { outcome: 'alreadyReversed', ...decision };
  }
}

/** Puts a statement that has no attribution yet among those which wait for one. */
function keep(ledger: Ledger, source: LockedSource, read: ReadFact, record: FactRecord): void {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  kept.push({
    seq: 0,
    kind: read.fact.kind,
    code: read.codeText === '' ? null : read.codeText,
    isEligible: isEligible(ledger, read),
    occurredAt: read.occurredAt,
    rank: read.rank,
    record,
  });
  ledger.keptBySource.set(source.sourceId, kept);
}

function isEligible(ledger: Ledger, read: ReadFact): boolean {
  const type = read.fact.membershipType ?? null;
  return type === null || !ledger.rules.excludedMembershipTypes.includes(type);
}

/** Opens the case `conflict`: one per source and code; nothing else changes. */
function openConflict(ledger: Ledger, source: LockedSource, code: KnownCode, attribution: Attribution): void {
  ledger.inbox.push({
    kind: 'conflict',
    source,
    code: code.code,
    mentorId: code.mentorId,
    attributionId: attribution.attributionId,
    suggestions: [],
  });
}

function refuseSelfReferral(
  ledger: Ledger,
  source: LockedSource | null,
  code: Pick<KnownCode, 'codeId' | 'code' | 'mentorId'>,
): Decided {
  if (source !== null) {
    const { mentorId } = code;
    ledger.inbox.push({
      kind: 'self_referral',
      source,
      code: code.code,
      mentorId,
      attributionId: null,
      suggestions: [],
    });
  }
  return answer({ outcome: 'selfReferral', codeId: code.codeId }, null, false);
}

/** A code that nobody here has: kept, and a person is asked. Another organisation's is answered in the same words. */
function askAboutCode(ledger: Ledger, read: ReadFact, kind: 'unknown' | 'foreign'): Decided {
  const inboxKind = kind === 'foreign' ? 'foreign_code' : 'unknown_code';
  const suggestions = ledger.suggest(read.codeText);
  if (read.source !== null) {
    const { source, codeText } = read;
    ledger.inbox.push({ kind: inboxKind, source, code: codeText, mentorId: null, attributionId: null, suggestions });
  }
  return answer({ outcome: 'unmatched', inboxKind, suggestions }, null, false);
}

/** Whether a reversal or refusal lies so far back that a new confirmation is a new membership (spec §2.16). */
function isBeyondGap(ledger: Ledger, attribution: Attribution, source: LockedSource, order: FactOrder): boolean {
  const endedAt = attribution.reversedAt ?? attribution.rejectedAt;
  const isEnded = attribution.status === 'reversed' || attribution.status === 'rejected';
  if (!isEnded || endedAt === null || !isNewer(order, source.newest)) return false;
  return order.occurredAt.getTime() - endedAt.getTime() > ledger.rules.rejoinGapDays * dayMs;
}

/** Whether a confirmation of a new membership, long after the reversal, waits for a registration that names the member. */
function hasWaitingRejoin(ledger: Ledger, current: Attribution, source: LockedSource): boolean {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  return kept.some((fact) => fact.kind === 'confirmed' && isBeyondGap(ledger, current, source, fact));
}

/** A registration: makes a pending attribution, or ties an earlier one to its member. */
function register(ledger: Ledger, read: ReadFact): Decided {
  const { source } = read;
  const current = source === null ? undefined : ledger.currentBySource.get(source.sourceId);
  if (source !== null && current !== undefined && !hasWaitingRejoin(ledger, current, source)) {
    const other = find.otherOwnersCode(ledger, read, current);
    if (other === null) return answer(decisionOf(current), current, false);
    openConflict(ledger, source, other, current);
    return answer({ outcome: 'conflict', ...standing(current) }, current, false);
  }
  const made = pendingForRegistration(ledger, read);
  if (!('attribution' in made)) return made.refused;
  const { attribution } = made;
  if (source !== null && attribution.sourceId === null) {
    if (current !== undefined) become.supersede(ledger, current, attribution.attributionId);
    become.link(ledger, attribution, source, made.linkedBy);
    replay(ledger, attribution, source, null);
  }
  const { registrationRef } = attribution;
  const outcome = made.isKnown && source === null ? 'alreadyRegistered' : 'registered';
  return answer({ outcome, registrationRef, ...standing(attribution) }, attribution, true);
}

type Pending =
  | { attribution: Attribution; linkedBy: 'member' | 'registration_ref' | 'code_order'; isKnown: boolean }
  | { refused: Decided };

function pendingForRegistration(ledger: Ledger, read: ReadFact): Pending {
  const { source } = read;
  const reference = find.byReference(ledger, read);
  const named = find.namedCode(ledger, read);
  if (reference !== null && (source === null || isFree(reference))) {
    if (source !== null && find.isMismatch(ledger, read, reference)) addMismatch(ledger, reference);
    return checkedForSelf(ledger, read, { attribution: reference, linkedBy: 'registration_ref', isKnown: true });
  }
  const code = reference === null ? (named.kind === 'known' ? named.code : null) : codeOf(ledger, reference);
  if (code === null) {
    if (named.kind === 'unknown' || named.kind === 'foreign')
      return { refused: askAboutCode(ledger, read, named.kind) };
    return { refused: answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false) };
  }
  if (find.isSelfReferral(ledger, code, read)) return { refused: refuseSelfReferral(ledger, source, code) };
  const mayLink = source !== null && !read.isSourceInferred && reference === null;
  const oldest = mayLink ? find.oldestPending(ledger, code, read) : null;
  if (oldest !== null) return { attribution: oldest, linkedBy: 'code_order', isKnown: true };
  const registeredAt = find.registrationTime(read);
  const codeStanding = reference === null ? find.standingOf(code, registeredAt, ledger.rules) : 'good';
  if (codeStanding === 'ended') {
    return { refused: answer({ outcome: 'codeEnded', codeId: code.codeId }, null, false) };
  }
  const registrationRef = reference === null ? (read.fact.registrationRef ?? null) : null;
  const isLate = codeStanding === 'late';
  const attribution = find.makePending(ledger, code, read, { registeredAt, isImplied: false, registrationRef, isLate });
  if (source === null) queuePending(ledger, attribution);
  return { attribution, linkedBy: read.isSourceInferred ? 'registration_ref' : 'member', isKnown: false };
}

function checkedForSelf(
  ledger: Ledger,
  read: ReadFact,
  pending: Extract<Pending, { attribution: Attribution }>,
): Pending {
  const code = codeOf(ledger, pending.attribution);
  return find.isSelfReferral(ledger, code, read) ? { refused: refuseSelfReferral(ledger, read.source, code) } : pending;
}

function codeOf(ledger: Ledger, attribution: Attribution): KnownCode {
  const code = ledger.codesById.get(attribution.codeId);
  if (code === undefined) throw new Error('an attribution was read without its code');
  return code;
}

/** A pending that a member can still be tied to. */
function isFree(attribution: Attribution): boolean {
  return attribution.sourceId === null && attribution.status === 'pending' && attribution.supersededAt === null;
}

function addMismatch(ledger: Ledger, attribution: Attribution): void {
  touch(ledger, attribution);
  addFlag(attribution, 'code_mismatch');
}

/** Keeps the queue of a code in the order of registration, for later facts of the same batch. */
function queuePending(ledger: Ledger, attribution: Attribution): void {
  const key = pendingKey(attribution.codeId, attribution.sourceModel);
  const queue = ledger.pendingByCode.get(key) ?? [];
  const place = queue.findIndex((other) => other.registeredAt > attribution.registeredAt);
  queue.splice(place < 0 ? queue.length : place, 0, attribution);
  ledger.pendingByCode.set(key, queue);
}

/** Confirmed, rejected and reversed: find the attribution, then let the fact act on it. */
function decideStatus(ledger: Ledger, read: ReadFact): Decided {
  const { source } = read;
  if (source === null) return answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false);
  const current = ledger.currentBySource.get(source.sourceId);
  const isConfirmation = read.fact.kind === 'confirmed';
  if (current !== undefined && !(isConfirmation && isBeyondGap(ledger, current, source, read))) {
    return isConfirmation ? confirmCurrent(ledger, read, source, current) : endCurrent(ledger, read, source, current);
  }
  if (!isConfirmation) return endUnlinked(ledger, read, source);
  if (!isEligible(ledger, read)) return answer({ outcome: 'notEligible' }, null, false);
  const found = attributionForConfirmation(ledger, read);
  if (!('attribution' in found)) return found.refused;
  const { attribution } = found;
  if (current !== undefined) become.supersede(ledger, current, attribution.attributionId);
  if (find.isMismatch(ledger, read, attribution)) addMismatch(ledger, attribution);
  become.link(ledger, attribution, source, found.linkedBy);
  become.confirm(ledger, attribution, source, read);
  replay(ledger, attribution, source, read);
  return answer(confirmedOutcome(attribution, false), attribution, true);
}

function confirmedOutcome(attribution: Attribution, isReinstated: boolean): FactOutcome {
  if (attribution.status !== 'confirmed' || attribution.reviewState !== 'none') return decisionOf(attribution);
  return { outcome: 'confirmed', isReinstated, total: null, milestones: [], ...standing(attribution) };
}

function confirmCurrent(ledger: Ledger, read: ReadFact, source: LockedSource, current: Attribution): Decided {
  if (current.status !== 'pending') {
    const other = find.otherOwnersCode(ledger, read, current);
    if (other !== null) {
      openConflict(ledger, source, other, current);
      return answer({ outcome: 'conflict', ...standing(current) }, current, false);
    }
  }
  if (current.reviewState === 'rejected') return answer(decisionOf(current), current, false);
  const isLatest = isNewer(read, source.newest);
  if (current.status === 'confirmed') {
    noteApplied(ledger, source, read);
    return answer(decisionOf(current), current, isLatest);
  }
  if (!isLatest) {
    if (current.status !== 'rejected')
      return answer({ outcome: olderOutcome(current), ...standing(current) }, current, false);
    become.confirmAfterTheEnd(ledger, current, read);
    return answer(decisionOf(current), current, true);
  }
  const code = codeOf(ledger, current);
  if (find.isSelfReferral(ledger, code, read))
    return { ...refuseSelfReferral(ledger, source, code), attribution: current };
  if (!isEligible(ledger, read)) {
    if (current.status === 'pending') become.refuse(ledger, current, source, read, 'not_eligible');
    return answer({ outcome: 'notEligible' }, current, current.status === 'pending');
  }
  if (current.status === 'pending' && find.isMismatch(ledger, read, current)) addMismatch(ledger, current);
  const isReinstated = current.status !== 'pending';
  become.confirm(ledger, current, source, read);
  if (current.removedAt !== null) return answer(decisionOf(current), current, true);
  return answer(confirmedOutcome(current, isReinstated), current, true);
}

function olderOutcome(current: Attribution): 'alreadyReversed' | 'recordedOlder' {
  return current.status === 'reversed' ? 'alreadyReversed' : 'recordedOlder';
}

/** A reversal or refusal of a source that has an attribution. */
function endCurrent(ledger: Ledger, read: ReadFact, source: LockedSource, current: Attribution): Decided {
  const other = current.status === 'pending' ? null : find.otherOwnersCode(ledger, read, current);
  if (other !== null) openConflict(ledger, source, other, current);
  const isLatest = isNewer(read, source.newest);
  if (current.reviewState === 'rejected') return answer(decisionOf(current), current, false);
  if (current.status === 'reversed' || current.status === 'rejected') {
    noteApplied(ledger, source, read);
    return answer(decisionOf(current), current, isLatest);
  }
  if (!isLatest) return answer({ outcome: 'recordedOlder', ...standing(current) }, current, false);
  if (current.status === 'pending') {
    become.refuse(ledger, current, source, read, read.fact.reason ?? read.fact.kind);
    return answer({ outcome: 'rejected', ...standing(current) }, current, true);
  }
  become.reverse(ledger, current, source, read);
  return answer({ outcome: 'reversed', total: null, ...standing(current) }, current, true);
}

/** A reversal or refusal of a source without attribution: ends a pending that it names, else it is kept. */
function endUnlinked(ledger: Ledger, read: ReadFact, source: LockedSource): Decided {
  const reference = find.byReference(ledger, read);
  const named = find.namedCode(ledger, read);
  const isReferenceFree = reference !== null && isFree(reference);
  const oldest = reference === null && named.kind === 'known' ? find.oldestPending(ledger, named.code, read) : null;
  const pending = isReferenceFree ? reference : oldest;
  if (pending === null) return answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false);
  become.link(ledger, pending, source, isReferenceFree ? 'registration_ref' : 'code_order');
  replay(ledger, pending, source, null);
  return endCurrent(ledger, read, source, pending);
}

type Found =
  | { attribution: Attribution; linkedBy: 'registration_ref' | 'code_order' | 'implied' }
  | { refused: Decided };

/** Steps (b), (c) and (d) of spec §2.5 for a confirmation. */
function attributionForConfirmation(ledger: Ledger, read: ReadFact): Found {
  const { source } = read;
  const reference = find.byReference(ledger, read);
  const named = find.namedCode(ledger, read);
  if (reference === null) {
    if (named.kind === 'none')
      return { refused: answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false) };
    if (named.kind !== 'known') return { refused: askAboutCode(ledger, read, named.kind) };
  }
  const code = reference !== null ? codeOf(ledger, reference) : (named as { code: KnownCode }).code;
  if (find.isSelfReferral(ledger, code, read)) return { refused: refuseSelfReferral(ledger, source, code) };
  if (reference !== null && isFree(reference)) return { attribution: reference, linkedBy: 'registration_ref' };
  const oldest = reference === null ? find.oldestPending(ledger, code, read) : null;
  if (oldest !== null) return { attribution: oldest, linkedBy: 'code_order' };
  const registeredAt =
    reference === null ? find.registrationTime(read) : (read.fact.registeredAt ?? reference.registeredAt);
  const codeStanding = reference === null ? find.standingOf(code, registeredAt, ledger.rules) : 'good';
  if (codeStanding === 'ended') {
    if (source !== null) {
      const { mentorId } = code;
      ledger.inbox.push({
        kind: 'code_ended',
        source,
        code: code.code,
        mentorId,
        attributionId: null,
        suggestions: [],
      });
    }
    return { refused: answer({ outcome: 'codeEnded', codeId: code.codeId }, null, false) };
  }
  const isLate = codeStanding === 'late';
  const attribution = find.makePending(ledger, code, read, {
    registeredAt,
    isImplied: true,
    registrationRef: null,
    isLate,
  });
  return { attribution, linkedBy: reference === null ? 'implied' : 'registration_ref' };
}

/**
 * Lets the kept facts of a source act on the attribution that it has just been given, in their order. After a
 * confirmation only what is newer than it; after a registration all of them.
 */
export function replay(ledger: Ledger, attribution: Attribution, source: LockedSource, after: FactOrder | null): void {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  ledger.keptBySource.delete(source.sourceId);
  kept.sort((one, other) => compareOrder(one, other) || one.seq - other.seq);
  for (const fact of kept) {
    const isActing = after === null || compareOrder(fact, after) >= 0;
    if (isActing) actLate(ledger, attribution, source, fact);
    if (fact.record === null) ledger.appliedKept.push({ seq: fact.seq, attributionId: attribution.attributionId });
    else {
      fact.record.attributionId = attribution.attributionId;
      fact.record.isApplied = isActing;
    }
  }
}

function actLate(
  ledger: Ledger,
  attribution: Attribution,
  source: LockedSource,
  fact: FactOrder & { kind: string; code: string | null; isEligible: boolean },
): void {
  if (fact.kind !== 'confirmed') {
    if (attribution.status === 'pending') become.refuse(ledger, attribution, source, fact, fact.kind);
    else if (attribution.status === 'confirmed') become.reverse(ledger, attribution, source, fact);
    else noteApplied(ledger, source, fact);
    return;
  }
  if (attribution.status === 'confirmed' || !fact.isEligible) {
    if (attribution.status === 'confirmed') noteApplied(ledger, source, fact);
    return;
  }
  const named = fact.code === null ? undefined : ledger.codesByText.get(fact.code);
  const isOther = fact.code !== null && (named === undefined || find.hasOtherOwner(attribution, named));
  if (isOther) addMismatch(ledger, attribution);
  become.confirm(ledger, attribution, source, fact);
}
