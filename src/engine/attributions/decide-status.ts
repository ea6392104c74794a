import type { Attribution } from './attribution.ts';
import {
  addMismatch,
  answer,
  askAboutCode,
  codeOf,
  type Decided,
  decisionOf,
  isBeyondGap,
  isEligible,
  isFree,
  openConflict,
  refuseSelfReferral,
  standing,
} from './decision.ts';
import type { FactOutcome } from './fact.ts';
import { isNewer } from './fact-order.ts';
import * as find from './find-attribution.ts';
import { type KnownCode, type Ledger, type LockedSource, noteApplied, type ReadFact } from './ledger.ts';
import { replay } from './replay.ts';
import * as become from './transitions.ts';

/** Confirmed, rejected and reversed: find the attribution, then let the fact act on it. */
export function decideStatus(ledger: Ledger, read: ReadFact): Decided {
  const { source } = read;
  if (source === null) return answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false);
  const current = ledger.currentBySource.get(source.sourceId);
  const isConfirmation = read.fact.kind === 'confirmed';
  if (current !== undefined && !(isConfirmation && isBeyondGap(ledger, current, source, read))) {
    return isConfirmation ? confirmCurrent(ledger, read, source, current) : endCurrent(ledger, read, source, current);
  }
  if (!isConfirmation) return endUnlinked(ledger, read, source);
  if (!isEligible(ledger, read)) return refuseUnlinked(ledger, read, source, current);
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
  if (!isEligible(ledger, read)) return notEligible(ledger, read, source, current);
  if (!isLatest) {
    if (current.status !== 'rejected')
      return answer({ outcome: olderOutcome(current), ...standing(current) }, current, false);
    become.confirmAfterTheEnd(ledger, current, read);
    return answer(decisionOf(current), current, true);
  }
  const code = codeOf(ledger, current);
  if (find.isSelfReferral(ledger, code, read))
    return { ...refuseSelfReferral(ledger, source, code), attribution: current };
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
function endCurrent(
  ledger: Ledger,
  read: ReadFact,
  source: LockedSource,
  current: Attribution,
  wasDecided = current.status !== 'pending',
): Decided {
  const other = wasDecided ? find.otherOwnersCode(ledger, read, current) : null;
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

/** A confirmation of a membership type that never credits ends what is pending; it confirms nothing (spec §2.19). */
function notEligible(ledger: Ledger, read: ReadFact, source: LockedSource, pending: Attribution | null): Decided {
  const isEnding = pending?.status === 'pending' && isNewer(read, source.newest);
  if (isEnding) become.refuse(ledger, pending, source, read, 'not_eligible');
  return answer({ outcome: 'notEligible' }, pending, isEnding);
}

/** The same for a source without attribution: it ends the pending that it names, else it is kept. */
function refuseUnlinked(ledger: Ledger, read: ReadFact, source: LockedSource, ended: Attribution | undefined): Decided {
  return notEligible(ledger, read, source, ended === undefined ? tiePending(ledger, read, source) : null);
}

/** A reversal or refusal of a source without attribution: ends the pending that it names, else it is kept. */
function endUnlinked(ledger: Ledger, read: ReadFact, source: LockedSource): Decided {
  const pending = tiePending(ledger, read, source);
  if (pending === null) return answer({ outcome: 'unmatched', inboxKind: null, suggestions: [] }, null, false);
  // What was kept may have ended it just now; when this fact came, nothing was decided.
  return endCurrent(ledger, read, source, pending, false);
}

/** Ties the pending that a fact names, by reference or as the oldest of its code, to the source. null = it names none. */
function tiePending(ledger: Ledger, read: ReadFact, source: LockedSource): Attribution | null {
  const reference = find.byReference(ledger, read);
  const named = find.namedCode(ledger, read);
  const isReferenceFree = reference !== null && isFree(reference);
  const oldest = reference === null && named.kind === 'known' ? find.oldestPending(ledger, named.code, read) : null;
  const pending = isReferenceFree ? reference : oldest;
  if (pending === null) return null;
  become.link(ledger, pending, source, isReferenceFree ? 'registration_ref' : 'code_order');
  replay(ledger, pending, source, null);
  return pending;
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
  const isLate = codeStanding === 'late' || (reference?.flags.includes('late_after_end') ?? false);
  const attribution = find.makePending(ledger, code, read, {
    registeredAt,
    isImplied: true,
    registrationRef: null,
    isLate,
  });
  return { attribution, linkedBy: reference === null ? 'implied' : 'registration_ref' };
}
