import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledgeBadges } from '../src/engine/badges/badge-service.ts';
import { type Database, openDatabase } from '../src/engine/database.ts';
import { appendEvents } from '../src/engine/events/repository.ts';
import { milestoneReached } from '../src/engine/milestones/count-credits.ts';
import { type Call, type EngineParts, platformRandom, silentLogger } from '../src/engine/parts.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { createDeliveryLog, type DeliveryLog } from '../src/engine/webhooks/delivery-log.ts';
import {
  createWebhookEndpoints,
  type EndpointSettings,
  type WebhookEndpoints,
} from '../src/engine/webhooks/endpoints.ts';
import { createOutbox, type Outbox } from '../src/engine/webhooks/outbox.ts';
import { createWebhookPoster } from '../src/server/post-webhook.ts';
import { type Sender, type SenderOptions, startSender } from '../src/server/sender.ts';
import { freshOrganisation, type TestDatabase, testDatabase } from './harness.ts';
import { type BadgeReceiver, startBadgeReceiver } from './stand-ins/badge-receiver.ts';

/** Everything a test of outgoing webhooks needs, over one organisation and a clock that it can move. */
export interface Outgoing {
  readonly db: TestDatabase;
  readonly database: Database;
  readonly parts: EngineParts;
  /** The organisation, as the system. */
  readonly call: Call;
  readonly orgId: string;
  readonly mentorId: string;
  readonly endpoints: WebhookEndpoints;
  readonly log: DeliveryLog;
  readonly outbox: Outbox;
  /** Seconds by which the clock of the database runs ahead of the machine's. */
  ahead: number;
  /** A receiver with an endpoint that points to it. */
  receiver(
    settings?: Partial<EndpointSettings> & { kind?: 'generic' | 'badge_service' },
  ): Promise<BadgeReceiver & { endpointId: string }>;
  /** Records milestones as crediting does, and gives the ids of the events. */
  reach(...thresholds: number[]): Promise<string[]>;
  sender(options?: Partial<SenderOptions> & { timeoutMs?: number }): Sender;
  /** The deliveries as they are stored. */
  deliveries(): Promise<StoredDelivery[]>;
  /** Waits until the deliveries are as the test wants them. */
  until(isSo: (deliveries: StoredDelivery[]) => boolean, timeoutMs?: number): Promise<StoredDelivery[]>;
  inbox(): Promise<{ kind: string; status: string; details: Record<string, unknown> }[]>;
  /** Stops what was started, at the end of the test. */
  close(): Promise<void>;
}

export interface StoredDelivery {
  id: string;
  endpoint_id: string;
  event_id: string | null;
  status: string;
  attempts: number;
  body: string | null;
  due_at: Date;
  last_status: number | null;
  last_failure: string | null;
  claim: string | null;
}

/** The installation's secret in these tests. */
export const SECRET = 'a secret for tests, of thirty-two characters';

/** Opens a fresh organisation with one mentor. */
export async function openOutgoing(): Promise<Outgoing> {
  const db = await testDatabase();
  const { orgId } = await freshOrganisation();
  const mentorId = randomUUID();
  await db.adminPool.query(`insert into verve.mentors (org_id, id, display_name) values ($1, $2, 'Vestland')`, [
    orgId,
    mentorId,
  ]);
  const keyRing = createKeyRing(SECRET);
  const database = openDatabase({ pool: db.pool, clock: () => new Date(Date.now() + outgoing.ahead * 1000) });
  const parts: EngineParts = { database, keyRing, logger: silentLogger, random: platformRandom };
  const call: Call = { orgId, actor: { kind: 'system', name: 'test' } };
  const endpoints = createWebhookEndpoints(parts, { allowLoopback: true });
  const closers: (() => Promise<unknown>)[] = [];

  const outgoing: Outgoing = {
    db,
    database,
    parts,
    call,
    orgId,
    mentorId,
    endpoints,
    log: createDeliveryLog(parts),
    outbox: createOutbox({
      database,
      keyRing,
      publicUrl: 'https://verve.example.no',
      onAcknowledged: acknowledgeBadges,
    }),
    ahead: 0,

    async receiver(settings = {}) {
      const receiver = await startBadgeReceiver();
      closers.push(() => receiver.close());
      const { endpoint, secret } = await endpoints.create(call, { url: receiver.url, ...settings });
      receiver.secrets.push(secret);
      return Object.assign(receiver, { endpointId: endpoint.endpointId });
    },

    async reach(...thresholds) {
      const events = await database.transaction({ role: 'verve_engine', orgId }, (session) =>
        appendEvents(
          session,
          thresholds.map((threshold) =>
            milestoneReached(orgId, { awardId: randomUUID(), mentorId, threshold, count: threshold }),
          ),
        ),
      );
      return events.map((event) => event.id);
    },

    sender({ timeoutMs = 2000, ...options } = {}) {
      const poster = createWebhookPoster({ allowLoopback: true, timeoutMs });
      const onFault = (error: unknown) => console.error(error);
      const sender = startSender({ outbox: outgoing.outbox, poster, pollMs: 20, onFault, ...options });
      closers.push(async () => {
        await sender.stop(0);
        poster.close();
      });
      return sender;
    },

    async deliveries() {
      const { rows } = await db.adminPool.query<StoredDelivery>(
        'select * from verve.webhook_deliveries where org_id = $1 order by created_at, id',
        [orgId],
      );
      return rows;
    },

    async until(isSo, timeoutMs = 5000) {
      for (const startedAt = Date.now(); ; await sleep(10)) {
        const deliveries = await outgoing.deliveries();
        if (isSo(deliveries)) return deliveries;
        if (Date.now() - startedAt > timeoutMs) {
          const seen = deliveries.map((one) => `${one.status} after ${one.attempts} (${one.last_failure})`);
          throw new Error(`The deliveries did not become as expected: ${seen.join(', ') || 'there are none'}`);
        }
      }
    },

    async inbox() {
      const { rows } = await db.adminPool.query(
        'select kind, status, details from verve.inbox_items where org_id = $1 order by opened_at',
        [orgId],
      );
      return rows;
    },

    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
  return outgoing;
}

/** Whether every delivery has this status. */
export function all(status: string): (deliveries: StoredDelivery[]) => boolean {
  return (deliveries) => deliveries.length > 0 && deliveries.every((delivery) => delivery.status === status);
}
