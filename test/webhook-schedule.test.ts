import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../src/engine/webhooks/judge-answer.ts';
import { readRetryAfter } from '../src/engine/webhooks/retry-after.ts';
import { RETRY_SCHEDULE_SECONDS, scheduleNextTry } from '../src/engine/webhooks/retry-schedule.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

/** Seconds to the next try, or 'park'. */
function wait(attempts: number, over: { retryAfterSeconds?: number; random?: number } = {}): number | 'park' {
  const next = scheduleNextTry({ attempts, retryAfterSeconds: null, random: 0, ...over });
  return next.outcome === 'park' ? 'park' : next.waitSeconds;
}

describe('the schedule of a delivery', () => {
  test('is the published one: ten tries over three days and three and a half hours, then parked', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((attempts) => wait(attempts));
    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 'park']);
    expect(RETRY_SCHEDULE_SECONDS).toHaveLength(10);
    expect(RETRY_SCHEDULE_SECONDS.reduce((sum, seconds) => sum + seconds) / 3600).toBeCloseTo(75.58, 1);
  });

  test('adds at most a tenth of the wait, and never takes from it', () => {
    expect(wait(2, { random: 0 })).toBe(300);
    expect(wait(2, { random: 0.999 })).toBeCloseTo(330, 0);
  });

  test('waits longer where the receiver asks, at most a day, and never shorter', () => {
    expect(wait(1, { retryAfterSeconds: 120 })).toBe(120);
    expect(wait(3, { retryAfterSeconds: 120 })).toBe(1800);
    expect(wait(1, { retryAfterSeconds: 10_000_000 })).toBe(86_400);
    expect(wait(10, { retryAfterSeconds: 120 })).toBe('park');
  });
});

describe('Retry-After', () => {
  test.each([
    ['120', 120],
    [' 0 ', 0],
    ['Sat, 21 Nov 2026 10:02:00 GMT', 120],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['2026-11-21', null],
    ['', null],
    [null, null],
  ])('%j is read as %j seconds', (value, seconds) => expect(readRetryAfter(value, now)).toBe(seconds));
});

describe('an answer', () => {
  const judge = (status: number, retryAfterSeconds: number | null = null) =>
    judgeAnswer({ kind: 'status', status, retryAfterSeconds });

  test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
    expect(judge(status)).toMatchObject({ isDelivered: true, failure: null, disablesEndpoint: false });
  });

  test.each([
    [301, 'redirect'],
    [307, 'redirect'],
    [400, 'http_status'],
    [404, 'http_status'],
    [500, 'http_status'],
    [503, 'http_status'],
  ])('%i is a failure (%s) that leaves the endpoint as it is', (status, failure) => {
    expect(judge(status)).toMatchObject({
      isDelivered: false,
      failure,
      disablesEndpoint: false,
      pauseEndpointSeconds: 0,
    });
  });

  test('410 disables the endpoint', () => {
    expect(judge(410)).toMatchObject({ isDelivered: false, failure: 'gone', disablesEndpoint: true });
  });

  test.each([429, 502, 504])('%i slows the endpoint down, by default for 15 seconds', (status) => {
    expect(judge(status)).toMatchObject({ failure: 'throttled', pauseEndpointSeconds: 15 });
    expect(judge(status, 90).pauseEndpointSeconds).toBe(90);
  });

  test('503 with Retry-After is obeyed too', () => expect(judge(503, 60).pauseEndpointSeconds).toBe(60));

  test('that never came is a failure', () => {
    expect(judgeAnswer({ kind: 'failed', failure: 'timeout' })).toMatchObject({
      isDelivered: false,
      failure: 'timeout',
    });
  });
});
