import type { Pool } from 'pg';
import { openDatabase } from '../engine/database.ts';
import { readInstallationHealth } from '../engine/health/service.ts';
import { readJobStandings } from './jobs-repository.ts';

/** Deliveries and messages later than this mean that no server is at work. */
const LATE_SECONDS = 120;

/** Who is to do the work. */
export interface Workforce {
  /** Whether the scheduler's tables are there, as `verve migrate` makes them. */
  readonly hasJobs: boolean;
  /** Whether this is a Supabase project, where `pg_cron` can do without them. */
  readonly isOnPlatform: boolean;
}

/** What is stuck in the work of the servers, each with what to do: for `verve doctor`. Reads only. */
export async function findWorkProblems(pool: Pool, { hasJobs, isOnPlatform }: Workforce): Promise<string[]> {
  const health = await openDatabase({ pool }).transaction({ role: 'none' }, readInstallationHealth);
  const failed = hasJobs ? (await readJobStandings(pool)).filter((standing) => standing.failed > 0) : [];
  const problems = [
    !hasJobs && !isOnPlatform && 'The scheduler has no tables. Run "verve migrate".',
    health.deliveryLatenessSeconds > LATE_SECONDS &&
      `${health.dueDeliveries} webhook deliveries are due, the oldest for ${minutes(health.deliveryLatenessSeconds)}. Is a server running ("verve serve")?`,
    health.parkedDeliveries > 0 &&
      `${health.parkedDeliveries} webhook deliveries are parked: mend the receiver, then replay them from the endpoint's log.`,
    health.goneEndpoints > 0 &&
      `${health.goneEndpoints} endpoints are disabled because the receiver answered 410: enable them or delete them.`,
    health.failingEndpoints > 0 && `${health.failingEndpoints} endpoints fail just now; their deliveries wait.`,
    health.messageAgeSeconds > LATE_SECONDS &&
      `${health.unprocessedMessages} received messages are not understood, the oldest for ${minutes(health.messageAgeSeconds)}. Is a server running?`,
    ...failed.map(
      ({ task, failed: times }) => `The task ${task} failed ${times} times in the last day: see the server's log.`,
    ),
  ];
  return problems.filter((problem) => problem !== false);
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} minutes`;
}
