import type { MentorReportRow } from '../../../../src/client/index.ts';
import { boot } from '../../boot.ts';
import { DownIcon, UpIcon } from '../../icons.tsx';
import { keepRange } from '../../parts/range.tsx';
import { changeQuery, Link, usePlace } from '../../router.tsx';
import { say, sayLately, sayNumber, sayPercent } from '../../say.ts';

export const columns = ['name', 'shared', 'clicked', 'registered', 'credited', 'rate', 'lastShared'] as const;
export type Column = (typeof columns)[number];

const headings = {
  name: null,
  shared: 'funnel.shared',
  clicked: 'funnel.clicked',
  registered: 'funnel.registered',
  credited: 'mentors.col.members',
  rate: 'mentors.col.rate',
  lastShared: 'mentor.lastShared',
} as const;

/** What a column is called. */
export function headingOf(column: Column): string {
  const key = headings[column];
  return key === null ? (boot.terms.MentorTerm ?? '') : say(key);
}

/** The order that the address tells; null = the first one, by members. */
export const orderOf = (sort: Column): string | null => (sort === 'credited' ? null : sort);

/** The useful direction first: numbers and days from the top, names from A. Ties: credited, rate, id. */
export function sortRows(rows: readonly MentorReportRow[], column: Column, isUp: boolean): MentorReportRow[] {
  const by = (one: MentorReportRow, other: MentorReportRow): number => {
    if (column === 'name') return one.display_name.localeCompare(other.display_name, 'nb');
    if (column === 'rate') return other.conversion_rate - one.conversion_rate;
    if (column === 'lastShared') return (other.last_shared_at ?? '').localeCompare(one.last_shared_at ?? '');
    return other[column] - one[column];
  };
  return [...rows].sort(
    (one, other) =>
      (isUp ? -by(one, other) : by(one, other)) ||
      other.credited - one.credited ||
      other.conversion_rate - one.conversion_rate ||
      one.mentor_id.localeCompare(other.mentor_id),
  );
}

/** One row a mentor; on a phone a card. A press on a heading sorts, another one turns the order round. */
export function MentorsTable({
  rows,
  names,
  sort,
  isUp,
}: {
  rows: readonly MentorReportRow[];
  names: ReadonlyMap<string, string>;
  sort: Column;
  isUp: boolean;
}) {
  const carried = keepRange(usePlace().query);
  const isAscending = isUp !== (sort === 'name');
  return (
    <div className="card flush">
      <table className="stk">
        <caption className="vh">{say('mentors.caption', { column: headingOf(sort) })}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                className={column === 'name' ? undefined : column === 'lastShared' ? 'r spare' : 'r'}
                aria-sort={column === sort ? (isAscending ? 'ascending' : 'descending') : undefined}
              >
                <button
                  type="button"
                  onClick={() => {
                    const next = column === sort && !isUp ? `-${column}` : orderOf(column);
                    changeQuery({ sort: next, page: null });
                  }}
                >
                  {headingOf(column)}
                  {column === sort && (isAscending ? <UpIcon /> : <DownIcon />)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.mentor_id}>
              <th scope="row">
                <Link to={`/mentors/${row.mentor_id}${carried}`}>{row.display_name}</Link>{' '}
                {row.status !== 'active' && <span className="tag warning">{say(`mentors.status.${row.status}`)}</span>}
                <span className="small sub branch">{names.get(row.branch_id ?? '') ?? ''}</span>
              </th>
              {(['shared', 'clicked', 'registered', 'credited'] as const).map((column) => (
                <td key={column} className={column === 'credited' ? 'r main-number' : 'r'} data-l={headingOf(column)}>
                  {sayNumber(row[column])}
                </td>
              ))}
              <td className="r" data-l={headingOf('rate')}>
                {row.clicked === 0 ? '–' : sayPercent(row.conversion_rate)}
              </td>
              <td className="r sub spare" data-l={headingOf('lastShared')}>
                {row.last_shared_at === null ? say('mentors.neverShared') : sayLately(row.last_shared_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
