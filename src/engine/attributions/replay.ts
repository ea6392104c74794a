import type { Attribution } from './attribution.ts';
import { addMismatch } from './decision.ts';
import { compareOrder, type FactOrder } from './fact-order.ts';
import { hasOtherOwner, isOwnMembership } from './find-attribution.ts';
import { type Ledger, type LockedSource, noteApplied } from './ledger.ts';
import * as become from './transitions.ts';

/**
 * Lets the kept facts of a source act on the attribution that it has just been given, in their order. After a
 * confirmation only what is newer than it; after a registration all of them.
 */
export function replay(ledger: Ledger, attribution: Attribution, source: LockedSource, after: FactOrder | null): void {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  ledger.keptBySource.delete(source.sourceId);
  kept.sort((one, other) => compareOrder(one, other) || one.seq - other.seq);
  const { attributionId } = attribution;
  for (const fact of kept) {
    const isApplied = (after === null || compareOrder(fact, after) >= 0) && actLate(ledger, attribution, source, fact);
    if (fact.record === null)
      ledger.appliedKept.push({ seq: fact.seq, attributionId, isApplied, isEligible: fact.isEligible });
    else Object.assign(fact.record, { attributionId, isApplied });
  }
}

/** Whether the fact was applied, as if it had come now. */
function actLate(
  ledger: Ledger,
  attribution: Attribution,
  source: LockedSource,
  fact: FactOrder & { kind: string; code: string | null; isEligible: boolean },
): boolean {
  if (fact.kind !== 'confirmed') {
    if (attribution.status === 'pending') become.refuse(ledger, attribution, source, fact, fact.kind);
    else if (attribution.status === 'confirmed') become.reverse(ledger, attribution, source, fact);
    else noteApplied(ledger, source, fact);
    return true;
  }
  if (attribution.status === 'confirmed') {
    noteApplied(ledger, source, fact);
    return fact.isEligible;
  }
  if (isOwnMembership(ledger, attribution, source)) return false;
  if (!fact.isEligible) {
    const isEnding = attribution.status === 'pending';
    if (isEnding) become.refuse(ledger, attribution, source, fact, 'not_eligible');
    return isEnding;
  }
  const named = fact.code === null ? undefined : ledger.codesByText.get(fact.code);
  const isOther = fact.code !== null && (named === undefined || hasOtherOwner(attribution, named));
  if (isOther) addMismatch(ledger, attribution);
  become.confirm(ledger, attribution, source, fact);
  return true;
}
