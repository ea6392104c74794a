import type { Pool } from 'pg';
import type { Verve } from '../engine/verve.ts';
import type { Readings } from './metrics.ts';
import { readInboxWaiting, readLockWaits } from './readings-repository.ts';

/** Reads the figures behind the gauges; each from the database, at most once in a second, whoever asks. */
export function makeReadings(verve: Verve, pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>): Readings {
  const { database } = verve.parts;
  return {
    installation: atMostOnceASecond(() => verve.health.ofInstallation()),
    inboxWaiting: atMostOnceASecond(() => database.transaction({ role: 'none' }, readInboxWaiting)),
    lockWaits: atMostOnceASecond(() => database.transaction({ role: 'none' }, readLockWaits)),
    hits: () => verve.clicks.figures,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}

/** Remembers a reading for a second, so that frequent readers of `/metrics` cost the database nothing. */
export function atMostOnceASecond<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let last: { value: Promise<Value>; at: number } | null = null;
  return () => {
    const now = performance.now();
    if (last === null || now - last.at > 1_000) last = { value: read(), at: now };
    return last.value;
  };
}
