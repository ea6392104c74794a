import { api } from '../../api.ts';
import { isOf, useLive } from '../../live/live.ts';
import { type Range, readRange } from '../../parts/range.tsx';
import { ReportHead } from '../../parts/report-head.tsx';
import { Shown } from '../../parts/states.tsx';
import { usePlace } from '../../router.tsx';
import { say } from '../../say.ts';
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
  return (
    <>
      <ReportHead
        title={loaded.data === null ? say('nav.channels') : titleOf(loaded.data)}
        report="channels"
        range={range}
      />
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
  return say('channels.title', { channel: nameOf(most.channel), n: most.credited });
}
