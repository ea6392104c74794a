import { z } from '@hono/zod-openapi';
import {
  type ImportReport,
  importMemberships,
  needsLook,
  type RowResult,
} from '../connectors/csv/import-memberships.ts';
import { resultHeading, resultLine } from '../connectors/csv/result-file.ts';
import type { BulkIntake } from '../engine/attributions/bulk-intake.ts';
import { VerveError } from '../engine/errors.ts';
import { requireMay } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import {
  type ImportIncoming,
  importQuery,
  type lineSchema,
  linesAtOnce,
  linesShown,
  mapOf,
  maxFileBytes,
  refuseFile,
  reportSchema,
  zoneOf,
} from './import-form.ts';
import { type Answer, operation } from './operation.ts';
import { importSchema, isLong, storeFile } from './stored-imports.ts';
import { snakeCase, toWire } from './wire.ts';

async function receive(incoming: ImportIncoming): Promise<Answer> {
  requireMay(incoming.actor, 'import.run');
  switch (incoming.query.format) {
    case 'json':
      return isLong(incoming) ? storeFile(incoming) : importNow(incoming);
    case 'csv':
      return answerResultFile(incoming);
    case 'progress':
      return answerStream('application/x-ndjson', async (write) => {
        const say = (value: unknown) => write(`${JSON.stringify(value)}\n`);
        const total = incoming.bytes.length;
        const onProgress = (bytes: number, lines: number) => say({ bytes, total_bytes: total, lines });
        await run(incoming, { onProgress }).then(
          (report) => say({ report }),
          (error: unknown) => say({ error: { code: codeOf(error), detail: detailOf(error) } }),
        );
      });
  }
}

/** With an Idempotency-Key all lines are one transaction, and the report is kept in it. */
async function importNow(incoming: ImportIncoming): Promise<Answer> {
  const timeZone = await zoneOf(incoming);
  return incoming.write(async ({ bulk }) => ({ status: 200, body: await run(incoming, { bulk, timeZone }) }));
}

/** The whole file is read before the first byte is answered: a file that cannot be read is a refusal, not half a file. */
async function answerResultFile(incoming: ImportIncoming): Promise<Answer> {
  const lines = [resultHeading({ delimiter: ';' })];
  await run(incoming, { onRow: (row) => lines.push(resultLine(row, { delimiter: ';' })) });
  return answerStream('text/csv; charset=utf-8', async (write) => {
    for (const line of lines) write(line);
  });
}

interface Run {
  /** (Default: each batch commits by itself) */
  bulk?: BulkIntake;
  timeZone?: string;
  onRow?: (row: RowResult) => unknown;
  onProgress?: (bytesRead: number, lines: number) => void;
}

async function run(incoming: ImportIncoming, { bulk, timeZone, ...listeners }: Run = {}) {
  const { runtime, orgId, actor, query, bytes } = incoming;
  const zone = timeZone ?? (await zoneOf(incoming));
  const tally = new Map<string, number>();
  const lines: z.output<typeof lineSchema>[] = [];
  let bytesRead = 0;
  async function* source() {
    for (let at = 0; at < bytes.length; at += 65_536) {
      const chunk = bytes.subarray(at, at + 65_536);
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const report = await importMemberships(bulk ?? runtime.verve.bulk, {
    orgId,
    actor,
    source: source(),
    isPreview: query.preview,
    options: {
      timeZone: zone,
      now: runtime.now(),
      statusMap: mapOf(query.map),
      defaultStatus: query.status ?? null,
      ignoreUnknownColumns: query.ignore_unknown_columns,
      sourceRef: `import:${crypto.randomUUID()}`,
    },
    onRow(row) {
      tally.set(row.result, (tally.get(row.result) ?? 0) + 1);
      if (needsLook(row) && lines.length < linesShown) {
        lines.push({ line: row.line, result: snakeCase(row.result), explanation: row.explanation });
      }
      listeners.onRow?.(row);
    },
    onProgress: ({ seen }) => listeners.onProgress?.(bytesRead, seen),
  }).catch(refuseFile);
  return showReport(report, tally, lines);
}

function showReport(report: ImportReport, tally: ReadonlyMap<string, number>, lines: z.output<typeof lineSchema>[]) {
  return {
    is_preview: report.isPreview,
    counts: toWire(report.counts),
    results: Object.fromEntries([...tally].map(([result, count]) => [snakeCase(result), count])),
    ignored_columns: report.ignoredColumns,
    lines,
  };
}

/** Writes while the work goes on. It goes on to its end even where the reader leaves: what was begun is finished. */
function answerStream(contentType: string, work: (write: (text: string) => void) => Promise<void>): Answer {
  const encoder = new TextEncoder();
  let isOpen = true;
  const raw = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      work(write).then(
        () => isOpen && controller.close(),
        (error: unknown) => isOpen && controller.error(error),
      );
    },
    cancel() {
      isOpen = false;
    },
  });
  return { status: 200, raw, headers: { 'content-type': contentType, 'cache-control': 'no-store' } };
}

function codeOf(error: unknown): string {
  return error instanceof VerveError ? error.code : 'internal_error';
}

function detailOf(error: unknown): string {
  return error instanceof VerveError ? error.detail : 'Something failed on our side. What was imported stays.';
}

export const imports = [
  operation({
    id: 'importMemberships',
    method: 'post',
    path: '/api/v1/imports',
    tag: 'Membership webhook',
    summary: 'Import a file of memberships',
    description:
      'A CSV file as in docs/import.md: comma, semicolon or tab; UTF-8 or Windows-1252; Norwegian or English columns and dates. ' +
      'Each line does what the webhook would. Safe to repeat: what is known changes nothing. A file of more than ' +
      `${linesAtOnce.toLocaleString('en')} lines is kept, encrypted, and worked through in the background (202): Location shows how it gets on. ` +
      '`csv` and `progress` always answer while it runs, and keep no answer under an Idempotency-Key: a repeat reads the file again.',
    access: callersWho('import.run'),
    query: importQuery,
    bodyForm: { raw: 'text/csv', maxBytes: maxFileBytes, schema: z.string() },
    bodyExample: 'medlemsnummer;vervekode;status;dato\n10293;3PKCM-78AQS;bekreftet;20.11.2026\n',
    answers: {
      200: { description: 'What became of the lines.', schema: reportSchema },
      202: {
        description: 'The file is kept, and imported in the background.',
        schema: importSchema,
        headers: { Location: 'Where its progress and result are.' },
      },
    },
    problems: ['unprocessable'],
    runsAnew: ({ format }) => format !== 'json',
    handle: receive,
  }),
];
