import { useDeferredValue, useEffect, useState } from 'react';
import type { Branch, MentorReportRow } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { CloseIcon, DownloadIcon } from '../../icons.tsx';
import { useReturn } from '../../live/use-return.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Filters } from '../../parts/filters.tsx';
import { NobodyYet } from '../../parts/nobody-yet.tsx';
import { Heading } from '../../parts/page.tsx';
import { Pages } from '../../parts/pages.tsx';
import { RangeChoice, readRange } from '../../parts/range.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, usePlace } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { type Column, columns, headingOf, MentorsTable, orderOf, sortRows } from './mentors-table.tsx';

const perPage = 50;
const activities = ['shared', 'notShared', 'never'] as const;
type Activity = (typeof activities)[number];

async function loadBranches(): Promise<Branch[]> {
  const { data } = await api.listBranches({ query: { limit: 200 } });
  return data.sort((one, other) => one.name.localeCompare(other.name, 'nb'));
}

/** Finds a mentor, or those who need a nudge. The report holds at most 2,000 rows, so that filters answer at once. */
export function MentorsPage() {
  const { query } = usePlace();
  const range = readRange(query);
  const loaded = useLoad(`mentors ${range.from} ${range.to}`, () =>
    api.getMentorsReport({ query: { from: range.from, to: range.to, sort: 'credited' } }),
  );
  useReturn(loaded.refresh);
  const branches = useLoad('branches', loadBranches);
  const csv = `/api/v1/reports/mentors?${new URLSearchParams({ from: range.from, to: range.to, format: 'csv' })}`;
  const rows = loaded.data?.data;
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={say('nav.mentors')} />
          {rows !== undefined && rows.length > 0 && (
            <p className="sub">
              {say('mentors.sharedLately', {
                n: rows.length,
                active: rows.filter(({ shared }) => shared > 0).length,
                days: range.days,
              })}
            </p>
          )}
        </div>
        {rows?.length !== 0 && (
          <a className="btn neutral sm" href={csv} download>
            <DownloadIcon />
            {say('common.csv')}
          </a>
        )}
      </div>
      <Shown loaded={loaded} lines={8}>
        {({ data }) => (data.length === 0 ? <NobodyYet /> : <Mentors rows={data} branches={branches.data ?? []} />)}
      </Shown>
    </>
  );
}

function Mentors({ rows, branches }: { rows: readonly MentorReportRow[]; branches: readonly Branch[] }) {
  const { query } = usePlace();
  const [typed, setTyped] = useState(query.get('q') ?? '');
  const search = useDeferredValue(typed);
  const branch = query.get('branch') ?? '';
  const activity = activities.find((one) => one === query.get('activity')) ?? null;
  const sort: Column = columns.find((column) => column === query.get('sort')?.replace('-', '')) ?? 'credited';
  const isUp = query.get('sort')?.startsWith('-') ?? false;
  const page = Math.max(1, Number(query.get('page')) || 1);
  useEffect(() => {
    // The address follows when typing rests: Back does not undo letter by letter.
    const timer = setTimeout(() => {
      if ((new URLSearchParams(location.search).get('q') ?? '') !== search) changeQuery({ q: search, page: null });
    }, 400);
    return () => clearTimeout(timer);
  }, [search]);

  const within = withBelow(branch, branches);
  const wanted = search.trim().toLocaleLowerCase('nb');
  const fitting = rows.filter(
    (row) =>
      (wanted === '' || row.display_name.toLocaleLowerCase('nb').includes(wanted)) &&
      (branch === '' || within.has(row.branch_id ?? '')) &&
      (activity === null || isOf[activity](row)),
  );
  const sorted = sortRows(fitting, sort, isUp);
  const shown = sorted.slice((page - 1) * perPage, page * perPage);
  const names = new Map(branches.map(({ id, name }) => [id, name]));
  const reset = (): void => {
    setTyped('');
    changeQuery({ q: null, branch: null, activity: null, page: null });
  };
  return (
    <div className="stack">
      <search className="row wrap filters">
        <TextField
          id="mentor-search"
          label={say('mentors.searchName')}
          className="input sm"
          type="search"
          value={typed}
          onChange={setTyped}
        />
        <Filters count={[branch, activity].filter(Boolean).length}>
          {branches.length > 0 && (
            <SelectField
              id="mentor-branch"
              label={say('mentors.branch')}
              className="input sm"
              options={['', ...names.keys()]}
              sayOption={(id) => names.get(id) ?? say('mentors.allBranches')}
              value={branch}
              onChange={(id) => changeQuery({ branch: id, page: null })}
            />
          )}
          <SelectField
            id="mentor-activity"
            label={say('mentors.activity')}
            className="input sm"
            options={['', ...activities]}
            sayOption={(one) => say(one === '' ? 'common.all' : `mentors.activity.${one}`)}
            value={activity ?? ''}
            onChange={(one) => changeQuery({ activity: one, page: null })}
          />
          <SelectField
            id="mentor-sort"
            label={say('mentors.sortBy')}
            className="input sm"
            options={columns}
            sayOption={headingOf}
            value={sort}
            onChange={(column) => changeQuery({ sort: orderOf(column), page: null })}
          />
        </Filters>
        <RangeChoice range={readRange(query)} />
      </search>
      <div className="row g8 wrap">
        <p className="small sub" role="status">
          {say('mentors.showing', { n: fitting.length, total: rows.length })}
        </p>
        {(wanted !== '' || branch !== '' || activity !== null) && (
          <button type="button" className="chip" onClick={reset}>
            {say('mentors.reset')} <CloseIcon />
          </button>
        )}
      </div>
      {fitting.length === 0 ? (
        <Empty title={say('mentors.noneFit')}>
          <button type="button" className="btn sec sm" onClick={reset}>
            {say('mentors.reset')}
          </button>
        </Empty>
      ) : (
        <MentorsTable rows={shown} names={names} sort={sort} isUp={isUp} />
      )}
      {fitting.length > perPage && <Pages count={Math.ceil(fitting.length / perPage)} page={page} />}
    </div>
  );
}

const isOf: Readonly<Record<Activity, (row: MentorReportRow) => boolean>> = {
  shared: ({ shared }) => shared > 0,
  notShared: ({ shared }) => shared === 0,
  never: ({ last_shared_at: lastSharedAt }) => lastSharedAt === null,
};

/** A branch and everything below it. */
function withBelow(branchId: string, branches: readonly Branch[]): ReadonlySet<string> {
  const found = new Set([branchId]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { id, parent_id: parentId } of branches) if (found.has(parentId ?? '')) found.add(id);
  }
  return found;
}
