import type { Fact } from './fact.ts';
import type { Ledger, LockedSource, ReadFact } from './ledger.ts';
import type { WaitingFact } from './repository.ts';

/**
 * A registration that names no member, but whose reference an earlier fact named beside one, is that member's: facts come
 * in any order. The first such fact decides, as long as it has found no attribution elsewhere.
 */

/** An earlier fact that named the reference of a registration beside a member: on record, or in the same batch. */
export interface Candidate {
  model: string;
  ref: string;
  /** null = earlier in the same batch. */
  waiting: WaitingFact | null;
  /** Its place in the batch; -1 = on record. */
  place: number;
}

/** The earlier facts that could say whose each registration of a batch is, in order of arrival. */
export function findCandidates(facts: readonly Fact[], waiting: readonly WaitingFact[]): Candidate[][] {
  const byReference = new Map<string, Candidate[]>();
  const keyOf = (model: string, reference: string): string => `${model}|${reference}`;
  for (const one of waiting) {
    const known = byReference.get(keyOf(one.model, one.registrationRef)) ?? [];
    known.push({ model: one.model, ref: one.ref, waiting: one, place: -1 });
    byReference.set(keyOf(one.model, one.registrationRef), known);
  }
  return facts.map((fact, place) => {
    const reference = fact.registrationRef ?? null;
    if (reference === null) return [];
    const model = fact.sourceModel ?? 'membership';
    const known = byReference.get(keyOf(model, reference)) ?? [];
    if (fact.memberId === null) return [...known];
    byReference.set(keyOf(model, reference), [...known, { model, ref: fact.memberId, waiting: null, place }]);
    return [];
  });
}

/** Gives a registration the member of the first candidate that still waits when its turn has come. */
export function inferSource(
  ledger: Ledger,
  read: ReadFact,
  candidates: readonly Candidate[],
  more: { reads: readonly ReadFact[]; sourceOf: (candidate: Candidate) => LockedSource | null },
): void {
  if (read.source !== null || read.fact.kind !== 'registered') return;
  const found = candidates.find((candidate) => isWaiting(ledger, candidate, more));
  if (found === undefined) return;
  read.source = more.sourceOf(found);
  read.isSourceInferred = true;
}

function isWaiting(
  ledger: Ledger,
  candidate: Candidate,
  { reads, sourceOf }: { reads: readonly ReadFact[]; sourceOf: (candidate: Candidate) => LockedSource | null },
): boolean {
  const source = sourceOf(candidate);
  if (source === null) return false;
  const { waiting } = candidate;
  if (waiting === null) {
    const read = reads[candidate.place];
    return ledger.records.some((record) => record.read === read && record.attributionId === null);
  }
  if (waiting.kind === 'registered') return true;
  return ledger.keptBySource.get(source.sourceId)?.some((kept) => kept.seq === waiting.seq) ?? false;
}
