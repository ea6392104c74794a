import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { installationScopes } from '../src/engine/permissions.ts';
import { testDatabase } from './harness.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

// POST /api/v1/organisations: with a scope that only the installation gives.

let site: Site;
let tenant: Tenant;
let founder: string;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  founder = await tenant.keyWith(['organisations:create']);
});

const slugOf = () => `o-${randomUUID().slice(0, 13)}`;
const create = (as: string | undefined, body: object, headers: Record<string, string> = {}) =>
  site.send('POST', '/api/v1/organisations', { ...(as === undefined ? {} : { as }), body, headers });

test('makes the organisation, its first key and its first administrator', async () => {
  const slug = slugOf();
  const userId = randomUUID();
  const made = await create(founder, { slug, name: 'Lydhør', locale: 'nn', admin_user_id: userId });
  expect(made).toMatchObject({ status: 201, body: { slug, name: 'Lydhør', locale: 'nn', time_zone: 'Europe/Oslo' } });
  expect(made.headers.get('location')).toBe(`/api/v1/organisations/${made.body.id}`);
  const { secret } = made.body.api_key as { secret: string };
  const listed = await site.send('GET', '/api/v1/audit', { as: secret });
  const actions = (listed.body.data as { action: string }[]).map(({ action }) => action).sort();
  expect(actions).toEqual(['key.create', 'organisation.create', 'role.grant']);
  const me = await site.send('GET', '/api/v1/me', { as: await site.tokenOf(userId) });
  expect(me.body.organisations).toMatchObject([{ slug, roles: [{ role: 'org_admin' }] }]);
});

test('the key that made it sees nothing of it, and the new key nothing of the old organisation', async () => {
  const made = await create(founder, { slug: slugOf(), name: 'Lydhør' });
  const path = `/api/v1/organisations/${made.body.id}`;
  expect((await site.send('GET', path, { as: tenant.key })).status).toBe(404);
  const { secret } = made.body.api_key as { secret: string };
  expect((await site.send('POST', `${path}/offboard/preview`, { as: secret })).status).toBe(200);
  const other = `/api/v1/organisations/${tenant.orgId}/offboard/preview`;
  expect((await site.send('POST', other, { as: secret })).status).toBe(404);
});

test('a repeat with the same Idempotency-Key gives the same answer, another body is refused', async () => {
  const body = { slug: slugOf(), name: 'Lydhør' };
  const headers = { 'idempotency-key': randomUUID() };
  const first = await create(founder, body, headers);
  const second = await create(founder, body, headers);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect((await create(founder, { ...body, name: 'Another' }, headers)).status).toBe(422);
});

test('a taken slug is refused, of several at once one is made, and nothing half made stays', async () => {
  const slug = slugOf();
  const replies = await Promise.all(Array.from({ length: 5 }, () => create(founder, { slug, name: 'Lydhør' })));
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    `select count(*)::int as orphans from verve.api_keys where name = 'First key'
    and not exists (select from verve.organisations where organisations.id = api_keys.org_id)`,
  );
  expect(rows).toEqual([{ orphans: 0 }]);
});

test('an account that cannot be an administrator takes the organisation back with it', async () => {
  const slug = slugOf();
  expect((await create(founder, { slug, name: 'Lydhør', admin_user_id: 'me' })).status).toBe(400);
  expect((await create(founder, { slug: 'No Such Slug', name: 'Lydhør' })).status).toBe(400);
  expect(await site.verve.organisations.findIdBySlug(slug)).toBeNull();
});

test('is refused to everybody else, administrators and their keys too', async () => {
  const body = { slug: slugOf(), name: 'Lydhør' };
  const { token } = await tenant.person('org_admin');
  const admin = await tenant.keyWith(['admin']);
  for (const as of [token, admin]) expect((await create(as, body)).status).toBe(403);
  expect((await create(undefined, body)).status).toBe(401);
  expect(await site.verve.organisations.findIdBySlug(body.slug)).toBeNull();
});

describe('the scope', () => {
  test.each(installationScopes)('%s cannot be given by an administrator or a key', async (scope) => {
    const { token } = await tenant.person('org_admin');
    for (const as of [token, tenant.key]) {
      const made = await site.send('POST', '/api/v1/api-keys', {
        as,
        body: { name: 'more', scopes: ['codes:read', scope] },
      });
      expect(made).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });
});
