import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/server/config.ts';
import { openPostgres } from '../src/server/open-postgres.ts';
import { makePool } from '../src/server/pool.ts';
import { makeDataDir, type Program, startVerve, waitForOutput } from './programs.ts';

/** The README's walk, over HTTP against the started program, as a newcomer meets it. */

const run = promisify(execFile);
const { dataDir, remove } = makeDataDir();
const phone =
  'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

let program: Program;
let url: string;
let apiKey: string;
let secret: string;
let mentorId: string;

beforeAll(async () => {
  program = startVerve(['serve'], { PORT: '0', VERVE_DATA_DIR: dataDir });
  const said = await waitForOutput(program, /More: a year of history/);
  url = /ready at (http:\S+)/.exec(said.input)?.[1] ?? '';
  apiKey = /API key\s+(\S+)/.exec(said.input)?.[1] ?? '';
  secret = /SECRET=(\S+)/.exec(said.input)?.[1] ?? '';
  mentorId = /"mentor_id":"([^"]+)"/.exec(said.input)?.[1] ?? '';
}, 60_000);

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.ended;
  await remove();
});

async function api(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'user-agent': phone };
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? await response.json() : await response.text(),
  };
}

/** A delivery signed by the Standard Webhooks library, as a membership system would. */
async function deliver(body: unknown, sentAt = new Date()) {
  const text = JSON.stringify(body);
  const id = `msg_${randomUUID()}`;
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, sentAt, text),
  };
  const send = async () => {
    const response = await fetch(`${url}/api/v1/webhooks/membership/provelaget`, {
      method: 'POST',
      headers,
      body: text,
    });
    return { status: response.status, body: await response.json() };
  };
  return { first: await send(), again: send };
}

describe('the walk', () => {
  test('of the first start, pasted into a shell, ends in a credited mentor and the reason', async () => {
    const { stdout } = await run('sh', [join(dataDir, 'first-steps.sh')]);
    expect(stdout).toMatch(
      /1\. Solveig's code is [0-9A-Z]{10}\n2\. The link answers 302\n3\. Registered under the reference \S+\n/,
    );
    expect(stdout).toContain('4. The webhook answers confirmed');
    expect(stdout).toContain(
      '5. Solveig Fjell is credited because the confirmation carried the reference of a registration',
    );
  });

  test('over HTTP: code, opening, registration, signed confirmation by code, one credit, milestone, outbox, explanation', async () => {
    const code = (await api('/api/v1/referral-codes', { mentor_id: mentorId })).body.code;
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);

    const opened = await api(`/r/${code.toLowerCase()}`);
    expect(opened.status).toBe(302);
    const registered = await api('/api/v1/registrations', { code });
    expect(registered.status).toBe(201);

    const member = `M-${randomUUID()}`;
    const confirmation = {
      status: 'confirmed',
      external_member_id: member,
      referral_code: `${code.slice(0, 5)}-${code.slice(5)}`,
    };
    const { first, again } = await deliver(confirmation);
    expect(first).toMatchObject({ status: 202, body: { accepted: 1, results: [{ result: 'confirmed' }] } });
    expect(await again()).toMatchObject({
      status: 202,
      body: { is_repeated: true, results: [{ result: 'confirmed' }] },
    });
    const anew = await deliver(confirmation);
    expect(anew.first.body.results).toMatchObject([{ result: 'already_confirmed' }]);

    const list = (await api(`/api/v1/referral-attributions/mentor/${mentorId}`)).body.data;
    const credited = list.find((row: { new_member_id: string | null }) => row.new_member_id === member);
    const explanation = await api(`/api/v1/referral-attributions/${credited.id}/explanation`);
    expect(explanation.body.sentence).toContain('is credited because');
    const { attribution: _attribution, ...why } = explanation.body;
    expect(JSON.stringify(why)).not.toContain(member);

    const events = await inDatabase(
      `select type, count(*)::int as times from verve.referral_events
       where mentor_id = $1 and type in ('recruitment.credited', 'milestone.reached', 'badge.awarded') group by type order by type`,
      [mentorId],
    );
    expect(events).toEqual([
      { type: 'badge.awarded', times: 1 },
      { type: 'milestone.reached', times: 1 },
      { type: 'recruitment.credited', times: 2 },
    ]);
  });

  test('takes a Dataverse confirmation that was translated by hand into the neutral body', async () => {
    const code = (await api('/api/v1/referral-codes', { mentor_id: mentorId })).body.code;
    const target = {
      hlf_membershipid: '8d0e4a2c-0000-4000-8000-00000000abcd',
      hlf_referralcode: code,
      statuscode: { Value: 100000002 },
      modifiedon: '/Date(1795200000000)/',
    };
    const occurredAt = new Date(Number(/\((\d+)\)/.exec(target.modifiedon)?.[1])).toISOString();
    const { first } = await deliver({
      status: 'confirmed',
      external_member_id: target.hlf_membershipid,
      referral_code: target.hlf_referralcode,
      occurred_at: occurredAt,
    });
    expect(first.body.results).toMatchObject([{ result: 'confirmed' }]);
  });

  test.each([
    ['a wrong signature', async () => send({ 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }), 401],
    ['no signature at all', async () => send({}), 401],
    [
      'an old signature',
      async () =>
        (await deliver({ status: 'confirmed', external_member_id: '1' }, new Date(Date.now() - 600_000))).first,
      401,
    ],
    ['a body that is no JSON', async () => deliverText('{"status":'), 400],
    [
      'a key twice in one object',
      async () => deliverText('{"status":"confirmed","status":"reversed","external_member_id":"1"}'),
      400,
    ],
    [
      'a name among the fields',
      async () => deliverText('{"status":"confirmed","external_member_id":"1","first_name":"Kari"}'),
      400,
    ],
  ])('refuses %s with a problem that says what to do and repeats nothing', async (_case, attempt, status) => {
    const answer = await attempt();
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status,
      title: expect.any(String),
      type: expect.stringContaining('/problems/'),
    });
    expect(JSON.stringify(answer.body)).not.toContain('Kari');
  });

  test('answers an unknown organisation exactly as a wrong signature', async () => {
    const wrong = await send({ 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` });
    const unknown = await send({ 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }, 'nobody-here');
    const timeless = ({ body }: { body: Record<string, unknown> }) => ({ ...body, instance: null, request_id: null });
    expect(timeless(unknown)).toEqual(timeless(wrong));
  });
});

async function send(headers: Record<string, string>, organisation = 'provelaget') {
  const response = await fetch(`${url}/api/v1/webhooks/membership/${organisation}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      ...headers,
    },
    body: '{"status":"confirmed","external_member_id":"1"}',
  });
  return { status: response.status, body: await response.json() };
}

async function deliverText(text: string) {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, text),
  };
  const response = await fetch(`${url}/api/v1/webhooks/membership/provelaget`, { method: 'POST', headers, body: text });
  return { status: response.status, body: await response.json() };
}

/** Looks behind the curtain, as owner of the running server's database. */
async function inDatabase(statement: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const postgres = await openPostgres(loadConfig({ PORT: '0', VERVE_DATA_DIR: dataDir }), { use: 'guest' });
  const pool = makePool({ connectionString: postgres.adminUrl ?? '', max: 1 });
  try {
    return (await pool.query(statement, values)).rows;
  } finally {
    await pool.end();
    await postgres.close();
  }
}
