import { z } from '@hono/zod-openapi';
import { readMemberships } from '../connectors/csv/read-memberships.ts';
import type { StoredImport } from '../engine/imports/service.ts';
import { inOrganisation } from '../engine/parts.ts';
import { requireMay } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import { type ImportIncoming, linesAtOnce, mapOf, refuseFile, reportSchema, zoneOf } from './import-form.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { time, timeOrNull, uuid } from './lists/schemas.ts';
import { type Answer, operation } from './operation.ts';
import { importSource } from './rows/integration-rows-repository.ts';
import { snakeCase, toWire } from './wire.ts';

export const importSchema = reportSchema
  .extend({
    id: z.string(),
    status: z.enum(['waiting', 'running', 'succeeded', 'failed']),
    created_at: time,
    started_at: timeOrNull,
    finished_at: timeOrNull,
    lines_done: z.int(),
    total_lines: z.int().openapi({ description: 'Counted by line breaks until the file is done.' }),
    error_code: z.string().nullable(),
    error_detail: z.string().nullable(),
  })
  .openapi('Import');

/** Whether a file is too long for its sender to wait. */
export function isLong({ bytes }: ImportIncoming): boolean {
  return countLines(bytes) > linesAtOnce;
}

/** Keeps a long file and answers at once; a server of the installation works through it. */
export async function storeFile(incoming: ImportIncoming): Promise<Answer> {
  const { runtime, orgId, actor, query, bytes } = incoming;
  const reading = {
    timeZone: await zoneOf(incoming),
    statusMap: mapOf(query.map),
    defaultStatus: query.status ?? null,
    ignoreUnknownColumns: query.ignore_unknown_columns,
  };
  // A file of which not even the first line can be read is refused now.
  await readMemberships(onePiece(bytes.subarray(0, 65_536)), { ...reading, now: runtime.now() }).catch(refuseFile);
  const answer = await incoming.write(async ({ imports }) => {
    const stored = await imports.store({
      orgId,
      actor,
      file: bytes,
      isPreview: query.preview,
      totalLines: countLines(bytes),
      reading,
    });
    return {
      status: 202,
      body: showImport(stored),
      headers: { location: `/api/v1/imports/${stored.importId}` },
    };
  });
  const { id: importId } = answer.body as { id: string };
  await runtime.startImport({ orgId, importId });
  return answer;
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

function showImport(one: StoredImport) {
  const { counts, results, lines, ignoredColumns } = one.report;
  const byWireName = Object.entries(results).map(([result, count]) => [snakeCase(result), count]);
  return {
    id: one.importId,
    status: one.status,
    is_preview: one.isPreview,
    created_at: one.createdAt,
    started_at: one.startedAt,
    finished_at: one.finishedAt,
    lines_done: one.linesDone,
    total_lines: Math.max(one.totalLines, one.linesDone),
    counts: toWire(counts),
    results: Object.fromEntries(byWireName),
    ignored_columns: ignoredColumns,
    lines: lines.map((line) => ({ ...line, result: snakeCase(line.result) })),
    error_code: one.errorCode,
    error_detail: one.errorDetail,
  };
}

/** Lines below the first, by line breaks: more than there are where a value holds some. */
function countLines(bytes: Uint8Array): number {
  let breaks = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) breaks += 1;
  return Math.max(0, bytes.at(-1) === 10 ? breaks - 1 : breaks);
}

export const storedImports = [
  operation({
    id: 'listImports',
    method: 'get',
    path: '/api/v1/imports',
    tag: 'Membership webhook',
    summary: 'List imports',
    description: 'Those that were worked through in the background, newest first.',
    access: callersWho('import.run'),
    query: z.object(pagingQuery),
    answers: { 200: listForm(importSchema, 'A page of imports.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      const { actor, orgId, runtime } = incoming;
      requireMay(actor, 'import.run');
      const read: typeof incoming.read = (work) => inOrganisation(runtime.verve.parts, { orgId }, work);
      return answerList({ ...incoming, read }, 'listImports', importSource, [], (row) =>
        showImport(row as unknown as StoredImport),
      );
    },
  }),
  operation({
    id: 'getImport',
    method: 'get',
    path: '/api/v1/imports/{id}',
    tag: 'Membership webhook',
    summary: 'Read an import',
    description: 'How far it is, and what became of the lines so far. What is done survives a server that dies.',
    access: callersWho('import.run'),
    params: z.object({ id: uuid }),
    answers: { 200: { description: 'The import.', schema: importSchema } },
    problems: ['not_found'],
    handle: async ({ runtime, orgId, actor, params }) => {
      const found = await runtime.verve.imports.get({ orgId, actor, importId: params.id });
      return { status: 200, body: showImport(found) };
    },
  }),
];
