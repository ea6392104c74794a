// `npm run soak:outbound -- [kills]`: a sender is killed (SIGKILL) again and again in mid-send, 200 times unless told otherwise,
// while events keep coming and the receiver is slow, fails and drops replies. Then a sender finishes the work. Nothing may be
// lost, no award may be made twice, every repetition must carry the same id and bytes.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Actor } from '../src/engine/actor.ts';
import { appendEvents } from '../src/engine/events/repository.ts';
import { milestoneReached } from '../src/engine/milestones/count-credits.ts';
import { createVerve } from '../src/engine/verve.ts';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { type Behaviour, startBadgeReceiver } from '../test/stand-ins/badge-receiver.ts';

const kills = Number(process.argv[2] ?? 200);
const eventsPerRound = 10;
const actor: Actor = { kind: 'system', name: 'soak' };
const secret = randomUUID().repeat(2);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const behaviours: Behaviour[] = [
  { kind: 'ok' },
  { kind: 'slow', delayMs: 30 },
  { kind: 'slow', delayMs: 90 },
  { kind: 'dropReply' },
  { kind: 'status', status: 500 },
];

const receiver = await startBadgeReceiver();
const dataDir = await mkdtemp(join(tmpdir(), 'verve-soak-'));
const cluster = await startEmbeddedPostgres({ dataDir });
const counts = { events: 0, heldByTheDead: 0, lost: 0, doubled: 0, changed: 0, refused: 0, parked: 0 };
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const pool = makePool({ connectionString: cluster.url('app'), max: 4 });
  const verve = createVerve({ database: pool, secret, allowLoopbackEndpoints: true });
  const { orgId } = await verve.organisations.create({ actor, slug: 'soak', name: 'Lydhør' });
  const made = await verve.webhookEndpoints.create(
    { orgId, actor },
    { url: receiver.url, kind: 'badge_service', eventTypes: ['milestone.reached'] },
  );
  receiver.secrets.push(made.secret);
  const eventIds: string[] = [];
  const within = <Result>(work: Parameters<typeof verve.parts.database.transaction<Result>>[1]) =>
    verve.parts.database.transaction({ role: 'verve_engine', orgId }, work);
  const countOf = (where: string) =>
    within(async (session) => {
      const [row] = await session.query<{ count: number }>(
        `select count(*)::int as count from verve.webhook_deliveries where org_id = $1 and ${where}`,
        [orgId],
      );
      return row?.count ?? 0;
    });

  for (let round = 1; round <= kills; round += 1) {
    const reached = Array.from({ length: eventsPerRound }, () =>
      milestoneReached(orgId, { awardId: randomUUID(), mentorId: randomUUID(), threshold: 5, count: 5 }),
    );
    eventIds.push(...(await within((session) => appendEvents(session, reached))).map((event) => event.id));
    receiver.behave(...Array.from({ length: eventsPerRound }, () => pick(behaviours)));
    const child = await startSenderProcess(round * 61);
    await sleep(Math.random() * 150);
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
    counts.heldByTheDead += await countOf(`claim is not null and due_at > now() + interval '${round * 61} seconds'`);
    if (round % 20 === 0) console.log(`${round} of ${kills} kills`);
  }

  for (let ahead = kills * 61 + 3600; (await countOf(`status = 'pending'`)) > 0; ahead += 7200) {
    const child = await startSenderProcess(ahead);
    for (let waited = 0; waited < 100 && (await countOf(`status = 'pending'`)) > 0; waited += 1) await sleep(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  const arrived = Map.groupBy(receiver.received, (request) => request.id);
  counts.events = eventIds.length;
  counts.lost = eventIds.filter((id) => !arrived.has(id)).length;
  counts.changed = [...arrived.values()].filter((all) => new Set(all.map((one) => one.body)).size > 1).length;
  counts.doubled =
    [...receiver.awards.values()].filter((times) => times > 1).length + (eventIds.length - receiver.awards.size);
  counts.refused = receiver.verified.refused;
  counts.parked = await countOf(`status = 'parked'`);
  await pool.end();
} finally {
  await receiver.close();
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}
console.log(`${kills} kills, ${counts.heldByTheDead} deliveries in the hands of a killed sender`);
console.log(`${counts.events} events, ${receiver.received.length} requests`);
const zeros = {
  lost: counts.lost,
  'awards doubled or missing': counts.doubled,
  'bytes changed': counts.changed,
  'signatures refused': counts.refused,
  parked: counts.parked,
};
for (const [name, count] of Object.entries(zeros)) console.log(`${String(count).padStart(5)}  ${name}`);
process.exit(Object.values(zeros).every((count) => count === 0) && counts.heldByTheDead > 0 ? 0 : 1);

/** A sender in a process of its own, its clock so far ahead that what the dead held is due again. */
async function startSenderProcess(aheadSeconds: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../test/sender-process.ts', import.meta.url));
  const settings = JSON.stringify({ appUrl: cluster.url('app'), aheadSeconds, secret });
  const child = spawn(process.execPath, [script, settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}
