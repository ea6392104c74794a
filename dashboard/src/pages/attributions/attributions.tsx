import type { ReactNode } from 'react';
import type { Attribution } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { ChevronRightIcon } from '../../icons.tsx';
import { isOf } from '../../live/live.ts';
import { NewRows } from '../../live/new-rows.tsx';
import { useSteadyRows } from '../../live/steady-rows.ts';
import { SelectField } from '../../parts/field.tsx';
import { Heading } from '../../parts/page.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, Link, usePlace } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { loadMentorNames } from './mentor-names.ts';
import { StatusTag } from './status-tag.tsx';

const perPage = 50;
const statuses = ['pending', 'confirmed', 'reversed', 'rejected', 'expired'] as const;

async function loadPage(query: { status: (typeof statuses)[number] | undefined; mentorId: string; page: number }) {
  const { data, pagination } = await api.listReferralAttributions({
    query: {
      page: query.page,
      limit: perPage,
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(query.mentorId === '' ? {} : { mentor_id: query.mentorId }),
    },
  });
  return { rows: data.filter((row) => row.type === 'conversion'), total: pagination?.total ?? data.length };
}

type Page = Awaited<ReturnType<typeof loadPage>>;

/** Every recruitment in scope, newest first; each leads to its explanation. */
export function AttributionsPage() {
  const { query } = usePlace();
  const status = statuses.find((one) => one === query.get('status'));
  const mentorId = query.get('mentor') ?? '';
  const page = Math.max(1, Number(query.get('page')) || 1);
  const load = (): Promise<Page> => loadPage({ status, mentorId, page });
  const loaded = useLoad(`attributions ${status} ${mentorId} ${page}`, load);
  const names = useLoad('mentor names', loadMentorNames);
  const mentor = names.data?.get(mentorId);
  const isNarrowed = status !== undefined || mentorId !== '';
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={mentor === undefined ? say('nav.attributions') : say('attr.listOf', { mentor })} />
          {loaded.data !== null && (
            <p className="sub" role="status">
              {say('attr.listCount', { n: loaded.data.total })}
            </p>
          )}
        </div>
      </div>
      <search className="row wrap filters">
        <SelectField
          id="attribution-status"
          label={say('attr.statusLabel')}
          className="input sm"
          options={['', ...statuses]}
          sayOption={(one) => say(one === '' ? 'common.all' : `attr.status.${one}`)}
          value={status ?? ''}
          onChange={(one) => changeQuery({ status: one, page: null })}
        />
        {isNarrowed && (
          <button
            type="button"
            className="btn neutral sm"
            onClick={() => changeQuery({ status: null, mentor: null, page: null })}
          >
            {say('mentors.reset')}
          </button>
        )}
      </search>
      <Shown loaded={loaded} lines={8}>
        {(shown) => (
          <Rows loaded={loaded} shown={shown} load={load} names={names.data ?? new Map()}>
            {shown.rows.length === 0 && (
              <Empty title={say(isNarrowed ? 'attr.noneFit' : 'attr.none')}>
                {!isNarrowed && <p className="sub">{say('attr.none.text')}</p>}
              </Empty>
            )}
            {shown.total > perPage && <Pages count={Math.ceil(Math.min(shown.total, 10_000) / perPage)} page={page} />}
          </Rows>
        )}
      </Shown>
    </>
  );
}

/** A page of the list, followed: each row as it is now, in the order in which it was shown. */
function Rows(given: {
  loaded: Loaded<Page>;
  shown: Page;
  load: () => Promise<Page>;
  names: ReadonlyMap<string, string>;
  children: ReactNode;
}) {
  const { loaded, shown, load, names, children } = given;
  const steady = useSteadyRows({
    loaded,
    shown,
    load,
    rowsOf: ({ rows }) => rows,
    idOf: ({ id }) => id,
    isAbout: isOf('registration', 'recruitment', 'review'),
  });
  return (
    <div className="stack">
      <NewRows {...steady} />
      {steady.rows.length > 0 && (
        <ul className="card flush rows">
          {steady.rows.map((row) => (
            <Row key={row.id} row={row} mentor={names.get(row.mentor_id ?? '')} />
          ))}
        </ul>
      )}
      {children}
    </div>
  );
}

function Row({ row, mentor }: { row: Attribution; mentor: string | undefined }) {
  return (
    <li>
      <Link className="rowlink recruitment" to={`/attributions/${row.id}`}>
        <span className="grow">
          <b>{mentor ?? row.code}</b>
          <span className="small sub">{say('attr.registeredOn', { day: sayDay(row.registered_on) })}</span>
        </span>
        <StatusTag attribution={row} />
        <ChevronRightIcon />
      </Link>
    </li>
  );
}
