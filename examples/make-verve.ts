import { createVerve } from 'verve-referrals';
import { createHandler } from 'verve-referrals/http';
import { makePool } from 'verve-referrals/server';

/** The engine and its handler from the environment, as every example here mounts it. */
export function makeVerve(publicUrl: string) {
  const pool = makePool({ connectionString: process.env.DATABASE_URL ?? '' });
  const verve = createVerve({ database: pool, secret: process.env.VERVE_SECRET ?? '' });
  return { pool, verve, handler: createHandler(verve, { publicUrl }) };
}
