import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { VerveError } from '../../engine/errors.ts';
import {
  type BackupEnd,
  type BackupHeader,
  END_OF_ROWS,
  endSchema,
  headerSchema,
  type TableEnd,
  tableEndSchema,
  tableSchema,
} from './backup-form.ts';
import { countLines } from './count-lines.ts';

/** What a backup holds, piece by piece, in order. */
export type BackupPart =
  | { part: 'header'; header: BackupHeader }
  | { part: 'table'; name: string; columns: readonly string[] }
  | { part: 'rows'; bytes: Buffer }
  | { part: 'tableEnd'; end: TableEnd }
  | { part: 'end'; end: BackupEnd };

/** A line that describes something is never longer; what is longer is no backup of ours. */
const LONGEST_LINE = 1_000_000;
const NEWLINE = 10;

/**
 * Reads a backup and checks it on the way: order, numbers of rows, digests, and that it ends. Memory does not grow with it.
 * `onBytes` hears how much of the file was read.
 * @throws {VerveError} saying what is wrong with the file.
 */
export async function* readBackup(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<BackupPart> {
  const reader = openReader(path, onBytes);
  const header = parse(headerSchema, await reader.line(), 'is no backup that this version of Verve can read');
  yield { part: 'header', header };
  let tables = 0;
  let total = 0;
  for (;;) {
    const before = reader.digest();
    const next = await reader.line();
    if (next.startsWith('{"end":')) {
      const end = parse(endSchema, next);
      if (end.sha256 !== before || end.tables !== tables || end.rows !== total) throw damaged();
      if (!(await reader.isAtEnd())) throw damaged();
      yield { part: 'end', end };
      return;
    }
    const table = parse(tableSchema, next);
    yield { part: 'table', name: table.table, columns: table.columns };
    const digest = createHash('sha256');
    let rows = 0;
    for await (const bytes of reader.rows()) {
      digest.update(bytes);
      rows += countLines(bytes);
      yield { part: 'rows', bytes };
    }
    const end = parse(tableEndSchema, await reader.line());
    if (end.end_of !== table.table || end.rows !== rows || end.sha256 !== digest.digest('hex')) throw damaged();
    tables += 1;
    total += rows;
    yield { part: 'tableEnd', end };
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, problem?: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw damaged(problem);
  }
}

function damaged(problem = 'is no whole backup of Verve: damaged, or cut off'): VerveError {
  return new VerveError('unprocessable', `The file ${problem}. Nothing was written. Take another one.`);
}

/** Lines and rows out of a compressed file. */
function openReader(path: string, onBytes: ((bytes: number) => void) | undefined) {
  const chunks = unzip(path, onBytes);
  const everything = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    const next = await chunks.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }
  function take(length: number): Buffer {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    everything.update(taken);
    return taken;
  }

  return {
    /** Of everything that was taken so far. */
    digest: () => everything.copy().digest('hex'),
    isAtEnd: async () => rest.length === 0 && !(await fill()),
    async line(): Promise<string> {
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        if (end !== -1) return take(end + 1).toString('utf8');
        if (rest.length > LONGEST_LINE || !(await fill())) throw damaged();
      }
    },
    /** The rows of a table, in pieces of any length, without the line that ends them. */
    async *rows(): AsyncGenerator<Buffer> {
      for (let isLineStart = true; ; ) {
        if (isLineStart && rest.length >= END_OF_ROWS.length && rest.subarray(0, 3).toString() === END_OF_ROWS) {
          take(END_OF_ROWS.length);
          return;
        }
        const end = rest.indexOf(`\n${END_OF_ROWS}`);
        const length = end !== -1 ? end + 1 : rest.lastIndexOf(NEWLINE) + 1;
        if (length > 0) {
          yield take(length);
          isLineStart = true;
        } else if (!isLineStart && rest.length > 0) {
          yield take(rest.length); // in the middle of a long row
        } else if (rest.length >= END_OF_ROWS.length) {
          yield take(rest.length); // the beginning of a long row
          isLineStart = false;
        }
        if (end === -1 && !(await fill())) throw damaged();
      }
    },
  };
}

async function* unzip(path: string, onBytes: ((bytes: number) => void) | undefined): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      onBytes?.(gunzip.bytesWritten);
      yield chunk;
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT') throw new VerveError('not_found', `There is no file ${path}.`);
    if (typeof code === 'string' && code.startsWith('Z_')) throw damaged();
    throw error;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
