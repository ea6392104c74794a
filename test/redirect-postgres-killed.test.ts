import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { readClusterPasswords } from '../src/server/make-cluster.ts';
import { readPostmaster } from '../src/server/postmaster.ts';
import { makeDataDir, startVerve, waitForOutput } from './programs.ts';
import { startVisitors } from './visitors.ts';

test('PostgreSQL killed in mid-load: every redirect works, every click answered as stored is there, it comes back by itself', async () => {
  const { dataDir, remove } = makeDataDir();
  const program = startVerve(['serve', '--json'], {
    PORT: '0',
    VERVE_DATA_DIR: dataDir,
    VERVE_TRUSTED_PROXIES: '1',
  });
  onTestFinished(async () => {
    program.process.kill('SIGKILL');
    await program.ended;
    await remove();
  });
  const [line = '{}'] = await waitForOutput(program, /\{"event":"ready".*\}/);
  const { url: origin, api_key: key } = JSON.parse(line) as { url: string; api_key: string };
  const ask = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    return (await fetch(`${origin}${path}`, init)).json() as Promise<{ code: string; data: { id: string }[] }>;
  };
  const [mentor] = (await ask('/api/v1/mentors')).data;
  const { code } = await ask('/api/v1/referral-codes', { mentor_id: mentor?.id });

  const visitors = startVisitors(origin, code, 12);
  const { told } = visitors;
  for (let kill = 1; kill <= 2; kill += 1) {
    const before = told.stored;
    await visitors.until(() => told.stored >= before + 300);
    const postmaster = await readPostmaster(join(dataDir, 'postgres'));
    if (postmaster === null) throw new Error('PostgreSQL does not run');
    process.kill(postmaster.pid, 'SIGKILL');
    await visitors.until(() => told['not-stored'] > 0 && told['not-stored'] + told.late >= kill * 20);
    const atKill = told.stored;
    await visitors.until(() => told.stored >= atKill + 100);
    expect(told.stored).toBeGreaterThanOrEqual(atKill + 100);
  }
  await visitors.stop();
  expect(told.wrong).toEqual([]);
  expect(told['not-stored']).toBeGreaterThan(0);

  const metrics = await (await fetch(`${origin}/metrics`)).text();
  const notStored = Number(/^verve_clicks_not_stored_total (\d+)$/m.exec(metrics)?.[1]);
  const postmaster = await readPostmaster(join(dataDir, 'postgres'));
  const { superuser } = await readClusterPasswords(dataDir);
  const client = new Client(`postgres://postgres:${superuser}@127.0.0.1:${postmaster?.port}/verve`);
  await client.connect();
  const { rows } = await client.query<{ clicks: number; wrong: number }>(
    `select (select count(*)::int from verve.referral_clicks) as clicks,
       (select count(*)::int from verve_private.click_count_differences()) as wrong`,
  );
  await client.end();
  const answers = told.stored + told.late + told['not-stored'];
  expect(rows[0]?.wrong).toBe(0);
  // What is not there was counted as not stored; a commit whose reply was lost is there and counted, at most a batch a kill.
  expect(rows[0]?.clicks).toBeGreaterThanOrEqual(answers - notStored);
  expect(rows[0]?.clicks).toBeLessThanOrEqual(answers - notStored + 2 * 12);
  expect(notStored).toBeGreaterThanOrEqual(told['not-stored']);
  expect(notStored).toBeLessThanOrEqual(told['not-stored'] + told.late);
  expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('was interrupted');

  program.process.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
}, 120_000);
