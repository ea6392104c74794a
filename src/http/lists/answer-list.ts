import { z } from '@hono/zod-openapi';
import { VerveError } from '../../engine/errors.ts';
import { callerName } from '../caller-name.ts';
import type { Answer, AnswerForm, Incoming } from '../operation.ts';
import { countRows, selectPage } from './list-repository.ts';
import type { ListCondition, ListSource } from './list-source.ts';
import { wholeNumber } from './schemas.ts';

/** Rows that numbered pages reach; beyond them `cursor` goes on. */
const mostNumberedRows = 10_000;

/** The two ways to page through a list (spec §6). */
export const pagingQuery = {
  cursor: z.string().max(400).optional().openapi({
    description:
      'Goes on where the answer before said `next_cursor`. Belongs to this list, this filter and this caller.',
  }),
  limit: wholeNumber(1, 200).optional().openapi({ description: 'Rows in one answer. (Default: 20)', example: 20 }),
  page: wholeNumber(1, 10_000).optional().openapi({
    description: 'A numbered page, for the first 10,000 rows. Not together with `cursor`.',
    example: 1,
  }),
};

/** What a list answers: with `page` the numbers, otherwise the cursor. */
export function listForm(item: z.ZodType, description: string): AnswerForm {
  return {
    description,
    schema: z.object({
      data: z.array(item),
      next_cursor: z
        .string()
        .nullable()
        .optional()
        .openapi({ description: 'null = nothing follows. Given without `page`.' }),
      pagination: z
        .object({ page: z.int(), limit: z.int(), total: z.int() })
        .optional()
        .openapi({ description: 'Given with `page`. `total` is counted up to 10,000.' }),
    }),
  };
}

export interface PagingInput {
  cursor?: string | undefined;
  limit?: number | undefined;
  page?: number | undefined;
}

/** Answers a list, ordered newest first. `mapRow` makes of a row what the contract shows. Safe to repeat. */
export async function answerList<Params, Query extends PagingInput, Body>(
  incoming: Incoming<Params, Query, Body>,
  operationId: string,
  source: ListSource,
  conditions: readonly ListCondition[],
  mapRow: (row: Record<string, unknown>) => unknown = (row) => row,
): Promise<Answer> {
  const { cursor, page, limit = 20, ...filter } = incoming.query;
  if (cursor !== undefined && page !== undefined) throw new VerveError('invalid_paging');
  if (page !== undefined && page * limit > mostNumberedRows) {
    throw new VerveError('invalid_paging', 'Numbered pages reach over the first 10,000 rows; use cursor beyond.');
  }
  const { cursors } = incoming.runtime;
  const binding = {
    orgId: incoming.orgId,
    operationId,
    caller: callerName(incoming.caller),
    filter: { ...filter, path: incoming.params },
  };
  const after = cursor === undefined ? null : await cursors.open(cursor, binding);
  const offset = page === undefined ? 0 : (page - 1) * limit;
  const where: ListCondition[] = [...conditions];
  if (source.isOfCaller !== true) where.unshift({ sql: 'listed.org_id = ?', value: incoming.orgId });
  const { rows, total } = await incoming.read(async (session) => ({
    rows: await selectPage(session, source, where, { limit: limit + 1, after, offset }),
    total: page === undefined ? 0 : await countRows(session, source, where, mostNumberedRows),
  }));
  const shown = rows.slice(0, limit);
  const data = shown.map(({ row }) => mapRow(row));
  if (page !== undefined) return { status: 200, body: { data, pagination: { page, limit, total } } };
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const next = last === undefined ? null : await cursors.seal(last.position, binding);
  return { status: 200, body: { data, next_cursor: next } };
}
