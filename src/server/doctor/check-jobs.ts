import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { QUEUES } from '../install-jobs.ts';
import { JOBS_SCHEMA, readJobStandings } from '../jobs-repository.ts';
import { type Problem, problem } from './problem.ts';

/** Who is to do the work. */
export interface Workforce {
  /** Whether the scheduler's schema is there, as `verve migrate` makes it. */
  readonly hasJobs: boolean;
  /** Whether this is a Supabase project, where `pg_cron` can do without it. */
  readonly isOnPlatform: boolean;
}

const MEND = 'Run "verve migrate" as the owner: it installs the scheduler, or puts it right.';

/** Whether the scheduler is whole, and which tasks failed within the last day. Reads only. */
export async function checkJobs(pool: Pool, { hasJobs, isOnPlatform }: Workforce): Promise<Problem[]> {
  if (!hasJobs) return isOnPlatform ? [] : [problem('jobs_missing', `There is no schema ${JOBS_SCHEMA}.`, MEND)];
  const broken = await findWhatIsBroken(pool).catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    if (code === '42P01' || code === '3F000' || code === '42883') return 'tables or functions are missing';
    if (code === '42501') return 'the server’s role may not use it';
    throw error;
  });
  if (broken !== null) {
    return [problem('jobs_half_installed', `The scheduler in ${JOBS_SCHEMA} is not whole: ${broken}.`, MEND)];
  }
  const standings = await readJobStandings(pool);
  return standings
    .filter(({ failed }) => failed > 0)
    .map(({ task, failed }) =>
      problem('task_failing', `The task ${task} failed ${failed} times in the last day.`, 'See the server’s log.'),
    );
}

/** null = nothing is. */
async function findWhatIsBroken(pool: Pool): Promise<string | null> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
  if (!(await boss.isInstalled())) return 'tables are missing';
  const queues = await boss.getQueues(Object.values(QUEUES));
  const missing = Object.values(QUEUES).filter((name) => !queues.some((queue) => queue.name === name));
  if (missing.length > 0) return `the queue ${missing.join(', ')} is missing`;
  const drift = await boss.detectSchemaDrift();
  return drift.ok ? null : 'its tables, indexes or functions differ from what this version expects';
}
