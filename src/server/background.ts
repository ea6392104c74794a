import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { acknowledgeBadges } from '../engine/badges/badge-service.ts';
import type { Verve } from '../engine/verve.ts';
import { createOutbox } from '../engine/webhooks/outbox.ts';
import { createBackgroundMetrics } from './background-metrics.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { readJobStandings } from './jobs-repository.ts';
import type { Logger } from './logger.ts';
import { createWebhookPoster } from './post-webhook.ts';
import { startSender } from './sender.ts';
import { createTasks, type TaskParts } from './tasks.ts';

/** What runs in a server beside its requests. */
export interface Background {
  readonly jobs: Jobs;
  /** Ends the sender and the jobs; what is under way is finished or given back. Safe to repeat. */
  close(): Promise<void>;
}

/** What `startBackground` needs to know. */
export interface BackgroundOptions extends TaskParts {
  readonly verve: Verve;
  readonly pool: Pool;
  readonly publicUrl: string;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Where its metrics are added. (Default: nowhere) */
  readonly registry?: Registry;
  /** Lets webhooks reach this machine; for development and tests. (Default: false) */
  readonly allowLoopback?: boolean;
}

/** Starts the sender of webhooks and the scheduler. Every server of an installation runs both; the work is shared. */
export async function startBackground(options: BackgroundOptions): Promise<Background> {
  const { verve, pool, publicUrl, logger } = options;
  const registry = options.registry ?? new Registry();
  const readJobs = () => readJobStandings(pool);
  const metrics = createBackgroundMetrics({ registry, health: verve.health, readJobs });
  const outbox = createOutbox({
    database: verve.parts.database,
    keyRing: verve.parts.keyRing,
    publicUrl,
    onAcknowledged: acknowledgeBadges,
    onUnusable: ({ orgId, endpointId }) =>
      logger.error({ orgId, endpointId }, 'No key opens the secret of this endpoint: is VERVE_SECRET the right one?'),
  });
  const poster = createWebhookPoster({ allowLoopback: options.allowLoopback === true });
  const jobs = await startJobs({
    pool,
    tasks: createTasks(options),
    listOrganisations: () => verve.organisations.listIds(),
    onFault: ({ task, orgId, error }) => {
      metrics.countTask({ task, isGood: false, durationMs: 0 });
      logger.error({ task, orgId, reason: reasonOf(error) }, 'A task failed and will be tried again.');
    },
    onDone: ({ task, durationMs }) => metrics.countTask({ task, isGood: true, durationMs }),
  });
  const sender = startSender({
    outbox,
    poster,
    onSent: metrics.countSent,
    onFault: (error) => logger.warn({ reason: reasonOf(error) }, 'The sender could not reach the database.'),
  });
  const stopHearing = verve.events.on('*', () => sender.wake());

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopHearing();
    await Promise.all([sender.stop(), jobs.stop()]);
    poster.close();
  }
  return {
    jobs,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** What may stand in a log of an error: its kind and code, never its message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}
