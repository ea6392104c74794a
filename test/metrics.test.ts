import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { createBackgroundMetrics } from '../src/server/background-metrics.ts';
import { loadConfig } from '../src/server/config.ts';
import { examine } from '../src/server/doctor/examine.ts';
import { readJobStandings } from '../src/server/jobs-repository.ts';
import { countFacts, createServerMetrics } from '../src/server/metrics.ts';
import { makeReadings } from '../src/server/readings.ts';
import { addMentor } from './add-mentor.ts';
import { fromRoot } from './generated-files.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { system as actor, testSecret } from './harness-verve.ts';
import { type Program, startVerve, waitForOutput } from './programs.ts';

const { pool, adminPool } = await testDatabase();

/** A server's engine and page of metrics, over the shared database. */
function makeServer() {
  const registry = new Registry();
  const verve = createVerve({ database: pool, secret: testSecret, onFacts: countFacts(registry) });
  const metrics = createServerMetrics({ registry, events: verve.events, readings: makeReadings(verve, pool) });
  createBackgroundMetrics({ registry, health: verve.health, readJobs: () => readJobStandings(pool) });
  return {
    verve,
    metrics,
    page: async () => (await metrics.render(new Request('http://127.0.0.1/metrics')))?.text ?? '',
  };
}

interface Family {
  type: string;
  help: string;
  samples: Map<string, number>;
}

/** Reads the text format 0.0.4 strictly: a line that is none of its kinds is an error. */
function readPage(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const familyOf = (name: string) => {
    const base = families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    const found = families.get(base);
    if (found === undefined) throw new Error(`${name} stands before its HELP.`);
    return found;
  };
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n')) {
    const help = /^# HELP ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line);
    const type = /^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|histogram|summary)$/.exec(line);
    const sample = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/.exec(line);
    if (help?.[1] !== undefined) families.set(help[1], { type: '', help: help[2] ?? '', samples: new Map() });
    else if (type?.[1] !== undefined) familyOf(type[1]).type = type[2] ?? '';
    else if (sample?.[1] !== undefined) {
      const { samples } = familyOf(sample[1]);
      const key = `${sample[1]}${sample[2] ?? ''}`;
      expect([key, samples.has(key)]).toEqual([key, false]);
      samples.set(key, Number(sample[3]));
    } else expect(line).toBe('');
  }
  return families;
}

const ours = (families: Map<string, Family>) => [...families].filter(([name]) => name.startsWith('verve_'));

test('the page is in the text format, and its names say what they are', async () => {
  const families = readPage(await makeServer().page());
  expect(ours(families).length).toBeGreaterThan(15);
  for (const [name, { type }] of families) expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
  for (const [name, { type, help }] of ours(families)) {
    expect([name, type !== '' && help.length > 10]).toEqual([name, true]);
    expect([name, /_(bucket|count|sum|info)$|_(ms|milliseconds|minutes)/.test(name)]).toEqual([name, false]);
  }
});

test('every figure of ours stands in the documentation, and no other', async () => {
  const page = await readFile(fromRoot('docs/observability.md'), 'utf8');
  const told = new Set([...page.matchAll(/`(verve_[a-z_]+)(?:\{[a-z,]+\})?`/g)].map((match) => match[1]));
  for (const role of ['verve_engine', 'verve_app', 'verve_ingest']) told.delete(role);
  expect([...told].sort()).toEqual(
    ours(readPage(await makeServer().page()))
      .map(([name]) => name)
      .sort(),
  );
});

test('facts are counted by kind and outcome, once committed, in the server that decided them', async () => {
  const [one, other] = [makeServer(), makeServer()];
  const { orgId } = await freshOrganisation();
  const { code } = await addMentor(orgId);
  const confirm = (newMemberId: string, given = code) =>
    one.verve.attributions.confirmRecruitment({ orgId, actor, code: given, newMemberId });
  await confirm('1');
  await confirm('1');
  await Promise.all([confirm('2'), confirm('3'), confirm('4', 'ZZZZZZZZZZ')]);
  await one.verve.attributions.reverseRecruitment({ orgId, actor, memberId: '1' });
  await one.verve.bulk.preview({
    orgId,
    actor,
    facts: [{ kind: 'confirmed', memberId: '9', code, source: 'import' }],
  });
  const facts = (await readFacts(one.page)).map(([key, value]) => `${key.slice(17)} ${value}`);
  expect(facts.sort()).toEqual([
    '{kind="confirmed",outcome="already_confirmed"} 1',
    '{kind="confirmed",outcome="confirmed"} 3',
    '{kind="confirmed",outcome="unmatched"} 1',
    '{kind="reversed",outcome="reversed"} 1',
  ]);
  expect(await readFacts(other.page)).toEqual([]);
});

async function readFacts(page: () => Promise<string>): Promise<[string, number][]> {
  return [...(readPage(await page()).get('verve_facts_total')?.samples ?? [])];
}

test('what is read from the database is the same at every server, and says so', async () => {
  const [one, other] = [makeServer(), makeServer()];
  const { orgId } = await freshOrganisation();
  await one.verve.attributions.confirmRecruitment({ orgId, actor, code: 'ZZZZZZZZZ1', newMemberId: '1' });
  const { endpoint } = await one.verve.webhookEndpoints.create({ orgId, actor }, { url: 'https://example.org/hook' });
  await adminPool.query(
    `insert into verve.webhook_deliveries (org_id, endpoint_id, due_at) values ($1, $2, now() - interval '1 hour')`,
    [orgId, endpoint.endpointId],
  );
  const [first, second] = [readPage(await one.page()), readPage(await other.page())];
  const shared = ours(first).filter(([, { help }]) => help.includes('Of the whole installation'));
  expect(shared.length).toBeGreaterThan(8);
  for (const [name, { samples }] of shared) {
    if (name.endsWith('_seconds')) continue;
    expect([name, [...samples]]).toEqual([name, [...(second.get(name)?.samples ?? [])]]);
  }
  expect(first.get('verve_outbox_oldest_due_seconds')?.samples.get('verve_outbox_oldest_due_seconds')).toBeGreaterThan(
    3_590,
  );
  expect(first.get('verve_inbox_waiting')?.samples.get('verve_inbox_waiting')).toBeGreaterThan(0);
});

test('a lock that others wait for is seen', async () => {
  const { page } = makeServer();
  const { orgId } = await freshOrganisation();
  const holder = await adminPool.connect();
  await holder.query('begin');
  await holder.query('select 1 from verve.organisations where id = $1 for update', [orgId]);
  const waiter = pool.connect().then(async (client) => {
    await client.query('begin');
    await client.query(`select set_config('role', 'verve_engine', true), set_config('verve.org', $1, true)`, [orgId]);
    await client.query('select 1 from verve.organisations where id = $1 for share', [orgId]).catch(() => undefined);
    await client.query('rollback');
    client.release();
  });
  await expect
    .poll(
      async () =>
        readPage(await page())
          .get('verve_lock_waits')
          ?.samples.get('verve_lock_waits'),
      { timeout: 10_000 },
    )
    .toBe(1);
  await holder.query('rollback');
  holder.release();
  await waiter;
});

describe('/metrics of a server', () => {
  const token = 'an-invented-token-of-metrics';
  const running: Program[] = [];
  afterEach(async () => {
    for (const program of running.splice(0)) {
      program.process.kill('SIGTERM');
      await program.ended;
    }
  });

  async function serve(environment: Record<string, string>): Promise<string> {
    const { appUrl } = await testDatabase();
    const program = startVerve(['serve'], {
      PORT: '0',
      HOST: '0.0.0.0',
      DATABASE_URL: appUrl,
      VERVE_SECRET: testSecret,
      VERVE_LOG_LEVEL: 'silent',
      ...environment,
    });
    running.push(program);
    const [, port = ''] = await waitForOutput(program, /ready at http:\/\/[^:]+:(\d+)/);
    return port;
  }
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  const ask = async (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    (await fetch(url, { method, headers })).status;

  test('is for programs of this machine that come directly', async () => {
    const port = await serve({ VERVE_TRUSTED_PROXIES: '1' });
    const url = `http://127.0.0.1:${port}/metrics`;
    expect(await ask(url)).toBe(200);
    for (const name of ['forwarded', 'via', 'x-forwarded-for', 'X-Real-IP', 'x-forwarded-host', 'x-forwarded-proto']) {
      // What is written there changes nothing.
      expect([name, await ask(url, { [name]: '127.0.0.1' })]).toEqual([name, 403]);
    }
    expect(await ask(url, { 'x-forwarded-for': '203.0.113.9' }, 'HEAD')).toBe(403);
    expect(await ask(`http://127.0.0.1:${port}/%6Detrics`, { via: '1.1 proxy' })).not.toBe(200);
    if (outside !== undefined) expect(await ask(`http://${outside}:${port}/metrics`)).toBe(403);
    for (const path of ['healthz', 'readyz']) {
      expect(await ask(`http://${outside ?? '127.0.0.1'}:${port}/${path}`, { via: '1.1 proxy' })).toBe(200);
    }
  });

  test('is for whoever has the token, from anywhere, and for nobody else', async () => {
    const port = await serve({ VERVE_METRICS_TOKEN: token });
    const url = `http://${outside ?? '127.0.0.1'}:${port}/metrics`;
    expect(await ask(url, { authorization: `Bearer ${token}`, via: '1.1 proxy' })).toBe(200);
    for (const authorization of ['', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, 'Bearer']) {
      expect(await ask(`http://127.0.0.1:${port}/metrics`, { authorization })).toBe(401);
    }
    const refused = await fetch(url);
    expect(await refused.text()).not.toContain(token);
  });

  test('shown to everybody by a proxy that says nothing is told by the doctor', async () => {
    const port = await serve({});
    const { appUrl } = await testDatabase();
    const ask = async (environment: Record<string, string>) => {
      const env = {
        DATABASE_URL: appUrl,
        VERVE_SECRET: testSecret,
        VERVE_PUBLIC_URL: `http://0.0.0.0:${port}`,
        PORT: '0',
      };
      return (await examine(loadConfig({ ...env, ...environment }))).flatMap(({ problems }) =>
        problems.map(({ code }) => code),
      );
    };
    expect(await ask({})).toContain('metrics_are_public');
    const guarded = await serve({ VERVE_METRICS_TOKEN: token });
    expect(await ask({ VERVE_PUBLIC_URL: `http://0.0.0.0:${guarded}` })).not.toContain('metrics_are_public');
  });
});
