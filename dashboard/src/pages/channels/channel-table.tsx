import type { ChannelReportRow } from '../../../../src/client/index.ts';
import { Empty } from '../../parts/states.tsx';
import { say, sayNumber, type WordKey } from '../../say.ts';

const columns = ['shared', 'clicked', 'registered', 'credited'] as const;

/** Channels by members, then clicks: a table whose rows carry a bar on one common scale. */
export function ChannelTable({ rows, withoutClick }: { rows: readonly ChannelReportRow[]; withoutClick: number }) {
  const shown = sortChannels(rows);
  if (shown.length === 0) {
    return (
      <Empty title={say('channels.none')}>
        <p className="sub">{say('channels.none.text')}</p>
      </Empty>
    );
  }
  const most = Math.max(1, ...shown.map(({ credited }) => credited));
  return (
    <div className="card flush">
      <table className="stk channeltable">
        <caption className="vh">{say('channels.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('item.channel')}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="r">
                {say(column === 'credited' ? 'mentors.col.members' : `funnel.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.channel}>
              <th scope="row">
                {nameOf(row.channel)}
                <span className="scale" aria-hidden="true">
                  {row.credited > 0 && <span className="fill" style={{ width: `${(row.credited / most) * 100}%` }} />}
                </span>
              </th>
              {columns.map((column) => (
                <td
                  key={column}
                  className="r"
                  data-l={say(column === 'credited' ? 'mentors.col.members' : `funnel.${column}`)}
                >
                  {sayNumber(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {withoutClick > 0 && <p className="small sub tablenote">{say('channels.withoutClick', { n: withoutClick })}</p>}
    </div>
  );
}

/** What the channel is called. Unknown is a link that named none, and a code that was given without a click. */
export function nameOf(channel: string): string {
  return say(`channel.${channel}` as WordKey);
}

/** Those of which there is something, the best first. */
export function sortChannels(rows: readonly ChannelReportRow[]): ChannelReportRow[] {
  return rows
    .filter((row) => columns.some((column) => row[column] > 0))
    .toSorted((one, other) => other.credited - one.credited || other.clicked - one.clicked);
}
