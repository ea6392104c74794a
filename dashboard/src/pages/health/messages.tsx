import { useId } from 'react';
import { changeQuery, usePlace } from '../../router.tsx';
import { say, sayNumber, sayShortDay } from '../../say.ts';
import type { Health } from './load-health.ts';

type Days = Health['integration']['messages_by_day'];

const width = 460;
const left = 40;
const top = 12;
const bottom = 116;

/** Bars from zero, one a day; or the same as a table. */
export function Messages({ days }: { days: Days }) {
  const { query } = usePlace();
  const isTable = query.get('view') === 'table';
  return (
    <section className="card" aria-labelledby="messages">
      <div className="row between wrap">
        <h2 id="messages">{say('health.messages')}</h2>
        <button type="button" className="linkish small" onClick={() => changeQuery({ view: isTable ? null : 'table' })}>
          {say(isTable ? 'common.asChart' : 'common.asTable')}
        </button>
      </div>
      {isTable ? <Table days={days} /> : <Bars days={days} />}
    </section>
  );
}

function Bars({ days }: { days: Days }) {
  const title = useId();
  const counts = days.map(({ received }) => received);
  const most = Math.max(0, ...counts);
  const upTo = roundUp(most);
  const y = (count: number): number => bottom - (count / upTo) * (bottom - top);
  const step = (width - left) / Math.max(1, days.length);
  return (
    <svg className="chart bars" viewBox={`0 0 ${width} 144`} role="img" aria-labelledby={title}>
      <title id={title}>
        {say('health.messagesResult', { n: counts.reduce((sum, count) => sum + count, 0), most })}
      </title>
      {[0, upTo / 2, upTo].map((count) => (
        <g key={count}>
          <path className="rule" d={`M${left - 6} ${y(count)}H${width}`} />
          <text x={left - 12} y={y(count) + 4} textAnchor="end">
            {sayNumber(count)}
          </text>
        </g>
      ))}
      {days.map(({ day, received }, at) => (
        <rect
          key={day}
          className={at === days.length - 1 ? 'today' : undefined}
          x={left + at * step + step * 0.15}
          width={step * 0.7}
          y={y(received)}
          height={bottom - y(received)}
          rx={3}
        />
      ))}
      <text x={left} y={138}>
        {days[0] === undefined ? '' : sayShortDay(days[0].day)}
      </text>
      <text x={width} y={138} textAnchor="end">
        {say('common.today')}
      </text>
    </svg>
  );
}

/** An even number that is easy to read, not below the given one. */
function roundUp(count: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, count)));
  return Math.max(2, [1, 2, 4, 6, 8, 10].map((times) => times * step).find((one) => one >= count) ?? count);
}

function Table({ days }: { days: Days }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="scrolled" tabIndex={0} aria-label={say('funnel.count')}>
      <table className="mini">
        <caption className="vh">{say('health.messages')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('overview.day')}</th>
            <th scope="col" className="r">
              {say('funnel.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ day, received }) => (
            <tr key={day}>
              <th scope="row">{sayShortDay(day)}</th>
              <td className="r">{sayNumber(received)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
