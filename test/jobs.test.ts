import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Jobs, type JobsOptions, startJobs, type Task } from '../src/server/jobs.ts';
import { readJobStandings } from '../src/server/jobs-repository.ts';
import { TEMPLATE } from './cluster.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';

let db: TestDatabase;
let running: Jobs[] = [];
let faults: { task: string; error: unknown }[] = [];

beforeEach(async () => {
  db = await makeTestDatabase({ template: TEMPLATE });
  faults = [];
});
afterEach(async () => {
  await Promise.all(running.map((jobs) => jobs.stop()));
  running = [];
});

const ORGANISATIONS = ['0a0a0a0a-0000-4000-8000-000000000001', '0a0a0a0a-0000-4000-8000-000000000002'];

async function start(tasks: Task[], options: Partial<JobsOptions> = {}): Promise<Jobs> {
  const jobs = await startJobs({
    pool: db.pool,
    tasks,
    listOrganisations: async () => ORGANISATIONS,
    onFault: (fault) => faults.push(fault),
    pollSeconds: 0.5,
    ...options,
  });
  running.push(jobs);
  return jobs;
}

/** A task that notes for whom it ran. */
function noting(over: Partial<Task> = {}): Task & { ran: string[] } {
  const ran: string[] = [];
  const task = { name: 'note', cron: null, scope: 'installation', ...over } as const;
  return { run: async ({ orgId, subjectId }) => void ran.push(subjectId ?? orgId), ...task, ran };
}

async function until(isSo: () => boolean, timeoutMs = 8000): Promise<void> {
  for (const startedAt = Date.now(); !isSo(); await sleep(20)) {
    if (Date.now() - startedAt > timeoutMs) throw new Error('It did not become so');
  }
}

describe('a task', () => {
  test('runs once, whichever of three servers takes it', async () => {
    const task = noting();
    const servers = [await start([task]), await start([task]), await start([task])];
    await servers[0]?.runNow('note');
    await until(() => task.ran.length > 0);
    await sleep(1200);
    expect(task.ran).toEqual(['']);
  });

  test('of the organisations runs once for each of them', async () => {
    const task = noting({ scope: 'organisation' });
    const [first] = [await start([task]), await start([task])];
    await first.runNow('note');
    await until(() => task.ran.length === 2);
    await sleep(1200);
    expect(task.ran.toSorted()).toEqual(ORGANISATIONS);
  });

  test('asked for twice while it waits or runs is the same job', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ran: string[] = [];
    const slow = noting({
      scope: 'organisation',
      run: ({ orgId }) => {
        ran.push(orgId);
        return gate;
      },
    });
    const jobs = await start([slow]);
    const target = { orgId: ORGANISATIONS[0] as string };
    expect(await jobs.runNow('note', target)).not.toBeNull();
    expect(await jobs.runNow('note', target)).toBeNull();
    await until(() => ran.length === 1);
    expect(await jobs.runNow('note', target)).toBeNull();
    expect(await jobs.runNow('note', { ...target, subjectId: 'another import' })).not.toBeNull();
    release();
    await until(() => ran.length === 2);
  });

  test('that fails is told of, kept without its message, and tried again', async () => {
    const failing = noting({
      run: async () => {
        throw new TypeError('member M-4711 is odd');
      },
    });
    const jobs = await start([failing]);
    await jobs.runNow('note');
    await until(() => faults.length === 1);
    const kept = async () =>
      (await db.adminPool.query(`select state, data, output from verve_jobs.job where name = 'recurring'`)).rows;
    await expect.poll(kept, { timeout: 8_000 }).toMatchObject([{ state: 'retry', data: { task: 'note' } }]);
    expect(JSON.stringify(await kept())).not.toContain('4711');
  });

  test('unknown to this version is left alone', async () => {
    const jobs = await start([noting()]);
    await expect(jobs.runNow('unheard-of')).rejects.toThrow('no task');
  });

  test('leaves nothing but names and ids in the database', async () => {
    const task = noting({ scope: 'organisation' });
    const jobs = await start([task]);
    await jobs.runNow('note');
    await until(() => task.ran.length === 2);
    const { rows } = await db.adminPool.query<{ data: object }>('select data from verve_jobs.job');
    const keys = new Set(rows.flatMap((row) => Object.keys(row.data ?? {})));
    expect([...keys].sort()).toEqual(['orgId', 'task']);
  });
});

describe('the plan', () => {
  test('holds every task with a time, once, however many servers start', async () => {
    const tasks = [noting({ name: 'nightly', cron: '10 3 * * *' }), noting({ name: 'by-hand' })];
    const [first] = [await start(tasks), await start(tasks)];
    expect(await first.plans()).toEqual([{ task: 'nightly', cron: '10 3 * * *' }]);
  });

  test('follows a changed time', async () => {
    await start([noting({ name: 'nightly', cron: '10 3 * * *' })]);
    const jobs = await start([noting({ name: 'nightly', cron: '20 4 * * *' })]);
    expect(await jobs.plans()).toEqual([{ task: 'nightly', cron: '20 4 * * *' }]);
  });
});

test('the standing of each task is known', async () => {
  const task = noting();
  const jobs = await start([task]);
  await jobs.runNow('note');
  await until(() => task.ran.length === 1);
  const ended = { task: 'note', waiting: 0, running: 0, failed: 0, succeededAt: expect.any(Date) };
  await expect.poll(() => readJobStandings(db.pool), { timeout: 8_000 }).toMatchObject([ended]);
});

test('the server may use the jobs and change none of their tables', async () => {
  await expect(db.pool.query('drop table verve_jobs.warning')).rejects.toThrow(/must be owner/);
  await expect(db.pool.query('alter table verve_jobs.job add column x int')).rejects.toThrow(/must be owner/);
  const { rows } = await db.pool.query(`select has_schema_privilege('authenticated', 'verve_jobs', 'usage') as may`);
  expect(rows).toEqual([{ may: false }]);
});
