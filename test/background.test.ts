import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendEvents } from '../src/engine/events/repository.ts';
import type { Call } from '../src/engine/parts.ts';
import { createVerve, type Verve } from '../src/engine/verve.ts';
import { type Background, startBackground } from '../src/server/background.ts';
import { makeLogger } from '../src/server/logger.ts';
import { createTasks } from '../src/server/tasks.ts';
import { TEMPLATE } from './cluster.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';
import { type BadgeReceiver, startBadgeReceiver } from './stand-ins/badge-receiver.ts';

let db: TestDatabase;
let verve: Verve;
let call: Call;
let background: Background | undefined;
let receiver: BadgeReceiver;
let registry: Registry;

beforeEach(async () => {
  db = await makeTestDatabase({ template: TEMPLATE });
  verve = createVerve({
    database: db.pool,
    secret: 'a secret for tests, of thirty-two characters',
    allowLoopbackEndpoints: true,
  });
  const { rows } = await db.adminPool.query<{ id: string }>(
    `insert into verve.organisations (slug, name) values ('lydhor', 'Lydhør') returning id`,
  );
  call = { orgId: rows[0]?.id as string, actor: { kind: 'system', name: 'test' } };
  receiver = await startBadgeReceiver();
});
afterEach(async () => {
  await background?.close();
  background = undefined;
  await receiver.close();
});

async function start(): Promise<Background> {
  registry = new Registry();
  background = await startBackground({
    verve,
    pool: db.pool,
    publicUrl: 'https://verve.example.no',
    logger: makeLogger('silent'),
    registry,
    allowLoopback: true,
  });
  return background;
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const startedAt = Date.now(); !(await isSo()); ) {
    if (Date.now() - startedAt > 8000) throw new Error('It did not become so');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The value of one line of the page that Prometheus reads. */
async function metric(line: string): Promise<number> {
  const found = (await registry.metrics()).split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1));
}

describe('a server', () => {
  test('sends what is committed in it at once, and counts it', async () => {
    const { secret } = await verve.webhookEndpoints.create(call, { url: receiver.url });
    receiver.secrets.push(secret);
    await start();
    const startedAt = Date.now();
    await verve.parts.database.transaction({ role: 'verve_engine', orgId: call.orgId }, (session) =>
      appendEvents(session, [{ type: 'share.recorded', data: { channel: 'sms' } }]),
    );
    await until(() => receiver.received.length === 1);
    expect(Date.now() - startedAt).toBeLessThan(900); // sooner than the next poll
    expect(receiver.verified).toEqual({ accepted: 1, refused: 0 });
    await until(async () => (await metric('verve_deliveries_sent_total{outcome="delivered"}')) === 1);
    expect(await metric('verve_delivery_lateness_seconds_count')).toBe(1);
    await until(async () => (await verve.health.ofInstallation()).pendingDeliveries === 0);
  });

  test('knows of parked deliveries and of what is late', async () => {
    const { endpoint } = await verve.webhookEndpoints.create(call, { url: receiver.url });
    await db.adminPool.query(
      `insert into verve.webhook_deliveries (org_id, endpoint_id, status, parked_at, attempts, due_at)
       values ($1, $2, 'parked', now(), 10, now()), ($1, $2, 'pending', null, 0, now() - interval '1 hour')`,
      [call.orgId, endpoint.endpointId],
    );
    const health = await verve.health.ofInstallation();
    expect(health).toMatchObject({ parkedDeliveries: 1, pendingDeliveries: 1, dueDeliveries: 1 });
    expect(health.deliveryLatenessSeconds).toBeCloseTo(3600, -2);
    expect(await verve.health.ofIntegration(call)).toMatchObject({ parkedDeliveries: 1, waitingDeliveries: 1 });
  });

  test('holds no organisation in its metrics', async () => {
    await start();
    const body = await registry.metrics();
    expect(body).not.toContain(call.orgId);
    expect(body).not.toContain('lydhor');
  });
});

describe('a task', () => {
  const run = (name: string) =>
    createTasks({ verve })
      .find((task) => task.name === name)
      ?.run({ orgId: call.orgId, subjectId: null, signal: new AbortController().signal });

  test.each(createTasks({ verve: { parts: {} } as Verve }).map((task) => task.name))(
    '%s runs on an organisation without anything, twice',
    async (name) => {
      await run(name);
      await run(name);
    },
  );

  test('tells in the morning that the inbox waits, and is silent when it does not', async () => {
    expect(await run('inbox-digest')).toEqual({ outcome: 'nothingWaits', count: 0, letters: 0 });
    await db.adminPool.query(`insert into verve.inbox_items (org_id, kind, code) values ($1, 'unknown_code', 'X')`, [
      call.orgId,
    ]);
    expect(await run('inbox-digest')).toEqual({ outcome: 'told', count: 1, letters: 0 });
    expect(await run('inbox-digest')).toEqual({ outcome: 'alreadyTold', count: 1, letters: 0 });
    const { rows } = await db.adminPool.query('select type, data from verve.referral_events');
    expect(rows).toMatchObject([{ type: 'inbox.waiting', data: { count: 1 } }]);
  });

  test('retires an expired code once, and tells of it', async () => {
    await db.adminPool.query(
      `with directory as (insert into verve.code_directory (code, org_id) values ('3PKCM78AQS', $1)),
       mentor as (insert into verve.mentors (org_id, display_name) values ($1, 'Vestland') returning id)
       insert into verve.referral_codes (org_id, owner_ref, code, rotation_sequence, created_at, expires_at)
       select $1, mentor.id::text, '3PKCM78AQS', 0, now() - interval '2 days', now() - interval '1 day' from mentor`,
      [call.orgId],
    );
    expect(await run('code-expiry')).toEqual({ retired: 1 });
    expect(await run('code-expiry')).toEqual({ retired: 0 });
    const { rows } = await db.adminPool.query(
      'select status, rotated_at = expires_at as "asOfExpiry" from verve.referral_codes',
    );
    expect(rows).toEqual([{ status: 'rotated', asOfExpiry: true }]);
  });
});
