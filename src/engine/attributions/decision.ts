import { type Attribution, addFlag } from './attribution.ts';
import type { Decision, FactOutcome } from './fact.ts';
import { type FactOrder, isNewer } from './fact-order.ts';
import type { KnownCode, Ledger, LockedSource, ReadFact } from './ledger.ts';
import { touch } from './ledger.ts';

/** What the rules of credit have in common: answers, cases for the inbox, and the questions they ask of an attribution. */

const dayMs = 86_400_000;

export interface Decided {
  outcome: FactOutcome;
  attribution: Attribution | null;
  isApplied: boolean;
}

export function standing(attribution: Attribution): Decision {
  return { attributionId: attribution.attributionId, mentorId: attribution.mentorId, codeId: attribution.codeId };
}

export function answer(outcome: FactOutcome, attribution: Attribution | null, isApplied: boolean): Decided {
  return { outcome, attribution, isApplied };
}

/** What a decided source answers to a repetition. */
export function decisionOf(attribution: Attribution): FactOutcome {
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

export function isEligible(ledger: Ledger, read: ReadFact): boolean {
  const type = read.fact.membershipType ?? null;
  return type === null || !ledger.rules.excludedMembershipTypes.includes(type);
}

/** Opens the case `conflict`: one per source and code; nothing else changes. */
export function openConflict(ledger: Ledger, source: LockedSource, code: KnownCode, attribution: Attribution): void {
  ledger.inbox.push({
    kind: 'conflict',
    source,
    code: code.code,
    mentorId: code.mentorId,
    attributionId: attribution.attributionId,
    suggestions: [],
  });
}

export function refuseSelfReferral(
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
export function askAboutCode(ledger: Ledger, read: ReadFact, kind: 'unknown' | 'foreign'): Decided {
  const inboxKind = kind === 'foreign' ? 'foreign_code' : 'unknown_code';
  const suggestions = ledger.suggest(read.codeText);
  if (read.source !== null) {
    const { source, codeText } = read;
    ledger.inbox.push({ kind: inboxKind, source, code: codeText, mentorId: null, attributionId: null, suggestions });
  }
  return answer({ outcome: 'unmatched', inboxKind, suggestions }, null, false);
}

/** Whether a reversal or refusal lies so far back that a new confirmation is a new membership (spec §2.16). */
export function isBeyondGap(ledger: Ledger, attribution: Attribution, source: LockedSource, order: FactOrder): boolean {
  const endedAt = attribution.reversedAt ?? attribution.rejectedAt;
  const isEnded = attribution.status === 'reversed' || attribution.status === 'rejected';
  if (!isEnded || endedAt === null || !isNewer(order, source.newest)) return false;
  return order.occurredAt.getTime() - endedAt.getTime() > ledger.rules.rejoinGapDays * dayMs;
}

export function codeOf(ledger: Ledger, attribution: Attribution): KnownCode {
  const code = ledger.codesById.get(attribution.codeId);
  if (code === undefined) throw new Error('an attribution was read without its code');
  return code;
}

/** A pending that a member can still be tied to. */
export function isFree(attribution: Attribution): boolean {
  return attribution.sourceId === null && attribution.status === 'pending' && attribution.supersededAt === null;
}

export function addMismatch(ledger: Ledger, attribution: Attribution): void {
  touch(ledger, attribution);
  addFlag(attribution, 'code_mismatch');
}
