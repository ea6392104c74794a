import { isDay } from '../day.ts';
import { VerveError } from '../errors.ts';

/** Days `[fromDay, toDay)` of an organisation, as `YYYY-MM-DD`. */
export interface DayRange {
  fromDay: string;
  toDay: string;
}

const longestDays = 366;
const dayMs = 86_400_000;

function readDay(text: unknown): number {
  return typeof text === 'string' && isDay(text) ? Date.parse(`${text}T00:00:00Z`) / dayMs : Number.NaN;
}

const writeDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** Checks a range of days; refuses it with `invalid_range` when it is no days, empty, reversed or longer than 366 days. */
export function readDayRange(given: { fromDay: unknown; toDay: unknown }): DayRange {
  const from = readDay(given.fromDay);
  const to = readDay(given.toDay);
  if (!(to > from) || to - from > longestDays) {
    throw new VerveError(
      'invalid_range',
      'Give two days as YYYY-MM-DD, the second after the first and at most 366 days later.',
    );
  }
  return { fromDay: writeDay(from), toDay: writeDay(to) };
}

/** The period of the same length that ends where the range begins. */
export function rangeBefore(range: DayRange): DayRange {
  const from = readDay(range.fromDay);
  return { fromDay: writeDay(from - (readDay(range.toDay) - from)), toDay: range.fromDay };
}
