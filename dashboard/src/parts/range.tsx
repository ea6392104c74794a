import { type FormEvent, useState } from 'react';
import { changeQuery } from '../router.tsx';
import { dayFromToday, say } from '../say.ts';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';

/** Days `[from, to)` of the organisation, and the period of the same length before. */
export interface Range {
  from: string;
  to: string;
  beforeFrom: string;
  days: number;
  /** null = chosen by dates. */
  preset: number | null;
}

const presets = [7, 30, 90] as const;
const dayMs = 86_400_000;
const shift = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

/** The range that a query names: `range=7|30|90`, or `from` and `to`, both days included. (Default: 30 days) */
export function readRange(query: URLSearchParams): Range {
  const [from, last] = [query.get('from') ?? '', query.get('to') ?? ''];
  const form = /^\d{4}-\d{2}-\d{2}$/;
  if (form.test(from) && form.test(last) && from <= last) {
    const to = shift(last, 1);
    const days = Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
    if (days <= 366) return { from, to, beforeFrom: shift(from, -days), days, preset: null };
  }
  const days = presets.find((preset) => String(preset) === query.get('range')) ?? 30;
  const to = dayFromToday(1);
  return { from: shift(to, -days), to, beforeFrom: shift(to, -2 * days), days, preset: days };
}

/** The last day of a range, which its `to` no longer is. */
export function lastDayOf({ to }: Range): string {
  return shift(to, -1);
}

/** The part of a query that names the range, for links that carry it over: `?range=90`, or nothing. */
export function keepRange(query: URLSearchParams): string {
  const kept = new URLSearchParams([...query].filter(([name]) => ['range', 'from', 'to'].includes(name)));
  return kept.size === 0 ? '' : `?${kept}`;
}

/** 7, 30 or 90 days, or dates of one's own. The choice stands in the address. */
export function RangeChoice({ range }: { range: Range }) {
  const [isChoosing, setChoosing] = useState(false);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of choices, not of fields
    <div className="seg" role="group" aria-label={say('overview.range')}>
      {presets.map((days) => (
        <button
          key={days}
          type="button"
          aria-pressed={range.preset === days}
          onClick={() => changeQuery({ range: days === 30 ? null : String(days), from: null, to: null, page: null })}
        >
          {say('overview.rangeDays', { n: days })}
        </button>
      ))}
      <button type="button" aria-pressed={range.preset === null} onClick={() => setChoosing(true)}>
        {say('overview.custom')}
      </button>
      {isChoosing && <DatesDialog range={range} onClose={() => setChoosing(false)} />}
    </div>
  );
}

function DatesDialog({ range, onClose }: { range: Range; onClose: () => void }) {
  const [from, setFrom] = useState(range.from);
  const [last, setLast] = useState(shift(range.to, -1));
  const [isWrong, setWrong] = useState(false);
  function choose(event: FormEvent): void {
    event.preventDefault();
    const days = (Date.parse(last) - Date.parse(from)) / dayMs + 1;
    if (!(days >= 1 && days <= 366)) {
      setWrong(true);
      return;
    }
    changeQuery({ range: null, from, to: last, page: null });
    onClose();
  }
  return (
    <Dialog title={say('overview.custom')} onClose={onClose}>
      <form className="stack" onSubmit={choose}>
        {isWrong && (
          <p className="alert danger" role="alert">
            {say('overview.rangeError')}
          </p>
        )}
        <TextField id="range-from" label={say('overview.from')} type="date" required value={from} onChange={setFrom} />
        <TextField id="range-to" label={say('overview.to')} type="date" required value={last} onChange={setLast} />
        <button type="submit" className="btn block">
          {say('overview.show')}
        </button>
      </form>
    </Dialog>
  );
}
