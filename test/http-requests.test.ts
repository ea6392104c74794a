import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

describe('Idempotency-Key', () => {
  test('the same key with the same request is carried out once, and its answer repeated', async () => {
    const { key, mentor } = await site.organisation();
    const { mentorId } = await mentor();
    await site.send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
    const headers = { 'idempotency-key': `"${randomUUID()}"` };
    const body = { mentor_id: mentorId, channel: 'sms' };
    const first = await site.send('POST', '/api/v1/shares', { as: key, body, headers });
    const second = await site.send('POST', '/api/v1/shares', { as: key, body, headers });
    expect(first.status).toBe(201);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const list = await site.send('GET', '/api/v1/shares', { as: key });
    expect(list.body.data).toHaveLength(1);
  });

  test('a quoted and an unquoted key are the same key', async () => {
    const { key } = await site.organisation();
    const value = randomUUID();
    const body = { name: 'Vestland' };
    const quoted = await site.send('POST', '/api/v1/branches', {
      as: key,
      body,
      headers: { 'idempotency-key': `"${value}"` },
    });
    const plain = await site.send('POST', '/api/v1/branches', { as: key, body, headers: { 'idempotency-key': value } });
    expect(plain).toMatchObject({ status: 201, body: quoted.body });
  });

  test('another request under the key is 422, for the same caller only', async () => {
    const [one, other] = [await site.organisation(), await site.organisation()];
    const headers = { 'idempotency-key': 'same-key' };
    await site.send('POST', '/api/v1/branches', { as: one.key, body: { name: 'Vestland' }, headers });
    const reused = await site.send('POST', '/api/v1/branches', { as: one.key, body: { name: 'Troms' }, headers });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const elsewhere = await site.send('POST', '/api/v1/branches', { as: other.key, body: { name: 'Troms' }, headers });
    expect(elsewhere.status).toBe(201);
  });

  test('of many at the same time one is carried out; the others get its answer or are told that it runs', async () => {
    const { key, mentor } = await site.organisation();
    const { mentorId } = await mentor();
    await site.send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
    const headers = { 'idempotency-key': randomUUID() };
    const body = { mentor_id: mentorId, channel: 'sms' };
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => site.send('POST', '/api/v1/shares', { as: key, body, headers })),
    );
    for (const reply of replies) expect([201, 409]).toContain(reply.status);
    expect(replies.some((reply) => reply.status === 201)).toBe(true);
    const list = await site.send('GET', '/api/v1/shares', { as: key });
    expect(list.body.data).toHaveLength(1);
  });

  test('while the first one runs, the second is 409 and waits for nothing', async () => {
    const tenant = await site.organisation();
    const { pool } = await testDatabase();
    const client = await pool.connect();
    const list = await site.send('GET', '/api/v1/api-keys', { as: tenant.key });
    const [apiKey] = list.body.data as { id: string }[];
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2 || chr(31) || $3, 7309))`, [
      tenant.orgId,
      `key:${apiKey?.id}`,
      'held',
    ]);
    const reply = await site.send('POST', '/api/v1/branches', {
      as: tenant.key,
      body: { name: 'Vestland' },
      headers: { 'idempotency-key': 'held' },
    });
    await client.query('rollback');
    client.release();
    expect(reply).toMatchObject({ status: 409, body: { code: 'idempotency_key_running' } });
    expect(reply.headers.get('retry-after')).toBe('1');
  });

  test('a refusal leaves the key free, and nothing of the effect behind', async () => {
    const { key, mentor } = await site.organisation();
    const { mentorId } = await mentor();
    const headers = { 'idempotency-key': randomUUID() };
    const body = { mentor_id: mentorId, channel: 'sms' };
    const early = await site.send('POST', '/api/v1/shares', { as: key, body, headers });
    expect(early.status).toBe(409); // no code yet
    await site.send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
    expect((await site.send('POST', '/api/v1/shares', { as: key, body, headers })).status).toBe(201);
  });

  test('a click under a key is counted once, its answer repeated with the click’s id', async () => {
    const { key, mentor } = await site.organisation();
    const { mentorId } = await mentor();
    const { body: code } = await site.send('POST', '/api/v1/referral-codes', {
      as: key,
      body: { mentor_id: mentorId },
    });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await site.send('POST', '/api/v1/referral-attributions', { body: { code: code.code }, headers });
    const second = await site.send('POST', '/api/v1/referral-attributions', { body: { code: code.code }, headers });
    expect(first.status).toBe(201);
    expect(second.body.id).toBe(first.body.id);
    const clicks = await site.send('GET', '/api/v1/referral-attributions?type=click', { as: key });
    expect(clicks.body.data).toHaveLength(1);
  });

  test.each(['', ' ', '"', '"a"b"', 'x'.repeat(256), 'æ'])('a key of a wrong form is refused (%s)', async (value) => {
    const { key } = await site.organisation();
    if (value === 'æ' || value.trim() === '') return; // a header cannot carry these
    const reply = await site.send('POST', '/api/v1/branches', {
      as: key,
      body: { name: 'x' },
      headers: { 'idempotency-key': value },
    });
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('paging', () => {
  async function withBranches(count: number) {
    const tenant = await site.organisation();
    for (let number = 0; number < count; number += 1) await tenant.branch(`Lag ${number}`);
    return tenant;
  }
  const idsOf = (body: Record<string, unknown>) => (body.data as { id: string }[]).map(({ id }) => id);

  test('cursors go through everything once, newest first, also while rows are added', async () => {
    const tenant = await withBranches(7);
    const seen: string[] = [];
    let path = '/api/v1/branches?limit=3';
    for (;;) {
      const { status, body } = await site.send('GET', path, { as: tenant.key });
      expect(status).toBe(200);
      seen.push(...idsOf(body));
      if (body.next_cursor === null) break;
      await tenant.branch(`Nytt ${randomUUID()}`);
      path = `/api/v1/branches?limit=3&cursor=${encodeURIComponent(String(body.next_cursor))}`;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  test('numbered pages tell page, limit and total', async () => {
    const tenant = await withBranches(5);
    const { body } = await site.send('GET', '/api/v1/branches?page=2&limit=2', { as: tenant.key });
    expect(body.pagination).toEqual({ page: 2, limit: 2, total: 5 });
    expect(body.data).toHaveLength(2);
    const first = await site.send('GET', '/api/v1/branches?page=1', { as: tenant.key });
    expect(first.body.pagination).toEqual({ page: 1, limit: 20, total: 5 });
  });

  test('a cursor belongs to its list, its filter, its caller and its organisation', async () => {
    const tenant = await withBranches(3);
    const other = await withBranches(3);
    const admin = await tenant.person('org_admin');
    const { body } = await site.send('GET', '/api/v1/branches?limit=1', { as: tenant.key });
    const cursor = encodeURIComponent(String(body.next_cursor));
    const refused: [string, string][] = [
      [`/api/v1/mentors?limit=1&cursor=${cursor}`, tenant.key],
      [`/api/v1/branches?parent_id=${randomUUID()}&cursor=${cursor}`, tenant.key],
      [`/api/v1/branches?cursor=${cursor}`, admin.token],
      [`/api/v1/branches?cursor=${cursor}`, other.key],
      [`/api/v1/branches?cursor=${cursor.slice(0, -2)}AA`, tenant.key],
      ['/api/v1/branches?cursor=MTIzLjQ1Ng', tenant.key],
      ['/api/v1/branches?cursor=%27', tenant.key],
    ];
    for (const [path, as] of refused) {
      expect(await site.send('GET', path, { as }), path).toMatchObject({
        status: 400,
        body: { code: 'invalid_cursor' },
      });
    }
  });

  test.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=1e2',
    'limit=',
    'page=0',
    'limit=2&limit=3',
    'unknown=1',
  ])('%s is refused', async (query) => {
    const { key } = await site.organisation();
    expect((await site.send('GET', `/api/v1/branches?${query}`, { as: key })).status).toBe(400);
  });

  test('cursor and page together, and a page beyond the first 10,000 rows, are refused', async () => {
    const tenant = await withBranches(2);
    const { body } = await site.send('GET', '/api/v1/branches?limit=1', { as: tenant.key });
    for (const query of [
      `cursor=${encodeURIComponent(String(body.next_cursor))}&page=1`,
      'page=51&limit=200',
      'page=501',
    ]) {
      const reply = await site.send('GET', `/api/v1/branches?${query}`, { as: tenant.key });
      expect(reply, query).toMatchObject({ status: 400, body: { code: 'invalid_paging' } });
    }
  });

  test('clicks without an id are paged through without a gap', async () => {
    const tenant = await site.organisation();
    const { mentorId } = await tenant.mentor();
    const { body: code } = await site.send('POST', '/api/v1/referral-codes', {
      as: tenant.key,
      body: { mentor_id: mentorId },
    });
    await Promise.all(
      Array.from({ length: 9 }, () =>
        site.send('POST', '/api/v1/referral-attributions', { body: { code: code.code } }),
      ),
    );
    let count = 0;
    let path = '/api/v1/referral-attributions?type=click&limit=2';
    for (;;) {
      const { body } = await site.send('GET', path, { as: tenant.key });
      count += (body.data as unknown[]).length;
      if (body.next_cursor === null) break;
      path = `/api/v1/referral-attributions?type=click&limit=2&cursor=${encodeURIComponent(String(body.next_cursor))}`;
    }
    expect(count).toBe(9);
  });
});

describe('organisation and caller', () => {
  test('a person of several organisations must name one; another’s is not found', async () => {
    const [one, other, foreign] = [await site.organisation(), await site.organisation(), await site.organisation()];
    const { userId, token } = await one.person('org_admin');
    await site.verve.roles.grant({
      orgId: other.orgId,
      actor: { kind: 'system', name: 'test' },
      userId,
      role: 'coordinator',
    });
    expect(await site.send('GET', '/api/v1/branches', { as: token })).toMatchObject({
      status: 400,
      body: { code: 'organisation_required' },
    });
    const named = await site.send('GET', '/api/v1/branches', {
      as: token,
      headers: { 'verve-organisation': other.slug },
    });
    expect(named.status).toBe(200);
    for (const slug of [foreign.slug, 'no-such-organisation', "x' or 1=1"]) {
      const reply = await site.send('GET', '/api/v1/branches', { as: token, headers: { 'verve-organisation': slug } });
      expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    const me = await site.send('GET', '/api/v1/me', { as: token });
    expect(me.body.organisations).toHaveLength(2);
  });

  test('a key names its own organisation or none', async () => {
    const [own, foreign] = [await site.organisation(), await site.organisation()];
    const send = (slug: string) =>
      site.send('GET', '/api/v1/branches', { as: own.key, headers: { 'verve-organisation': slug } });
    expect((await send(own.slug)).status).toBe(200);
    expect((await send(foreign.slug)).status).toBe(404);
  });

  test('a key is read after any case of the scheme and any number of spaces, as HTTP has it', async () => {
    const { key } = await site.organisation();
    for (const [given, status] of [
      [`bearer ${key}`, 200],
      [`Bearer   ${key}`, 200],
      [`Bearer${key}`, 401],
      [`Basic ${key}`, 401],
    ] as const)
      expect((await site.send('GET', '/api/v1/me', { headers: { authorization: given } })).status).toBe(status);
  });

  test('a key is refused beyond its scopes, when revoked, and when it is wrong', async () => {
    const tenant = await site.organisation();
    const narrow = await tenant.keyWith(['codes:read']);
    expect(await site.send('GET', '/api/v1/mentors', { as: narrow })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const list = await site.send('GET', '/api/v1/api-keys', { as: tenant.key });
    const keys = list.body.data as { id: string; prefix: string }[];
    const newest = keys.find(({ prefix }) => narrow.startsWith(prefix));
    await site.send('DELETE', `/api/v1/api-keys/${newest?.id}`, { as: tenant.key });
    expect((await site.send('GET', '/api/v1/referral-codes', { as: narrow })).status).toBe(401);
    for (const as of ['vrv_x', `${tenant.key}x`, 'nonsense', 'a.b.c']) {
      const reply = await site.send('GET', '/api/v1/referral-codes', { as });
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toContain('Bearer');
    }
    expect(list.text).not.toContain(tenant.key);
  });

  test('an anonymous user has no rights at all, whatever roles are claimed', async () => {
    const tenant = await site.organisation();
    const claims = {
      is_anonymous: true,
      app_metadata: { verve_roles: [{ organisation: tenant.slug, role: 'org_admin' }] },
    };
    const token = await site.tokenOf(randomUUID(), claims);
    expect((await site.send('GET', '/api/v1/me', { as: token })).status).toBe(401);
  });

  test('a role in app_metadata counts, one in user_metadata does not', async () => {
    const tenant = await site.organisation();
    const roles = { verve_roles: [{ organisation: tenant.slug, role: 'org_admin' }] };
    const issued = await site.tokenOf(randomUUID(), { app_metadata: roles });
    const written = await site.tokenOf(randomUUID(), { user_metadata: roles });
    expect((await site.send('GET', '/api/v1/audit', { as: issued })).status).toBe(200);
    expect((await site.send('GET', '/api/v1/audit', { as: written })).status).toBe(403);
  });
});

describe('answers', () => {
  test('carry a request id, security headers, and never a cache', async () => {
    const { key } = await site.organisation();
    const reply = await site.send('GET', '/api/v1/branches', {
      as: key,
      headers: { 'x-request-id': 'my-request-0001' },
    });
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'x-request-id': 'my-request-0001',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const hostile = await site.send('GET', '/api/v1/branches', { as: key, headers: { 'x-request-id': '<script>' } });
    expect(hostile.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('never echo what was sent', async () => {
    const { key } = await site.organisation();
    const canary = 'CANARY-4711';
    const replies = [
      await site.send('POST', '/api/v1/branches', { as: key, body: { [canary]: canary, name: 1 } }),
      await site.send('GET', `/api/v1/branches/${canary}`, { as: key }),
      await site.send('GET', `/api/v1/branches?${canary}=${canary}`, { as: key }),
      await site.send('GET', `/api/v1/${canary}`, { as: key }),
      await site.send('POST', '/api/v1/branches', { as: key, body: `{"name":"${canary}",}` }),
      await site.send('GET', '/api/v1/branches', { as: canary }),
      await site.send('GET', '/api/v1/branches', { as: key, headers: { 'verve-organisation': canary } }),
    ];
    for (const reply of replies) {
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.text).not.toContain(canary);
    }
  });

  test('of a body with several forms, the one that it comes closest to says what is missing', async () => {
    const { key } = await site.organisation();
    const refusalOf = async (body: unknown) =>
      (await site.send('POST', '/api/v1/privacy/erase', { as: key, body })).body.errors;
    expect(await refusalOf({ member_id: '10293' })).toEqual([{ field: 'confirm', message: 'must be one of erase' }]);
    expect(await refusalOf({ mentor_id: 'x', confirm: 'erase' })).toMatchObject([{ field: 'mentor_id' }]);
    expect(await refusalOf({ member_id: '10293', mentor_id: randomUUID(), confirm: 'erase' })).toEqual([
      { field: 'body', message: 'holds a key that is not known here' },
    ]);
  });

  test('a body larger than 64 KiB is refused, whatever its length is said to be', async () => {
    const { key } = await site.organisation();
    const body = JSON.stringify({ name: 'x'.repeat(70_000) });
    expect(await site.send('POST', '/api/v1/branches', { as: key, body })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    const lying = await site.send('POST', '/api/v1/branches', { as: key, body, headers: { 'content-length': '10' } });
    expect(lying.status).toBe(413);
  });

  test('every problem has a page of its own, and the document is served with its viewer', async () => {
    const index = await site.send('GET', '/problems');
    const pages = [...index.text.matchAll(/href="(\/problems\/[a-z_]+)"/g)].map((match) => match[1] ?? '');
    expect(pages.length).toBeGreaterThan(40);
    for (const path of pages) expect((await site.send('GET', path)).status).toBe(200);
    const docs = await site.send('GET', '/docs');
    expect(docs.text).toContain('/api/v1/referral-codes');
    expect(docs.text).not.toMatch(/src=|https?:\/\/(?!hooks|badges)[a-z.]*(cdn|unpkg|jsdelivr)/);
    expect((await site.send('GET', '/openapi.json')).body.openapi).toBe('3.1.0');
    expect((await site.send('GET', '/readyz')).status).toBe(200);
  });
});

test('public routes have a budget per address, told in headers, and a refusal says how long to wait', async () => {
  const narrow = await makeSite({
    budgetFactor: 1,
    clientAddress: (request) => request.headers.get('x-test-address') ?? '',
  });
  const send = (address: string) =>
    narrow.send('POST', '/api/v1/deep-links/parse', {
      body: { url: 'https://example.org' },
      headers: { 'x-test-address': address },
    });
  const first = await send('198.51.100.1');
  expect(first.headers.get('ratelimit-policy')).toMatch(/^"lookups";q=\d+;w=60$/);
  const quota = Number(/q=(\d+)/.exec(first.headers.get('ratelimit-policy') ?? '')?.[1]);
  let last = first;
  for (let count = 1; count <= quota; count += 1) last = await send('198.51.100.1');
  expect(last).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(last.headers.get('ratelimit-policy')).toBe(first.headers.get('ratelimit-policy'));
  expect(last.headers.get('ratelimit')).toMatch(/^"lookups";r=0;t=\d+$/);
  expect((await send('198.51.100.2')).status).toBe(200);
});
