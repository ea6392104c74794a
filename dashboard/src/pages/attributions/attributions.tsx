import type { Attribution } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { ChevronRightIcon } from '../../icons.tsx';
import { Heading } from '../../parts/page.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, Link, usePlace } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
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

/** Every recruitment in scope, newest first; each leads to its explanation. */
export function AttributionsPage() {
  const { query } = usePlace();
  const status = statuses.find((one) => one === query.get('status'));
  const mentorId = query.get('mentor') ?? '';
  const page = Math.max(1, Number(query.get('page')) || 1);
  const loaded = useLoad(`attributions ${status} ${mentorId} ${page}`, () => loadPage({ status, mentorId, page }));
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
        <div className="field">
          <label htmlFor="attribution-status">{say('attr.statusLabel')}</label>
          <select
            id="attribution-status"
            className="input sm"
            value={status ?? ''}
            onChange={(event) => changeQuery({ status: event.target.value, page: null })}
          >
            <option value="">{say('common.all')}</option>
            {statuses.map((one) => (
              <option key={one} value={one}>
                {say(`attr.status.${one}`)}
              </option>
            ))}
          </select>
        </div>
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
        {({ rows, total }) =>
          rows.length === 0 ? (
            <Empty title={say(isNarrowed ? 'attr.noneFit' : 'attr.none')} />
          ) : (
            <div className="stack">
              <ul className="card flush rows">
                {rows.map((row) => (
                  <Row key={row.id} row={row} mentor={names.data?.get(row.mentor_id ?? '')} />
                ))}
              </ul>
              {total > perPage && <Pages count={Math.ceil(Math.min(total, 10_000) / perPage)} page={page} />}
            </div>
          )
        }
      </Shown>
    </>
  );
}

function Row({ row, mentor }: { row: Attribution; mentor: string | undefined }) {
  return (
    <li>
      <Link className="rowlink" to={`/attributions/${row.id}`}>
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
