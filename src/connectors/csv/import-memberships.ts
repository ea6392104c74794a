import type { Actor } from '../../engine/actor.ts';
import type { BulkIntake, BulkOutcome } from '../../engine/attributions/bulk-intake.ts';
import { addCounts, countOutcomes, noCounts, type OutcomeCounts } from '../../engine/attributions/count-outcomes.ts';
import type { Fact } from '../../engine/attributions/fact.ts';
import { explainOutcome } from './explain-outcome.ts';
import { inChunks, type Line, laneOf, lanes, noteMembers, oneAhead } from './parts-of-a-file.ts';
import { type ReadMembershipsOptions, readMemberships } from './read-memberships.ts';
import type { RowProblem } from './read-row.ts';

/** What became of one line, in the order of the file. */
export interface RowResult {
  line: number;
  /** As in the file; null where the line could not be read that far. */
  memberId: string | null;
  code: string | null;
  /** An outcome, or what kept the line from being read. */
  result: BulkOutcome['outcome'] | RowProblem['code'] | 'repeatedInFile';
  /** One sentence for the person who made the file. Empty = nothing to say. */
  explanation: string;
}

/** Whether somebody should look at the line: not where it was credited, or known. */
export function needsLook({ result }: RowResult): boolean {
  return !/^(confirmed|registered|reversed|rejected|awaitingReview|already\w+|recordedOlder)$/.test(result);
}

export interface ImportReport {
  isPreview: boolean;
  counts: OutcomeCounts;
  encoding: string;
  delimiter: string;
  ignoredColumns: string[];
}

export interface ImportCall {
  orgId: string;
  actor: Actor;
  /** The file. */
  source: AsyncIterable<Uint8Array>;
  options: ReadMembershipsOptions;
  /** Tells what would happen and writes nothing. */
  isPreview: boolean;
  onRow?: (row: RowResult) => void | Promise<void>;
  /** Called after each transaction. */
  onProgress?: (counts: OutcomeCounts) => void;
}

/** After so many lines, and after every fourfold of it, the planner is told how large the tables have become. */
export const firstRefresh = 1000;

/**
 * Imports a file of memberships (spec §8, membership-systems §6.1), transaction by transaction: what was done stays done
 * where the file breaks off, and uploading it again passes over what is on record. Throws `CsvError` where the file
 * cannot be read. A preview takes each part of the file against the present state, so a member who is named again
 * further down is shown as `repeatedInFile`.
 */
export async function importMemberships(bulk: BulkIntake, call: ImportCall): Promise<ImportReport> {
  const { orgId, actor, isPreview, onRow, onProgress = () => {} } = call;
  const file = await readMemberships(call.source, call.options);
  if (!isPreview) await bulk.noteImport({ orgId, actor, sourceRef: call.options.sourceRef ?? null });
  const seenEarlier = new Set<string>();
  let total = noCounts();
  let refreshAt = firstRefresh;
  for await (const lines of oneAhead(inChunks(file))) {
    const facts = lines.flatMap((line) => ('fact' in line ? line.fact : []));
    const outcomes = await inLanes(facts, (some) => {
      const batch = { orgId, actor, facts: some };
      return isPreview ? bulk.preview(batch) : bulk.apply(batch);
    });
    const repeated = isPreview ? noteMembers(facts, seenEarlier) : new Set<number>();
    total = addCounts(total, countOutcomes(outcomes.map(asSeen(repeated)), lines.length - facts.length));
    if (onRow) await tell(lines, outcomes, repeated, onRow);
    onProgress(total);
    if (isPreview || total.seen < refreshAt) continue;
    await bulk.refreshStatistics(orgId);
    refreshAt = total.seen * 4;
  }
  return {
    isPreview,
    counts: total,
    encoding: file.encoding() ?? 'utf-8',
    delimiter: file.delimiter,
    ignoredColumns: file.ignored,
  };
}

/** Applies facts in side-by-side transactions and gives their outcomes in the order of the facts. */
async function inLanes(
  facts: readonly Fact[],
  apply: (facts: readonly Fact[]) => Promise<BulkOutcome[]>,
): Promise<BulkOutcome[]> {
  const places: number[][] = Array.from({ length: lanes }, () => []);
  facts.forEach((fact, place) => {
    places[laneOf(fact.memberId)]?.push(place);
  });
  const outcomes: BulkOutcome[] = [];
  const settled = await Promise.allSettled(
    places.map(async (lane) => {
      if (lane.length === 0) return;
      const own = await apply(lane.map((place) => facts[place] as Fact));
      lane.forEach((place, at) => {
        outcomes[place] = own[at] as BulkOutcome;
      });
    }),
  );
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return outcomes;
}

/** A line of a preview that is repeated further down says nothing new. */
export const asSeen =
  (repeated: ReadonlySet<number>) =>
  (outcome: BulkOutcome, place: number): BulkOutcome =>
    repeated.has(place) ? { outcome: 'alreadyKnown', attributionId: '' } : outcome;

/** Tells what became of each line, in the order of the file. */
export async function tell(
  lines: readonly Line[],
  outcomes: readonly BulkOutcome[],
  repeated: ReadonlySet<number>,
  onRow: (row: RowResult) => void | Promise<void>,
): Promise<void> {
  let place = 0;
  for (const line of lines) {
    if ('problem' in line) {
      const { code: result, message: explanation } = line.problem;
      await onRow({ line: line.line, memberId: null, code: null, result, explanation });
      continue;
    }
    const { memberId, code = null } = line.fact;
    const outcome = outcomes[place] as BulkOutcome;
    const isRepeated = repeated.has(place);
    const result = isRepeated ? 'repeatedInFile' : outcome.outcome;
    const explanation = isRepeated ? 'The member is named earlier in the file.' : explainOutcome(outcome);
    await onRow({ line: line.line, memberId, code, result, explanation });
    place += 1;
  }
}
