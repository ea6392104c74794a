import type { Actor } from '../../engine/actor.ts';
import type { BulkIntake, BulkOutcome } from '../../engine/attributions/bulk-intake.ts';
import { addCounts, countOutcomes, noCounts, type OutcomeCounts } from '../../engine/attributions/count-outcomes.ts';
import type { Fact } from '../../engine/attributions/fact.ts';
import { explainOutcome } from './explain-outcome.ts';
import { type MembershipFile, type ReadMembershipsOptions, readMemberships } from './read-memberships.ts';
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
const firstRefresh = 1000;
/** Lines taken at once. A member's lines always go the same lane, so that their order holds; the lanes run side by side. */
const lanes = 3;
const linesAtOnce = lanes * 500;

type Line = { line: number } & ({ fact: Fact } | { problem: RowProblem });

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

async function* inChunks(file: MembershipFile): AsyncGenerator<Line[], void> {
  let lines: Line[] = [];
  for await (const row of file.rows) {
    if (lines.push(row) < linesAtOnce) continue;
    yield lines;
    lines = [];
  }
  if (lines.length > 0) yield lines;
}

/** Reads the next part of the file while the database works on the one before. */
async function* oneAhead<Item>(items: AsyncGenerator<Item, void>): AsyncGenerator<Item, void> {
  let next = items.next();
  try {
    for (let current = await next; !current.done; current = await next) {
      next = items.next();
      next.catch(() => {}); // told when its turn comes
      yield current.value;
    }
  } finally {
    await items.return();
  }
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

function laneOf(memberId: string | null): number {
  let hash = 0;
  for (const character of memberId ?? '') hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % lanes;
}

/** Which facts of a chunk name a member of an earlier chunk. Adds the chunk's members. */
function noteMembers(facts: readonly Fact[], seenEarlier: Set<string>): Set<number> {
  const repeated = new Set<number>();
  facts.forEach(({ memberId }, place) => {
    if (memberId !== null && seenEarlier.has(memberId)) repeated.add(place);
  });
  for (const { memberId } of facts) if (memberId !== null) seenEarlier.add(memberId);
  return repeated;
}

const asSeen =
  (repeated: ReadonlySet<number>) =>
  (outcome: BulkOutcome, place: number): BulkOutcome =>
    repeated.has(place) ? { outcome: 'alreadyKnown', attributionId: '' } : outcome;

async function tell(
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
