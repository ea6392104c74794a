import type { Pool } from 'pg';
import type { Verve } from '../engine/verve.ts';
import type { Readings } from './metrics.ts';
import { readLockWaits, readOutbox, readWaiting } from './readings-repository.ts';

/** Reads the figures behind the gauges; each from the database, at most once in a second. */
export function makeReadings(verve: Verve, pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>): Readings {
  const { database } = verve.parts;
  const outbox = atMostOnceASecond(() => database.transaction({ role: 'none' }, readOutbox));
  const waiting = atMostOnceASecond(() => database.transaction({ role: 'none' }, readWaiting));
  return {
    outbox,
    inboxWaiting: async () => (await waiting()).inbox,
    inboundWaiting: async () => (await waiting()).inbound,
    lockWaits: () => database.transaction({ role: 'none' }, readLockWaits),
    clicksNotStored: () => verve.clicks.figures.notStored,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}

function atMostOnceASecond<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let last: { value: Promise<Value>; at: number } | null = null;
  return () => {
    const now = performance.now();
    if (last === null || now - last.at > 1_000) last = { value: read(), at: now };
    return last.value;
  };
}
