import { describe, expect, test } from 'vitest';
import { endOfDay, lastInstant, readWrittenTime } from '../src/connectors/time/local-time.ts';

const read = (text: string, zone = 'Europe/Oslo') => readWrittenTime(text, zone)?.at.toISOString() ?? null;

describe('written times', () => {
  test.each([
    ['2026-11-20T11:00:00+01:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.1234567Z', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20T10:00:00.5+0100', '2026-11-20T09:00:00.500Z'],
    ['2026-11-20 10:00', '2026-11-20T09:00:00.000Z'],
    ['2026-11-20', '2026-11-19T23:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['20.11.2026', '2026-11-19T23:00:00.000Z'],
    ['1.7.2026', '2026-06-30T22:00:00.000Z'],
    ['20.11.2026 10:00', '2026-11-20T09:00:00.000Z'],
    ['20.11.2026 kl. 10.00', '2026-11-20T09:00:00.000Z'],
    ['20.11.2026 10:00:30', '2026-11-20T09:00:30.000Z'],
    [' 20.11.2026 ', '2026-11-19T23:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '31.02.2026',
    '2026-13-01',
    '2026-11-20T24:30:00Z',
    '11/20/2026',
    '20.11.26',
    '20260101',
    '2026-11-20T10:00:00+19:00',
    '0001-01-01',
    '46346',
    '',
    'i går',
  ])('"%s" is refused', (text) => {
    expect(read(text)).toBeNull();
  });

  test('a reading that occurs twice in autumn is the first', () => {
    expect(read('2026-10-25 02:30')).toBe('2026-10-25T00:30:00.000Z');
    expect(read('2026-10-25 03:00')).toBe('2026-10-25T02:00:00.000Z');
    expect(read('2026-10-25 01:59')).toBe('2026-10-24T23:59:00.000Z');
  });

  test('a reading skipped in spring moves on by the gap', () => {
    expect(read('2026-03-29 02:30')).toBe('2026-03-29T01:30:00.000Z');
    expect(read('2026-03-29 01:59')).toBe('2026-03-29T00:59:00.000Z');
    expect(read('2026-03-29 03:00')).toBe('2026-03-29T01:00:00.000Z');
  });

  test('zones behind and far ahead of UTC are read alike', () => {
    expect(read('2026-11-01 01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
    expect(read('2026-03-08 02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
    expect(read('2026-01-01', 'Pacific/Kiritimati')).toBe('2025-12-31T10:00:00.000Z');
  });

  test('the days of a clock change have 23 and 25 hours', () => {
    const hours = (day: string) => {
      const start = readWrittenTime(day, 'Europe/Oslo')?.at ?? new Date(0);
      return (endOfDay(start, 'Europe/Oslo').getTime() + 1 - start.getTime()) / 3_600_000;
    };
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-11-20')]).toEqual([23, 25, 24]);
  });

  test('a day without a time counts as its end, and never as later than now', () => {
    const day = readWrittenTime('20.11.2026', 'Europe/Oslo') ?? { at: new Date(0), isWholeDay: true };
    const last = (now: string) => lastInstant(day, 'Europe/Oslo', new Date(now)).toISOString();
    expect(last('2026-12-01T00:00:00Z')).toBe('2026-11-20T22:59:59.999Z');
    expect(last('2026-11-20T13:00:00Z')).toBe('2026-11-20T13:00:00.000Z');
  });
});
