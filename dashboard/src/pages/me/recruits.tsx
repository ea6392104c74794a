import { lazy, Suspense, useState } from 'react';
import type { Attribution } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { CheckIcon, HourglassIcon, PersonPlusIcon } from '../../icons.tsx';
import { Heading } from '../../parts/page.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, usePlace } from '../../router.tsx';
import { say, sayDay, type WordKey } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { loadProgress } from './figures.ts';

const ClaimDialog = lazy(() => import('./claim-dialog.tsx'));

const states = ['waiting', 'member', 'notCounted'] as const;
type State = (typeof states)[number];

async function loadRecruits(): Promise<Attribution[]> {
  const all: Attribution[] = [];
  const path = { mentorId: boot.person.mentorId ?? '' };
  let cursor: string | null | undefined;
  do {
    const query = { limit: 200, ...(cursor ? { cursor } : {}) };
    const page = await api.listReferralAttributionsOfMentor({ path, query });
    all.push(...page.data.filter((row) => row.type === 'conversion'));
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

function stateOf(recruit: Attribution): State {
  if (recruit.is_credited) return 'member';
  if (recruit.status === 'confirmed' && recruit.review_state !== 'rejected') return 'waiting';
  return recruit.status === 'pending' ? 'waiting' : 'notCounted';
}

/** How it goes, without knowing who: days and statuses, each with its reason and what it waits for. */
export default function RecruitsPage() {
  const recruits = useLoad('own recruits', loadRecruits);
  const progress = useLoad('own progress', loadProgress);
  const [isClaiming, setClaiming] = useState(false);
  const figures = progress.data;
  return (
    <>
      <div className="stack g4">
        <Heading title={say('recruits.title')} />
        {figures !== null && <p className="lead">{say('me.figures', { ...figures, next: '' })}</p>}
        {boot.organisation.mentorFigures === 'daily' && <p className="small sub">{say('common.updatedDaily')}</p>}
      </div>
      <Shown loaded={recruits}>{(rows) => <Recruits rows={rows} />}</Shown>
      <button type="button" className="btn sec block" onClick={() => setClaiming(true)}>
        <PersonPlusIcon />
        {say('recruits.missing')}
      </button>
      <p className="small sub centre">{say('recruits.privacy')}</p>
      {isClaiming && (
        <Suspense fallback={null}>
          <ClaimDialog onClose={() => setClaiming(false)} />
        </Suspense>
      )}
    </>
  );
}

function Recruits({ rows }: { rows: readonly Attribution[] }) {
  const { query } = usePlace();
  const chosen = states.find((state) => state === query.get('status')) ?? null;
  if (rows.length === 0) return <Empty title={say('recruits.empty')} />;
  const shown = chosen === null ? rows : rows.filter((row) => stateOf(row) === chosen);
  const counts = states.map((state) => ({ state, count: rows.filter((row) => stateOf(row) === state).length }));
  return (
    <div className="stack">
      {/* biome-ignore lint/a11y/useSemanticElements: a group of filters, not of fields */}
      <div className="row g8 wrap" role="group" aria-label={say('common.filters')}>
        <Filter label={say('common.all')} count={rows.length} isChosen={chosen === null} value={null} />
        {counts
          .filter(({ count, state }) => count > 0 || state === chosen)
          .map(({ state, count }) => (
            <Filter
              key={state}
              label={say(`recruits.filter.${state}`)}
              count={count}
              isChosen={chosen === state}
              value={state}
            />
          ))}
      </div>
      <ul className="stack">
        {shown.map((row) => (
          <Recruit key={row.id} row={row} />
        ))}
      </ul>
    </div>
  );
}

function Filter(given: { label: string; count: number; isChosen: boolean; value: State | null }) {
  return (
    <button
      type="button"
      className={given.isChosen ? 'chip on' : 'chip'}
      aria-pressed={given.isChosen}
      onClick={() => changeQuery({ status: given.value })}
    >
      {given.label} <b>{given.count}</b>
    </button>
  );
}

const tags = { waiting: 'tag info', member: 'tag success', notCounted: 'tag' } as const;

function Recruit({ row }: { row: Attribution }) {
  const state = stateOf(row);
  return (
    <li className="card stack g12">
      <div className="row between">
        <h2>{sayDay(row.registered_on)}</h2>
        <span className={tags[state]}>
          {state === 'waiting' && <HourglassIcon />}
          {state === 'member' && <CheckIcon />}
          {say(`recruits.filter.${state}`)}
        </span>
      </div>
      {state !== 'notCounted' && <Steps row={row} />}
      <p className="sub">{explain(row, state)}</p>
    </li>
  );
}

const steps = ['registered', 'confirmed', 'member'] as const;

function Steps({ row }: { row: Attribution }) {
  const done = { registered: true, confirmed: row.confirmed_on !== null, member: row.is_credited };
  const latest = steps.findLast((step) => done[step]);
  return (
    <ol className="steps">
      {steps.map((step) => (
        <li key={step} className={step === latest ? 'done latest' : done[step] ? 'done' : undefined}>
          {say(`recruits.step.${step}`)}
          <span className="vh"> {say(done[step] ? 'recruits.step.done' : 'recruits.step.remaining')}</span>
        </li>
      ))}
    </ol>
  );
}

const reasons: Readonly<Record<string, WordKey>> = {
  not_a_new_member: 'recruits.reason.notNew',
  duplicate: 'recruits.reason.duplicate',
  not_eligible: 'recruits.reason.notEligible',
};

function explain(row: Attribution, state: State): string {
  if (state === 'member') return say('recruits.member.text', { day: sayDay(row.credited_on ?? row.registered_on) });
  if (state === 'waiting') {
    return row.review_state === 'waiting' ? say('recruits.review.text') : say('recruits.waiting.short');
  }
  if (row.status === 'reversed') return say('recruits.reason.reversed');
  if (row.status === 'expired') return say('recruits.reason.expired');
  return say(reasons[row.rejection_reason ?? ''] ?? 'recruits.reason.other');
}
