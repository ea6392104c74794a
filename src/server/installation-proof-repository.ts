import type { Pool } from 'pg';

/** What tells this database from any other that Verve has migrated: when it was first migrated, to the microsecond. */
export async function readInstallationMark(pool: Pick<Pool, 'query'>): Promise<string> {
  const { rows } = await pool.query<{ mark: string }>(
    `select current_database() || ' ' || extract(epoch from min(applied_at))::text || ' '
       || coalesce((select min(organisations.id::text) from verve_private.organisation_ids() as organisations (id)), '') as mark
     from verve_private.schema_migrations`,
  );
  return rows[0]?.mark ?? '';
}
