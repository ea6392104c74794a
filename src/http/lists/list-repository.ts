import type { Session } from '../../engine/database.ts';
import type { ListCondition, ListSource } from './list-source.ts';

export interface ListRow {
  /** Where the row stands, made by SQL: milliseconds and id. */
  position: string;
  row: Record<string, unknown>;
}

/** Rows of a list in its order, one more than `limit` where there are more. */
export async function selectPage(
  session: Session,
  source: ListSource,
  conditions: readonly ListCondition[],
  page: { limit: number; after: string | null; offset: number },
): Promise<ListRow[]> {
  const { where, values } = whereOf(conditions);
  const [time = '', mark = ''] = page.after === null ? [] : splitPosition(page.after);
  const isCounted = typeof source.id !== 'string';
  if (page.after !== null) {
    values.push(time);
    const instant = `to_timestamp($${values.length}::float8 / 1000)`;
    // A day was counted from midnight in UTC, whatever the session's time zone.
    const moment = source.time.endsWith('_day') ? `(${instant} at time zone 'UTC')::date` : instant;
    if (isCounted) where.push(`listed.${source.time} <= ${moment}`);
    else {
      values.push(mark);
      where.push(`(listed.${source.time}, listed.${source.id}) < (${moment}, $${values.length}::uuid)`);
    }
  }
  const skipped = isCounted && page.after !== null ? Number(mark) : 0;
  values.push(page.limit, page.offset + skipped);
  const ties = typeof source.id === 'string' ? [source.id] : source.id;
  const rows = await session.query<Record<string, unknown> & { list_time: string; list_id: string }>(
    `select ${source.columns.map((column) => (column.includes(' ') ? column : `listed.${column}`)).join(', ')},
       round(extract(epoch from listed.${source.time}) * 1000)::bigint::text as list_time,
       ${isCounted ? "''" : `listed.${ties[0]}::text`} as list_id
     from ${source.from} as listed
     ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
     order by listed.${source.time} desc${ties.map((column) => `, listed.${column} desc`).join('')}
     limit $${values.length - 1} offset $${values.length}`,
    values,
  );
  let counted = { time, count: skipped };
  return rows.map(({ list_time: listTime, list_id: listId, ...row }) => {
    counted = counted.time === listTime ? { time: listTime, count: counted.count + 1 } : { time: listTime, count: 1 };
    return { position: `${listTime}.${isCounted ? counted.count : listId}`, row };
  });
}

/** How many rows a list has, counted no further than `most`. */
export async function countRows(
  session: Session,
  source: ListSource,
  conditions: readonly ListCondition[],
  most: number,
): Promise<number> {
  const { where, values } = whereOf(conditions);
  values.push(most);
  const [row] = await session.query<{ total: number }>(
    `select count(*)::int as total from (
       select from ${source.from} as listed ${where.length === 0 ? '' : `where ${where.join(' and ')}`} limit $${values.length}
     ) as counted`,
    values,
  );
  return row?.total ?? 0;
}

/** One row by conditions, or null. */
export async function selectRow(
  session: Session,
  source: ListSource,
  conditions: readonly ListCondition[],
): Promise<Record<string, unknown> | null> {
  const [found] = await selectPage(session, source, conditions, { limit: 1, after: null, offset: 0 });
  return found?.row ?? null;
}

function whereOf(conditions: readonly ListCondition[]): { where: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const where = conditions.map((condition) => {
    if (condition.value === undefined) return condition.sql;
    values.push(condition.value);
    return condition.sql.replaceAll('?', `$${values.length}`);
  });
  return { where, values };
}

function splitPosition(position: string): [string, string] {
  const dot = position.indexOf('.');
  return [position.slice(0, dot), position.slice(dot + 1)];
}
