import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import {
  asKey,
  asPerson,
  organisationWithMentor,
  system,
  testSecret,
  testVerve,
  watchedPool,
  workOf,
} from './harness-verve.ts';

test('A key is shown once, kept as a hash, and speaks for its organisation with its scopes', async () => {
  const verve = await testVerve();
  const { orgId } = await organisationWithMentor(verve);
  const { key, secret } = await verve.apiKeys.create({
    orgId,
    actor: asPerson('org_admin'),
    name: 'Dynamics',
    scopes: ['attributions:confirm', 'codes:read'],
  });
  expect(secret).toMatch(/^vrv_[A-Za-z0-9_-]{43}$/);
  expect(await verve.apiKeys.authenticate(secret)).toEqual({
    orgId,
    actor: { kind: 'key', apiKeyId: key.apiKeyId, scopes: ['attributions:confirm', 'codes:read'] },
  });
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select api_keys::text as row from verve.api_keys where id = $1', [
    key.apiKeyId,
  ]);
  expect(rows[0].row).not.toContain(secret.slice(14));
});

test('A key that is unknown, malformed, expired or revoked speaks for nobody', async () => {
  let now = new Date('2026-03-01T08:00:00.000Z');
  const verve = await testVerve({ clock: () => now });
  const { orgId } = await organisationWithMentor(verve);
  const create = (expiresAt: Date | null) =>
    verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'], expiresAt });
  expect(await verve.apiKeys.authenticate(`vrv_${'A'.repeat(43)}`)).toBeNull();
  expect(await verve.apiKeys.authenticate("'; select 1")).toBeNull();
  const shortLived = await create(new Date('2026-03-01T09:00:00.000Z'));
  expect(await verve.apiKeys.authenticate(shortLived.secret)).not.toBeNull();
  now = new Date('2026-03-01T09:00:00.000Z');
  expect(await verve.apiKeys.authenticate(shortLived.secret)).toBeNull();
  const lasting = await create(null);
  const revoke = () => verve.apiKeys.revoke({ orgId, actor: system, apiKeyId: lasting.key.apiKeyId });
  expect((await revoke()).outcome).toBe('revoked');
  expect((await revoke()).outcome).toBe('alreadyRevoked');
  expect(await verve.apiKeys.authenticate(lasting.secret)).toBeNull();
});

test('The last use of a key is noted at most once an hour', async () => {
  let now = new Date('2026-03-01T08:00:00.000Z');
  const verve = await testVerve({ clock: () => now });
  const { orgId } = await organisationWithMentor(verve);
  const { secret } = await verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'] });
  const lastUsedAt = async () => (await verve.apiKeys.list({ orgId, actor: system })).items[0]?.lastUsedAt;
  expect(await lastUsedAt()).toBeNull();
  await Promise.all([1, 2, 3].map(() => verve.apiKeys.authenticate(secret)));
  expect(await lastUsedAt()).toEqual(now);
  now = new Date('2026-03-01T08:59:00.000Z');
  await verve.apiKeys.authenticate(secret);
  expect(await lastUsedAt()).toEqual(new Date('2026-03-01T08:00:00.000Z'));
  now = new Date('2026-03-01T09:00:01.000Z');
  await verve.apiKeys.authenticate(secret);
  expect(await lastUsedAt()).toEqual(now);
});

test('A key revoked at one server is refused at once by every other, and its use is noted no more', async () => {
  let now = new Date('2026-03-01T08:00:00.000Z');
  const [one, other] = [await testVerve({ clock: () => now }), await testVerve({ clock: () => now })];
  const { orgId } = await organisationWithMentor(one);
  const { key, secret } = await one.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'] });
  expect(await other.apiKeys.authenticate(secret)).not.toBeNull();
  await one.apiKeys.revoke({ orgId, actor: system, apiKeyId: key.apiKeyId });
  now = new Date('2026-03-01T10:00:00.000Z');
  expect(await other.apiKeys.authenticate(secret)).toBeNull();
  const [left] = (await one.apiKeys.list({ orgId, actor: system })).items;
  expect(left?.lastUsedAt).toEqual(new Date('2026-03-01T08:00:00.000Z'));
});

test('A key that was guessed before it was made is good from its first moment', async () => {
  const { pool } = await testDatabase();
  const bytes = new Uint8Array(32).fill(7);
  const random = { uuid: () => randomUUID(), bytes: () => bytes };
  const verve = createVerve({ database: pool, secret: testSecret, random });
  const other = await testVerve();
  const { orgId } = await organisationWithMentor(other);
  const guess = `vrv_${Buffer.from(bytes).toString('base64url')}`;
  expect(await other.apiKeys.authenticate(guess)).toBeNull();
  const { secret } = await verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'] });
  expect(secret).toBe(guess);
  expect(await other.apiKeys.authenticate(guess)).toMatchObject({ orgId });
});

test('A key that was just used costs one transaction', async () => {
  const { pool: own } = await testDatabase();
  const { pool, statements } = watchedPool(own);
  const verve = await testVerve({ pool });
  const { orgId } = await organisationWithMentor(await testVerve());
  const { secret } = await verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'] });
  await verve.apiKeys.authenticate(secret);
  statements.length = 0;
  await verve.apiKeys.authenticate(secret);
  expect(statements.filter((text) => text === 'begin')).toHaveLength(1);
  expect(workOf(statements)).toHaveLength(1);
});

test('A key still works after the installation’s secret was changed with the old one kept', async () => {
  const verve = await testVerve();
  const { orgId } = await organisationWithMentor(verve);
  const { secret } = await verve.apiKeys.create({ orgId, actor: system, name: 'k', scopes: ['codes:read'] });
  const { pool } = await testDatabase();
  const changed = await createVerve({ database: pool, secret: [randomUUID().repeat(2), testSecret] });
  expect(await changed.apiKeys.authenticate(secret)).toMatchObject({ orgId });
  const lost = await createVerve({ database: pool, secret: randomUUID().repeat(2) });
  expect(await lost.apiKeys.authenticate(secret)).toBeNull();
});

test('Keys are managed by administrators of their own organisation, and with known scopes only', async () => {
  const verve = await testVerve();
  const one = await organisationWithMentor(verve);
  const other = await organisationWithMentor(verve);
  const wish = { name: 'k', scopes: ['codes:read' as const] };
  for (const actor of [asPerson('coordinator'), asPerson('peer_mentor'), asKey('codes:write')]) {
    await expect(verve.apiKeys.create({ orgId: one.orgId, actor, ...wish })).rejects.toMatchObject({
      code: 'forbidden',
    });
  }
  await expect(
    verve.apiKeys.create({ orgId: one.orgId, actor: system, name: 'k', scopes: ['everything' as never] }),
  ).rejects.toMatchObject({ code: 'invalid_request' });
  const { key } = await verve.apiKeys.create({ orgId: one.orgId, actor: system, ...wish });
  await expect(
    verve.apiKeys.revoke({ orgId: other.orgId, actor: system, apiKeyId: key.apiKeyId }),
  ).rejects.toMatchObject({ code: 'not_found' });
  expect((await verve.apiKeys.list({ orgId: other.orgId, actor: system })).items).toEqual([]);
});

test('A key cannot have expired before it is made', async () => {
  const now = new Date('2026-03-01T08:00:00.000Z');
  const verve = await testVerve({ clock: () => now });
  const { orgId } = await organisationWithMentor(verve);
  const make = (expiresAt: Date) =>
    verve.apiKeys.create({ orgId, actor: asPerson('org_admin'), name: 'late', scopes: ['codes:read'], expiresAt });
  await expect(make(now)).rejects.toMatchObject({ code: 'invalid_request' });
  expect((await make(new Date(now.getTime() + 1))).secret).toMatch(/^vrv_/);
});
