import type { Pool } from 'pg';

/** How many events the planner takes the record to hold; below zero where it has never looked. */
export async function readPlannedEvents(pool: Pick<Pool, 'query'>): Promise<number> {
  const { rows } = await pool.query<{ planned: number }>(
    `select reltuples::float8 as planned from pg_catalog.pg_class where oid = 'verve.referral_events'::regclass`,
  );
  return rows[0]?.planned ?? 0;
}
