// What the people who asked for this system wrote down as acceptance, by name. Departures: docs/decisions/0001.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { codeAlphabet, generateCode, importCodeKey } from '../src/engine/codes/generate-code.ts';
import type { RecordedEvent } from '../src/engine/events/event.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import {
  asKey,
  asMentor,
  asPerson,
  newMentor,
  organisationWithMentor,
  system,
  testVerve,
  vectorSecret,
  watchedPool,
  workOf,
} from './harness-verve.ts';

const vectorOrgId = '0a0a0a0a-0000-4000-8000-000000000001';
const vectorMentorId = '0b0b0b0b-0000-4000-8000-000000000002';
const vectorInput = {
  ownerModel: 'mentor',
  ownerRef: vectorMentorId,
  orgId: vectorOrgId,
  rotationSequence: 0,
  attempt: 0,
};

async function activeCode(verve: Verve, call: { orgId: string; mentorId: string }) {
  const made = await verve.codes.getOrCreate({ ...call, actor: system });
  if (!('code' in made)) throw new Error(made.outcome);
  return made.code;
}

async function eventsOf(codeId: string): Promise<string[]> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select type from verve.referral_events where code_id = $1 order by seq', [
    codeId,
  ]);
  return rows.map((row) => row.type);
}

describe('generateCode', () => {
  test('called 100 times gives 100 equal codes', async () => {
    const key = await importCodeKey(vectorSecret);
    const codes = await Promise.all(Array.from({ length: 100 }, () => generateCode(key, vectorInput)));
    expect(new Set(codes)).toEqual(new Set(['3PKCM78AQS']));
  });

  test('gives 1,000 mentors 1,000 different codes of ten characters of the alphabet', async () => {
    const key = await importCodeKey(vectorSecret);
    const codes = await Promise.all(
      Array.from({ length: 1_000 }, () => generateCode(key, { ...vectorInput, ownerRef: randomUUID() })),
    );
    expect(new Set(codes).size).toBe(1_000);
    for (const code of codes) expect(code).toMatch(new RegExp(`^[${codeAlphabet}]{10}$`));
    expect(codeAlphabet).not.toMatch(/[ILOU]/);
  });

  test('retries a collision that existsByCode finds, and keeps the length: the published vectors, stored', async () => {
    const verve = await testVerve();
    await verve.organisations.create({
      actor: system,
      orgId: vectorOrgId,
      slug: 'vectors',
      name: 'Lydhør',
      codeSecret: vectorSecret,
    });
    const other = await organisationWithMentor(verve);
    const take = async (code: string) => {
      const mentorId = await newMentor(verve, other.orgId);
      await verve.codes.createCode({ orgId: other.orgId, actor: system, mentorId, code });
    };
    const call = { orgId: vectorOrgId, actor: system, mentorId: vectorMentorId };
    await verve.mentors.create({ ...call, displayName: 'Solveig Fjell' });

    expect(await verve.codes.existsByCode('3PKCM78AQS')).toBe(false);
    await take('3PKCM78AQS');
    expect(await verve.codes.existsByCode('3PKCM78AQS')).toBe(true);
    expect(await activeCode(verve, call)).toMatchObject({ code: 'GB2KMPM14Z', rotationSequence: 0, attempt: 1 });

    await take('FC0V7PPZQJ');
    const rotated = await verve.codes.rotateCode(call);
    expect(rotated).toMatchObject({
      outcome: 'rotated',
      code: { code: 'H9AHZG9YM0', rotationSequence: 1, attempt: 1 },
    });
    const again = await verve.codes.rotateCode(call);
    expect(again).toMatchObject({ outcome: 'rotated', code: { code: '1BV4YW0SKS', rotationSequence: 2, attempt: 0 } });
  });

  test('exits early where there is a code: no second write of any kind', async () => {
    const { pool, adminPool } = await testDatabase();
    const { orgId, mentorId } = await organisationWithMentor(await testVerve());
    const watched = watchedPool(pool);
    const verve = await testVerve({ pool: watched.pool });
    const first = await activeCode(verve, { orgId, mentorId });
    const written = async () => {
      const { rows } = await adminPool.query(
        `select (select count(*) from verve.referral_codes where org_id = $1)::int as codes,
          (select count(*) from verve.code_directory where org_id = $1)::int as strings,
          (select count(*) from verve.referral_events where org_id = $1)::int as events`,
        [orgId],
      );
      return rows[0];
    };
    const before = await written();
    watched.statements.length = 0;
    expect(await activeCode(verve, { orgId, mentorId })).toEqual(first);
    expect(
      workOf(watched.statements).filter((text) => /\b(insert|update|delete|for no key update)\b/i.test(text)),
    ).toEqual([]);
    expect(await written()).toEqual(before);
  });
});

describe('invalidateCode', () => {
  test('succeeds: the code is ended, the time is set and the event is written with it', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { codeId } = await activeCode(verve, one);
    const ended = await verve.codes.invalidateCode({ ...one, actor: asPerson('coordinator'), codeId, reason: 'lost' });
    if (ended.outcome !== 'success') throw new Error(ended.outcome);
    expect(await verve.codes.get({ ...one, actor: system, codeId })).toMatchObject({
      status: 'invalidated',
      invalidatedAt: ended.invalidatedAt,
      invalidatedReason: 'lost',
      rotatedAt: null,
    });
    expect(await eventsOf(codeId)).toEqual(['code.created', 'code.invalidated']);
  });

  test('of a code that has ended does nothing and says so: invalidated, rotated, or expired', async () => {
    let now = new Date('2026-03-01T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const one = await organisationWithMentor(verve);
    const first = await activeCode(verve, one);
    const end = (codeId: string) => verve.codes.invalidateCode({ ...one, actor: system, codeId });
    await verve.codes.rotateCode({ ...one, actor: system });
    expect(await end(first.codeId)).toEqual({ outcome: 'alreadyInactive' });
    const second = await activeCode(verve, one);
    expect((await end(second.codeId)).outcome).toBe('success');
    expect(await end(second.codeId)).toEqual({ outcome: 'alreadyInactive' });
    expect(await eventsOf(second.codeId)).toEqual(['code.created', 'code.invalidated']);
    await verve.organisations.update({ ...one, actor: system, change: { settings: { codes: { lifetimeDays: 1 } } } });
    const third = await activeCode(verve, one);
    now = new Date('2026-03-02T08:00:00.000Z');
    expect(await end(third.codeId)).toEqual({ outcome: 'alreadyInactive' });
  });

  test('by eight at once succeeds for one', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { codeId } = await activeCode(verve, one);
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => verve.codes.invalidateCode({ ...one, actor: system, codeId })),
    );
    expect(
      ended
        .map((end) => end.outcome)
        .sort()
        .slice(6),
    ).toEqual(['alreadyInactive', 'success']);
    expect(await eventsOf(codeId)).toEqual(['code.created', 'code.invalidated']);
  });

  test('of a code that is missing, or another organisation’s, finds nothing', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const { codeId } = await activeCode(verve, one);
    const missing = { ...one, actor: system, codeId: randomUUID() };
    expect(await verve.codes.invalidateCode(missing)).toEqual({ outcome: 'notFound' });
    expect(await verve.codes.invalidateCode({ ...other, actor: system, codeId })).toEqual({ outcome: 'notFound' });
    expect((await activeCode(verve, one)).codeId).toBe(codeId);
  });

  test('takes one round trip, whatever the result and whoever asks', async () => {
    const { pool } = await testDatabase();
    const plain = await testVerve();
    const one = await organisationWithMentor(plain);
    const branch = await plain.branches.create({ orgId: one.orgId, actor: system, name: 'Vestland' });
    await plain.mentors.update({ ...one, actor: system, change: { branchId: branch.branchId } });
    const { codeId } = await activeCode(plain, one);
    const watched = watchedPool(pool);
    const verve = await testVerve({ pool: watched.pool });
    const actors = [asPerson('coordinator', branch.branchId), asPerson('org_admin'), asKey('codes:write'), system];
    const outcomes: string[] = [];
    for (const actor of actors) {
      watched.statements.length = 0;
      outcomes.push((await verve.codes.invalidateCode({ ...one, actor, codeId })).outcome);
      expect(workOf(watched.statements)).toHaveLength(1);
    }
    watched.statements.length = 0;
    outcomes.push((await verve.codes.invalidateCode({ ...one, actor: system, codeId: randomUUID() })).outcome);
    expect(workOf(watched.statements)).toHaveLength(1);
    expect(outcomes).toEqual(['success', 'alreadyInactive', 'alreadyInactive', 'alreadyInactive', 'notFound']);
  });

  test('refuses a malformed UUID, a bad reason and a mentor before any query', async () => {
    const { pool } = await testDatabase();
    const one = await organisationWithMentor(await testVerve());
    const { codeId } = await activeCode(await testVerve(), one);
    const watched = watchedPool(pool);
    const verve = await testVerve({ pool: watched.pool });
    const end = (change: object) => verve.codes.invalidateCode({ ...one, actor: system, codeId, ...change });
    await expect(end({ codeId: 'not-a-uuid' })).rejects.toMatchObject({ code: 'invalid_id' });
    await expect(end({ orgId: '42' })).rejects.toMatchObject({ code: 'invalid_id' });
    await expect(end({ reason: 'Because!' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(end({ actor: asMentor(one.mentorId) })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(end({ actor: asKey('codes:read') })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(end({ actor: { kind: 'public' } })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(watched.statements).toEqual([]);
  });

  test('by a coordinator of another branch is refused and changes nothing', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { codeId } = await activeCode(verve, one);
    const branch = await verve.branches.create({ orgId: one.orgId, actor: system, name: 'Vestland' });
    const actor = asPerson('coordinator', branch.branchId);
    await expect(verve.codes.invalidateCode({ ...one, actor, codeId })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await activeCode(verve, one)).codeId).toBe(codeId);
  });

  describe('when the database cannot write', () => {
    afterEach(async () => {
      const { adminPool } = await testDatabase();
      await adminPool.query('alter table verve.referral_events drop constraint if exists broken');
      await adminPool.query('alter table verve.referral_codes drop constraint if exists broken');
    });

    test.each([
      ['the code', "alter table verve.referral_codes add constraint broken check (status <> 'invalidated') not valid"],
      [
        'the event',
        "alter table verve.referral_events add constraint broken check (type <> 'code.invalidated') not valid",
      ],
    ])('%s, passes the error on, writes no event and leaves the code active', async (_, breakIt) => {
      const verve = await testVerve();
      const { adminPool } = await testDatabase();
      const one = await organisationWithMentor(verve);
      const { codeId } = await activeCode(verve, one);
      const heard: RecordedEvent[] = [];
      verve.events.on('code.invalidated', (event) => heard.push(event));
      await adminPool.query(breakIt);
      await expect(verve.codes.invalidateCode({ ...one, actor: system, codeId })).rejects.toMatchObject({
        code: 'internal_error',
      });
      expect(heard).toEqual([]);
      expect(await eventsOf(codeId)).toEqual(['code.created']);
      expect((await activeCode(verve, one)).codeId).toBe(codeId);
    });
  });

  test('is heard by a subscriber, to whom the URL has ended', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { codeId, code, url } = await activeCode(verve, one);
    const live = new Map([[codeId, url]]);
    verve.events.on('code.invalidated', (event) => live.delete(event.codeId ?? ''));
    await verve.codes.invalidateCode({ ...one, actor: system, codeId, reason: 'misused' });
    expect(live.size).toBe(0);
    expect(await verve.codes.validateCode(code)).toMatchObject({ outcome: 'ended', code: { status: 'invalidated' } });
    expect(await verve.clicks.recordReferralClick(code)).toEqual({
      outcome: 'rejected',
      reason: 'code_ended',
      mentorId: one.mentorId,
    });
  });
});

describe('confirmRecruitment', () => {
  const total = (verve: Verve, call: { orgId: string; mentorId: string }) =>
    verve.attributions.getTotalRecruitments({ ...call, actor: system });

  test('credits without any click', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { code, codeId } = await activeCode(verve, one);
    const confirmed = await verve.attributions.confirmRecruitment({ ...one, actor: system, code, newMemberId: 'M-1' });
    expect(confirmed).toMatchObject({ outcome: 'confirmed', mentorId: one.mentorId, codeId, milestones: [1] });
    expect(await total(verve, one)).toBe(1);
  });

  test('credits however late: a year and a half after the registration', async () => {
    let now = new Date('2026-01-05T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const one = await organisationWithMentor(verve);
    const { code } = await activeCode(verve, one);
    await verve.attributions.registerReferral({ ...one, actor: { kind: 'public' }, code });
    now = new Date('2027-07-05T08:00:00.000Z');
    const confirmed = await verve.attributions.confirmRecruitment({ ...one, actor: system, code, newMemberId: 'M-1' });
    expect(confirmed.outcome).toBe('confirmed');
    expect(await total(verve, one)).toBe(1);
  });

  test('twice credits once', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const { code } = await activeCode(verve, one);
    const confirm = () => verve.attributions.confirmRecruitment({ ...one, actor: system, code, newMemberId: 'M-1' });
    const first = await confirm();
    const second = await confirm();
    expect([first.outcome, second.outcome]).toEqual(['confirmed', 'alreadyConfirmed']);
    expect('attributionId' in second && second.attributionId).toBe('attributionId' in first && first.attributionId);
    expect(await total(verve, one)).toBe(1);
  });

  test('with two codes credits the first mentor, and asks a coordinator about the second', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = { orgId: one.orgId, mentorId: await newMentor(verve, one.orgId) };
    const [first, second] = [await activeCode(verve, one), await activeCode(verve, other)];
    const confirm = (code: string) =>
      verve.attributions.confirmRecruitment({ orgId: one.orgId, actor: system, code, newMemberId: 'M-1' });
    expect((await confirm(first.code)).outcome).toBe('confirmed');
    expect((await confirm(second.code)).outcome).toBe('conflict');
    expect([await total(verve, one), await total(verve, other)]).toEqual([1, 0]);
  });

  test('with two codes at once credits one mentor, once', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = { orgId: one.orgId, mentorId: await newMentor(verve, one.orgId) };
    const codes = [await activeCode(verve, one), await activeCode(verve, other)];
    const engines = await Promise.all(Array.from({ length: 4 }, () => testVerve()));
    const outcomes = await Promise.all(
      engines.map((engine, i) =>
        engine.attributions.confirmRecruitment({
          orgId: one.orgId,
          actor: system,
          code: codes[i % 2]?.code ?? '',
          newMemberId: 'M-1',
        }),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'confirmed')).toHaveLength(1);
    expect((await total(verve, one)) + (await total(verve, other))).toBe(1);
  });
});
