import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { asKey, asMentor, asPerson, newMentor, organisationWithMentor, system, testVerve } from './harness-verve.ts';

describe('a mentor', () => {
  test('is made with the host’s id, once, however often it is asked for', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const mentorId = randomUUID();
    const wish = { orgId, actor: system, mentorId, displayName: 'Kari Fjell', userId: randomUUID() };
    const asked = await Promise.all(Array.from({ length: 8 }, () => verve.mentors.create(wish)));
    expect(asked.map((one) => one.outcome).sort()).toEqual([
      'alreadyExists',
      'alreadyExists',
      'alreadyExists',
      'alreadyExists',
      'alreadyExists',
      'alreadyExists',
      'alreadyExists',
      'created',
    ]);
    expect(await verve.mentors.get({ orgId, actor: system, mentorId })).toMatchObject({
      mentorId,
      displayName: 'Kari Fjell',
      status: 'active',
      hasMemberId: false,
    });
  });

  test('is one per user, and stands in a branch of the organisation only', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const foreign = await organisationWithMentor(verve);
    const branch = await verve.branches.create({ orgId: foreign.orgId, actor: system, name: 'Vestland' });
    const userId = randomUUID();
    const made = await verve.mentors.createMany({
      orgId,
      actor: system,
      mentors: [
        { displayName: 'Kari Fjell', userId },
        { displayName: 'Ola Dal', userId },
        { displayName: 'Liv Nes', branchId: branch.branchId },
        { displayName: 'Per Vik' },
      ],
    });
    expect(made.map((one) => one.outcome)).toEqual(['created', 'userTaken', 'unknownBranch', 'created']);
    const moved = verve.mentors.update({ orgId, actor: system, mentorId, change: { branchId: branch.branchId } });
    await expect(moved).rejects.toMatchObject({ code: 'not_found', detail: 'There is no such branch.' });
    const taken = verve.mentors.update({ orgId, actor: system, mentorId, change: { userId } });
    await expect(taken).rejects.toMatchObject({ code: 'already_exists' });
  });

  test('has an id that is the organisation’s own affair: the id of another one’s mentor or branch is as good as a free one', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const foreign = await organisationWithMentor(verve);
    const branch = await verve.branches.create({ orgId: foreign.orgId, actor: system, name: 'Vestland' });
    const { mentorId } = foreign;
    const wish = { orgId, actor: system, mentorId, displayName: 'Kari Fjell' };
    expect((await verve.mentors.create(wish)).outcome).toBe('created');
    expect((await verve.mentors.create(wish)).outcome).toBe('alreadyExists');
    const own = await verve.branches.create({ orgId, actor: system, branchId: branch.branchId, name: 'Oslo' });
    expect(own).toMatchObject({ branchId: branch.branchId, name: 'Oslo' });
    const code = (call: { orgId: string }) => verve.codes.getOrCreate({ ...call, actor: system, mentorId });
    const [ours, theirs] = [await code({ orgId }), await code({ orgId: foreign.orgId })];
    if (ours.outcome !== 'created' || theirs.outcome !== 'created') throw new Error('no codes');
    expect(ours.code.code).not.toBe(theirs.code.code);
    await verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'left' });
    const there = { orgId: foreign.orgId, actor: system };
    expect(await verve.mentors.get({ ...there, mentorId })).toMatchObject({
      displayName: 'Solveig Fjell',
      status: 'active',
    });
    expect((await code(there)).outcome).toBe('existing');
  });

  test('does not take a user who is another mentor already', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const userId = randomUUID();
    await verve.mentors.create({ orgId, actor: system, displayName: 'Kari Fjell', userId });
    const take = verve.mentors.update({ orgId, actor: system, mentorId, change: { userId } });
    await expect(take).rejects.toMatchObject({ code: 'already_exists' });
  });

  test('has a member id of which only a keyed hash is kept', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.mentors.update({ orgId, actor: system, mentorId, change: { memberId: 'M-1001' } });
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query('select member_id_hash from verve.mentors where id = $1', [mentorId]);
    const expected = await verve.parts.keyRing.hash(orgId, 'member-ref', 'M-1001');
    expect(Buffer.from(expected).equals(rows[0].member_id_hash)).toBe(true);
    expect(await verve.mentors.get({ orgId, actor: system, mentorId })).toMatchObject({ hasMemberId: true });
  });

  test('whose member id becomes known later has his own past credit looked at, once', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const { code } = made.code;
    await verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId: 'M-7' });
    await verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId: 'M-8' });
    const learn = (memberId: string) => verve.mentors.update({ orgId, actor: system, mentorId, change: { memberId } });
    await learn('M-9');
    expect(await verve.inbox.list({ orgId, actor: system })).toEqual([]);
    await Promise.all([learn('M-7'), learn('M-7')]);
    const [item, ...others] = await verve.inbox.list({ orgId, actor: system });
    expect(item).toMatchObject({ kind: 'self_referral', mentorId, code });
    expect(item?.attributionId).not.toBeNull();
    expect(others).toEqual([]);
    expect(await verve.attributions.getTotalRecruitments({ orgId, actor: system, mentorId })).toBe(2);
  });

  test('who leaves loses the code in the same moment, and says why', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const left = await verve.mentors.setStatus({ orgId, actor: asPerson('coordinator'), mentorId, status: 'left' });
    expect(left).toMatchObject({ outcome: 'changed', endedCodeId: made.code.codeId, mentor: { status: 'left' } });
    expect(await verve.codes.get({ orgId, actor: system, codeId: made.code.codeId })).toMatchObject({
      status: 'invalidated',
      invalidatedReason: 'mentor_left',
    });
    expect(await verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'left' })).toMatchObject({
      outcome: 'unchanged',
      endedCodeId: null,
    });
    expect(await verve.codes.getOrCreate({ orgId, actor: system, mentorId })).toEqual({ outcome: 'mentorInactive' });
  });

  test('who left and came back gets the next code himself', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'left' });
    const back = await verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'active' });
    expect(back.mentor.leftAt).toBeNull();
    expect(await verve.codes.getOrCreate({ orgId, actor: asMentor(mentorId), mentorId })).toMatchObject({
      outcome: 'created',
      code: { rotationSequence: 1 },
    });
  });

  test('who leaves while a code is being asked for ends without an active code', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    for (let round = 0; round < 10; round += 1) {
      const mentorId = await newMentor(verve, orgId);
      await Promise.all([
        verve.codes.getOrCreate({ orgId, actor: system, mentorId }),
        verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'left' }),
        verve.codes.getOrCreate({ orgId, actor: system, mentorId }),
      ]);
      expect(await verve.codes.getActiveCode({ orgId, actor: system, mentorId })).toBeNull();
    }
  });

  test('chooses himself whether to be ranked, and for nobody else', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const call = { orgId, mentorId, isOnLeaderboard: true };
    expect(await verve.mentors.setLeaderboard({ ...call, actor: asMentor(mentorId) })).toMatchObject({
      isOnLeaderboard: true,
    });
    await expect(verve.mentors.setLeaderboard({ ...call, actor: asMentor(randomUUID()) })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('is made, changed and paused by those who may, and in the organisation only', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    for (const actor of [asMentor(one.mentorId), asPerson('coordinator'), asKey('mentors:read')]) {
      await expect(verve.mentors.create({ orgId: one.orgId, actor, displayName: 'X' })).rejects.toMatchObject({
        code: 'forbidden',
      });
      await expect(verve.mentors.update({ ...one, actor, change: { displayName: 'X' } })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await expect(
      verve.mentors.setStatus({ ...one, actor: asMentor(one.mentorId), status: 'paused' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const foreign = { orgId: other.orgId, mentorId: one.mentorId, actor: system };
    await expect(verve.mentors.get(foreign)).rejects.toMatchObject({ code: 'not_found' });
    await expect(verve.mentors.setStatus({ ...foreign, status: 'left' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(verve.mentors.get({ ...foreign, mentorId: 'x' })).rejects.toMatchObject({ code: 'invalid_id' });
  });
});

describe('mentors', () => {
  test('are listed newest first, by branch with all below, by status and by name', async () => {
    const verve = await testVerve();
    const { orgId } = await verve.organisations.create({ actor: system, slug: `t-${randomUUID()}`, name: 'Lydhør' });
    const call = { orgId, actor: system };
    const county = await verve.branches.create({ ...call, name: 'Vestland' });
    const local = await verve.branches.create({ ...call, name: 'Voss', parentId: county.branchId });
    await verve.mentors.createMany({
      ...call,
      mentors: Array.from({ length: 25 }, (_, i) => ({
        displayName: `Mentor ${i}`,
        branchId: i < 10 ? local.branchId : null,
      })),
    });
    const first = await verve.mentors.list(call);
    expect(first.items).toHaveLength(20);
    const rest = await verve.mentors.list({ ...call, page: { after: first.next } });
    expect(rest.items).toHaveLength(5);
    expect(new Set([...first.items, ...rest.items].map((mentor) => mentor.mentorId)).size).toBe(25);
    expect(await verve.mentors.count({ ...call, filter: { branchId: county.branchId } })).toBe(10);
    expect(await verve.mentors.count({ ...call, filter: { name: 'mentor 7' } })).toBe(1);
    expect(await verve.mentors.count({ ...call, filter: { status: 'left' } })).toBe(0);
    expect(await verve.mentors.count({ orgId, actor: asPerson('coordinator', county.branchId) })).toBe(10);
    await expect(verve.mentors.list({ ...call, page: { limit: 201 } })).rejects.toMatchObject({
      code: 'invalid_paging',
    });
  });
});

describe('roles', () => {
  test('make of a user what he is in the organisation, and nothing in another', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const userId = randomUUID();
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Vestland' });
    const grant = () =>
      verve.roles.grant({ orgId, actor: system, userId, role: 'coordinator', branchId: branch.branchId });
    const granted = await Promise.all([grant(), grant()]);
    expect(granted.map((one) => one.outcome).sort()).toEqual(['alreadyHeld', 'granted']);
    const made = await verve.mentors.create({ orgId, actor: system, displayName: 'Kari Fjell', userId });
    expect(await verve.roles.actorOf({ orgId, userId })).toEqual({
      kind: 'person',
      userId,
      mentorId: 'mentor' in made && made.mentor.mentorId,
      roles: [{ role: 'coordinator', branchId: branch.branchId }],
    });
    expect(await verve.roles.actorOf({ orgId: other.orgId, userId })).toBeNull();
    await expect(
      verve.roles.grant({ orgId: other.orgId, actor: system, userId, role: 'coordinator', branchId: branch.branchId }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are given and taken by administrators, who cannot lock themselves out', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const userId = randomUUID();
    const { role } = await verve.roles.grant({ orgId, actor: system, userId, role: 'org_admin' });
    const self = await verve.roles.actorOf({ orgId, userId });
    if (self === null) throw new Error('no role');
    await expect(verve.roles.revoke({ orgId, actor: self, roleId: role.roleId })).rejects.toMatchObject({
      code: 'about_oneself',
    });
    expect(await verve.roles.list({ orgId, actor: self, userId })).toHaveLength(1);
    expect(await verve.roles.revoke({ orgId, actor: system, roleId: role.roleId })).toEqual({ outcome: 'revoked' });
    expect(await verve.roles.revoke({ orgId, actor: system, roleId: role.roleId })).toEqual({ outcome: 'notHeld' });
    await expect(
      verve.roles.grant({ orgId, actor: asPerson('coordinator'), userId, role: 'org_admin' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
