/** One row of a table, as the Web API shows it. */
export type Row = Record<string, string | number | boolean | null>;

export class BadQuery extends Error {}

const OPTIONS = new Set(['$select', '$filter', '$orderby', '$top', '$skiptoken']);

/** Applies `$select`, `$filter` (ge, ne null, and, or) and `$orderby` as Dataverse does; throws BadQuery for the rest. */
export function applyQuery(rows: readonly Row[], query: URLSearchParams, knownColumns: ReadonlySet<string>): Row[] {
  for (const name of query.keys()) {
    if (!OPTIONS.has(name)) throw new BadQuery(`The query parameter ${name} is not supported`);
  }
  const check = (column: string) => {
    if (!knownColumns.has(column)) throw new BadQuery(`Could not find a property named '${column}'`);
    return column;
  };
  for (const column of query.get('$select')?.split(',') ?? []) check(column);
  const matches = readFilter(query.get('$filter'), check);
  const order = (query.get('$orderby') ?? '').split(',').filter((part) => part !== '');
  const columns = order.map((part) => check(part.trim().split(' ')[0] ?? ''));
  return rows.filter(matches).sort((left, right) => {
    for (const column of columns) {
      const [a, b] = [String(left[column]), String(right[column])];
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  });
}

/** The columns asked for; the primary key is always there. */
export function selectColumns(row: Row, query: URLSearchParams, id: string): Row {
  const wanted = query.get('$select')?.split(',');
  const shown = wanted === undefined ? Object.keys(row) : [id, ...wanted];
  const selected = Object.fromEntries(shown.map((column) => [column, row[column] ?? null]));
  return { '@odata.etag': 'W/"72201545"', ...selected };
}

function readFilter(filter: string | null, check: (column: string) => string): (row: Row) => boolean {
  if (filter === null) return () => true;
  const terms = filter.split(' and ').map((group) =>
    group
      .replace(/^\((.*)\)$/, '$1')
      .split(' or ')
      .map((term) => readTerm(term.trim(), check)),
  );
  return (row) => terms.every((group) => group.some((term) => term(row)));
}

function readTerm(term: string, check: (column: string) => string): (row: Row) => boolean {
  const notNull = /^(\w+) ne null$/.exec(term)?.[1];
  if (notNull !== undefined) {
    check(notNull);
    return (row) => row[notNull] !== null && row[notNull] !== undefined;
  }
  const [, column, since] = /^(\w+) ge (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$/.exec(term) ?? [];
  if (column === undefined || since === undefined) throw new BadQuery(`Syntax error in the filter: ${term}`);
  check(column);
  return (row) => String(row[column]) >= since;
}
