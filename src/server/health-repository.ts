import type { Pool } from 'pg';

/** One round trip that reads nothing. */
export async function ping(pool: Pool): Promise<void> {
  await pool.query('select 1');
}
