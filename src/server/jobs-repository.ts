import type { Client } from 'pg';

/** The schema that pg-boss keeps for itself. */
export const JOBS_SCHEMA = 'verve_jobs';

/** Whether the jobs were installed. A database that Supabase's migrations made has none: `pg_cron` works there. */
export async function hasJobTables(pool: Pick<Client, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ exists: boolean }>(
    `select to_regnamespace('${JOBS_SCHEMA}') is not null as exists`,
  );
  return rows[0]?.exists === true;
}

/**
 * Lets the server use the jobs, and nobody else. Whoever migrates owns them, so that the server changes no table. The
 * functions name everything in full already; their search path is emptied so that nobody has to read them to know.
 */
export async function grantJobs(client: Pick<Client, 'query'>, role: string): Promise<void> {
  await client.query(`
    revoke all on schema ${JOBS_SCHEMA} from public;
    grant usage on schema ${JOBS_SCHEMA} to ${role};
    grant select, insert, update, delete on all tables in schema ${JOBS_SCHEMA} to ${role};
    grant execute on all functions in schema ${JOBS_SCHEMA} to ${role};
    alter default privileges in schema ${JOBS_SCHEMA} grant select, insert, update, delete on tables to ${role};
    alter default privileges in schema ${JOBS_SCHEMA} grant execute on functions to ${role};
    do $$
    declare
      made regprocedure;
    begin
      for made in select oid from pg_catalog.pg_proc where pronamespace = '${JOBS_SCHEMA}'::regnamespace loop
        execute format('alter function %s set search_path = %L', made, '');
      end loop;
    end
    $$;
  `);
}

/** How the jobs of the last day stand, by task: for `/metrics` and `verve doctor`. */
export interface JobStanding {
  task: string;
  waiting: number;
  running: number;
  failed: number;
  /** When the task last ended well; null = not within the time that jobs are kept. */
  succeededAt: Date | null;
}

/** Counts what is known of each task. */
export async function readJobStandings(pool: Pick<Client, 'query'>): Promise<JobStanding[]> {
  const { rows } = await pool.query<JobStanding>(`
    select data ->> 'task' as task,
      (count(*) filter (where state in ('created', 'retry')))::int as waiting,
      (count(*) filter (where state = 'active'))::int as running,
      (count(*) filter (where state = 'failed' and completed_on > now() - interval '1 day'))::int as failed,
      max(completed_on) filter (where state = 'completed') as "succeededAt"
    from ${JOBS_SCHEMA}.job where name in ('recurring', 'organisation') and data ? 'task'
    group by 1 order by 1`);
  return rows;
}
