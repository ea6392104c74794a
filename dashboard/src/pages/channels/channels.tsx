import { api } from '../../api.ts';
import { isOf, useLive } from '../../live/live.ts';
import { LiveSign } from '../../live/live-sign.tsx';
import { Heading } from '../../parts/page.tsx';
import { lastDayOf, type Range, RangeChoice, readRange } from '../../parts/range.tsx';
import { Shown } from '../../parts/states.tsx';
import { usePlace } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { ChannelTable, nameOf, sortChannels } from './channel-table.tsx';

async function loadChannels({ from, to }: Range) {
  const query = { from, to };
  const [channels, funnel] = await Promise.all([api.getChannelsReport({ query }), api.getFunnelReport({ query })]);
  return { rows: channels.data, withoutClick: funnel.credited_without_click };
}

/** How the link travels, and by which way members come. */
export function ChannelsPage() {
  const { query } = usePlace();
  const range = readRange(query);
  const loaded = useLoad(`channels ${range.from} ${range.to}`, () => loadChannels(range));
  useLive(isOf('share', 'registration', 'recruitment', 'review'), loaded.refresh);
  const csv = `/api/v1/reports/channels?${new URLSearchParams({ from: range.from, to: range.to, format: 'csv' })}`;
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={loaded.data === null ? say('nav.channels') : titleOf(loaded.data)} />
          <p className="sub" role="status">
            {say('overview.days', { from: sayDay(range.from), to: sayDay(lastDayOf(range)) })}
          </p>
        </div>
        <a className="btn neutral sm" href={csv} download>
          {say('common.csv')}
        </a>
      </div>
      <div className="row between wrap filters">
        <RangeChoice range={range} />
        <LiveSign />
      </div>
      <Shown loaded={loaded} lines={6}>
        {({ rows, withoutClick }) => <ChannelTable rows={rows} withoutClick={withoutClick} />}
      </Shown>
    </>
  );
}

/** Which of the channels that are known brought most. */
function titleOf({ rows }: Awaited<ReturnType<typeof loadChannels>>): string {
  const [most] = sortChannels(rows).filter(({ channel }) => channel !== 'unknown');
  if (most === undefined || most.credited === 0) return say('channels.titleNone');
  return say('channels.title', { channel: nameOf(most), n: most.credited });
}
