import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { scopes } from '../src/engine/permissions.ts';
import { createVerve } from '../src/engine/verve.ts';
import { addMentor } from './add-mentor.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { system as actor } from './harness-verve.ts';
import { makeDataDir, type Program, startVerve, waitForOutput } from './programs.ts';

const secret = 'an-invented-secret-of-forty-characters-x';
const { pool, appUrl, adminPool } = await testDatabase();
const verve = createVerve({ database: pool, secret });
const { dataDir, remove } = makeDataDir();
afterAll(remove);

async function start(): Promise<{ program: Program; origin: string }> {
  const environment = { PORT: '0', DATABASE_URL: appUrl, VERVE_SECRET: secret, VERVE_DATA_DIR: dataDir };
  const program = startVerve(['serve'], environment);
  const [, origin = ''] = await waitForOutput(program, /Verve is ready at (http:\S+)/);
  return { program, origin };
}

async function organisation() {
  const { orgId } = await freshOrganisation();
  const { code } = await addMentor(orgId);
  const key = await verve.apiKeys.create({ orgId, actor, name: 'shutdown', scopes: [...scopes] });
  return { orgId, code, headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' } };
}

test('SIGTERM under load: what was accepted is answered, and what was answered is in the database', async () => {
  const { orgId, code, headers } = await organisation();
  const { program, origin } = await start();
  const answered = new Set<string>();
  let isStopping = false;

  async function confirmUntilRefused(worker: number): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      const memberId = `${worker}-${turn}`;
      const body = JSON.stringify({ code, registration_ref: `reference-${memberId}`, new_member_id: memberId });
      try {
        const response = await fetch(`${origin}/api/v1/registrations`, { method: 'POST', headers, body });
        expect(response.status).toBe(201);
        await response.arrayBuffer();
        answered.add(memberId);
      } catch (error) {
        if (!isStopping) throw error;
        return; // the server takes nothing new
      }
    }
  }

  const workers = Promise.all(Array.from({ length: 24 }, (_, worker) => confirmUntilRefused(worker)));
  while (answered.size < 300) await sleep(5);
  isStopping = true;
  program.process.kill('SIGTERM');
  await workers;
  expect(await program.ended).toBe(0);
  const { rows } = await adminPool.query<{ ref: string }>('select ref from verve.sources where org_id = $1', [orgId]);
  expect(rows.map(({ ref }) => ref).sort()).toEqual([...answered].sort());
});

test('event streams end as a stream ends, at once, and their clients know from where to go on', async () => {
  const { code, headers } = await organisation();
  const { program, origin } = await start();
  const streams = await Promise.all([1, 2, 3].map(() => openStream(origin, headers)));
  const body = JSON.stringify({ code, new_member_id: '1' });
  expect((await fetch(`${origin}/api/v1/registrations`, { method: 'POST', headers, body })).status).toBe(201);
  for (const { text } of streams) await expect.poll(text, { timeout: 10_000 }).toMatch(/^id: \d+$/m);
  program.process.kill('SIGTERM');
  for (const { ended } of streams) await ended; // a cut stream rejects
  expect(await program.ended).toBe(0);
});

async function openStream(origin: string, headers: Record<string, string>) {
  const response = await fetch(`${origin}/api/v1/events`, { headers });
  let text = '';
  const ended = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('utf8');
  })();
  ended.catch(() => undefined);
  return { text: () => text, ended };
}
