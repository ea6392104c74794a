import type { Session } from '../engine/database.ts';

/** The outbox of the whole installation. Numbers and one time only. */
export async function readOutbox(session: Session) {
  const [row] = await session.query<{ pending: number; due: number; oldestDueAt: Date | null; parked: number }>(
    `select health.pending, health.due, health.oldest_due_at as "oldestDueAt", health.parked
     from verve_private.outbox_health() as health`,
  );
  return row ?? { pending: 0, due: 0, oldestDueAt: null, parked: 0 };
}

/** Open cases and deliveries not understood, over all organisations. Numbers only. */
export async function readWaiting(session: Session): Promise<{ inbox: number; inbound: number }> {
  const [row] = await session.query<{ inbox: number; inbound: number }>(
    'select waiting.inbox, waiting.inbound from verve_private.waiting_cases() as waiting',
  );
  return row ?? { inbox: 0, inbound: 0 };
}

/** Statements of our own role that wait for a lock right now. */
export async function readLockWaits(session: Session): Promise<number> {
  const [row] = await session.query<{ waits: number }>(
    `select count(*)::int as waits from pg_catalog.pg_stat_activity
     where wait_event_type = 'Lock' and usename = session_user`,
  );
  return row?.waits ?? 0;
}
