import { describe, expect, test } from 'vitest';
import { readDayRange } from '../src/engine/reports/day-range.ts';
import { placeWithCode } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { system, testVerve } from './harness-verve.ts';

describe('a range', () => {
  test.each([
    ['2026-06-01', '2026-06-01'],
    ['2026-06-02', '2026-06-01'],
    ['2026-01-01', '2027-01-03'],
    ['2026-02-30', '2026-03-02'],
    ['1 June', '2026-06-02'],
  ])('%s to %s is refused', (fromDay, toDay) => {
    expect(() => readDayRange({ fromDay, toDay })).toThrow(expect.objectContaining({ code: 'invalid_range' }));
  });

  test('of 366 days is taken', () => {
    expect(readDayRange({ fromDay: '2026-01-01', toDay: '2027-01-02' })).toEqual({
      fromDay: '2026-01-01',
      toDay: '2027-01-02',
    });
  });
});

test('a mentor’s clicks of any range are those of its days, wherever it begins and ends in the spans that are summed', async () => {
  const verve = await testVerve();
  const { orgId, mentorId } = await placeWithCode(verve);
  const { pool, adminPool } = await testDatabase();
  const first = Date.parse('2026-01-01');
  const dayOf = (number: number): string => new Date(first + number * 86_400_000).toISOString().slice(0, 10);
  // A different number on each of 45 days, so that any day too many or too few tells.
  const times = Array.from({ length: 45 }, (_, number) =>
    Array.from({ length: 1 + ((number * 7) % 13) }, () => new Date(`${dayOf(number)}T12:00:00Z`)),
  );
  const moments = times.flat();
  const unknown = moments.map(() => null);
  await adminPool.query(
    `select verve_private.record_clicks(array_fill(codes.id, array[$2::int]), array_fill('human'::text, array[$2::int]),
       array_fill('sms'::text, array[$2::int]), $3::text[], $3::text[], $4::timestamptz[])
     from verve.referral_codes as codes where codes.mentor_id = $1`,
    [mentorId, moments.length, unknown, moments],
  );
  await pool.query('select verve_private.fold_click_deltas()');
  for (let from = 0; from < 11; from += 1) {
    for (const length of [1, 4, 6, 10, 15, 21]) {
      const range = { fromDay: dayOf(from), toDay: dayOf(from + length) };
      const [row] = (await verve.reports.mentors({ orgId, actor: system, ...range })).filter(
        (mentor) => mentor.mentorId === mentorId,
      );
      expect(row?.clicked, `${range.fromDay} to ${range.toDay}`).toBe(times.slice(from, from + length).flat().length);
    }
  }
});
