import { setTimeout as sleep } from 'node:timers/promises';
import { collectLatencies, type Latencies } from './latencies.ts';

export interface LoadResult {
  readonly latencies: Latencies;
  readonly failures: number;
  /** null = none failed. */
  readonly firstFailure: string | null;
  readonly perSecond: number;
}

/**
 * Open loop: request n is due at n / rate and its time is counted from then, whether or not earlier ones have been
 * answered, so a stall shows in every request that it delays (no coordinated omission).
 */
export async function runOpenLoop(options: {
  perSecond: number;
  seconds: number;
  request: (index: number) => Promise<void>;
  onProgress?: (done: number) => void;
}): Promise<LoadResult> {
  const { perSecond, seconds, request } = options;
  const total = Math.round(perSecond * seconds);
  const latencies = collectLatencies();
  let failures = 0;
  let firstFailure: string | null = null;
  const open: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < total; ) {
    const elapsed = performance.now() - startedAt;
    while (index < total && (index / perSecond) * 1000 <= elapsed) {
      const dueAt = startedAt + (index / perSecond) * 1000;
      open.push(
        request(index).then(
          () => latencies.add(performance.now() - dueAt),
          (error: unknown) => {
            failures += 1;
            firstFailure ??= String(error);
          },
        ),
      );
      index += 1;
    }
    options.onProgress?.(index);
    await sleep(1);
  }
  await Promise.all(open);
  return { latencies, failures, firstFailure, perSecond: latencies.count / ((performance.now() - startedAt) / 1000) };
}

/** Closed loop: so many callers, each sending its next request when the one before is answered. */
export async function runClosedLoop(options: {
  callers: number;
  seconds: number;
  request: (index: number) => Promise<void>;
}): Promise<LoadResult> {
  const latencies = collectLatencies();
  let failures = 0;
  let firstFailure: string | null = null;
  let next = 0;
  const startedAt = performance.now();
  const until = startedAt + options.seconds * 1000;
  await Promise.all(
    Array.from({ length: options.callers }, async () => {
      while (performance.now() < until) {
        const sentAt = performance.now();
        try {
          await options.request(next++);
          latencies.add(performance.now() - sentAt);
        } catch (error) {
          failures += 1;
          firstFailure ??= String(error);
        }
      }
    }),
  );
  return { latencies, failures, firstFailure, perSecond: latencies.count / ((performance.now() - startedAt) / 1000) };
}
