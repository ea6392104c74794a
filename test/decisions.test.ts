import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, hostActor } from '../src/engine/actor.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { EVENT_DATA_KEYS } from '../src/engine/events/event.ts';
import { createVerve } from '../src/engine/verve.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { inThisOrder } from './interleave.ts';

const { adminPool, pool } = await testDatabase();
const verve = createVerve({ database: pool, secret: 'a secret of the test that is long enough' });
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const actor = hostActor;

let orgId: string;
let first: Mentor;
let second: Mentor;

interface Mentor {
  mentorId: string;
  code: string;
}

async function addMentor(): Promise<Mentor> {
  const mentorId = randomUUID();
  const code = Array.from({ length: 10 }, () => alphabet[Math.floor(Math.random() * 32)]).join('');
  await adminPool.query('insert into verve.mentors (id, org_id, display_name) values ($1, $2, $3)', [
    mentorId,
    orgId,
    'Mentor',
  ]);
  await adminPool.query('insert into verve.code_directory (code, org_id) values ($1, $2)', [code, orgId]);
  await adminPool.query(
    `insert into verve.referral_codes (org_id, owner_model, owner_ref, code, rotation_sequence) values ($1, 'mentor', $2, $3, 0)`,
    [orgId, mentorId, code],
  );
  return { mentorId, code };
}

async function openOrganisation(rules: Record<string, unknown> = {}): Promise<void> {
  ({ orgId } = await freshOrganisation({ settings: { rules } }));
  for (const threshold of [1, 5]) {
    await adminPool.query('insert into verve.milestones (org_id, threshold) values ($1, $2)', [orgId, threshold]);
  }
  first = await addMentor();
  second = await addMentor();
}

beforeEach(() => openOrganisation());

function person(roles: ('coordinator' | 'org_admin')[], mentorId: string | null = null): Actor {
  return { kind: 'person', userId: randomUUID(), mentorId, roles: roles.map((role) => ({ role, branchId: null })) };
}

async function apply(kind: Fact['kind'], memberId: string, more: Partial<Fact> = {}) {
  const [outcome] = await verve.attributions.applyFacts({
    orgId,
    actor,
    facts: [{ kind, memberId, source: 'webhook', ...more }],
  });
  return outcome as Extract<
    Awaited<ReturnType<typeof verve.attributions.applyFacts>>[number],
    { attributionId: string }
  >;
}

async function total(mentor: Mentor): Promise<number> {
  const rows = await adminPool.query('select credited from verve.mentor_totals where mentor_id = $1', [
    mentor.mentorId,
  ]);
  return rows.rows[0]?.credited ?? 0;
}

describe('reassigning', () => {
  test('moves the count, keeps the award and links both rows', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const moved = await verve.attributions.reassign({
      orgId,
      actor,
      attributionId,
      toMentorId: second.mentorId,
      reason: 'Spoke with both',
    });
    expect(moved).toMatchObject({ outcome: 'reassigned', supersededAttributionId: attributionId });
    expect([await total(first), await total(second)]).toEqual([0, 1]);
    expect(moved.consequence.milestones).toEqual([{ mentorId: second.mentorId, threshold: 1 }]);
    const awards = await adminPool.query('select count(*)::int from verve.milestone_awards where org_id = $1', [orgId]);
    expect(awards.rows[0].count).toBe(2);
  });

  test('is previewed without a trace', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const preview = await verve.attributions.preview.reassign({
      orgId,
      actor,
      attributionId,
      toMentorId: second.mentorId,
      reason: 'r',
    });
    expect(preview.consequence.totals).toEqual(
      expect.arrayContaining([
        { mentorId: first.mentorId, before: 1, after: 0 },
        { mentorId: second.mentorId, before: 0, after: 1 },
      ]),
    );
    expect([await total(first), await total(second)]).toEqual([1, 0]);
  });

  test('to oneself is refused, as is a reason of nothing', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const own = person(['coordinator'], second.mentorId);
    await expect(
      verve.attributions.reassign({ orgId, actor: own, attributionId, toMentorId: second.mentorId, reason: 'mine' }),
    ).rejects.toMatchObject({ code: 'about_oneself' });
    await expect(
      verve.attributions.reassign({ orgId, actor, attributionId, toMentorId: second.mentorId, reason: ' ' }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('to a mentor who is not there finds nothing, and to one without a code says so', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const move = (toMentorId: string) =>
      verve.attributions.reassign({ orgId, actor, attributionId, toMentorId, reason: 'r' });
    await expect(move(randomUUID())).rejects.toMatchObject({ code: 'not_found' });
    const inserted = await adminPool.query(
      'insert into verve.mentors (id, org_id, display_name) values ($1, $2, $3) returning id',
      [randomUUID(), orgId, 'Uten kode'],
    );
    await expect(move(inserted.rows[0].id)).rejects.toMatchObject({ code: 'unprocessable' });
  });

  test('of another organisation’s row finds nothing', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    await openOrganisation();
    await expect(
      verve.attributions.reassign({ orgId, actor, attributionId, toMentorId: second.mentorId, reason: 'r' }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a review', () => {
  beforeEach(() => openOrganisation({ review: 'all', reviewRoles: ['coordinator', 'org_admin'] }));

  test('credits with the last of several approvals from different people', async () => {
    const { attributionId, outcome } = await apply('confirmed', 'M1', { code: first.code });
    expect(outcome).toBe('awaitingReview');
    const coordinator = person(['coordinator']);
    expect(await verve.attributions.approve({ orgId, actor: coordinator, attributionId })).toMatchObject({
      outcome: 'approvalRecorded',
      missingRoles: ['org_admin'],
    });
    expect(await verve.attributions.approve({ orgId, actor: coordinator, attributionId })).toMatchObject({
      outcome: 'approvalRecorded',
    });
    expect(await total(first)).toBe(0);
    expect(await verve.attributions.approve({ orgId, actor: person(['org_admin']), attributionId })).toMatchObject({
      outcome: 'approved',
    });
    expect(await total(first)).toBe(1);
    expect(await verve.attributions.approve({ orgId, actor: coordinator, attributionId })).toMatchObject({
      outcome: 'alreadyApproved',
    });
    await expect(
      verve.attributions.reject({ orgId, actor: coordinator, attributionId, reasonCode: 'duplicate' }),
    ).rejects.toMatchObject({ code: 'already_credited' });
  });

  test('takes an approval only under a role that the person holds', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const coordinator = person(['coordinator']);
    await expect(
      verve.attributions.approve({ orgId, actor: coordinator, attributionId, role: 'org_admin' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const both = person(['coordinator', 'org_admin']);
    const named = ['coordinator', 'org_admin'] as const;
    for (const role of named) {
      expect(await verve.attributions.approve({ orgId, actor: both, attributionId, role })).toMatchObject({
        outcome: 'approvalRecorded',
        missingRoles: ['org_admin'],
      });
    }
    expect(await total(first)).toBe(0);
  });

  test('by two people at once credits once', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const people = [person(['coordinator']), person(['org_admin']), person(['org_admin'])];
    const outcomes = await Promise.all(
      people.map((one) => verve.attributions.approve({ orgId, actor: one, attributionId })),
    );
    expect(outcomes.filter((one) => one.outcome === 'approved')).toHaveLength(1);
    expect(await total(first)).toBe(1);
  });

  test('that rejected stays rejected whatever comes', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    await verve.attributions.reject({
      orgId,
      actor: person(['coordinator']),
      attributionId,
      reasonCode: 'not_a_new_member',
    });
    expect((await apply('confirmed', 'M1', { code: first.code })).outcome).toBe('alreadyRejected');
    expect((await apply('reversed', 'M1')).outcome).toBe('alreadyRejected');
    expect((await apply('confirmed', 'M1', { code: first.code })).outcome).toBe('alreadyRejected');
    expect(await total(first)).toBe(0);
  });

  test('is withdrawn by a reversal, and a re-instatement opens a new one', async () => {
    const at = (n: number) => new Date(Date.UTC(2026, 0, n));
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code, occurredAt: at(1) });
    await apply('reversed', 'M1', { occurredAt: at(2) });
    expect((await apply('confirmed', 'M1', { occurredAt: at(3) })).outcome).toBe('awaitingReview');
    const states = await adminPool.query(
      'select state from verve.reviews where attribution_id = $1 order by opened_at, state desc',
      [attributionId],
    );
    expect(states.rows.map((row) => row.state).sort()).toEqual(['waiting', 'withdrawn']);
  });
});

describe('removing', () => {
  test('takes the credit out, a redelivery does not bring it back, restore does', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    await verve.attributions.remove({ orgId, actor, attributionId, reason: 'test' });
    expect(await total(first)).toBe(0);
    expect((await apply('confirmed', 'M1', { code: first.code })).outcome).toBe('alreadyRemoved');
    expect(await total(first)).toBe(0);
    expect(await verve.attributions.restore({ orgId, actor, attributionId })).toMatchObject({ outcome: 'restored' });
    expect(await total(first)).toBe(1);
  });
});

describe('relinking', () => {
  test('lets facts of the old member id reach the new, with what waited', async () => {
    await apply('confirmed', 'OLD', { code: first.code });
    expect(await verve.attributions.relinkMember({ orgId, actor, oldMemberId: 'OLD', newMemberId: 'NEW' })).toEqual({
      outcome: 'relinked',
      consequence: { totals: [], milestones: [], badges: [] },
    });
    expect((await apply('confirmed', 'NEW', { code: first.code })).outcome).toBe('alreadyConfirmed');
    expect((await apply('reversed', 'OLD')).outcome).toBe('reversed');
    expect(await total(first)).toBe(0);
    expect(await verve.attributions.relinkMember({ orgId, actor, oldMemberId: 'OLD', newMemberId: 'NEW' })).toEqual({
      outcome: 'alreadyRelinked',
      consequence: { totals: [], milestones: [], badges: [] },
    });
  });

  test('of two credited members opens a conflict and both stand', async () => {
    await apply('confirmed', 'A', { code: first.code });
    await apply('confirmed', 'B', { code: second.code });
    expect(await verve.attributions.relinkMember({ orgId, actor, oldMemberId: 'A', newMemberId: 'B' })).toEqual({
      outcome: 'conflict',
      consequence: { totals: [], milestones: [], badges: [] },
    });
    expect([await total(first), await total(second)]).toEqual([1, 1]);
  });
});

describe('the inbox', () => {
  test('attaches an unmatched confirmation to a mentor and can undo it', async () => {
    await apply('confirmed', 'M1', { code: 'ZZZZZZZZZZ' });
    const [item] = await verve.inbox.list({ orgId, actor });
    const inboxItemId = item?.inboxItemId ?? '';
    const call = {
      orgId,
      actor,
      inboxItemId,
      reason: 'Rang the member',
      by: { how: 'attach', mentorId: first.mentorId },
    } as const;
    expect(await verve.inbox.previewResolve(call)).toMatchObject({ resolution: 'attached' });
    expect(await total(first)).toBe(0);
    expect(await verve.inbox.resolve(call)).toMatchObject({ outcome: 'resolved', resolution: 'attached' });
    expect(await total(first)).toBe(1);
    expect(await verve.inbox.resolve(call)).toMatchObject({ outcome: 'alreadyResolved' });
    expect(await verve.inbox.reopen({ orgId, actor, inboxItemId, reason: 'Wrong one' })).toMatchObject({
      outcome: 'reopened',
    });
    expect(await total(first)).toBe(0);
  });

  test('credits whom a reopened case is settled for anew, as often as it is reopened', async () => {
    await apply('confirmed', 'M1', { code: 'ZZZZZZZZZZ' });
    const [item] = await verve.inbox.list({ orgId, actor });
    const inboxItemId = item?.inboxItemId ?? '';
    const coordinator = person(['coordinator']);
    const call = { orgId, actor: coordinator, inboxItemId, reason: 'Rang the member' };
    const counts = async () => [await total(first), await total(second)];
    await verve.inbox.resolve({ ...call, by: { how: 'attach', mentorId: first.mentorId } });
    await verve.inbox.reopen(call);
    const toSecond = { ...call, by: { how: 'attach', mentorId: second.mentorId } } as const;
    expect(await verve.inbox.previewResolve(toSecond)).toMatchObject({
      resolution: 'attached',
      consequence: { totals: [{ mentorId: second.mentorId, before: 0, after: 1 }] },
    });
    expect(await verve.inbox.resolve(toSecond)).toMatchObject({ resolution: 'attached' });
    expect(await counts()).toEqual([0, 1]);
    await verve.inbox.reopen(call);
    expect(await counts()).toEqual([0, 0]);
    const byCode = { ...call, by: { how: 'correct_code', code: first.code } } as const;
    expect(await verve.inbox.resolve(byCode)).toMatchObject({ resolution: 'code_corrected' });
    expect(await counts()).toEqual([1, 0]);
    await verve.inbox.reopen(call);
    await verve.inbox.resolve({ ...call, by: { how: 'attach', mentorId: first.mentorId } });
    expect(await counts()).toEqual([1, 0]);
  });

  test('settles a conflict by moving the recruitment', async () => {
    await apply('confirmed', 'M1', { code: first.code });
    await apply('confirmed', 'M1', { code: second.code });
    const [item] = await verve.inbox.list({ orgId, actor, kind: 'conflict' });
    const by = { how: 'attach', mentorId: second.mentorId } as const;
    await verve.inbox.resolve({ orgId, actor, inboxItemId: item?.inboxItemId ?? '', reason: 'Both agree', by });
    expect([await total(first), await total(second)]).toEqual([0, 1]);
  });

  test('is decided by one of two people at once, and the other hears how', async () => {
    await apply('confirmed', 'M1', { code: 'ZZZZZZZZZZ' });
    const [item] = await verve.inbox.list({ orgId, actor });
    const inboxItemId = item?.inboxItemId ?? '';
    const call = { orgId, actor, inboxItemId, reason: 'Rang the member' };
    const [attached, dismissed] = await inThisOrder({
      adminPool,
      lock: { text: 'select from verve.inbox_items where id = $1 for update', values: [inboxItemId] },
      first: () => verve.inbox.resolve({ ...call, by: { how: 'attach', mentorId: first.mentorId } }),
      second: () => verve.inbox.resolve({ ...call, by: { how: 'dismiss' } }),
    });
    expect(attached).toMatchObject({ value: { outcome: 'resolved', resolution: 'attached' } });
    expect(dismissed).toMatchObject({ value: { outcome: 'alreadyResolved', resolution: 'attached' } });
    const told = await adminPool.query(
      "select from verve.referral_events where org_id = $1 and type = 'inbox.resolved' and data ->> 'inbox_item_id' = $2",
      [orgId, inboxItemId],
    );
    expect(told.rowCount).toBe(1);
  });

  test('takes a claim and credits it when a coordinator accepts', async () => {
    await apply('confirmed', 'M1');
    const filed = await verve.inbox.claimRecruitment({
      orgId,
      actor,
      claimant: 'mentor',
      mentorId: first.mentorId,
      memberId: 'M1',
      metOn: '2026-11-02',
    });
    const by = { how: 'attach', mentorId: first.mentorId } as const;
    const resolved = await verve.inbox.resolve({
      orgId,
      actor,
      inboxItemId: filed.inboxItemId,
      reason: 'Right day',
      by,
    });
    expect(resolved.resolution).toBe('accepted');
    expect(await total(first)).toBe(1);
    const claim = await adminPool.query('select status from verve.claims where id = $1', [filed.claimId]);
    expect(claim.rows[0].status).toBe('accepted');
  });

  test('takes no claim about a mentor who is not here, nor about a day that never was', async () => {
    const claim = { orgId, actor, claimant: 'member' } as const;
    const stranger = verve.inbox.claimRecruitment({ ...claim, mentorId: randomUUID() });
    await expect(stranger).rejects.toMatchObject({ code: 'not_found' });
    const noDay = verve.inbox.claimRecruitment({ ...claim, metOn: '2026-02-31' });
    await expect(noDay).rejects.toMatchObject({ code: 'invalid_request', fields: [{ field: 'met_on' }] });
  });

  test('foresees what a member who has no attribution yet will bring: count and milestone', async () => {
    await apply('confirmed', 'M1', { code: 'ZZZZZZZZZZ' });
    const [item] = await verve.inbox.list({ orgId, actor });
    const by = { how: 'attach', mentorId: first.mentorId } as const;
    const call = { orgId, actor, inboxItemId: item?.inboxItemId ?? '', reason: 'Rang the member', by };
    const consequence = {
      totals: [{ mentorId: first.mentorId, before: 0, after: 1 }],
      milestones: [{ mentorId: first.mentorId, threshold: 1 }],
      badges: [],
    };
    expect(await verve.inbox.previewResolve(call)).toMatchObject({ outcome: 'resolved', consequence });
    expect(await total(first)).toBe(0);
    expect(await verve.inbox.resolve(call)).toMatchObject({ outcome: 'resolved', consequence });
  });
});

describe('a claim that names no member', () => {
  const file = async (mentorId: string | null, code: string | null = null) =>
    (await verve.inbox.claimRecruitment({ orgId, actor, claimant: 'mentor', mentorId, code, metOn: '2026-11-02' }))
      .inboxItemId;
  const link = (inboxItemId: string, attributionId: string, mentorId?: string) =>
    ({
      orgId,
      actor: person(['coordinator']),
      inboxItemId,
      reason: 'The day is right',
      by: { how: 'link', attributionId, mentorId },
    }) as const;
  const claimOf = async (inboxItemId: string) =>
    (
      await adminPool.query(
        `select claims.status, claims.attribution_id from verve.claims
         join verve.inbox_items as items on items.subject = claims.id::text where items.id = $1`,
        [inboxItemId],
      )
    ).rows[0];

  test('is accepted by the recruitment it is about, which moves to who claims it, and back when the case is reopened', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: second.code });
    const call = link(await file(first.mentorId), attributionId);
    const moves = {
      resolution: 'reassigned',
      consequence: {
        totals: expect.arrayContaining([
          { mentorId: first.mentorId, before: 0, after: 1 },
          { mentorId: second.mentorId, before: 1, after: 0 },
        ]),
      },
    };
    expect(await verve.inbox.previewResolve(call)).toMatchObject(moves);
    expect([await total(first), await total(second)]).toEqual([0, 1]);
    const resolved = await verve.inbox.resolve(call);
    expect(resolved).toMatchObject({ outcome: 'resolved', ...moves });
    expect([await total(first), await total(second)]).toEqual([1, 0]);
    expect(await claimOf(call.inboxItemId)).toEqual({ status: 'accepted', attribution_id: resolved.attributionId });
    expect(await verve.inbox.resolve(call)).toMatchObject({ outcome: 'alreadyResolved', resolution: 'reassigned' });
    await verve.inbox.reopen(call);
    expect([await total(first), await total(second)]).toEqual([0, 1]);
    expect(await claimOf(call.inboxItemId)).toEqual({ status: 'open', attribution_id: null });
  });

  test('moves nothing where the recruitment is that mentor’s already, and reopening takes nothing away', async () => {
    const theirs = await apply('confirmed', 'M1', { code: second.code });
    const call = link(await file(first.mentorId), theirs.attributionId);
    await verve.inbox.resolve(call);
    await verve.inbox.reopen(call);
    const own = await apply('confirmed', 'M2', { code: first.code });
    const again = link(call.inboxItemId, own.attributionId);
    const consequence = { totals: [{ mentorId: first.mentorId, before: 1, after: 1 }], milestones: [], badges: [] };
    expect(await verve.inbox.resolve(again)).toMatchObject({ resolution: 'accepted', consequence });
    await verve.inbox.reopen(call);
    expect([await total(first), await total(second)]).toEqual([1, 1]);
  });

  test('goes to whom the decision names, else to whom the claim names by code, else it stays whose it is', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: first.code });
    const unsaid = await verve.inbox.resolve(link(await file(null), attributionId));
    expect(unsaid).toMatchObject({ resolution: 'accepted', attributionId });
    const byCode = await verve.inbox.resolve(link(await file(null, second.code), attributionId));
    expect([await total(first), await total(second)]).toEqual([0, 1]);
    await verve.inbox.resolve(link(await file(null, second.code), byCode.attributionId ?? '', first.mentorId));
    expect([await total(first), await total(second)]).toEqual([1, 0]);
  });

  test('is linked by one of two people at once', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: second.code });
    const inboxItemId = await file(first.mentorId);
    const call = link(inboxItemId, attributionId);
    const [linked, dismissed] = await inThisOrder({
      adminPool,
      lock: { text: 'select from verve.inbox_items where id = $1 for update', values: [inboxItemId] },
      first: () => verve.inbox.resolve(call),
      second: () => verve.inbox.resolve({ ...call, by: { how: 'dismiss' } }),
    });
    expect(linked).toMatchObject({ value: { outcome: 'resolved', resolution: 'reassigned' } });
    expect(dismissed).toMatchObject({ value: { outcome: 'alreadyResolved', resolution: 'reassigned' } });
  });

  test('is linked to nothing that is gone, elsewhere, out of scope or one’s own; a case with a member is not linked', async () => {
    const { attributionId } = await apply('confirmed', 'M1', { code: second.code });
    const inboxItemId = await file(first.mentorId);
    const call = link(inboxItemId, attributionId);
    const oneself = person(['coordinator'], first.mentorId);
    await expect(verve.inbox.resolve({ ...call, actor: oneself })).rejects.toMatchObject({ code: 'about_oneself' });
    const owner = person(['coordinator'], second.mentorId);
    await expect(verve.inbox.resolve({ ...call, actor: owner })).rejects.toMatchObject({ code: 'about_oneself' });
    const away: Actor = {
      kind: 'person',
      userId: randomUUID(),
      mentorId: null,
      roles: [{ role: 'coordinator', branchId: randomUUID() }],
    };
    await expect(verve.inbox.resolve({ ...call, actor: away })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(verve.inbox.resolve(link(inboxItemId, randomUUID()))).rejects.toMatchObject({ code: 'not_found' });
    const { attributionId: moved } = await verve.attributions.reassign({
      ...call,
      attributionId,
      toMentorId: first.mentorId,
    });
    await expect(verve.inbox.resolve(call)).rejects.toMatchObject({ code: 'conflict' });
    await verve.attributions.remove({ orgId, actor, attributionId: moved, reason: 'Never joined' });
    await expect(verve.inbox.resolve(link(inboxItemId, moved))).rejects.toMatchObject({ code: 'conflict' });
    await apply('confirmed', 'M2', { code: 'ZZZZZZZZZZ' });
    const [unknown] = await verve.inbox.list({ orgId, actor, kind: 'unknown_code' });
    await expect(verve.inbox.resolve(link(unknown?.inboxItemId ?? '', moved))).rejects.toMatchObject({
      code: 'unprocessable',
    });
  });
});

test('what an organisation does not count is not pending either', async () => {
  await openOrganisation({ countedSourceModels: ['Order'] });
  await apply('registered', 'M1', { code: first.code });
  const counts = await verve.attributions.getAttributionCounts({ orgId, actor, mentorId: first.mentorId });
  expect(counts.pendingCount).toBe(0);
});

test('an explanation tells every fact in order and holds no member id', async () => {
  const { attributionId } = await apply('confirmed', 'MEMBER-7', { code: first.code });
  await apply('confirmed', 'MEMBER-7', { code: first.code });
  const explanation = await verve.attributions.explain({ orgId, actor, attributionId });
  expect(explanation.facts.map((fact) => fact.outcome)).toEqual(['confirmed', 'alreadyConfirmed']);
  expect(explanation.sentence).toContain('is credited because the confirmation carried');
  expect(JSON.stringify(explanation)).not.toContain('MEMBER-7');
});

test('an explanation measures a code by the first of its ends, as the decision does', async () => {
  await adminPool.query(
    `update verve.referral_codes set status = 'invalidated', created_at = '2026-01-01', expires_at = '2026-02-01',
       invalidated_at = '2026-06-01', invalidated_reason = 'lost' where code = $1`,
    [first.code],
  );
  const registeredAt = new Date('2026-02-05T08:00:00Z');
  const { attributionId } = await apply('confirmed', 'M1', { code: first.code, registeredAt });
  const { checks } = await verve.attributions.explain({ orgId, actor, attributionId });
  expect(checks.find(({ rule }) => rule === 'code_in_time')).toMatchObject({ result: 'noted' });
});

test('a host’s own transaction takes the attribution back with its rollback, and subscribers hear nothing', async () => {
  const heard: string[] = [];
  const stop = verve.events.on('*', (event) => heard.push(event.type));
  const connection = await pool.connect();
  await connection.query('begin');
  const enlisted = verve.enlist(connection);
  await enlisted.attributions.confirmRecruitment({ orgId, actor, code: first.code, newMemberId: 'M1' });
  await connection.query('rollback');
  connection.release();
  stop();
  expect(await total(first)).toBe(0);
  expect(heard).toEqual([]);
});

test('a delivery is stored once and its repetition answers what became of it', async () => {
  const body = new TextEncoder().encode('{}');
  const delivery = {
    orgId,
    channel: 'neutral',
    messageId: 'msg_1',
    contentType: 'application/json',
    body,
    signedAt: null,
  } as const;
  const stored = await verve.inbound.store(delivery);
  const facts: Fact[] = [{ kind: 'confirmed', memberId: 'M1', code: first.code, source: 'webhook' }];
  await verve.inbound.process({
    orgId,
    actor,
    inboundMessageId: stored.inboundMessageId,
    understood: { kind: 'facts', facts },
  });
  expect(await verve.inbound.store(delivery)).toMatchObject({
    outcome: 'repeated',
    status: 'processed',
    results: [{ outcome: 'confirmed' }],
  });
  const other = { ...delivery, body: new TextEncoder().encode('[]') };
  await expect(verve.inbound.store(other)).rejects.toMatchObject({ code: 'delivery_id_reused' });
});

test('a confirmation that finds its own reversal waiting leaves no trace of a credit', async () => {
  await apply('confirmed', 'M1', { occurredAt: new Date('2026-01-01T00:00:00Z') });
  await apply('reversed', 'M1', { occurredAt: new Date('2026-02-01T00:00:00Z') });
  const { attributionId } = await apply('registered', 'M1', { code: first.code });
  const rows = await adminPool.query(
    'select status, credited_at, credited_day, branch_id from verve.referral_attributions where id = $1',
    [attributionId],
  );
  expect(rows.rows).toEqual([{ status: 'reversed', credited_at: null, credited_day: null, branch_id: null }]);
  const { events } = await verve.attributions.explain({ orgId, actor, attributionId });
  expect(events.map(({ type, data }) => [type, data.was_credited])).toEqual([
    ['registration.recorded', undefined],
    ['recruitment.confirmed', undefined],
    ['recruitment.reversed', false],
  ]);
  expect(await total(first)).toBe(0);
});

test('a mentor’s own user id is a self-referral in either case', async () => {
  const userId = randomUUID();
  await adminPool.query('update verve.mentors set user_id = $2 where id = $1', [first.mentorId, userId]);
  expect((await apply('confirmed', userId.toUpperCase(), { code: first.code })).outcome).toBe('selfReferral');
  expect(await total(first)).toBe(0);
});

test('everything that the events of these decisions tell may leave', async () => {
  const { rows } = await adminPool.query(
    'select distinct key from verve.referral_events cross join lateral jsonb_object_keys(data) as keys (key)',
  );
  const told = rows.map(({ key }) => key);
  expect(told).toContain('was_credited');
  expect(told.filter((key) => !EVENT_DATA_KEYS.includes(key))).toEqual([]);
});
