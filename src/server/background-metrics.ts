import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Health } from '../engine/health/service.ts';
import type { JobStanding } from './jobs-repository.ts';
import { atMostOnceASecond } from './readings.ts';
import type { SentNotice } from './sender.ts';

/** What is counted of the work beside requests. Labels hold no organisation or person. */
export interface BackgroundMetrics {
  /** Counts a try of a delivery. */
  countSent(notice: SentNotice): void;
  /** Counts a task that ended. */
  countTask(task: { task: string; isGood: boolean; durationMs: number }): void;
}

/** Adds the metrics of deliveries and jobs to a server's registry. */
export function createBackgroundMetrics(options: {
  registry: Registry;
  health: Pick<Health, 'ofInstallation'>;
  readJobs: () => Promise<JobStanding[]>;
}): BackgroundMetrics {
  const registers = [options.registry];
  const readHealth = atMostOnceASecond(() => options.health.ofInstallation());
  const readJobs = atMostOnceASecond(options.readJobs);
  new Gauge({
    name: 'verve_endpoints',
    help: 'Webhook endpoints that need a look: failing (the last tries failed), gone (the receiver answered 410). Of the whole installation',
    labelNames: ['state'],
    registers,
    async collect() {
      const health = await readHealth().catch(() => null);
      this.set({ state: 'failing' }, health?.failingEndpoints ?? Number.NaN);
      this.set({ state: 'gone' }, health?.goneEndpoints ?? Number.NaN);
    },
  });
  new Gauge({
    name: 'verve_jobs',
    help: 'Jobs by task and state; failed: within the last day. Of the whole installation',
    labelNames: ['task', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { task, waiting, running, failed } of await readJobs().catch(() => [])) {
        this.set({ task, state: 'waiting' }, waiting);
        this.set({ task, state: 'running' }, running);
        this.set({ task, state: 'failed' }, failed);
      }
    },
  });
  const sent = new Counter({
    name: 'verve_deliveries_sent_total',
    help: 'Tries of this server, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const late = new Histogram({
    name: 'verve_delivery_lateness_seconds',
    help: 'From the moment a delivery was due to its try',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 300],
    registers,
  });
  const duration = new Histogram({
    name: 'verve_delivery_duration_seconds',
    help: 'How long receivers take to answer',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15],
    registers,
  });
  const tasks = new Counter({
    name: 'verve_tasks_total',
    help: 'Tasks that ended in this server, by outcome',
    labelNames: ['task', 'outcome'],
    registers,
  });
  const taskDuration = new Histogram({
    name: 'verve_task_duration_seconds',
    help: 'How long tasks take',
    labelNames: ['task'],
    buckets: [0.01, 0.1, 1, 10, 60, 600, 3600],
    registers,
  });
  return {
    countSent({ isDelivered, failure, lateMs, durationMs }) {
      sent.inc({ outcome: isDelivered ? 'delivered' : (failure ?? 'failed') });
      late.observe(lateMs / 1000);
      duration.observe(durationMs / 1000);
    },
    countTask({ task, isGood, durationMs }) {
      tasks.inc({ task, outcome: isGood ? 'done' : 'failed' });
      if (isGood) taskDuration.observe({ task }, durationMs / 1000);
    },
  };
}
