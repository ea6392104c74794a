import { PgBoss } from 'pg-boss';
import { JOBS_SCHEMA } from './jobs-repository.ts';

/**
 * The queues. Both hold a task's name and an organisation's id, nothing else. A job of which the server died is taken
 * up by another once its heartbeat has been missing for a minute.
 */
export const QUEUES = {
  /** What the clock starts, once for all servers. */
  recurring: 'recurring',
  /** One task for one organisation. */
  organisation: 'organisation',
} as const;

const QUEUE_OPTIONS = {
  policy: 'exclusive', // one waiting or running per task (and organisation)
  heartbeatSeconds: 60,
  expireInSeconds: 4 * 3600,
  retryLimit: 3,
  retryDelay: 30,
  retryBackoff: true,
  retentionSeconds: 2 * 86_400,
  deleteAfterSeconds: 7 * 86_400,
} as const;

/**
 * Installs pg-boss, or brings it up to date, as the owner, and makes the queues. Safe to repeat; two at once are kept
 * apart by the migrator's lock.
 */
export async function installJobs(adminUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: adminUrl,
    schema: JOBS_SCHEMA,
    application_name: 'verve migrate',
    max: 1,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => undefined); // start and createQueue reject with the same error
  await boss.start();
  try {
    for (const name of Object.values(QUEUES)) await boss.createQueue(name, QUEUE_OPTIONS);
  } finally {
    await boss.stop({ graceful: false });
  }
}
