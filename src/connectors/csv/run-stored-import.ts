import type { BulkOutcome } from '../../engine/attributions/bulk-intake.ts';
import { countOutcomes } from '../../engine/attributions/count-outcomes.ts';
import { type ClaimedImport, type DonePart, type ImportLine, ImportTaken } from '../../engine/imports/service.ts';
import { inOrganisation } from '../../engine/parts.ts';
import type { Verve } from '../../engine/verve.ts';
import { CsvError } from './csv-error.ts';
import { asSeen, firstRefresh, needsLook, type RowResult, tell } from './import-memberships.ts';
import { inChunks, type Line, laneOf, lanes, noteMembers, oneAhead } from './parts-of-a-file.ts';
import { readMemberships } from './read-memberships.ts';

type Engine = Pick<Verve, 'bulk' | 'imports' | 'parts'>;

export interface RunImport {
  orgId: string;
  /** null = the oldest that waits. */
  importId: string | null;
  /** Ends the work between two parts; whoever comes next goes on there. (Default: never) */
  signal?: AbortSignal;
}

/**
 * Works through a stored file, from where it was left. Safe to repeat, to kill, and to run in several processes: every part
 * is noted as done in the transaction that does it. False = nothing to do, or another process is at it.
 */
export async function runStoredImport(verve: Engine, { orgId, importId, signal }: RunImport): Promise<boolean> {
  const claimed = await verve.imports.work.claim({ orgId, importId });
  if (claimed === null) return false;
  const end = (error: { code: string; detail: string } | null, ignoredColumns: readonly string[]) =>
    verve.imports.work.end({ orgId, importId: claimed.importId, error, ignoredColumns });
  try {
    const done = await workThrough(verve, orgId, claimed, signal);
    if (done.isWhole) await end(null, done.ignoredColumns);
    else await verve.imports.work.release({ orgId, importId: claimed.importId });
  } catch (error) {
    if (error instanceof ImportTaken) return false;
    if (!(error instanceof CsvError)) throw error;
    await end({ code: 'unprocessable', detail: `${error.message} What came before it was imported.` }, []);
  }
  return true;
}

/** Works through every file that waits, one after another. For hosts without a scheduler: call it now and then. */
export async function runWaitingImports(verve: Engine, call: { orgId: string; signal?: AbortSignal }): Promise<number> {
  let count = 0;
  while (call.signal?.aborted !== true && (await runStoredImport(verve, { ...call, importId: null }))) count += 1;
  return count;
}

async function workThrough(verve: Engine, orgId: string, claimed: ClaimedImport, signal: AbortSignal | undefined) {
  const { importId, reading, createdAt, partsDone, isPreview } = claimed;
  const file = await readMemberships(inPieces(claimed.file), {
    ...reading,
    now: createdAt,
    sourceRef: `import:${importId}`,
  });
  const seenEarlier = new Set<string>();
  let part = 0;
  let lines = 0;
  let refreshAt = firstRefresh;
  for await (const chunk of oneAhead(inChunks(file))) {
    if (signal?.aborted === true) return { isWhole: false, ignoredColumns: [] };
    const facts = chunk.flatMap((line) => ('fact' in line ? line.fact : []));
    const repeatedFacts = isPreview ? noteMembers(facts, seenEarlier) : new Set<number>();
    const repeated = new Set(facts.filter((_fact, place) => repeatedFacts.has(place)));
    const settled = await Promise.allSettled(
      Array.from({ length: lanes }, async (_, lane) => {
        if ((partsDone[lane] ?? 0) > part) return;
        const own = chunk.filter((line) => ('fact' in line ? laneOf(line.fact.memberId) : 0) === lane);
        const isRepeated = new Set(factsOf(own).flatMap((fact, place) => (repeated.has(fact) ? place : [])));
        await doPart(verve, { orgId, claimed, lane, part, lines: own, repeated: isRepeated });
      }),
    );
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
    part += 1;
    lines += chunk.length;
    if (isPreview || lines < refreshAt) continue;
    await verve.bulk.refreshStatistics(orgId);
    refreshAt = lines * 4;
  }
  return { isWhole: true, ignoredColumns: file.ignored };
}

interface Part {
  orgId: string;
  claimed: ClaimedImport;
  lane: number;
  part: number;
  lines: readonly Line[];
  repeated: ReadonlySet<number>;
}

async function doPart({ bulk, imports, parts }: Engine, one: Part): Promise<void> {
  const { orgId, claimed, lane, part, lines, repeated } = one;
  const batch = { orgId, actor: claimed.actor, facts: factsOf(lines) };
  const done = async (outcomes: readonly BulkOutcome[]): Promise<DonePart> => ({
    importId: claimed.importId,
    lane,
    part,
    ...(await summarise(lines, outcomes, repeated)),
  });
  if (claimed.isPreview) {
    const outcomes = batch.facts.length === 0 ? [] : await bulk.preview(batch);
    const summary = await done(outcomes);
    await inOrganisation(parts, { orgId }, (session) => imports.work.record(session, summary));
    return;
  }
  await bulk.apply({
    ...batch,
    within: async (session, outcomes) => imports.work.record(session, await done(outcomes)),
  });
}

async function summarise(lines: readonly Line[], outcomes: readonly BulkOutcome[], repeated: ReadonlySet<number>) {
  const results = new Map<string, number>();
  const look: ImportLine[] = [];
  await tell(lines, outcomes, repeated, (row: RowResult) => {
    results.set(row.result, (results.get(row.result) ?? 0) + 1);
    if (needsLook(row)) look.push({ line: row.line, result: row.result, explanation: row.explanation });
  });
  const counts = countOutcomes(outcomes.map(asSeen(repeated)), lines.length - outcomes.length);
  return { counts, results, lines: look };
}

function factsOf(lines: readonly Line[]) {
  return lines.flatMap((line) => ('fact' in line ? line.fact : []));
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
