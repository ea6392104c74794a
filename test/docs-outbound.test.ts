import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Verve } from '../src/engine/verve.ts';
import { SENDABLE_EVENT_TYPES } from '../src/engine/webhooks/event-filter.ts';
import { RETRY_SCHEDULE_SECONDS } from '../src/engine/webhooks/retry-schedule.ts';
import { createTasks } from '../src/server/tasks.ts';
import { readDocsFiles } from './docs-files.ts';
import { fromRoot } from './generated-files.ts';
import { all, type Outgoing, openOutgoing } from './webhooks-out.ts';

const page = (name: string) => readFile(fromRoot(`docs/${name}`), 'utf8');
let out: Outgoing | undefined;
afterAll(() => out?.close());

test('the receiver of docs/webhooks-out.md takes what Verve sends, once, and refuses what somebody else sends', async () => {
  out = await openOutgoing();
  const directory = await mkdtemp(join(tmpdir(), 'verve-docs-'));
  const script = join(directory, 'receive.mjs');
  await writeFile(script, (await readDocsFiles('webhooks-out.md')).get('receive.mjs') as string);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { secret, endpoint } = await out.endpoints.create(out.call, { url, eventTypes: ['milestone.*'] });
  const child = spawn(process.execPath, [script], { env: { SECRET: secret, PORT: String(port) } });
  try {
    await untilListening(url);
    const lines: string[] = [];
    child.stdout.on('data', (text: Buffer) => lines.push(text.toString()));
    await out.reach(5);
    out.sender();
    const [delivery] = await out.until(all('delivered'));
    await out.log.replay(out.call, delivery?.id as string);
    await out.until(all('delivered'));
    const range = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000), includeDelivered: true };
    await out.log.replayRange(out.call, endpoint.endpointId, range);
    await out.until(all('delivered'));
    expect(lines.join('')).toBe(`verve.milestone.reached.v1 ${out.orgId}:${out.mentorId}:recruits_5\n`);
    const forged = await fetch(url, {
      method: 'POST',
      headers: {
        'webhook-id': 'x',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': 'v1,AAAA',
      },
      body: '{}',
    });
    expect(forged.status).toBe(401);
  } finally {
    child.kill();
    await once(child, 'exit');
    await rm(directory, { recursive: true, force: true });
  }
});

test('docs/webhooks-out.md names every event that can be asked for, and no other', async () => {
  const table = /\| event [\s\S]*?\n\n/.exec(await page('webhooks-out.md'))?.[0] ?? '';
  const named = [...table.matchAll(/`([a-z:]+\.[a-z_]+|referral:[a-z]+)`/g)].map(([, type]) => type);
  expect(named.toSorted()).toEqual([...SENDABLE_EVENT_TYPES].sort());
});

test('docs/webhooks-out.md shows the schedule that is kept', async () => {
  const row = /\| after the last +\|(.*)\|/.exec(await page('webhooks-out.md'))?.[1] ?? '';
  const units: Record<string, number> = { s: 1, min: 60, h: 3600 };
  const waits = row.split('|').map((cell) => {
    const [amount = '0', unit = 's'] = cell.trim().split(' ');
    return Number(amount) * (units[unit] ?? Number.NaN);
  });
  expect(waits).toEqual(RETRY_SCHEDULE_SECONDS);
});

test('docs/jobs.md shows every task with its time', async () => {
  const neverCalled = () => {
    throw new Error('only the names are asked for');
  };
  const tasks = createTasks({ verve: { parts: {} } as Verve, understand: neverCalled, reconcile: neverCalled });
  const rows = [...(await page('jobs.md')).matchAll(/^\| `([a-z-]+)` +\| `([^`]+)` +\| ([a-z ]+?) +\|/gm)].map(
    ([, name, cron, whom]) => ({ name, cron, scope: whom === 'the installation' ? 'installation' : 'organisation' }),
  );
  expect(rows).toEqual(tasks.map(({ name, cron, scope }) => ({ name, cron, scope })));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await fetch(url, { method: 'POST' }).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('The receiver does not listen');
}
