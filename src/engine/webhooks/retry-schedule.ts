/**
 * When a delivery is tried again: the schedule published by Standard Webhooks, about three days and four hours, then
 * parked. Each number is the wait before that try, in seconds after the try before it.
 */
export const RETRY_SCHEDULE_SECONDS: readonly number[] = [
  0, // with the event
  5,
  5 * 60,
  30 * 60,
  2 * 3600,
  5 * 3600,
  10 * 3600,
  14 * 3600,
  20 * 3600,
  24 * 3600,
];

/** Up to a tenth is added to each wait, so that what failed together does not return together. */
const JITTER_SHARE = 0.1;

/** The longest that a receiver's `Retry-After` is obeyed: a day, the schedule's own longest wait. */
const LONGEST_RETRY_AFTER_SECONDS = 24 * 3600;

/** Either how long to wait for the next try, or that the schedule is used up and a person must look. */
export type NextTry = { outcome: 'retry'; waitSeconds: number } | { outcome: 'park' };

/**
 * The next try after `attempts` tries that failed. `Retry-After` can make the wait longer, never shorter, and gives no
 * try beyond the schedule. Pure.
 */
export function scheduleNextTry(input: {
  /** How many tries have been made, the one that just failed included. */
  readonly attempts: number;
  /** null = the receiver asked for nothing. */
  readonly retryAfterSeconds: number | null;
  /** In [0, 1). */
  readonly random: number;
}): NextTry {
  const waitSeconds = RETRY_SCHEDULE_SECONDS[input.attempts];
  if (waitSeconds === undefined) return { outcome: 'park' };
  const jitteredSeconds = waitSeconds * (1 + JITTER_SHARE * input.random);
  const askedSeconds = Math.min(input.retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS);
  return { outcome: 'retry', waitSeconds: Math.max(jitteredSeconds, askedSeconds) };
}
