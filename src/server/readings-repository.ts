import type { Session } from '../engine/database.ts';

/** Open cases over all organisations. A number only. */
export async function readInboxWaiting(session: Session): Promise<number> {
  const [row] = await session.query<{ inbox: number }>(
    'select waiting.inbox from verve_private.waiting_cases() as waiting',
  );
  return row?.inbox ?? 0;
}

/** Statements of our own role that wait for a lock right now. */
export async function readLockWaits(session: Session): Promise<number> {
  const [row] = await session.query<{ waits: number }>(
    `select count(*)::int as waits from pg_catalog.pg_stat_activity
     where wait_event_type = 'Lock' and usename = session_user`,
  );
  return row?.waits ?? 0;
}
