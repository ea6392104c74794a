import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { JOBS_SCHEMA } from '../src/server/jobs-repository.ts';
import { findCanaries, makeCanaries } from './canaries/canary.ts';
import { type CanarySite, makeCanarySite } from './canaries/site.ts';
import { type Refusal, walk } from './canaries/walk.ts';

// The real server, everything it does, and invented values of all that is personal or secret. None may turn up where it
// does not belong: the logs of the server and of PostgreSQL, spans, metrics, refusals, events, webhooks, jobs.
const canaries = makeCanaries();
let site: CanarySite;
let refusals: Refusal[] = [];
/** What was written where, by the place. */
const written: Record<string, string> = {};

beforeAll(async () => {
  site = await makeCanarySite(canaries);
  const { program, origin, walkOptions } = await site.serve(['print-spans.ts']);
  const stream = await openStream(origin, walkOptions.key);
  const walked = await walk(walkOptions);
  expect(walked.answers).toBeGreaterThan(400);
  ({ refusals } = walked);

  // Statements that PostgreSQL refuses: a right taken away, a rule that a name breaks.
  await site.ownerPool.query('revoke insert on verve.shares from verve_engine');
  await site.ownerPool.query(
    'alter table verve.branches add constraint planted check (name not like $$kvitter_%$$) not valid',
  );
  const again = await walk({ ...walkOptions, receivers: [], mentorUserId: randomUUID() });
  refusals.push(...again.refusals);
  await site.ownerPool.query('grant insert on verve.shares to verve_engine');
  await site.ownerPool.query('alter table verve.branches drop constraint planted');

  written.metrics = await (await fetch(`${origin}/metrics`)).text();
  const credited = 'recruitment.credited';
  await vi.waitFor(
    () => expect(site.received().includes(credited) && stream.text().includes(credited)).toBe(true),
    10_000,
  );
  written.stream = await stream.close();
  program.process.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  written.server = program.output() + program.errors();
  written.tasks = await site.runTasks();
  written.postgres = await site.readPostgresLog();
  written.webhooks = site.received();
  Object.assign(written, await readTables());
});
afterAll(() => site?.close());

async function readTables(): Promise<Record<string, string>> {
  const read = async (text: string) => JSON.stringify((await site.ownerPool.query(text)).rows);
  return {
    events: await read('select type, data, mentor_id, code_id, attribution_id from verve.referral_events'),
    deliveries: await read('select body, last_failure from verve.webhook_deliveries'),
    jobs: await read(`select * from ${JOBS_SCHEMA}.job`),
  };
}

/** Reads the event stream until it is told to stop. */
async function openStream(origin: string, key: string): Promise<{ text: () => string; close: () => Promise<string> }> {
  const control = new AbortController();
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${origin}/api/v1/events`, { headers, signal: control.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('utf8');
  })().catch(() => undefined);
  return {
    text: () => text,
    async close() {
      control.abort();
      await reading;
      return text;
    },
  };
}

test('the walk went everywhere: faults, refusals of each kind, spans, statements, events and deliveries', () => {
  expect([...new Set(refusals.map(({ status }) => status))].sort()).toEqual(
    expect.arrayContaining([400, 401, 403, 404, 409, 422, 500]),
  );
  expect(written.server).toContain('request failed');
  expect(written.server?.match(/^\{"span":/gm)?.length).toBeGreaterThan(1_000);
  expect(written.postgres).toContain('permission denied for table shares');
  expect(written.postgres).toContain('violates check constraint "planted"');
  expect(written.postgres).toMatch(/execute verve_set_scope/);
  expect(written.metrics).toContain('verve_problems_total');
  expect(written.stream).toContain('event: recruitment.credited');
  expect(written.webhooks).toContain('verve.recruitment.credited.v1');
  expect(written.jobs?.length).toBeGreaterThan(100);
});

test.each(['server', 'tasks', 'postgres', 'metrics', 'stream', 'webhooks', 'events', 'deliveries', 'jobs'])(
  'nothing personal or secret is in %s',
  (place) => {
    const text = written[place] ?? '';
    const found = findCanaries(text, canaries);
    const line = text.split('\n').find((one) => findCanaries(one, canaries).length > 0);
    expect([found, line?.slice(0, 2_000)]).toEqual([[], undefined]);
  },
);

test('no refusal repeats what was sent', () => {
  const problems = refusals.filter(({ isPage }) => !isPage);
  expect(problems.length).toBeGreaterThan(300);
  const echoes = problems.filter(({ text }) => findCanaries(text, canaries).length > 0);
  expect(echoes.map(({ about, status, text }) => [about, status, text.slice(0, 300)])).toEqual([]);
});

test('what is planted is found, wherever it is', async () => {
  const [memberId = ''] = canaries.memberIds;
  const { program, origin, walkOptions } = await site.serve(['plant-leak.ts']);
  const { orgId, key, slug } = walkOptions;
  const stream = await openStream(origin, key);
  await fetch(`${origin}/api/v1/webhooks/membership/${slug}`, {
    method: 'POST',
    headers: { 'x-referral-key': walkOptions.headerKey },
    body: JSON.stringify({ status: 'confirmed', external_member_id: memberId }),
  });
  await site.ownerPool.query(`select '${memberId}'::uuid`).catch(() => undefined);
  const leak = JSON.stringify({ told: memberId });
  await site.ownerPool.query(
    `insert into verve.referral_events (org_id, type, data) values ($1, 'recruitment.credited', $2)`,
    [orgId, leak],
  );
  await site.ownerPool.query(`update ${JOBS_SCHEMA}.job set data = $1`, [leak]);
  await vi.waitFor(() => expect(stream.text()).toContain('recruitment.credited'), 10_000);
  program.process.kill('SIGTERM');
  await program.ended;
  const places = {
    server: program.output() + program.errors(),
    stream: await stream.close(),
    postgres: await site.readPostgresLog(),
    ...(await readTables()),
  };
  for (const [place, text] of Object.entries(places)) {
    const isClosedList = place === 'deliveries'; // a webhook's body is made of named members only: a stray one is left out
    expect([place, findCanaries(text, canaries).includes(memberId)]).toEqual([place, !isClosedList]);
  }
});
