import type { ChannelReportRow, MentorReportRow } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { DownloadIcon } from '../../icons.tsx';
import { isOf, useLive } from '../../live/live.ts';
import { LiveSign } from '../../live/live-sign.tsx';
import { NobodyYet } from '../../parts/nobody-yet.tsx';
import { Heading } from '../../parts/page.tsx';
import { keepRange, lastDayOf, type Range, RangeChoice, readRange } from '../../parts/range.tsx';
import { Failure, Shown } from '../../parts/states.tsx';
import { Link, usePlace } from '../../router.tsx';
import { say, sayDay, sayNumber } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { nameOf, sortChannels } from '../channels/channel-table.tsx';
import { DayByDay } from './day-by-day.tsx';
import { Funnel } from './funnel.tsx';
import { comparisonOf, sentenceOf } from './sentences.ts';

async function loadOverview({ from, to, beforeFrom }: Range) {
  const [funnel, timeline, mentors, channels] = await Promise.all([
    api.getFunnelReport({ query: { from, to } }),
    api.getTimelineReport({ query: { from: beforeFrom, to } }).catch(() => null),
    api.getMentorsReport({ query: { from, to, sort: 'credited' } }),
    api.getChannelsReport({ query: { from, to } }),
  ]);
  const days = timeline?.data ?? [];
  return {
    funnel,
    now: days.filter(({ day }) => day >= from).map(({ credited }) => credited),
    before: days.filter(({ day }) => day < from).map(({ credited }) => credited),
    hasMentors: mentors.data.length > 0,
    top: mentors.data.filter(({ credited }) => credited > 0).slice(0, 3),
    channels: channels.data,
  };
}

/** Whether it goes well, and where it stops: a sentence first, then the figures. */
export function OverviewPage() {
  const { query } = usePlace();
  const range = readRange(query);
  const loaded = useLoad(`overview ${range.from} ${range.to}`, () => loadOverview(range));
  useLive(isOf('share', 'registration', 'recruitment', 'review'), loaded.refresh);
  const { data } = loaded;
  const csv = `/api/v1/reports/funnel?${new URLSearchParams({ from: range.from, to: range.to, format: 'csv' })}`;
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={data === null ? say('nav.overview') : sentenceOf(data.funnel, range)} />
          <p className="sub" role="status">
            {data !== null && comparisonOf(data.funnel, range)}{' '}
            {say('overview.days', { from: sayDay(range.from), to: sayDay(lastDayOf(range)) })}
          </p>
        </div>
        <a className="btn neutral sm" href={csv} download>
          <DownloadIcon />
          {say('common.csv')}
        </a>
      </div>
      <div className="row wrap filters">
        <RangeChoice range={range} />
        <LiveSign />
      </div>
      {loaded.error !== null && data !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
      <Shown loaded={loaded} lines={6}>
        {({ funnel, now, before, top, channels, hasMentors }) => (
          <div className="stack g24">
            {!hasMentors && <NobodyYet />}
            <div className="cols two">
              <Funnel report={funnel} days={range.days} />
              <div className="stack g24">
                <DayByDay now={now} before={before} range={range} />
                <TopMentors rows={top} />
              </div>
            </div>
            <Channels rows={channels} />
          </div>
        )}
      </Shown>
    </>
  );
}

function TopMentors({ rows }: { rows: readonly MentorReportRow[] }) {
  return (
    <section className="card" aria-labelledby="top">
      <div className="row between">
        <h2 id="top">{say('overview.top')}</h2>
        <Link className="small" to={`/mentors${location.search}`}>
          {say('overview.allMentors')}
        </Link>
      </div>
      {rows.length === 0 ? (
        <p className="sub">{say('overview.nobodyYet')}</p>
      ) : (
        <table className="mini">
          <caption className="vh">{say('overview.top')}</caption>
          <thead className="vh">
            <tr>
              <th scope="col">{boot.terms.MentorTerm}</th>
              <th scope="col">{say('mentors.col.members')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.mentor_id}>
                <th scope="row">
                  <Link to={`/mentors/${row.mentor_id}`}>{row.display_name}</Link>
                </th>
                <td className="r">{sayNumber(row.credited)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** What brought members; together they are all of them, those without a known channel among them. */
function Channels({ rows }: { rows: readonly ChannelReportRow[] }) {
  const shown = sortChannels(rows).filter(({ credited }) => credited > 0);
  const most = shown[0]?.credited ?? 1;
  if (shown.length === 0) return null;
  return (
    <section className="card" aria-labelledby="channels">
      <div className="row between">
        <h2 id="channels">{say('overview.channels')}</h2>
        <Link className="small" to={`/channels${keepRange(new URLSearchParams(location.search))}`}>
          {say('overview.allChannels')}
        </Link>
      </div>
      <dl className="chan">
        {shown.map(({ channel, credited }) => (
          <div key={channel}>
            <dt className="small sub">{nameOf(channel)}</dt>
            <dd>
              <b>{sayNumber(credited)}</b>
              <span aria-hidden="true">
                <i style={{ width: `${(credited / most) * 100}%` }} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
