// Every POST of the document under an Idempotency-Key: twice, with another body, and at once.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDocument } from '../src/http/openapi.ts';
import { dataverseOrganisation } from './dataverse-organisation.ts';
import { testVerve } from './harness-verve.ts';
import { makeSite, type Reply, type Site, siteSecret, type Tenant } from './http-site.ts';
import { type Population, populate } from './people-site.ts';

interface Documented {
  operationId: string;
  security: Record<string, unknown>[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { headers?: Record<string, unknown> }>;
}
const document = buildDocument('http://verve.example') as unknown as {
  paths: Record<string, Record<string, Documented>>;
};
const posts = Object.entries(document.paths)
  .flatMap(([path, { post }]) => (post === undefined ? [] : [{ path, ...post }]))
  .filter(({ security }) => !security.some((one) => 'signature' in one));
type Post = (typeof posts)[number];

/** Those whose answer is kept say so in the document. */
const isKept = ({ responses }: Post): boolean =>
  Object.values(responses).some(({ headers }) => headers !== undefined && 'Idempotency-Replayed' in headers);

const system = { kind: 'system', name: 'test' } as const;
let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

interface Request {
  path: string;
  body: string | undefined;
  type: string;
}

/** The written example with the ids of an organisation that has everything. */
function exampleOf(
  { path, requestBody }: Post,
  { own, farIds }: Population,
  { code, mentorId }: Record<'code' | 'mentorId', string>,
): Request {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? ['application/json', undefined];
  const filled = path.replace(/\/([a-z-]+)\/\{\w+\}/, (_, noun: string) => `/${noun}/${farIds[noun]}`);
  if (content?.example === undefined) return { path: filled, body: undefined, type };
  const text = typeof content.example === 'string' ? content.example : JSON.stringify(content.example);
  const body = text
    .replaceAll(/0b0b0b0b-0000-4000-8000-00000000000\d/g, mentorId)
    .replaceAll('1c1c1c1c-0000-4000-8000-000000000001', String(farIds['badge-definitions']))
    .replace('{"confirm":"lydhor","receipt":', `{"confirm":"${own.slug}","without_export":true,"receipt":`)
    .replaceAll(/3PKCM-?78AQS/g, code)
    .replace(/"name":"(Bergen|Vestland[^"]*)"/, '"name":"Førde"')
    .replace(/"slug":"\w+"/, `"slug":"new-${randomUUID().slice(0, 8)}"`);
  return { path: filled, body, type };
}

function send({ path, body, type }: Request, as: string, key: string): Promise<Reply> {
  const headers = { 'idempotency-key': key, ...(body === undefined ? {} : { 'content-type': type }) };
  return site.send('POST', path, { as, headers, ...(body === undefined ? {} : { body }) });
}

/** How many rows each table of the organisation has; each look at the data is on the audit log. */
async function rowsOf({ orgId }: Tenant): Promise<Record<string, number>> {
  const { rows } = await site.verve.offboarding.preview({ orgId, actor: system });
  const { audit_log: _log, audit_payloads: _payloads, idempotency_keys: _keys, ...rest } = rows;
  return rest;
}

test('every POST declares the header', () => {
  const without = posts.filter(({ parameters }) => !parameters?.some(({ name }) => name === 'Idempotency-Key'));
  expect(without.map(({ operationId }) => operationId)).toEqual([]);
});

/** What the organisation of the test has no place for, or has already. A refusal keeps nothing. */
const refusals: Record<string, string> = {
  approveAttribution: 'already_decided',
  previewApproveAttribution: 'already_decided',
  rejectAttribution: 'already_decided',
  previewRejectAttribution: 'already_decided',
  checkMembershipSystem: 'unprocessable', // tried below, with a membership system
  startReconciliation: 'unprocessable',
  replayWebhookDelivery: 'conflict', // the only delivery is one of a test
};
/** What those must have who begin something. */
async function subjectOf(id: string, { own, mentors, farIds }: Population): Promise<{ as: string; mentorId: string }> {
  const mentorId = id === 'createReferralCodeRecord' ? (await own.mentor()).mentorId : String(farIds.mentor);
  return { as: id === 'recordShare' ? mentors.near.token : own.key, mentorId };
}

describe('the example, sent twice at once, again, and with another body:', () => {
  test.each(posts.map((post) => [post.operationId, post] as const))('%s', async (id, post) => {
    const population = await populate(site);
    const { own } = population;
    const { body: owned } = await site.send('GET', `/api/v1/referral-codes/${population.farIds['referral-codes']}`, {
      as: own.key,
    });
    const { as, mentorId } = await subjectOf(id, population);
    const code = id === 'createReferralCodeRecord' ? '3PKCM78AQS' : String(owned.code);
    const request = exampleOf(post, population, { code, mentorId });
    const key = randomUUID();
    const both = await Promise.all([send(request, as, key), send(request, as, key)]);
    const about = () => both.map(({ status, text }) => `${id}: ${status} ${text.slice(0, 200)}`).join(', ');
    const [first, ...others] = both.toSorted((a, b) => a.status - b.status) as [Reply, Reply];
    const codes = both.map(({ body }) => body.code).filter((code) => code !== 'idempotency_key_running');
    const refusal = first.status < 300 ? undefined : codes[0];
    expect(refusal, about()).toBe(refusals[id]);
    if (refusal !== undefined) return;
    const after = await rowsOf(own);
    if (id === 'offboardOrganisation') {
      // The key ends with the first: the other came while it ran, was known before it ended, or came after it.
      expect([202, 401, 409], about()).toContain(others[0]?.status);
      if (others[0]?.status === 202) {
        expect(both.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(1);
        expect(others[0].body, about()).toEqual(first.body);
      }
      expect((await send(request, as, key)).status).toBe(401);
      return;
    }
    const again = await send(request, as, key);
    expect(again.status, about()).toBe(first.status);
    const other = await send({ ...request, body: `${request.body ?? '{}'} ` }, as, key);
    expect(other, about()).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await rowsOf(own), about()).toEqual(after);
    if (!isKept(post)) return;
    expect(again.headers.get('idempotency-replayed'), about()).toBe('true');
    expect(again.body, about()).toEqual(first.body);
    for (const { status, body } of others) {
      if (status === 409) expect(body, about()).toMatchObject({ code: 'idempotency_key_running' });
      else expect(body, about()).toEqual(first.body);
    }
  });
});

describe('a reconciliation', () => {
  test('begins once a key, and a repeat tells of the same one', async () => {
    const verve = await testVerve({ secret: siteSecret });
    const { orgId, dataverse, connections } = await dataverseOrganisation(verve);
    const connected = await makeSite({ dataverse: connections });
    const { secret: as } = await verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['admin'] });
    const headers = { 'idempotency-key': randomUUID() };
    const start = () => connected.send('POST', '/api/v1/reconciliations', { as, headers });
    const both = await Promise.all([start(), start()]);
    const first = both.find(({ status }) => status === 202);
    const runs = () => verve.reconciliation.list({ orgId });
    await expect.poll(async () => (await runs()).map(({ status }) => status)).toEqual(['succeeded']);
    const again = await start();
    expect(again).toMatchObject({ status: 202, body: first?.body as object });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await runs()).map(({ runId }) => runId)).toEqual([first?.body.id]);
    const check = () => connected.send('POST', '/api/v1/reconciliations/check', { as, headers });
    expect(await check()).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    headers['idempotency-key'] = randomUUID();
    expect([(await check()).status, (await check()).status]).toEqual([200, 200]);
    expect(await start()).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    await dataverse.close();
  });
});

describe('an import', () => {
  const file = 'medlemsnummer;vervekode;status;dato\n10293;3PKCM-78AQS;bekreftet;20.11.2026\n';

  test('of a result file reads again, and its key still belongs to its file', async () => {
    const { key: as } = await site.organisation();
    const key = randomUUID();
    const bring = (body: string) => send({ path: '/api/v1/imports?format=csv', body, type: 'text/csv' }, as, key);
    expect((await bring(file)).text).toContain('unmatched');
    expect(await bring(file)).toMatchObject({ status: 200 });
    expect(await bring(`${file}10294;;bekreftet;20.11.2026\n`)).toMatchObject({ status: 422 });
    const inbox = await site.send('GET', '/api/v1/inbox', { as });
    expect(inbox.body.data).toHaveLength(1);
  });

  test('of which a line cannot be applied keeps what became of every line', async () => {
    const { key: as } = await site.organisation();
    const lines = `${file}10294;3PKCM-78AQS;bekreftet;neste år\n`;
    const bring = () => send({ path: '/api/v1/imports', body: lines, type: 'text/csv' }, as, 'one file');
    const first = await bring();
    expect(first).toMatchObject({ status: 200, body: { counts: { seen: 2, to_inbox: 1, failed: 1 } } });
    expect((await bring()).body).toEqual(first.body);
  });
});
