import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { EventStream } from '../engine/events/stream.ts';
import type { Metrics } from '../http/metrics.ts';

/** Figures that are read when `/metrics` is asked for. */
export interface Readings {
  outbox: () => Promise<{ pending: number; due: number; oldestDueAt: Date | null; parked: number }>;
  inboxWaiting: () => Promise<number>;
  lockWaits: () => Promise<number>;
  inboundWaiting: () => Promise<number>;
  clicksNotStored: () => number;
  pool: () => { total: number; idle: number; waiting: number };
}

/**
 * Prometheus metrics of one server. Labels are closed lists: route methods, status classes, problem codes, event types;
 * never a path, a code, or an organisation.
 */
export function createServerMetrics(options: { registry: Registry; events: EventStream; readings: Readings }): Metrics {
  const { registry } = options;
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: 'verve_http_request_duration_seconds',
    help: 'Time to answer a request of the API, by method and class of status.',
    labelNames: ['method', 'status'] as const,
    buckets: [0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const problems = new Counter({
    name: 'verve_problems_total',
    help: 'Refusals and faults, by problem code.',
    labelNames: ['code'] as const,
    registers,
  });
  const facts = new Counter({
    name: 'verve_events_total',
    help: 'Changes committed by this server, by type: registrations, confirmations, credits, reversals and the rest.',
    labelNames: ['type'] as const,
    registers,
  });
  options.events.on('*', (event) => facts.inc({ type: event.type }));
  gauges(options.readings, registers);
  return {
    observeRequest(method, status, milliseconds) {
      const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
      requests.observe({ method: known, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000);
    },
    countProblem: (code) => problems.inc({ code }),
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

function gauges(readings: Readings, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => Promise<number> | number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        try {
          this.set(await read());
        } catch {
          this.set(Number.NaN); // not known just now
        }
      },
    });
  const ageSeconds = (since: Date | null) => (since === null ? 0 : Math.max(0, (Date.now() - since.getTime()) / 1000));
  gauge(
    'verve_outbox_pending',
    'Webhook deliveries that wait for a try.',
    async () => (await readings.outbox()).pending,
  );
  gauge('verve_outbox_due', 'Webhook deliveries that are due now.', async () => (await readings.outbox()).due);
  gauge(
    'verve_outbox_parked',
    'Webhook deliveries that wait for a person.',
    async () => (await readings.outbox()).parked,
  );
  gauge('verve_outbox_oldest_due_seconds', 'Age of the oldest delivery that is due.', async () =>
    ageSeconds((await readings.outbox()).oldestDueAt),
  );
  gauge('verve_inbox_waiting', 'Open cases that need a person.', readings.inboxWaiting);
  gauge('verve_inbound_waiting', 'Deliveries stored and not yet understood.', readings.inboundWaiting);
  gauge('verve_lock_waits', 'Statements of this role that wait for a lock.', readings.lockWaits);
  gauge('verve_clicks_not_stored_total', 'Hits that this server could not store.', readings.clicksNotStored);
  gauge('verve_pool_waiting', 'Requests that wait for a connection.', () => readings.pool().waiting);
  gauge('verve_pool_connections', 'Open connections of the pool.', () => readings.pool().total);
}
