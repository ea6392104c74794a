import { type Actor, actorOf, describeActor } from '../actor.ts';
import { addCounts, noCounts, type OutcomeCounts } from '../attributions/count-outcomes.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import * as repository from './repository.ts';

export type { ImportLine, ImportReading, StoredImport } from './repository.ts';

/** A file in the hands of this process. */
export interface ClaimedImport extends Omit<repository.ClaimedRow, 'actor' | 'sealedFile'> {
  actor: Actor;
  file: Uint8Array;
}

/** A part of a file that is done: which lines of it, and what became of them. */
export interface DonePart {
  importId: string;
  lane: number;
  part: number;
  counts: OutcomeCounts;
  results: ReadonlyMap<string, number>;
  /** Those that somebody should look at. */
  lines: readonly repository.ImportLine[];
}

/** Another process has gone on with the import: this one stops. Its transaction takes back what it did. */
export class ImportTaken extends Error {
  override readonly name = 'ImportTaken';
}

/** Lines kept in a report. */
const linesKept = 200;
const sealName = 'import-file';

/**
 * Files of memberships that are worked through in the background (specification §8). The file is encrypted, and deleted once
 * it is done. How far it is stands in the row, written in the transaction of what was done: a process that dies loses
 * nothing, and whoever goes on repeats nothing.
 */
export interface Imports {
  /** Stores a file to be imported, or (`isPreview`) to be tried. Each call stores one. */
  store(
    call: Call & {
      file: Uint8Array<ArrayBuffer>;
      isPreview: boolean;
      totalLines: number;
      reading: repository.ImportReading;
    },
  ): Promise<repository.StoredImport>;
  /** How far one is. Refuses with `not_found`. */
  get(call: Call & { importId: string }): Promise<repository.StoredImport>;
  /** The newest twenty, newest first. */
  list(call: Call): Promise<repository.StoredImport[]>;
  /** For whoever works through them. */
  work: {
    /** Takes one that nobody is at: the one asked for, or the oldest. null = none. */
    claim(call: { orgId: string; importId: string | null }): Promise<ClaimedImport | null>;
    /** Notes a part as done, in the transaction that did it. Throws {@link ImportTaken} where another process has done it. */
    record(session: Session, done: DonePart): Promise<void>;
    end(call: {
      orgId: string;
      importId: string;
      error: { code: string; detail: string } | null;
      ignoredColumns: readonly string[];
    }): Promise<void>;
    /** Gives it back for others to go on with at once. */
    release(call: { orgId: string; importId: string }): Promise<void>;
  };
}

export function createImports(parts: EngineParts): Imports {
  const { keyRing } = parts;

  async function record(session: Session, done: DonePart): Promise<void> {
    const { importId, lane, part } = done;
    const progress = await repository.lockProgress(session, importId);
    if (progress === null || progress.partsDone[lane] !== part)
      throw new ImportTaken('Another process goes on with it.');
    const { report, partsDone } = progress;
    await repository.writeProgress(session, {
      importId,
      lines: done.counts.seen,
      partsDone: partsDone.with(lane, part + 1),
      report: {
        ...report,
        counts: { ...addCounts({ ...noCounts(), ...report.counts }, done.counts) },
        results: addResults(report.results, done.results),
        lines: [...report.lines, ...done.lines].sort((a, b) => a.line - b.line).slice(0, linesKept),
      },
    });
  }

  return {
    store(call) {
      requireMay(call.actor, 'import.run');
      return inOrganisation(parts, call, async (session) => {
        const { isPreview, totalLines, reading, actor } = call;
        const sealedFile = await keyRing.seal({ orgId: session.orgId, name: sealName }, call.file);
        const importId = parts.random.uuid();
        const details = { source_ref: `import:${importId}` };
        if (!isPreview) await recordAction(session, { actor, action: 'import.run', subjectId: session.orgId, details });
        return repository.insertImport(session, {
          importId,
          actor: describeActor(actor),
          isPreview,
          totalLines,
          reading,
          sealedFile,
        });
      });
    },
    get(call) {
      requireMay(call.actor, 'import.run');
      const importId = requireUuid(call.importId, 'import_id');
      return inOrganisation(parts, call, async (session) => {
        const found = await repository.findImport(session, importId);
        if (found === null) throw new VerveError('not_found');
        return found;
      });
    },
    list(call) {
      requireMay(call.actor, 'import.run');
      return inOrganisation(parts, call, (session) => repository.listImports(session, 20));
    },
    work: {
      async claim({ orgId, importId }) {
        const row = await inOrganisation(parts, { orgId }, (session) => repository.claimImport(session, importId));
        if (row === null) return null;
        const { actor, sealedFile, ...rest } = row;
        const file = await keyRing.unseal({ orgId, name: sealName }, sealedFile);
        return { ...rest, actor: actorOf(actor), file };
      },
      record,
      end: ({ orgId, ...end }) => inOrganisation(parts, { orgId }, (session) => repository.endImport(session, end)),
      release: ({ orgId, importId }) =>
        inOrganisation(parts, { orgId }, (session) => repository.releaseImport(session, importId)),
    },
  };
}

function addResults(before: Record<string, number>, more: ReadonlyMap<string, number>): Record<string, number> {
  const sum = { ...before };
  for (const [result, count] of more) sum[result] = (sum[result] ?? 0) + count;
  return sum;
}
