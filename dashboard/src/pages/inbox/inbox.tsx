import type { ReactNode } from 'react';
import { ChevronRightIcon } from '../../icons.tsx';
import { isOf } from '../../live/live.ts';
import { LiveSign } from '../../live/live-sign.tsx';
import { NewRows } from '../../live/new-rows.tsx';
import { useSteadyRows } from '../../live/steady-rows.ts';
import { Heading } from '../../parts/page.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, Link, usePlace } from '../../router.tsx';
import { say, sayAge } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { loadMentorNames } from '../attributions/mentor-names.ts';
import { type Case, iconOf, type Kind, loadDecided, loadWaiting, sayCase, sayKnown } from './load-cases.ts';

const usual: readonly Kind[] = ['review', 'unknown_code', 'conflict', 'claim', 'stuck_delivery'];
const kinds = Object.keys(iconOf) as Kind[];

/** What needs a person, oldest first, by kind; or, in the archive, what was decided. */
export function InboxPage() {
  const { query } = usePlace();
  const isArchive = query.get('state') === 'decided';
  const loaded = useLoad(isArchive ? 'inbox decided' : 'inbox', isArchive ? loadDecided : loadWaiting);
  const names = useLoad('mentor names', loadMentorNames);
  return (
    <Shown loaded={loaded} lines={7}>
      {(cases) =>
        isArchive ? (
          <Cases cases={cases} isArchive names={names.data ?? new Map()} />
        ) : (
          <WaitingCases loaded={loaded} cases={cases} names={names.data ?? new Map()} />
        )
      }
    </Shown>
  );
}

type Names = ReadonlyMap<string, string>;

/** What waits, followed: what others decide stays until one leaves, what is new waits until it is asked for. */
function WaitingCases({ loaded, cases, names }: { loaded: Loaded<Case[]>; cases: Case[]; names: Names }) {
  const steady = useSteadyRows({
    loaded,
    shown: cases,
    load: loadWaiting,
    rowsOf: (all) => all,
    idOf: ({ to }) => to,
    isAbout: isOf('inbox', 'review'),
  });
  return (
    <Cases cases={steady.rows} names={names} waiting={steady.now} gone={steady.gone} news={<NewRows {...steady} />} />
  );
}

interface Given {
  cases: readonly Case[];
  names: Names;
  isArchive?: boolean;
  /** What waits now. (Default: what is shown) */
  waiting?: readonly Case[];
  /** What was decided while it was shown. */
  gone?: ReadonlySet<Case>;
  news?: ReactNode;
}

function Cases({ cases, names, isArchive = false, waiting = cases, gone = new Set(), news }: Given) {
  const { query } = usePlace();
  const kind = kinds.find((one) => one === query.get('kind'));
  const isNewest = query.get('sort') === 'newest';
  const fitting = cases.filter((one) => kind === undefined || one.kind === kind);
  const shown = isNewest && !isArchive ? fitting.toReversed() : fitting;
  const [oldest] = waiting;
  return (
    <div className="stack">
      <div className="stack g4">
        <Heading title={isArchive ? say('inbox.decidedTitle') : say('inbox.title', { n: waiting.length })} />
        {!isArchive && oldest !== undefined && (
          <p className="sub">{say('inbox.summary', { age: sayAge(oldest.openedAt) })}</p>
        )}
      </div>
      {cases.length > 0 && (
        <div className="row between wrap">
          <Kinds cases={cases.filter((one) => !gone.has(one))} chosen={kind} />
          {!isArchive && (
            <select
              className="input sm fit"
              aria-label={say('inbox.sort')}
              value={isNewest ? 'newest' : ''}
              onChange={(event) => changeQuery({ sort: event.target.value })}
            >
              <option value="">{say('inbox.oldest')}</option>
              <option value="newest">{say('inbox.newest')}</option>
            </select>
          )}
        </div>
      )}
      {news}
      {shown.length > 0 ? (
        <ul className="card flush rows">
          {shown.map((one) => (
            <Row key={one.to} one={one} names={names} isArchive={isArchive} isGone={gone.has(one)} />
          ))}
        </ul>
      ) : cases.length > 0 ? (
        <Empty title={say('inbox.emptyKind')} />
      ) : (
        <Empty title={say('inbox.title', { n: 0 })} isGood>
          <p className="sub">{say('inbox.empty')}</p>
        </Empty>
      )}
      {!isArchive && <LiveSign />}
      <p className="small">
        <Link to={isArchive ? '/inbox' : '/inbox?state=decided'}>
          {say(isArchive ? 'inbox.waiting' : 'inbox.decided')}
        </Link>
      </p>
    </div>
  );
}

/** Kinds with their counts; the usual ones stay where there are none. */
function Kinds({ cases, chosen }: { cases: readonly Case[]; chosen: Kind | undefined }) {
  const countOf = (kind: Kind) => cases.filter((one) => one.kind === kind).length;
  const offered = kinds.filter((kind) => usual.includes(kind) || kind === chosen || countOf(kind) > 0);
  return (
    <fieldset className="row wrap g8">
      <legend className="vh">{say('inbox.kinds')}</legend>
      {[undefined, ...offered].map((kind) => (
        <button
          key={kind ?? 'all'}
          type="button"
          className={kind === chosen ? 'chip on' : 'chip'}
          aria-pressed={kind === chosen}
          onClick={() => changeQuery({ kind: kind ?? null })}
        >
          {say(kind === undefined ? 'common.all' : `inbox.kind.${kind}`)}{' '}
          <b>{kind === undefined ? cases.length : countOf(kind)}</b>
        </button>
      ))}
    </fieldset>
  );
}

function Row({ one, names, isArchive, isGone }: { one: Case; names: Names; isArchive: boolean; isGone: boolean }) {
  const Icon = iconOf[one.kind];
  return (
    <li>
      <Link className={isGone ? 'rowlink case gone' : 'rowlink case'} to={one.to}>
        <span className={`sign ${one.kind}`}>
          <Icon />
        </span>
        <span className="grow">
          <span className="small sub">{say(`inbox.kind.${one.kind}`)}</span>
          <b>{sayCase(one, names)}</b>
          <span className="small sub">{sayKnown(one, names)}</span>
        </span>
        {isGone ? (
          <span className="tag">{say('inbox.gone')}</span>
        ) : (
          <span className="small sub age">{sayAge(one.openedAt)}</span>
        )}
        <span className="act">
          {say(isArchive || isGone ? 'inbox.do.stuck_delivery' : `inbox.do.${one.kind}`)}
          <ChevronRightIcon />
        </span>
      </Link>
    </li>
  );
}
