import { expect, test } from 'vitest';
import { createKeyRing, UnsealError } from '../src/engine/secrets/key-ring.ts';
import { nodeEncrypt } from '../src/server/encrypt.ts';

const oldSecret = 'an-old-secret-of-this-installation-0001';
const newSecret = 'a-new-secret-of-this-installation-00002';
const orgId = '0a0a0a0a-0000-4000-8000-000000000001';
const otherOrgId = '0a0a0a0a-0000-4000-8000-000000000009';
const place = { orgId, name: 'code-secret/1' };

test('A sealed value opens with the same secret, organisation and name', async () => {
  const sealed = await createKeyRing(newSecret).sealText(place, 'likeperson æøå');
  expect(await createKeyRing(newSecret).unsealText(place, sealed)).toBe('likeperson æøå');
});

test('A sealed value opens for no other organisation, name or secret, and not with a byte changed', async () => {
  const ring = createKeyRing(newSecret);
  const sealed = await ring.sealText(place, 'hidden');
  const changed = Uint8Array.from(sealed);
  changed[sealed.length - 1] = (changed[sealed.length - 1] ?? 0) ^ 1;
  await expect(ring.unseal({ ...place, orgId: otherOrgId }, sealed)).rejects.toThrow(UnsealError);
  await expect(ring.unseal({ ...place, name: 'code-secret/2' }, sealed)).rejects.toThrow(UnsealError);
  await expect(ring.unseal(place, changed)).rejects.toThrow(UnsealError);
  await expect(ring.unseal(place, sealed.slice(0, 9))).rejects.toThrow(UnsealError);
  await expect(createKeyRing(oldSecret).unseal(place, sealed)).rejects.toThrow(UnsealError);
});

test('What a server seals with a cipher of its own opens by WebCrypto, and in no other place', async () => {
  const server = createKeyRing(newSecret, { encrypt: nodeEncrypt });
  const sealed = await server.sealText(place, 'likeperson æøå');
  expect(sealed).toHaveLength((await createKeyRing(newSecret).sealText(place, 'likeperson æøå')).length);
  expect(await createKeyRing(newSecret).unsealText(place, sealed)).toBe('likeperson æøå');
  await expect(createKeyRing(newSecret).unsealText({ ...place, orgId: otherOrgId }, sealed)).rejects.toThrow(
    UnsealError,
  );
  expect(await server.sealText(place, 'likeperson æøå')).not.toEqual(sealed);
});

test('The same value is never sealed to the same bytes twice', async () => {
  const ring = createKeyRing(newSecret);
  expect(await ring.sealText(place, 'x')).not.toEqual(await ring.sealText(place, 'x'));
});

test('After a change of the secret, what the old one sealed stays readable and says that it is old', async () => {
  const before = createKeyRing(oldSecret);
  const after = createKeyRing([newSecret, oldSecret]);
  const sealed = await before.sealText(place, 'kept');
  expect(await after.unsealText(place, sealed)).toBe('kept');
  expect(await after.isOld(sealed)).toBe(true);
  expect(await after.isOld(await after.sealText(place, 'kept'))).toBe(false);
  expect(await after.keyId()).not.toBe(await before.keyId());
});

test('A keyed hash is the same every time and differs by organisation, purpose and value', async () => {
  const ring = createKeyRing(newSecret);
  const hash = await ring.hash(orgId, 'member-ref', 'M-1001');
  expect(hash).toHaveLength(32);
  expect(await createKeyRing(newSecret).hash(orgId, 'member-ref', 'M-1001')).toEqual(hash);
  expect(await ring.hash(otherOrgId, 'member-ref', 'M-1001')).not.toEqual(hash);
  expect(await ring.hash(orgId, 'blind-index', 'M-1001')).not.toEqual(hash);
  expect(await ring.hash(orgId, 'member-ref', 'M-1002')).not.toEqual(hash);
});

test('After a change of the secret, a hash can be looked up under the new and the old one', async () => {
  const hash = await createKeyRing(oldSecret).hash(orgId, 'member-ref', 'M-1001');
  const hashes = await createKeyRing([newSecret, oldSecret]).hashes(orgId, 'member-ref', 'M-1001');
  expect(hashes[1]).toEqual(hash);
  expect(hashes[0]).not.toEqual(hash);
});

test('A short secret is refused with advice', () => {
  expect(() => createKeyRing('short')).toThrow(/openssl rand/);
  expect(() => createKeyRing([])).toThrow(/at least one secret/);
});
