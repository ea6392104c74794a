import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { HearFacts } from '../engine/attributions/fact-intake.ts';
import type { InstallationHealth } from '../engine/health/service.ts';
import type { Verve } from '../engine/verve.ts';
import type { Metrics } from '../http/metrics.ts';
import { snakeCase } from '../http/wire.ts';

/** Figures that are read when `/metrics` is asked for. */
export interface Readings {
  installation: () => Promise<InstallationHealth>;
  inboxWaiting: () => Promise<number>;
  lockWaits: () => Promise<number>;
  hits: () => Verve['clicks']['figures'];
  pool: () => { total: number; idle: number; waiting: number };
}

/** Said of figures that every server reads from the one database. */
const ofAll = 'Of the whole installation: every server says the same.';

/** Gauges of the library whose names are a counter's; the same figures stand by type beside them. */
const misnamed = ['handles', 'requests', 'resources'];

/** Makes the counter of decided facts, for `createVerve`. Labels are the closed lists of kinds and outcomes. */
export function countFacts(registry: Registry): HearFacts {
  const facts = new Counter({
    name: 'verve_facts_total',
    help: 'Statements about members that were decided and committed in this server, by kind and outcome.',
    labelNames: ['kind', 'outcome'] as const,
    registers: [registry],
  });
  return (decided) => {
    for (const { kind, outcome } of decided) facts.inc({ kind, outcome: snakeCase(outcome) });
  };
}

/**
 * Prometheus metrics of one server. Labels are closed lists: methods, status classes, problem codes, event types; never
 * a path, a code, or an organisation.
 */
export function createServerMetrics(options: {
  registry: Registry;
  events: Verve['events'];
  readings: Readings;
}): Metrics {
  const { registry, readings } = options;
  collectDefaultMetrics({ register: registry });
  for (const what of misnamed) registry.removeSingleMetric(`nodejs_active_${what}_total`);
  const registers = [registry];
  const requests = new Histogram({
    name: 'verve_http_request_duration_seconds',
    help: 'Time to answer a request of the API or a page, by method and class of status. Short links are hits.',
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
  const changes = new Counter({
    name: 'verve_events_total',
    help: 'Changes committed by this server, by type: registrations, confirmations, credits, reversals and the rest.',
    labelNames: ['type'] as const,
    registers,
  });
  options.events.on('*', (event) => changes.inc({ type: event.type }));
  hitCounters(readings, registers);
  gauges(readings, registers);
  return {
    observeRequest(method, status, milliseconds) {
      const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? method : 'other';
      requests.observe({ method: known, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000);
    },
    countProblem: (code) => problems.inc({ code }),
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

/** The recorder of hits counts by itself, for speed; here its figures are only shown. */
function hitCounters(readings: Readings, registers: Registry[]): void {
  const counter = (name: string, help: string, labelNames: string[], show: (shown: Counter) => void) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        show(this);
      },
    });
  counter(
    'verve_hits_total',
    'Openings of links at this server: stored, duplicate within the window, of an inactive code, or above the flood limit.',
    ['outcome'],
    (shown) => {
      const { stored, duplicate, inactive, flooded } = readings.hits();
      for (const [outcome, count] of Object.entries({ stored, duplicate, inactive, flooded })) {
        shown.inc({ outcome }, count);
      }
    },
  );
  counter('verve_clicks_not_stored_total', 'Hits that this server could not store.', [], (shown) =>
    shown.inc(readings.hits().notStored),
  );
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
  const ofInstallation = (name: string, help: string, read: (health: InstallationHealth) => number) =>
    gauge(name, `${help} ${ofAll}`, async () => read(await readings.installation()));
  ofInstallation('verve_outbox_pending', 'Webhook deliveries that wait for a try.', (now) => now.pendingDeliveries);
  ofInstallation('verve_outbox_due', 'Webhook deliveries that are due now.', (now) => now.dueDeliveries);
  ofInstallation('verve_outbox_parked', 'Webhook deliveries that wait for a person.', (now) => now.parkedDeliveries);
  ofInstallation(
    'verve_outbox_oldest_due_seconds',
    'How long the oldest delivery that is due has been so.',
    (now) => now.deliveryLatenessSeconds,
  );
  ofInstallation(
    'verve_inbound_waiting',
    'Messages received, stored and not yet understood.',
    (now) => now.unprocessedMessages,
  );
  ofInstallation(
    'verve_inbound_oldest_seconds',
    'How long the oldest of them has waited.',
    (now) => now.messageAgeSeconds,
  );
  gauge('verve_inbox_waiting', `Open cases that need a person. ${ofAll}`, readings.inboxWaiting);
  gauge('verve_lock_waits', `Statements of the servers' role that wait for a lock. ${ofAll}`, readings.lockWaits);
  gauge('verve_pool_waiting', 'Requests of this server that wait for a connection.', () => readings.pool().waiting);
  gauge('verve_pool_connections', 'Open connections of this server.', () => readings.pool().total);
}
