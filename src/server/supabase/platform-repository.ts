import type { Pool } from 'pg';

/** What a Supabase project has of the platform, and what of ours is missing in it. */
export interface PlatformStanding {
  readonly hasWorkKey: boolean;
  readonly hasFunctionUrl: boolean;
  readonly hasCron: boolean;
  readonly hasNet: boolean;
  /** Jobs of ours that pg_cron does not have, or has switched off. */
  readonly missingJobs: readonly string[];
  /** false = Realtime is there, and nobody is told anything through it. */
  readonly isBroadcasting: boolean;
  /** As the platform's API was told in the database; null = it was told elsewhere. */
  readonly exposedSchemas: string | null;
}

/** Reads it. null = the migrations are not those of a Supabase project. */
export async function readPlatformStanding(pool: Pick<Pool, 'query'>): Promise<PlatformStanding | null> {
  const found = await pool.query<{ exists: boolean }>(
    `select to_regprocedure('verve_supabase.standing()') is not null as exists`,
  );
  if (!found.rows[0]?.exists) return null;
  const { rows } = await pool.query<PlatformStanding>(
    `select has_work_key as "hasWorkKey", has_function_url as "hasFunctionUrl", has_cron as "hasCron", has_net as "hasNet",
      missing_jobs as "missingJobs", is_broadcasting as "isBroadcasting", exposed_schemas as "exposedSchemas"
    from verve_supabase.standing()`,
  );
  return rows[0] ?? null;
}
