import type { FactKind } from './fact.ts';

/** Where a fact stands among the facts of its source: time first, then kind; arrival breaks the tie (spec §2.16). */
export interface FactOrder {
  occurredAt: Date;
  rank: number;
}

/** A reversal comes after whatever happened in the same millisecond; the system's refusal of a confirmed one is a reversal. */
export function rankOf(kind: FactKind): number {
  return kind === 'reversed' || kind === 'rejected' ? 2 : 1;
}

/** Below zero when `one` comes before `other`, zero when only arrival tells them apart. */
export function compareOrder(one: FactOrder, other: FactOrder): number {
  return one.occurredAt.getTime() - other.occurredAt.getTime() || one.rank - other.rank;
}

/** Whether a fact that arrives now comes after the newest applied one. null = nothing was applied yet. */
export function isNewer(arriving: FactOrder, newest: FactOrder | null): boolean {
  return newest === null || compareOrder(arriving, newest) >= 0;
}
