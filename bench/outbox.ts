// `npm run bench:outbox -- [events a second] [seconds] [senders]`: the row "outbox" of docs/performance.md. Open loop: events with
// two deliveries each are committed at a steady rate; lateness is the time from the commit of an event to the arrival of
// its request at the receiver, measured in one process. Then a backlog: everything waits, and the senders drain it.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '../src/engine/actor.ts';
import { appendEvents } from '../src/engine/events/repository.ts';
import { createVerve } from '../src/engine/verve.ts';
import { createOutbox } from '../src/engine/webhooks/outbox.ts';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { createWebhookPoster } from '../src/server/post-webhook.ts';
import { startSender } from '../src/server/sender.ts';

const perSecond = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 10);
const senderCount = Number(process.argv[4] ?? 2);
const backlogSize = 5_000;
const actor: Actor = { kind: 'system', name: 'bench' };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const arrivedAt = new Map<string, number[]>(); // by webhook-id
const receiver = createServer((request, response) => {
  const id = request.headers['webhook-id'] as string;
  arrivedAt.set(id, [...(arrivedAt.get(id) ?? []), performance.now()]);
  request.resume().on('end', () => response.writeHead(204).end());
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;

const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-'));
const cluster = await startEmbeddedPostgres({ dataDir });
let isGood = true;
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const pool = makePool({ connectionString: cluster.url('app'), max: 12 });
  const verve = createVerve({ database: pool, secret: randomUUID().repeat(2), allowLoopbackEndpoints: true });
  const { orgId } = await verve.organisations.create({ actor, slug: 'bench', name: 'Lydhør' });
  for (const kind of ['generic', 'badge_service'] as const) {
    await verve.webhookEndpoints.create({ orgId, actor }, { url, kind, eventTypes: ['share.recorded'] });
  }
  const start = () => {
    const outbox = createOutbox({
      database: verve.parts.database,
      keyRing: verve.parts.keyRing,
      publicUrl: 'https://verve.example.no',
    });
    return startSender({ outbox, poster: createWebhookPoster({ allowLoopback: true }), onFault: console.error });
  };
  const commit = async (count: number) => {
    const events = await verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
      appendEvents(
        session,
        Array.from({ length: count }, () => ({ type: 'share.recorded', data: { channel: 'sms' } })),
      ),
    );
    return events.map((event) => event.id);
  };

  const senders = Array.from({ length: senderCount }, start);
  verve.events.on('*', () => senders[0]?.wake()); // the others hear at their next poll, as other servers do
  const committedAt = new Map<string, number>();
  const note = async (committing: Promise<string[]>) => {
    for (const id of await committing) committedAt.set(id, performance.now());
  };
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let made = 0; made < perSecond * seconds; made += 1) {
    const waitMs = startedAt + (made * 1000) / perSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    running.push(note(commit(1)));
  }
  await Promise.all(running);
  await waitFor(() => [...committedAt.keys()].every((id) => arrivedAt.get(id)?.length === 2));
  const latenesses = [...committedAt].flatMap(([id, at]) => (arrivedAt.get(id) ?? []).map((arrived) => arrived - at));
  latenesses.sort((a, b) => a - b);
  const at = (share: number) => latenesses[Math.min(latenesses.length - 1, Math.floor(latenesses.length * share))] ?? 0;
  console.log(`${perSecond} events/s for ${seconds} s, two deliveries each, ${senderCount} senders`);
  console.log(
    `  lateness p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, longest ${at(1).toFixed(0)} ms (limit: p99 2000 ms)`,
  );
  console.log(`  ${latenesses.length} arrivals of ${committedAt.size * 2} deliveries: ${twice()} arrived twice`);
  isGood &&= at(0.99) <= 2000 && latenesses.length === committedAt.size * 2 && twice() === 0;
  await Promise.all(senders.map((sender) => sender.stop()));

  arrivedAt.clear();
  for (let made = 0; made < backlogSize; made += 500) await commit(500);
  const drainedFrom = performance.now();
  const drainers = Array.from({ length: senderCount }, start);
  await waitFor(() => [...arrivedAt.values()].filter((arrivals) => arrivals.length >= 2).length === backlogSize);
  const took = (performance.now() - drainedFrom) / 1000;
  console.log(
    `backlog of ${backlogSize * 2} deliveries: ${took.toFixed(1)} s, ${((backlogSize * 2) / took).toFixed(0)}/s, ${twice()} arrived twice`,
  );
  isGood &&= twice() === 0;
  await Promise.all(drainers.map((sender) => sender.stop()));
  await pool.end();
} finally {
  receiver.close();
  receiver.closeAllConnections();
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);

/** Messages that arrived more often than there are endpoints. */
function twice(): number {
  return [...arrivedAt.values()].filter((arrivals) => arrivals.length > 2).length;
}

async function waitFor(isSo: () => boolean): Promise<void> {
  for (const startedAt = performance.now(); !isSo(); await sleep(20)) {
    if (performance.now() - startedAt > 120_000) throw new Error('Deliveries are missing after two minutes');
  }
}
