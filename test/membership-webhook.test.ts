import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDataverseConnections } from '../src/connectors/dataverse/connections.ts';
import { createDeliveryReader, understoodOf } from '../src/connectors/understand-delivery.ts';
import { signMessage } from '../src/engine/webhooks/sign.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { testDatabase } from './harness.ts';
import { system } from './harness-verve.ts';
import { makeSite, type Tenant } from './http-site.ts';
import { expectAllZero } from './zero-list.ts';

const start = new Date('2026-11-21T08:00:00Z');
let now = start;
const { adminPool } = await testDatabase();
const site = await makeSite({ clock: () => now });
let org: Tenant;
let mentor: { mentorId: string; code: string };
let secret: string;

beforeEach(async () => {
  now = start;
  org = await site.organisation();
  mentor = await addMentor(org.orgId);
  secret = await rotate('webhook_signing');
});
afterEach(() => expectAllZero(adminPool, org.orgId));

async function rotate(purpose: 'webhook_signing' | 'webhook_key', overlapHours = 72): Promise<string> {
  const made = await site.verve.secrets.rotateInboundSecret({ orgId: org.orgId, actor: system, purpose, overlapHours });
  return made.value ?? '';
}
const path = () => `/api/v1/webhooks/membership/${org.slug}`;
const credits = async () => (await creditsOf(org.orgId)).get(mentor.mentorId) ?? 0;
const confirmed = (memberId: string, more: object = {}) => ({
  status: 'confirmed',
  external_member_id: memberId,
  referral_code: mentor.code,
  ...more,
});

/** Signs and posts a body; `id` and `at` of the delivery may be given. */
async function post(
  body: unknown,
  how: { id?: string; at?: Date; key?: string; headers?: Record<string, string> } = {},
) {
  const { id = `msg_${randomUUID()}`, at = now, key = secret, headers = {} } = how;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestampSeconds = Math.floor(at.getTime() / 1000);
  const signature = await signMessage([key], { id, timestampSeconds, body: text });
  const signed = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature };
  return site.send('POST', path(), { body: text, headers: { ...signed, ...headers } });
}

describe('a signed delivery', () => {
  test('is stored, applied and answered item by item', async () => {
    const reply = await post([confirmed('1'), { status: 'confirmed' }, confirmed('2', { referral_code: 'NOBODY' })]);
    expect(reply).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        is_repeated: false,
        results: [
          { index: 0, result: 'confirmed' },
          { index: 2, result: 'unmatched' },
        ],
        refused: [{ index: 1, field: 'external_member_id', code: 'missing' }],
      },
    });
    expect(await credits()).toBe(1);
  });

  test('again, within the tolerance, is answered with what became of it', async () => {
    const id = 'msg_once';
    await post(confirmed('1'), { id });
    now = new Date(start.getTime() + 200_000);
    const again = await post(confirmed('1'), { id });
    expect(again).toMatchObject({ status: 202, body: { is_repeated: true, results: [{ result: 'confirmed' }] } });
    expect(await credits()).toBe(1);
  });

  test('again names the same places, also of what was refused', async () => {
    const body = [{ status: 'confirmed' }, confirmed('1')];
    const first = await post(body, { id: 'msg_twice' });
    const again = await post(body, { id: 'msg_twice' });
    expect(again.body).toEqual({ ...first.body, is_repeated: true });
    expect(again.body).toMatchObject({ results: [{ index: 1 }], refused: [{ index: 0 }] });
  });

  test('takes a member id of 128 characters beyond the basic plane, and one that is too long costs only itself', async () => {
    const [fits, tooLong] = ['😀'.repeat(128), '😀'.repeat(129)];
    const reply = await post([confirmed(fits), confirmed(tooLong), confirmed('1')]);
    expect(reply.body).toMatchObject({
      results: [
        { index: 0, result: 'confirmed' },
        { index: 2, result: 'confirmed' },
      ],
      refused: [{ index: 1 }],
    });
    expect(await credits()).toBe(2);
  });

  test.each([257, 3_000, 8_000])(
    'may have an id of %i characters, and is the same one when it comes again',
    async (length) => {
      const id = randomBytes(length).toString('hex').slice(0, length);
      expect(await post(confirmed('1'), { id })).toMatchObject({ status: 202, body: { is_repeated: false } });
      expect(await post(confirmed('1'), { id })).toMatchObject({ status: 202, body: { is_repeated: true } });
      expect(await post(confirmed('2'), { id })).toMatchObject({ status: 422, body: { code: 'delivery_id_reused' } });
      expect(await credits()).toBe(1);
    },
  );

  test('with an id that came with another body is refused and changes nothing', async () => {
    await post(confirmed('1'), { id: 'msg_once' });
    expect(await post(confirmed('2'), { id: 'msg_once' })).toMatchObject({
      status: 422,
      body: { code: 'delivery_id_reused' },
    });
    expect(await credits()).toBe(1);
  });

  test('signed more than 300 s ago or ahead is refused, and nothing is stored', async () => {
    for (const skew of [-301, 301]) {
      const at = new Date(start.getTime() + skew * 1000);
      expect((await post(confirmed('1'), { at })).body).toMatchObject({ code: 'timestamp_out_of_tolerance' });
    }
    const { rows } = await adminPool.query('select 1 from verve.inbound_messages where org_id = $1', [org.orgId]);
    expect(rows).toEqual([]);
  });

  test('for an unknown organisation is answered as one with a bad signature', async () => {
    const other = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
    const bad = await post(confirmed('1'), { key: other });
    const slug = org.slug;
    org = { ...org, slug: 'nobody-here' };
    const unknown = await post(confirmed('1'), { key: other });
    org = { ...org, slug };
    const shown = ({ status, body }: typeof bad) => ({
      status,
      code: body.code,
      title: body.title,
      detail: body.detail,
    });
    expect(shown(unknown)).toEqual(shown(bad));
    expect(bad.status).toBe(401);
  });

  test('may be signed with the secret before, until its deadline and no second longer', async () => {
    const older = secret;
    await rotate('webhook_signing', 1);
    now = new Date(start.getTime() + 3_599_000);
    expect((await post(confirmed('1'), { key: older })).status).toBe(202);
    now = new Date(start.getTime() + 3_601_000);
    expect((await post(confirmed('2'), { key: older })).status).toBe(401);
  });

  test.each([
    ['a key twice', '{"status":"confirmed","status":"reversed","external_member_id":"1"}'],
    ['no JSON', '{"status":'],
    ['personal data', '{"status":"confirmed","external_member_id":"1","first_name":"Lydia"}'],
  ])('with %s is kept, and answered 400 without repeating it', async (_title, body) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('Lydia');
    const { rows } = await adminPool.query('select status, error_code from verve.inbound_messages where org_id = $1', [
      org.orgId,
    ]);
    expect(rows).toEqual([{ status: 'failed', error_code: 'malformed' }]);
  });

  test('above 64 KiB is refused before anything else', async () => {
    expect((await post(confirmed('1', { reason: 'x'.repeat(70_000) }))).status).toBe(413);
  });

  test('may be a CloudEvent', async () => {
    const event = {
      specversion: '1.0',
      id: 'e1',
      source: 'https://medlem.example.no',
      type: 'member',
      data: confirmed('1'),
    };
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect((await post(event, { headers })).body).toMatchObject({ results: [{ result: 'confirmed' }] });
  });
});

describe('a static key', () => {
  test.each(['header', 'query'])('in the %s lets a delivery in, and its bytes are its identity', async (place) => {
    const key = await rotate('webhook_key');
    const body = JSON.stringify(confirmed('1'));
    const send = () =>
      place === 'header'
        ? site.send('POST', path(), { body, headers: { 'x-referral-key': key } })
        : site.send('POST', `${path()}?code=${encodeURIComponent(key)}`, { body });
    expect((await send()).body).toMatchObject({ is_repeated: false });
    expect((await send()).body).toMatchObject({ is_repeated: true });
    expect(await credits()).toBe(1);
  });
});

describe('deliveries', () => {
  test('each 1 to 20 times, shuffled, over 8 connections, credit every member once', async () => {
    const day = (n: number) => new Date(Date.UTC(2026, 9, n)).toISOString();
    const bodies = Array.from({ length: 30 }, (_, at) => {
      const memberId = `M${at}`;
      const statements = [confirmed(memberId, { occurred_at: day(2) })];
      if (at % 3 === 0) statements.push({ ...confirmed(memberId), status: 'reversed', occurred_at: day(3) } as never);
      if (at % 6 === 0) statements.push(confirmed(memberId, { occurred_at: day(4) }));
      return statements;
    }).flat();
    const deliveries = bodies.flatMap((body) => Array(randomInt(1, 21)).fill({ body, id: `msg_${randomUUID()}` }));
    const queue = deliveries
      .map((delivery) => ({ delivery, place: Math.random() }))
      .sort((one, other) => one.place - other.place)
      .map(({ delivery }) => delivery as { body: unknown; id: string });
    const statuses = new Set<number>();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
          statuses.add((await post(next.body, { id: next.id })).status);
        }
      }),
    );
    expect([...statuses]).toEqual([202]);
    expect(await credits()).toBe(25); // ten were reversed, five of these confirmed again
  });

  test('that were stored by a server which died are taken up by the sweep', async () => {
    const stored = await site.verve.inbound.store({
      orgId: org.orgId,
      channel: 'neutral',
      messageId: 'msg_left',
      contentType: 'application/json',
      body: new TextEncoder().encode(JSON.stringify(confirmed('1'))),
      signedAt: now,
    });
    expect(stored.outcome).toBe('stored');
    const read = createDeliveryReader(site.verve, createDataverseConnections(site.verve));
    now = new Date(start.getTime() + 120_000);
    const understand: Parameters<typeof site.verve.inbound.sweep>[0]['understand'] = async (delivery) =>
      understoodOf(await read(delivery));
    const sweep = () => site.verve.inbound.sweep({ orgId: org.orgId, olderThanSeconds: 60, understand });
    expect(await sweep()).toEqual({ taken: 1, processed: 1 });
    expect(await sweep()).toEqual({ taken: 0, processed: 0 });
    expect(await credits()).toBe(1);
  });
});
