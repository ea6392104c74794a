import { parse } from 'csv-parse/stream';
import type { Fact, FactKind } from '../../engine/attributions/fact.ts';
import { CsvError } from './csv-error.ts';
import { decodeText, type Encoding } from './decode-text.ts';
import { type ColumnPlaces, findColumns } from './membership-columns.ts';
import { type RowProblem, readRow } from './read-row.ts';
import { type Delimiter, sniffDelimiter } from './sniff-delimiter.ts';

/** One line of the file that is not the header: a fact, or what is wrong with it. */
export type MembershipRow = { line: number; fact: Fact } | { line: number; problem: RowProblem };

export interface MembershipFile {
  delimiter: Delimiter;
  /** Columns that are not read. */
  ignored: string[];
  rows: AsyncIterable<MembershipRow>;
  /** Known once all rows were read. Null = not yet. */
  encoding(): Encoding | null;
}

export interface ReadMembershipsOptions {
  /** The organisation's IANA zone: dates without an offset are its own. */
  timeZone: string;
  now: Date;
  /** Words of the membership system → status; case does not matter. (Default: none) */
  statusMap?: Readonly<Record<string, FactKind>>;
  /** For rows without a status. (Default: null, a status is needed) */
  defaultStatus?: FactKind | null;
  /** Leaves columns out whose names are not known, instead of refusing the file. (Default: false) */
  ignoreUnknownColumns?: boolean;
  /** Goes into every fact that has no event id. (Default: null) */
  sourceRef?: string | null;
}

interface ParsedRecord {
  record: string[];
  info: { lines: number };
}

/**
 * Reads a file of memberships (membership-systems §6.1) row by row, without holding it: UTF-8, UTF-16 or Windows-1252;
 * comma, semicolon or tab; Norwegian or English column names and dates. Pure but for reading `source` once. Throws
 * `CsvError` where the file as a whole cannot be read, at once for its header and while iterating for the rest.
 */
export async function readMemberships(
  source: AsyncIterable<Uint8Array>,
  options: ReadMembershipsOptions,
): Promise<MembershipFile> {
  let encoding: Encoding | null = null;
  const text = decodeText(source, (found) => {
    encoding = found;
  });
  const start = await firstLines(text);
  if (start.trim() === '') throw new CsvError('empty_file', 'The file is empty.');
  const { delimiter, skipLines } = sniffDelimiter(start);
  const records = parseRecords(joinText(start, text), delimiter, skipLines + 1);
  const first = await records.next();
  if (first.done) throw new CsvError('empty_file', 'The file has no lines.');
  const columns = findColumns(first.value.record, {
    ignoreUnknown: options.ignoreUnknownColumns ?? false,
    hasDefaultStatus: (options.defaultStatus ?? null) !== null,
  });
  return { delimiter, ignored: columns.ignored, rows: readRows(records, columns, options), encoding: () => encoding };
}

/** Text up to the end of the first record at least, as far as it came; 64 KiB at most. */
async function firstLines(text: AsyncGenerator<string, void>): Promise<string> {
  let start = '';
  while (start.length < 65_536 && !/\S.*[\r\n]/.test(start)) {
    const next = await text.next();
    if (next.done) break;
    start += next.value;
  }
  return start;
}

async function* joinText(start: string, rest: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  yield encoder.encode(start);
  for await (const piece of rest) yield encoder.encode(piece);
}

async function* parseRecords(
  bytes: AsyncIterable<Uint8Array>,
  delimiter: Delimiter,
  fromLine: number,
): AsyncGenerator<ParsedRecord, void> {
  const parser = parse({
    delimiter,
    info: true,
    from_line: fromLine,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 65_536,
  });
  const reader = (parser.readable as ReadableStream<ParsedRecord>).getReader();
  const feeding = feed(bytes, parser.writable as WritableStream<Uint8Array>);
  feeding.catch(() => {}); // told by the reader below, or nobody reads on
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    await feeding;
  } catch (error) {
    throw await feeding.then(
      () => explain(error),
      (cause: unknown) => (cause instanceof CsvError ? cause : explain(error)),
    );
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function feed(bytes: AsyncIterable<Uint8Array>, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const chunk of bytes) {
      await writer.ready;
      await writer.write(chunk);
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

/** csv-parse quotes the offending text in its messages; ours only name the line. */
function explain(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
  if (error.code === 'CSV_MAX_RECORD_SIZE') {
    const message = `The row at line ${line} is far too long: a quotation mark may be missing its partner.`;
    return new CsvError('row_too_long', message, { line });
  }
  const message = `The quotation marks at line ${line} do not match: double those inside a value, or remove them.`;
  return new CsvError('broken_quotes', message, { line });
}

async function* readRows(
  records: AsyncGenerator<ParsedRecord, void>,
  columns: ColumnPlaces,
  options: ReadMembershipsOptions,
): AsyncGenerator<MembershipRow, void> {
  const { timeZone, now, defaultStatus = null, sourceRef = null } = options;
  const statusMap = new Map(Object.entries(options.statusMap ?? {}).map(([word, kind]) => [word.toLowerCase(), kind]));
  const rowOptions = { timeZone, now, statusMap, defaultStatus, sourceRef };
  for await (const { record, info } of records) {
    const line = info.lines;
    if (record.every((value) => value.trim() === '')) continue;
    if (record.length > columns.width && record.slice(columns.width).some((value) => value.trim() !== '')) {
      const message = `The row has ${record.length} values, the first line names ${columns.width} columns.`;
      yield { line, problem: { code: 'column_count', column: null, message } };
      continue;
    }
    const read = readRow((column) => record[columns.places.get(column) ?? -1]?.trim() ?? '', rowOptions);
    yield { line, ...read };
  }
}
