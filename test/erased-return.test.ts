import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBulkIntake } from '../src/engine/attributions/bulk-intake.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { verify } from '../src/engine/verification/service.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { newMentor, organisationWithMentor, system, testVerve } from './harness-verve.ts';

/** Every way by which a member id comes in, for a member who was erased (specification §9). */

let verve: Verve;
let orgId: string;
let mentorId: string;
let code: string;
let memberId: string;
const actor = system;
const joined = new Date(Date.now() - 30 * 86_400_000);
const yesterday = new Date(Date.now() - 86_400_000);
const later = new Date(Date.now() + 60_000);

beforeAll(async () => {
  verve = await testVerve();
});
beforeEach(async () => {
  ({ orgId, mentorId } = await organisationWithMentor(verve));
  const made = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  code = 'code' in made ? made.code.code : '';
  memberId = `kanari-${randomUUID()}`;
});

async function applyFact(fact: Partial<Fact>): Promise<string> {
  const whole: Fact = { kind: 'confirmed', memberId, code, source: 'webhook', ...fact };
  const [outcome] = await verve.attributions.applyFacts({ orgId, actor, facts: [whole] });
  return outcome?.outcome ?? '';
}

/** A credited member, erased. */
async function eraseCredited(): Promise<void> {
  expect(await applyFact({ occurredAt: joined })).toBe('confirmed');
  expect(await verve.privacy.eraseMember({ orgId, actor, memberId })).toEqual({ outcome: 'erased' });
}

/** How many sources stand under the member id now. */
async function sources(ref = memberId): Promise<number> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select from verve.sources where org_id = $1 and ref = $2', [orgId, ref]);
  return rows.length;
}

const total = () => verve.attributions.getTotalRecruitments({ orgId, actor, mentorId });

describe('an erased member is brought back by nothing that is about the old membership:', () => {
  test.each<[string, Partial<Fact>]>([
    ['a confirmation', { occurredAt: yesterday }],
    ['a confirmation of today of a membership that began before', { occurredAt: later, registeredAt: joined }],
    ['a registration with a key', { kind: 'registered', registeredAt: joined, source: 'api' }],
    ['a rejection', { kind: 'rejected', occurredAt: yesterday }],
    ['a reversal of before', { kind: 'reversed', occurredAt: yesterday }],
    ['a reversal after the erasure, which ends the old membership', { kind: 'reversed', occurredAt: later }],
    ['a reversal without a date', { kind: 'reversed' }],
  ])('%s', async (_what, fact) => {
    await eraseCredited();
    expect(await applyFact(fact)).toBe('ignoredErased');
    expect(await sources()).toBe(0);
    expect(await total()).toBe(1);
  });

  test('a line of an import or of a reconciliation, also in a dry run', async () => {
    await eraseCredited();
    const bulk = createBulkIntake({ database: verve.parts.database, intake: verve.attributions });
    for (const source of ['import', 'poll'] as const) {
      const facts: Fact[] = [{ kind: 'confirmed', memberId, code, occurredAt: joined, source, sourceRef: 'line 2' }];
      for (const run of [bulk.preview, bulk.apply, bulk.apply]) {
        expect(await run({ orgId, actor, facts })).toEqual([{ outcome: 'ignoredErased' }]);
      }
    }
    expect(await sources()).toBe(0);
  });

  test('confirmAttribution and confirmRecruitment with a date, and reversing the attribution by its own id', async () => {
    await eraseCredited();
    const call = { orgId, actor, newMemberId: memberId, occurredAt: yesterday };
    expect(await verve.attributions.confirmAttribution(call)).toMatchObject({ outcome: 'ignoredErased' });
    expect(await verve.attributions.confirmRecruitment({ ...call, code })).toMatchObject({ outcome: 'ignoredErased' });
    const [row] = await verve.attributions.getAttributionsByMentor({ orgId, actor, mentorId });
    const attributionId = row?.attributionId ?? '';
    await expect(verve.attributions.reverse({ orgId, actor, attributionId })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    expect(await sources()).toBe(0);
  });

  test('a claim that names him, whoever files it', async () => {
    await eraseCredited();
    for (const claimant of ['member', 'coordinator', 'mentor'] as const) {
      const claim = { orgId, actor, claimant, memberId, mentorId, metOn: '2026-01-01' };
      await expect(verve.inbox.claimRecruitment(claim)).rejects.toMatchObject({ code: 'unprocessable' });
    }
    expect(await sources()).toBe(0);
    expect(await verve.inbox.list({ orgId, actor })).toEqual([]);
  });

  test('a claim that was open when he was erased: it cannot be accepted, only declined', async () => {
    const { inboxItemId } = await verve.inbox.claimRecruitment({
      orgId,
      actor,
      claimant: 'member',
      memberId,
      mentorId,
    });
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    const call = { orgId, actor, inboxItemId, reason: 'Sant nok' };
    await expect(verve.inbox.resolve({ ...call, by: { how: 'attach', mentorId } })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    expect(await verve.inbox.resolve({ ...call, by: { how: 'dismiss' } })).toMatchObject({ resolution: 'declined' });
    expect(await sources()).toBe(0);
  });

  test('resolving or reopening a case about him', async () => {
    await applyFact({ code: 'ZZZZZZZZZZ', occurredAt: joined });
    const [item] = await verve.inbox.list({ orgId, actor });
    const inboxItemId = item?.inboxItemId ?? '';
    const call = { orgId, actor, inboxItemId, reason: 'Feil lest' };
    await verve.inbox.resolve({ ...call, by: { how: 'correct_code', code } });
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    expect(await verve.inbox.reopen({ orgId, actor, inboxItemId, reason: 'Likevel ikke' })).toMatchObject({
      outcome: 'reopened',
    });
    await expect(verve.inbox.resolve({ ...call, by: { how: 'attach', mentorId } })).rejects.toMatchObject({
      code: 'unprocessable',
    });
    expect(await sources()).toBe(0);
    expect((await verify(verve.parts.database, orgId)).differences).toEqual([]);
  });

  test('a merge of member ids, to or from his', async () => {
    await eraseCredited();
    const other = `${memberId}-b`;
    await applyFact({ memberId: other, occurredAt: joined });
    const call = { orgId, actor };
    const erased = { outcome: 'ignoredErased', consequence: { totals: [], milestones: [], badges: [] } };
    const relink = verve.attributions.relinkMember;
    expect(await relink({ ...call, oldMemberId: memberId, newMemberId: other })).toEqual(erased);
    expect(await relink({ ...call, oldMemberId: other, newMemberId: memberId })).toEqual(erased);
    expect([await sources(), await sources(other), await total()]).toEqual([0, 1, 2]);
  });

  test('a mentor whose own member id it is', async () => {
    await eraseCredited();
    await verve.mentors.update({ orgId, actor, mentorId, change: { memberId } });
    await verve.mentors.create({ orgId, actor, displayName: 'Ny', memberId });
    expect(await sources()).toBe(0);
    expect(await applyFact({ occurredAt: yesterday })).toBe('ignoredErased');
  });
});

describe('a later membership of an erased member is a new person', () => {
  test('who is credited anew, claimed, merged and reversed like anybody', async () => {
    await eraseCredited();
    expect(await applyFact({ occurredAt: later })).toBe('confirmed');
    expect(await total()).toBe(2);
    const claim = { orgId, actor, claimant: 'member' as const, memberId, mentorId: await newMentor(verve, orgId) };
    expect(await verve.inbox.claimRecruitment(claim)).toHaveProperty('claimId');
    const relinked = { orgId, actor, oldMemberId: memberId, newMemberId: `${memberId}-c` };
    expect(await verve.attributions.relinkMember(relinked)).toMatchObject({ outcome: 'relinked' });
    expect(await applyFact({ kind: 'reversed', occurredAt: yesterday })).toBe('ignoredErased');
    expect(await applyFact({ kind: 'reversed', occurredAt: new Date(later.getTime() + 1) })).toBe('reversed');
    expect(await total()).toBe(1);
    expect((await verify(verve.parts.database, orgId)).differences).toEqual([]);
  });

  test('also where its reversal comes in the same delivery before it', async () => {
    await eraseCredited();
    const base = { memberId, code, source: 'webhook' } as const;
    const facts: Fact[] = [
      { ...base, kind: 'reversed', occurredAt: new Date(later.getTime() + 1) },
      { ...base, kind: 'confirmed', occurredAt: later },
    ];
    const outcomes = await verve.attributions.applyFacts({ orgId, actor, facts });
    expect(outcomes.map((one) => one.outcome)).toEqual(['unmatched', 'alreadyReversed']);
    expect(await total()).toBe(1);
  });

  test('and an order whose number was his member id is nobody: it is credited', async () => {
    await eraseCredited();
    const sale = { orgId, actor, code, sourceRef: memberId, sourceModel: 'Order', occurredAt: yesterday };
    expect(await verve.referrals.recordConversion(sale)).toMatchObject({ outcome: 'confirmed' });
  });
});
