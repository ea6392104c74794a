/** A time as somebody wrote it. `isWholeDay`: only a date was given; `at` is then the first instant of that day. */
export interface WrittenTime {
  at: Date;
  isWholeDay: boolean;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const NORWEGIAN = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?(?:\s+kl\.?)?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?$/i;
const DAY_MS = 86_400_000;

/**
 * Reads a date or time: ISO 8601 (`2026-11-20`, `2026-11-20T11:00:00+01:00`) or Norwegian (`20.11.2026`,
 * `20.11.2026 11:00`), with a leap second (`23:59:60`) too. A time without an offset is the organisation's own
 * (`timeZone`, an IANA name). Answers null for anything else, for days that do not exist, and for years outside 1900–2199.
 */
export function readWrittenTime(text: string, timeZone: string): WrittenTime | null {
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  const match = iso ?? NORWEGIAN.exec(trimmed);
  if (match === null) return null;
  const [year, month, day] = iso ? [match[1], match[2], match[3]] : [match[3], match[2], match[1]];
  const isLeap = iso !== null && match[5] === '59' && match[6] === '60'; // a leap second is the end of its minute
  const [hour, minute, second] = [match[4] ?? '0', match[5] ?? '0', isLeap ? '59' : (match[6] ?? '0')];
  const fraction = isLeap ? '999' : (iso?.[7] ?? '').padEnd(3, '0').slice(0, 3);
  const offset = iso?.[8];
  const written = Date.UTC(+(year ?? 0), +(month ?? 0) - 1, +(day ?? 0), +hour, +minute, +second, +fraction);
  if (!isWrittenSo(written, [year, month, day, hour, minute, second].map(Number))) return null;
  const isWholeDay = match[4] === undefined;
  if (offset === undefined) return { at: zonedTime(written, timeZone), isWholeDay };
  const offsetMs = readOffset(offset);
  return offsetMs === null ? null : { at: new Date(written - offsetMs), isWholeDay };
}

/**
 * The instant to take for a written time when only its day may be known: a whole day counts as its last millisecond,
 * so that a registration made earlier the same day still comes before it; never later than `latest`.
 */
export function lastInstant(written: WrittenTime, timeZone: string, latest: Date): Date {
  if (!written.isWholeDay) return written.at;
  const end = endOfDay(written.at, timeZone);
  return end.getTime() > latest.getTime() && written.at.getTime() <= latest.getTime() ? latest : end;
}

/** The last millisecond of the zone's calendar day which holds `at`: a day has 23, 24 or 25 hours. */
export function endOfDay(at: Date, timeZone: string): Date {
  const local = at.getTime() + zoneOffset(at.getTime(), timeZone);
  const nextMidnight = (Math.floor(local / DAY_MS) + 1) * DAY_MS;
  return new Date(zonedTime(nextMidnight, timeZone).getTime() - 1);
}

function isWrittenSo(utc: number, [year, month, day, hour, minute, second]: number[]): boolean {
  const date = new Date(utc);
  return (
    date.getUTCFullYear() === year &&
    year >= 1900 &&
    year < 2200 &&
    date.getUTCMonth() + 1 === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  );
}

function readOffset(offset: string): number | null {
  if (/^z$/i.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * The instant of a wall-clock reading (given as if it were UTC). Where the clock is set back and the reading occurs
 * twice, the first; where it is set forward and the reading never occurs, as many minutes after the gap began.
 */
function zonedTime(wallMs: number, timeZone: string): Date {
  const before = zoneOffset(wallMs - DAY_MS, timeZone);
  const candidate = wallMs - before;
  if (zoneOffset(candidate, timeZone) === before) return new Date(candidate);
  const after = zoneOffset(wallMs + DAY_MS, timeZone);
  const later = wallMs - after;
  return new Date(zoneOffset(later, timeZone) === after ? later : candidate);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
/** Clocks change on the quarter of an hour, so that each quarter has one offset. */
const QUARTER_MS = 900_000;
const MOST_QUARTERS = 50_000;

/** Milliseconds by which the zone's clock is ahead of UTC at that instant. Kept: asking the platform takes 10 µs. */
function zoneOffset(utcMs: number, timeZone: string): number {
  let known = offsets.get(timeZone);
  if (known === undefined || known.size > MOST_QUARTERS) {
    known = new Map();
    offsets.set(timeZone, known);
  }
  const quarter = Math.floor(utcMs / QUARTER_MS);
  const kept = known.get(quarter);
  if (kept !== undefined) return kept;
  const offset = askOffset(quarter * QUARTER_MS, timeZone);
  known.set(quarter, offset);
  return offset;
}

function askOffset(utcMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { ...fields, second: 'numeric', hourCycle: 'h23', timeZone });
    formats.set(timeZone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(utcMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utcMs / 1000) * 1000;
}
