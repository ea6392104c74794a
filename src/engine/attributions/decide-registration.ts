import type { Attribution } from './attribution.ts';
import {
  addMismatch,
  answer,
  askAboutCode,
  codeOf,
  type Decided,
  decisionOf,
  isBeyondGap,
  isFree,
  openConflict,
  refuseSelfReferral,
  standing,
} from './decision.ts';
import * as find from './find-attribution.ts';
import { type Ledger, type LockedSource, pendingKey, type ReadFact } from './ledger.ts';
import { replay } from './replay.ts';
import * as become from './transitions.ts';

/** Whether a confirmation of a new membership, long after the reversal, waits for a registration that names the member. */
function hasWaitingRejoin(ledger: Ledger, current: Attribution, source: LockedSource): boolean {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  return kept.some((fact) => fact.kind === 'confirmed' && isBeyondGap(ledger, current, source, fact));
}

/** A registration: makes a pending attribution, or ties an earlier one to its member. */
export function register(ledger: Ledger, read: ReadFact): Decided {
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
  const isLate = codeStanding === 'late' || (reference?.flags.includes('late_after_end') ?? false);
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

/** Keeps the queue of a code in the order of registration, for later facts of the same batch. */
function queuePending(ledger: Ledger, attribution: Attribution): void {
  const key = pendingKey(attribution.codeId, attribution.sourceModel);
  const queue = ledger.pendingByCode.get(key) ?? [];
  const place = queue.findIndex((other) => other.registeredAt > attribution.registeredAt);
  queue.splice(place < 0 ? queue.length : place, 0, attribution);
  ledger.pendingByCode.set(key, queue);
}
