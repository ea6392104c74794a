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
  if (page.after !== null) {
    const [time, id] = splitPosition(page.after);
    values.push(time, id);
    where.push(
      `(listed.${source.time}, listed.${source.id}) < (to_timestamp($${values.length - 1}::float8 / 1000), $${values.length}::${source.idType ?? 'uuid'})`,
    );
  }
  values.push(page.limit, page.offset);
  const rows = await session.query<Record<string, unknown> & { list_position: string }>(
    `select ${source.columns.map((column) => (column.includes(' ') ? column : `listed.${column}`)).join(', ')},
       round(extract(epoch from listed.${source.time}) * 1000)::bigint::text || '.' || listed.${source.id}::text as list_position
     from ${source.from} as listed
     ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
     order by listed.${source.time} desc, listed.${source.id} desc
     limit $${values.length - 1} offset $${values.length}`,
    values,
  );
  return rows.map(({ list_position, ...row }) => ({ position: list_position, row }));
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
