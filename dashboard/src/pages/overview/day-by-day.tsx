import { useId } from 'react';
import type { Range } from '../../parts/range.tsx';
import { changeQuery, usePlace } from '../../router.tsx';
import { say, sayNumber, sayShortDay } from '../../say.ts';

const width = 326;
const left = 34;
const right = 272;
const top = 30;
const bottom = 176;

const sums = (counts: readonly number[]): number[] => {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum;
  });
};

/** Two cumulative lines, this period solid, the one before dashed, labelled at their ends; or the same as a table. */
export function DayByDay({ now, before, range }: { now: readonly number[]; before: readonly number[]; range: Range }) {
  const { query } = usePlace();
  const isTable = query.get('view') === 'table';
  return (
    <section className="card" aria-labelledby="daily">
      <div className="row between">
        <h2 id="daily">{say('overview.daily')}</h2>
        <button type="button" className="linkish small" onClick={() => changeQuery({ view: isTable ? null : 'table' })}>
          {say(isTable ? 'common.asChart' : 'common.asTable')}
        </button>
      </div>
      {isTable ? <Days now={now} range={range} /> : <Lines now={sums(now)} before={sums(before)} range={range} />}
    </section>
  );
}

function Lines({ now, before, range }: { now: readonly number[]; before: readonly number[]; range: Range }) {
  const title = useId();
  const total = now.at(-1) ?? 0;
  const totalBefore = before.at(-1) ?? 0;
  const most = niceTop(Math.max(total, totalBefore, 1));
  const y = (count: number): number => bottom - (count / most) * (bottom - top);
  const pathOf = (line: readonly number[]): string =>
    line
      .map((count, at) => {
        const x = left + (at / Math.max(1, line.length - 1)) * (right - left);
        return `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y(count).toFixed(1)}`;
      })
      .join('');
  // Labels of lines that end close together are set apart.
  const nowAt = y(total);
  const beforeAt = Math.abs(nowAt - y(totalBefore)) < 34 ? nowAt + (total >= totalBefore ? 36 : -36) : y(totalBefore);
  return (
    <svg className="chart lines" viewBox={`0 0 ${width} 210`} role="img" aria-labelledby={title}>
      <title id={title}>{say('overview.dailyResult', { now: total, before: totalBefore })}</title>
      {[0, most / 2, most].map((count) => (
        <g key={count}>
          <path className="rule" d={`M${left} ${y(count)}H${right}`} />
          <text x={left - 8} y={y(count) + 4} textAnchor="end">
            {sayNumber(count)}
          </text>
        </g>
      ))}
      <path className="line before" d={pathOf(before)} />
      <path className="line" d={pathOf(now)} />
      <circle cx={right} cy={nowAt} r={4.5} />
      <text className="strong" x={right + 10} y={nowAt + 4}>
        {sayNumber(total)}
      </text>
      <text x={right + 10} y={nowAt + 18}>
        {say('overview.now')}
      </text>
      {before.length > 0 && (
        <>
          <text className="strong before" x={right + 10} y={beforeAt + 4}>
            {sayNumber(totalBefore)}
          </text>
          <text x={right + 10} y={beforeAt + 18}>
            {say('overview.before')}
          </text>
        </>
      )}
      <text x={left} y={200}>
        {sayShortDay(range.from)}
      </text>
      <text x={right} y={200} textAnchor="end">
        {sayShortDay(new Date(Date.parse(range.to) - 86_400_000).toISOString().slice(0, 10))}
      </text>
    </svg>
  );
}

/** An even number that is easy to read, not below the given one. */
function niceTop(count: number): number {
  const step = 10 ** Math.floor(Math.log10(count));
  const nice = [1, 2, 4, 6, 8, 10].map((times) => times * step).find((top) => top >= count) ?? count;
  return Math.max(2, nice);
}

function Days({ now, range }: { now: readonly number[]; range: Range }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="scrolled" tabIndex={0} aria-label={say('mentors.col.members')}>
      <table className="mini">
        <caption className="vh">{say('overview.daily')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('overview.day')}</th>
            <th scope="col" className="r">
              {say('mentors.col.members')}
            </th>
          </tr>
        </thead>
        <tbody>
          {now.map((count, at) => {
            const day = new Date(Date.parse(range.from) + at * 86_400_000).toISOString().slice(0, 10);
            return (
              <tr key={day}>
                <th scope="row">{sayShortDay(day)}</th>
                <td className="r">{sayNumber(count)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
