// The database stands still, is told to end, or cancels a statement while clicks come in: what was answered as stored or late
// is there, or was counted as not stored.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePool } from '../src/server/pool.ts';
import { placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { testSecret, testVerve } from './harness-verve.ts';
import { type Program, startVerve, waitForOutput } from './programs.ts';
import { startVisitors } from './visitors.ts';

/** Visitors at a time, and so the most of one batch. */
const LINES = 12;

let program: Program;
let origin = '';
let superuser: Pool;

beforeAll(async () => {
  const { appUrl, superuserUrl } = await testDatabase();
  superuser = makePool({ connectionString: superuserUrl, max: 1 });
  program = startVerve(['serve', '--json'], {
    PORT: '0',
    DATABASE_URL: appUrl,
    VERVE_SECRET: testSecret,
    VERVE_TRUSTED_PROXIES: '1',
  });
  const [line = '{}'] = await waitForOutput(program, /\{"event":"ready".*\}/);
  origin = new URL((JSON.parse(line) as { url: string }).url).origin;
}, 60_000);

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.ended;
  await superuser.end();
});

async function backendOf(name: string): Promise<number> {
  const { rows } = await superuser.query<{ pid: number }>(
    'select pid from pg_stat_activity where application_name = $1 and datname = current_database()',
    [name],
  );
  return rows[0]?.pid ?? 0;
}

async function countNotStored(): Promise<number> {
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^verve_clicks_not_stored_total (\d+)$/m.exec(metrics)?.[1]);
}

/** Its recorder's connection, and how often a commit may succeed whose answer gets lost with the connection. */
const troubles: [string, number, (pid: number) => Promise<void>][] = [
  [
    'stands still for three seconds',
    0,
    async (pid) => {
      process.kill(pid, 'SIGSTOP');
      await sleep(3_000);
      process.kill(pid, 'SIGCONT');
    },
  ],
  [
    'stands still and is then told to end',
    0,
    async (pid) => {
      process.kill(pid, 'SIGSTOP');
      await superuser.query('select pg_terminate_backend($1)', [pid]);
      await sleep(1_500);
      process.kill(pid, 'SIGCONT');
    },
  ],
  [
    'cancels what it is doing',
    0,
    async (pid) => {
      for (let times = 0; times < 200; times += 1) await superuser.query('select pg_cancel_backend($1)', [pid]);
    },
  ],
  [
    'is told to end again and again',
    5,
    async () => {
      for (let times = 0; times < 5; times += 1) {
        await superuser.query('select pg_terminate_backend($1)', [await backendOf('verve clicks')]);
        await sleep(300);
      }
    },
  ],
];

test.each(troubles)(
  'PostgreSQL %s while clicks come in: each is there or counted as not stored',
  async (...trouble) => {
    const [, lostAnswers, cause] = trouble;
    const place = await placeWithCode(await testVerve(), { joinUrl: null });
    const notStoredBefore = await countNotStored();
    const visitors = startVisitors(origin, place.code, LINES, 10);
    const { told } = visitors;
    await visitors.until(() => told.stored >= 100);
    await cause(await backendOf('verve clicks'));
    const after = told.stored;
    await visitors.until(() => told.stored >= after + 100);
    await visitors.stop();
    expect(told.wrong).toEqual([]);
    const answers = told.stored + told.late + told['not-stored'];
    const ended = async () => (await rawOf(place.codeId)) + (await countNotStored()) - notStoredBefore;
    await expect.poll(ended, { timeout: 10_000 }).toBeGreaterThanOrEqual(answers);
    expect(await ended()).toBeLessThanOrEqual(answers + lostAnswers * LINES);
  },
  60_000,
);
