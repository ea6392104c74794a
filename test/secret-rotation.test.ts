import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../src/engine/attributions/fact.ts';
import type { Verve } from '../src/engine/verve.ts';
import { createCursors } from '../src/http/requests/cursor.ts';
import { findSecretProblems } from '../src/server/known-secrets.ts';
import { testDatabase } from './harness.ts';
import { asMentor, newMentor, organisationWithMentor, system, testSecret, testVerve } from './harness-verve.ts';

const actor = system;
const newSecret = 'another secret, which came after the first and is longer than 32';
const past = new Date(Date.now() - 86_400_000);

/** The installation before its secret was changed, and after. */
let before: Verve;
let after: Verve;
let orgId: string;
let mentorId: string;
let code: string;

beforeAll(async () => {
  before = await testVerve();
  after = await testVerve({ secret: [newSecret, testSecret] });
});
beforeEach(async () => {
  ({ orgId, mentorId } = await organisationWithMentor(before));
  const made = await before.codes.getOrCreate({ orgId, actor, mentorId });
  code = 'code' in made ? made.code.code : '';
});

function confirmation(memberId: string): Fact {
  return { kind: 'confirmed', memberId, code, occurredAt: past, source: 'webhook' };
}

async function keyIdOf(verve: Verve): Promise<string> {
  return verve.parts.keyRing.keyId();
}

describe('after the secret was changed, with the former one behind it', () => {
  test('a late fact about somebody erased before is ignored, and merged ids too', async () => {
    const [memberId, merged] = [randomUUID(), randomUUID()];
    await before.attributions.applyFacts({ orgId, actor, facts: [confirmation(memberId)] });
    await before.attributions.relinkMember({ orgId, actor, oldMemberId: merged, newMemberId: memberId });
    await before.privacy.eraseMember({ orgId, actor, memberId });
    for (const verve of [after, before]) {
      const facts = [confirmation(memberId), confirmation(merged)];
      expect(await verve.attributions.applyFacts({ orgId, actor, facts })).toEqual([
        { outcome: 'ignoredErased' },
        { outcome: 'ignoredErased' },
      ]);
      expect(await verve.privacy.eraseMember({ orgId, actor, memberId })).toEqual({ outcome: 'alreadyErased' });
    }
  });

  test('a tombstone says which secret made it', async () => {
    for (const verve of [before, after]) {
      const memberId = randomUUID();
      await verve.attributions.applyFacts({ orgId, actor, facts: [confirmation(memberId)] });
      await verve.privacy.eraseMember({ orgId, actor, memberId });
    }
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query('select key_id from verve.erasures where org_id = $1 order by erased_at', [
      orgId,
    ]);
    expect(rows.map((row) => row.key_id)).toEqual([await keyIdOf(before), await keyIdOf(after)]);
  });

  test('a mentor’s own membership is still refused, also once merged', async () => {
    const [memberId, newId] = [randomUUID(), randomUUID()];
    await before.mentors.update({ orgId, actor, mentorId, change: { memberId } });
    const self = { outcome: 'selfReferral' };
    expect(await after.attributions.applyFacts({ orgId, actor, facts: [confirmation(memberId)] })).toMatchObject([
      self,
    ]);
    await after.attributions.relinkMember({ orgId, actor, oldMemberId: memberId, newMemberId: newId });
    expect(await after.attributions.applyFacts({ orgId, actor, facts: [confirmation(newId)] })).toMatchObject([self]);
  });

  test('a registration from the mentor’s own device carries same_device', async () => {
    const deviceToken = randomUUID();
    await before.codes.getOrCreate({ orgId, actor: asMentor(mentorId), mentorId, deviceToken });
    await after.attributions.registerReferral({ orgId, actor, code, deviceToken });
    await after.attributions.registerReferral({ orgId, actor, code, deviceToken: randomUUID() });
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select flags from verve.referral_attributions where org_id = $1 order by created_at, id',
      [orgId],
    );
    expect(rows.map((row) => row.flags.length).sort()).toEqual([0, 1]);
  });

  test('the same phone number has already registered', async () => {
    const contact = { name: 'Kari', phone: '+4740000000', email: null };
    const sheet = () => ({ code, submission: randomUUID(), contact, consentVersion: '1', sessionToken: null });
    expect(await before.join.submit(sheet())).toMatchObject({ outcome: 'registered' });
    expect(await after.join.submit(sheet())).toEqual({ outcome: 'alreadyRegistered' });
    expect(await after.contacts.list({ orgId, actor })).toMatchObject([contact]);
  });

  test('a delivery is known again, with an id of its sender or without', async () => {
    for (const messageId of [randomUUID(), null]) {
      const body = new TextEncoder().encode(`{"member_id":"${randomUUID()}"}`);
      const delivery = { orgId, channel: 'neutral', messageId, contentType: 'application/json', body } as const;
      const stored = await before.inbound.store({ ...delivery, signedAt: null });
      const again = await after.inbound.store({ ...delivery, signedAt: null });
      expect(again.inboundMessageId).toBe(stored.inboundMessageId);
    }
  });

  test('codes are made, secrets and endpoints opened, cursors read', async () => {
    const other = await newMentor(after, orgId);
    expect(await after.codes.getOrCreate({ orgId, actor, mentorId: other })).toMatchObject({ outcome: 'created' });
    const cursorsOf = (verve: Verve) =>
      createCursors((tenant, value) => verve.parts.keyRing.hashes(tenant, 'cursor', value));
    const binding = { orgId, operationId: 'list', caller: 'key', filter: {} };
    const cursor = await cursorsOf(before).seal('position', binding);
    expect(await cursorsOf(after).open(cursor, binding)).toBe('position');
    const newCursor = await cursorsOf(after).seal('position', binding);
    await expect(cursorsOf(before).open(newCursor, binding)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

test('a server that is not given a secret which the database needs says which, and will not do', async () => {
  const memberId = randomUUID();
  await after.attributions.applyFacts({ orgId, actor, facts: [confirmation(memberId)] });
  await after.privacy.eraseMember({ orgId, actor, memberId });
  const { pool } = await testDatabase();
  expect(await findSecretProblems(pool, [newSecret, testSecret])).toEqual([]);
  expect(await findSecretProblems(pool, [testSecret])).toEqual([expect.stringContaining(await keyIdOf(after))]);
  expect(await findSecretProblems(pool, [newSecret])).toEqual([expect.stringContaining(await keyIdOf(before))]);
  expect(await findSecretProblems(pool, [])).toHaveLength(2);
});

test.each([
  [
    'a delivery that waits',
    `insert into verve.inbound_messages (org_id, channel, message_id, body_digest, sealed_body)
    values ($1, 'neutral', 'msg_1', '', $2)`,
  ],
  [
    'a file that waits',
    `insert into verve.imports (org_id, is_preview, actor, reading, total_lines, report, sealed_file)
    values ($1, false, 'system', '{}', 1, '{}', $2)`,
  ],
  [
    'a contact',
    `insert into verve.registration_contacts (org_id, delete_after, sealed) values ($1, now() + interval '1 day', $2)`,
  ],
  [
    'an endpoint’s secret before the last',
    `insert into verve.webhook_endpoints
    (org_id, url, created_by, sealed_secret, previous_sealed_secret, previous_secret_until)
    values ($1, 'https://receiver.example', 'system', '', $2, now() + interval '1 day')`,
  ],
])('%s needs the secret that it was sealed with', async (_, insert) => {
  const { adminPool, pool } = await testDatabase();
  const keyId = randomUUID().slice(0, 8);
  await adminPool.query(insert, [orgId, Buffer.from(`01${keyId}00`, 'hex')]);
  expect((await findSecretProblems(pool, [newSecret, testSecret])).join()).toContain(keyId);
});
