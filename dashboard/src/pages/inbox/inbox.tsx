import { ChevronRightIcon } from '../../icons.tsx';
import { Heading } from '../../parts/page.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { changeQuery, Link, usePlace } from '../../router.tsx';
import { say, sayAge } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
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
      {(cases) => <Cases cases={cases} isArchive={isArchive} names={names.data ?? new Map()} />}
    </Shown>
  );
}

interface Given {
  cases: readonly Case[];
  isArchive: boolean;
  names: ReadonlyMap<string, string>;
}

function Cases({ cases, isArchive, names }: Given) {
  const { query } = usePlace();
  const kind = kinds.find((one) => one === query.get('kind'));
  const isNewest = query.get('sort') === 'newest';
  const fitting = cases.filter((one) => kind === undefined || one.kind === kind);
  const shown = isNewest && !isArchive ? fitting.toReversed() : fitting;
  const [oldest] = cases;
  return (
    <div className="stack">
      <div className="stack g4">
        <Heading title={isArchive ? say('inbox.decidedTitle') : say('inbox.title', { n: cases.length })} />
        {!isArchive && oldest !== undefined && (
          <p className="sub">{say('inbox.summary', { age: sayAge(oldest.openedAt) })}</p>
        )}
      </div>
      {cases.length > 0 && (
        <div className="row between wrap">
          <Kinds cases={cases} chosen={kind} />
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
      {shown.length > 0 ? (
        <ul className="card flush rows">
          {shown.map((one) => (
            <Row key={one.to} one={one} names={names} isArchive={isArchive} />
          ))}
        </ul>
      ) : cases.length > 0 ? (
        <Empty title={say('inbox.emptyKind')} />
      ) : (
        <Empty title={say('inbox.title', { n: 0 })} isGood>
          <p className="sub">{say('inbox.empty')}</p>
        </Empty>
      )}
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

function Row({ one, names, isArchive }: { one: Case; names: ReadonlyMap<string, string>; isArchive: boolean }) {
  const Icon = iconOf[one.kind];
  return (
    <li>
      <Link className="rowlink case" to={one.to}>
        <span className={`sign ${one.kind}`}>
          <Icon />
        </span>
        <span className="grow">
          <span className="small sub">{say(`inbox.kind.${one.kind}`)}</span>
          <b>{sayCase(one, names)}</b>
          <span className="small sub">{sayKnown(one, names)}</span>
        </span>
        <span className="small sub age">{sayAge(one.openedAt)}</span>
        <span className="act">
          {say(isArchive ? 'inbox.do.stuck_delivery' : `inbox.do.${one.kind}`)}
          <ChevronRightIcon />
        </span>
      </Link>
    </li>
  );
}
