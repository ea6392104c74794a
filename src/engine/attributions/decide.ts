import { register } from './decide-registration.ts';
import { decideStatus } from './decide-status.ts';
import { isEligible } from './decision.ts';
import type { FactOutcome } from './fact.ts';
import { namedCode } from './find-attribution.ts';
import type { FactRecord, Ledger, LockedSource, ReadFact } from './ledger.ts';

/**
 * The rules of credit (spec §2.5–2.8, 2.10, 2.11, 2.16): one fact against what is known, without a query. Every change
 * is noted in the ledger, which the repository writes in one transaction.
 */
export function decide(ledger: Ledger, read: ReadFact): FactOutcome {
  if (read.isErased) return { outcome: 'ignoredErased' };
  const decided = read.fact.kind === 'registered' ? register(ledger, read) : decideStatus(ledger, read);
  const named = namedCode(ledger, read);
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

/** Puts a statement that has no attribution yet among those which wait for one. */
function keep(ledger: Ledger, source: LockedSource, read: ReadFact, record: FactRecord): void {
  const kept = ledger.keptBySource.get(source.sourceId) ?? [];
  kept.push({
    seq: Number.MAX_SAFE_INTEGER,
    kind: read.fact.kind,
    code: read.codeText === '' ? null : read.codeText,
    isEligible: isEligible(ledger, read),
    occurredAt: read.occurredAt,
    rank: read.rank,
    record,
  });
  ledger.keptBySource.set(source.sourceId, kept);
}
