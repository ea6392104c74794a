import { ChevronRightIcon, StarIcon } from '../../icons.tsx';
import { useLive } from '../../live/live.ts';
import { LiveSign } from '../../live/live-sign.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Heading } from '../../parts/page.tsx';
import { keepRange, type Range, RangeChoice, readRange } from '../../parts/range.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link, usePlace } from '../../router.tsx';
import { say, sayDay, sayMoment, sayNumber, sayPercent } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { StatusTag } from '../attributions/status-tag.tsx';
import { Funnel } from '../overview/funnel.tsx';
import { comparisonOf, sentenceOf } from '../overview/sentences.ts';
import { CodeCard } from './code-card.tsx';
import { loadFigures, loadMentor, type OneMentor } from './load-mentor.ts';
import { StatusCard } from './status-card.tsx';

/** One mentor, for who is in charge: how it goes, the code and what can be done about it, recruitments, badges, status. */
export function MentorPage({ id }: { id: string }) {
  const loaded = useLoad(`mentor ${id}`, async () => ({ one: await loadMentor(id) }));
  useLive((event) => event.mentor_id === id, loaded.refresh);
  return (
    <Shown loaded={loaded} lines={8}>
      {({ one }) => (one === null ? <NoAccess /> : <One one={one} reload={loaded.reload} />)}
    </Shown>
  );
}

function One({ one, reload }: { one: OneMentor; reload: () => void }) {
  const { mentor, branch, totals } = one;
  const { query } = usePlace();
  const range = readRange(query);
  const figures = useLoad(`mentor ${mentor.id} ${range.from} ${range.to}`, () => loadFigures(mentor.id, range));
  useLive((event) => event.mentor_id === mentor.id, figures.refresh);
  return (
    <>
      <nav className="crumbs" aria-label={say('common.breadcrumbs')}>
        <Link to={`/mentors${keepRange(query)}`}>{say('nav.mentors')}</Link>
        {branch !== null && (
          <>
            <span aria-hidden="true">/</span>
            <Link to={`/branches/${mentor.branch_id}${keepRange(query)}`}>{branch}</Link>
          </>
        )}
      </nav>
      <div className="pagehead">
        <div className="stack g8">
          <Heading title={say('mentor.title', { mentor: mentor.display_name, n: totals.confirmed_count })} />
          {(mentor.status !== 'active' || mentor.is_on_leaderboard) && (
            <p className="row g8 wrap">
              {mentor.status !== 'active' && (
                <span className="tag warning">{say(`mentors.status.${mentor.status}`)}</span>
              )}
              {mentor.is_on_leaderboard && <span className="tag outline">{say('mentor.onLeaderboard')}</span>}
            </p>
          )}
          <p className="sub" role="status">
            {figures.data !== null && `${sentenceOf(figures.data, range)}. ${comparisonOf(figures.data, range)}`}
          </p>
        </div>
      </div>
      <div className="row between wrap filters">
        <RangeChoice range={range} />
        <LiveSign />
      </div>
      <div className="cols two">
        <div className="stack g24">
          <RangeFigures figures={figures} range={range} />
          <Recruitments one={one} />
          <Shares one={one} />
        </div>
        <div className="stack g24">
          <CodeCard one={one} reload={reload} />
          <Totals one={one} />
          <Badges one={one} />
          <StatusCard mentor={mentor} reload={reload} />
        </div>
      </div>
    </>
  );
}

function RangeFigures({ figures, range }: { figures: Loaded<Awaited<ReturnType<typeof loadFigures>>>; range: Range }) {
  return (
    <Shown loaded={figures} lines={5}>
      {(report) => <Funnel report={report} days={range.days} />}
    </Shown>
  );
}

/** The latest recruitments; each leads to why it counts. */
function Recruitments({ one: { mentor, recruitments, recruitmentCount } }: { one: OneMentor }) {
  return (
    <section className="card flush" aria-labelledby="recruitments">
      <div className="row between wrap cardhead">
        <h2 id="recruitments">{say('nav.attributions')}</h2>
        {recruitmentCount > recruitments.length && (
          <Link className="small" to={`/attributions?mentor=${mentor.id}`}>
            {say('mentor.allRecruitments', { n: recruitmentCount })}
          </Link>
        )}
      </div>
      {recruitments.length === 0 ? (
        <p className="sub cardtext">{say('attr.none')}</p>
      ) : (
        <ul className="rows">
          {recruitments.map((row) => (
            <li key={row.id}>
              <Link className="rowlink" to={`/attributions/${row.id}`}>
                <span className="grow">{say('attr.registeredOn', { day: sayDay(row.registered_on) })}</span>
                <StatusTag attribution={row} />
                <ChevronRightIcon />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** When and how the link was passed on; to whom, nobody knows. */
function Shares({ one: { shares } }: { one: OneMentor }) {
  return (
    <section className="card stack g8" aria-labelledby="shares">
      <h2 id="shares">{say('mentor.lastShared')}</h2>
      {shares.length === 0 ? (
        <p className="sub">{say('mentors.activity.never')}</p>
      ) : (
        <ul className="lined">
          {shares.map(({ id, channel, shared_at: at }) => (
            <li key={id} className="row between">
              <span>{say(`channel.${channel}`)}</span>
              <span className="small sub">{sayMoment(at)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Totals({ one: { totals } }: { one: OneMentor }) {
  const rate = totals.total_clicks === 0 ? '–' : sayPercent(totals.conversion_rate);
  const facts = [
    [say('funnel.shared'), sayNumber(totals.total_shares)],
    [say('funnel.clicked'), sayNumber(totals.total_clicks)],
    [say('mentor.pending'), sayNumber(totals.pending_count)],
    [say('mentors.col.members'), sayNumber(totals.confirmed_count)],
    [say('mentors.col.rate'), rate],
  ] as const;
  return (
    <section className="card stack g12" aria-labelledby="totals">
      <h2 id="totals">{say('mentor.totals')}</h2>
      <dl className="pairs">
        {facts.map(([name, value]) => (
          <div key={name} className="row between">
            <dt className="sub">{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Badges that were earned, and the next one. */
function Badges({ one: { badges, totals } }: { one: OneMentor }) {
  const earned = badges.filter(({ day }) => day !== null);
  const next = badges.find(({ day, count }) => day === null && count > totals.confirmed_count);
  return (
    <section className="card stack g12" aria-labelledby="badges">
      <h2 id="badges">{say('nav.badges')}</h2>
      {earned.length > 0 && (
        <ul className="stack g8">
          {earned.map(({ id, name, day }) => (
            <li key={id} className="row">
              <StarIcon />
              <span className="grow">{name}</span>
              <span className="small sub">{sayDay(day ?? '')}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="small sub">
        {next === undefined
          ? say(badges.length === 0 ? 'badges.none' : 'mentor.allBadges')
          : say('me.toNextBadge', { n: next.count - totals.confirmed_count, badge: next.name })}
      </p>
    </section>
  );
}
