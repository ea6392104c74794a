import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { asKey, asMentor, asPerson, newMentor, organisationWithMentor, system, testVerve } from './harness-verve.ts';

async function eventsOf(codeId: string): Promise<string[]> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select type from verve.referral_events where code_id = $1 order by seq', [
    codeId,
  ]);
  return rows.map((row) => row.type);
}

async function codesOf(mentorId: string): Promise<{ code: string; status: string }[]> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    'select code, status from verve.referral_codes where owner_ref = $1 order by rotation_sequence',
    [mentorId],
  );
  return rows;
}

describe('getOrCreate', () => {
  test('makes a code with its link and its event', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    expect(made.code).toMatchObject({ orgId, mentorId, status: 'active', rotationSequence: 0, attempt: 0 });
    expect(made.code.url).toBe(`https://verv.example.no/join/${made.code.code}`);
    expect(await eventsOf(made.code.codeId)).toEqual(['code.created']);
  });

  test('asked again gives the same code and writes nothing', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const first = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    const again = await verve.codes.getOrCreate({ orgId, actor: asMentor(mentorId), mentorId });
    expect(again).toEqual({ ...first, outcome: 'existing' });
    expect(await codesOf(mentorId)).toHaveLength(1);
  });

  test('by twenty at once over several connections makes one code for all', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => verve.codes.getOrCreate({ orgId, actor: system, mentorId })),
    );
    expect(new Set(asked.map((one) => 'code' in one && one.code.code)).size).toBe(1);
    expect(asked.filter((one) => one.outcome === 'created')).toHaveLength(1);
    expect(await codesOf(mentorId)).toHaveLength(1);
  });

  test('for another mentor is refused to a mentor, for another branch to its coordinator', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const other = await newMentor(verve, orgId);
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Vestland' });
    const call = { orgId, mentorId: other };
    await expect(verve.codes.getOrCreate({ ...call, actor: asMentor(mentorId) })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(
      verve.codes.getOrCreate({ ...call, actor: asPerson('coordinator', branch.branchId) }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await expect(verve.codes.getOrCreate({ ...call, actor: { kind: 'public' } })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await expect(verve.codes.getOrCreate({ ...call, actor: asKey('codes:read') })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('by a coordinator of the county works for a mentor of a local branch below it', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const county = await verve.branches.create({ orgId, actor: system, name: 'Vestland', kind: 'county' });
    const local = await verve.branches.create({ orgId, actor: system, name: 'Voss', parentId: county.branchId });
    const mentorId = await newMentor(verve, orgId, local.branchId);
    const actor = asPerson('coordinator', county.branchId);
    expect((await verve.codes.getOrCreate({ orgId, actor, mentorId })).outcome).toBe('created');
  });

  test('for a mentor of another organisation finds nobody', async () => {
    const verve = await testVerve();
    const { mentorId } = await organisationWithMentor(verve);
    const { orgId } = await organisationWithMentor(verve);
    expect(await verve.codes.getOrCreate({ orgId, actor: system, mentorId })).toEqual({ outcome: 'notFound' });
  });

  test('refuses a malformed id before any query', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    await expect(verve.codes.getOrCreate({ orgId, actor: system, mentorId: 'nobody' })).rejects.toMatchObject({
      code: 'invalid_id',
    });
    await expect(
      verve.codes.getOrCreate({ orgId: "'; drop", actor: system, mentorId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'invalid_id' });
  });

  test('for a mentor who pauses gives no code, and the code he has stays valid', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await verve.mentors.setStatus({ orgId, actor: system, mentorId, status: 'paused' });
    expect(await verve.codes.getOrCreate({ orgId, actor: system, mentorId })).toEqual({ outcome: 'mentorInactive' });
    const typed = 'code' in made ? made.code.code : '';
    expect((await verve.codes.validateCode(typed)).outcome).toBe('valid');
  });

  test('after a coordinator ended the code gives the mentor none, and a coordinator the next', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await verve.codes.deactivateCode({ orgId, actor: asPerson('coordinator'), mentorId, reason: 'misused' });
    expect(await verve.codes.getOrCreate({ orgId, actor: asMentor(mentorId), mentorId })).toEqual({
      outcome: 'codeInvalidated',
    });
    const next = await verve.codes.getOrCreate({ orgId, actor: asPerson('coordinator'), mentorId });
    expect(next).toMatchObject({ outcome: 'created', code: { rotationSequence: 1 } });
  });

  test('replaces a code whose lifetime has ended, which reads as rotated since then', async () => {
    let now = new Date('2026-03-01T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.organisations.update({ orgId, actor: system, change: { settings: { codes: { lifetimeDays: 30 } } } });
    const first = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    if (first.outcome !== 'created') throw new Error(first.outcome);
    expect(first.code.expiresAt).toEqual(new Date('2026-03-31T08:00:00.000Z'));
    now = new Date('2026-05-01T08:00:00.000Z');
    expect(await verve.codes.getActiveCode({ orgId, actor: system, mentorId })).toBeNull();
    expect(await verve.codes.validateCode(first.code.code)).toMatchObject({
      outcome: 'ended',
      code: { status: 'rotated', rotatedAt: first.code.expiresAt },
    });
    const next = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    expect(next).toMatchObject({ outcome: 'created', code: { rotationSequence: 1 } });
    expect(await eventsOf(first.code.codeId)).toEqual(['code.created', 'code.rotated']);
    expect(await verve.codes.get({ orgId, actor: system, codeId: first.code.codeId })).toMatchObject({
      status: 'rotated',
      rotatedAt: first.code.expiresAt,
    });
  });

  test('gives a thousand mentors their codes at once, and again the same', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const mentors = Array.from({ length: 1_000 }, (_, i) => ({ mentorId: randomUUID(), displayName: `Mentor ${i}` }));
    await verve.mentors.createMany({ orgId, actor: system, mentors });
    const mentorIds = mentors.map((mentor) => mentor.mentorId);
    const made = await verve.codes.getOrCreateMany({ orgId, actor: system, mentorIds });
    const again = await verve.codes.getOrCreateMany({ orgId, actor: system, mentorIds });
    expect(new Set(made.map((one) => 'code' in one && one.code.code)).size).toBe(1_000);
    expect(made.every((one, i) => 'code' in one && one.code.mentorId === mentorIds[i])).toBe(true);
    expect(again).toEqual(made.map((one) => ({ ...one, outcome: 'existing' })));
  });

  test('remembers the device of the mentor’s own app, and a registration from it is flagged', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const deviceToken = 'a-random-value-of-the-app';
    const made = await verve.codes.getOrCreate({ ...one, actor: asMentor(one.mentorId), deviceToken });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const flagsFrom = async (token: string) => {
      const { code } = made.code;
      const registered = await verve.attributions.registerReferral({
        orgId: one.orgId,
        actor: { kind: 'public' },
        code,
        deviceToken: token,
      });
      const attributionId = 'attributionId' in registered ? registered.attributionId : '';
      return (await verve.attributions.get({ orgId: one.orgId, actor: system, attributionId })).flags;
    };
    expect(await flagsFrom(deviceToken)).toEqual(['same_device']);
    expect(await flagsFrom('a-random-value-of-another')).toEqual([]);
  });

  test('works for any other owner, whose events have the general names', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const owner = { ownerModel: 'Customer', ownerRef: '42' };
    const asked = await Promise.all([1, 2, 3].map(() => verve.codes.getOrCreate({ orgId, actor: system, ...owner })));
    const made = asked.find((one) => one.outcome === 'created');
    if (made?.outcome !== 'created') throw new Error('nothing was made');
    expect(made.code).toMatchObject({ ...owner, mentorId: null });
    await verve.codes.deactivateCode({ orgId, actor: system, ...owner });
    expect(await eventsOf(made.code.codeId)).toEqual(['referral:code.created', 'referral:code.deactivated']);
  });
});

describe('rotateCode', () => {
  test('retires the code and gives the next, with an event for each', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const first = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    const rotated = await verve.codes.rotateCode({ orgId, actor: asMentor(mentorId), mentorId });
    if (rotated.outcome !== 'rotated' || first.outcome !== 'created') throw new Error(rotated.outcome);
    expect(rotated.code).toMatchObject({ status: 'active', rotationSequence: 1 });
    expect(rotated.previous).toMatchObject({ code: first.code.code, status: 'rotated' });
    expect(rotated.previous.rotatedAt).toBeInstanceOf(Date);
    expect(await eventsOf(rotated.previous.codeId)).toEqual(['code.created', 'code.rotated']);
    expect(await eventsOf(rotated.code.codeId)).toEqual(['code.created']);
  });

  test('ten times at once rotates ten times, one after the other', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await Promise.all(Array.from({ length: 10 }, () => verve.codes.rotateCode({ orgId, actor: system, mentorId })));
    const codes = await codesOf(mentorId);
    expect(codes).toHaveLength(11);
    expect(new Set(codes.map((row) => row.code)).size).toBe(11);
    expect(codes.filter((row) => row.status === 'active')).toEqual([codes[10]]);
  });

  test('at the same time as getOrCreate leaves one active code, and nobody gets an error', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        i % 2 === 0
          ? verve.codes.rotateCode({ orgId, actor: system, mentorId })
          : verve.codes.getOrCreate({ orgId, actor: system, mentorId }),
      ),
    );
    const codes = await codesOf(mentorId);
    expect(codes.filter((row) => row.status === 'active')).toHaveLength(1);
    expect(codes).toHaveLength(7);
  });

  test('at the same time as invalidateCode never leaves two active codes', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const [rotated, ended] = await Promise.all([
      verve.codes.rotateCode({ orgId, actor: system, mentorId }),
      verve.codes.invalidateCode({ orgId, actor: system, codeId: made.code.codeId }),
    ]);
    const active = (await codesOf(mentorId)).filter((row) => row.status === 'active');
    if (rotated.outcome === 'rotated') expect([ended.outcome, active.length]).toEqual(['alreadyInactive', 1]);
    else expect([rotated.outcome, ended.outcome, active.length]).toEqual(['noActiveCode', 'success', 0]);
  });

  test('is granted to a mentor three times in 30 days; coordinators are not counted', async () => {
    let now = new Date('2026-03-01T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const { orgId, mentorId } = await organisationWithMentor(verve);
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    const rotate = () => verve.codes.rotateCode({ orgId, actor: asMentor(mentorId), mentorId });
    await verve.codes.rotateCode({ orgId, actor: asPerson('coordinator'), mentorId });
    for (let i = 0; i < 3; i += 1) expect((await rotate()).outcome).toBe('rotated');
    await expect(rotate()).rejects.toMatchObject({ code: 'too_many_rotations' });
    expect((await verve.codes.rotateCode({ orgId, actor: asPerson('org_admin'), mentorId })).outcome).toBe('rotated');
    now = new Date('2026-03-31T08:00:00.001Z');
    expect((await rotate()).outcome).toBe('rotated');
  });

  test('without an active code rotates nothing', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    expect(await verve.codes.rotateCode({ orgId, actor: system, mentorId })).toEqual({ outcome: 'noActiveCode' });
    expect(await verve.codes.rotateCode({ orgId, actor: system, mentorId: randomUUID() })).toEqual({
      outcome: 'notFound',
    });
  });
});

describe('createCode', () => {
  test('stores the string the host chose, read as people type it', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const string = randomCode();
    const made = await verve.codes.createCode({ orgId, actor: system, mentorId, code: string.toLowerCase() });
    expect(made).toMatchObject({ code: string, status: 'active', secretVersion: null });
  });

  test('is refused beside an active code, for a string ever used by anybody, and for what is no code', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const code = randomCode();
    await verve.codes.createCode({ ...one, actor: system, code });
    await expect(verve.codes.createCode({ ...one, actor: system, code: randomCode() })).rejects.toMatchObject({
      code: 'active_code_exists',
    });
    await verve.codes.deactivateCode({ ...one, actor: system });
    await expect(verve.codes.createCode({ ...other, actor: system, code })).rejects.toMatchObject({
      code: 'code_taken',
    });
    await expect(verve.codes.createCode({ ...other, actor: system, code: 'UUUU' })).rejects.toMatchObject({
      code: 'invalid_code',
    });
    expect(await verve.codes.existsByCode(code)).toBe(true);
    expect(await verve.codes.existsByCode(randomCode())).toBe(false);
  });

  test('takes the place of a code whose lifetime has ended', async () => {
    let now = new Date('2026-03-01T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const one = await organisationWithMentor(verve);
    await verve.organisations.update({ ...one, actor: system, change: { settings: { codes: { lifetimeDays: 1 } } } });
    const first = await verve.codes.getOrCreate({ ...one, actor: system });
    if (first.outcome !== 'created') throw new Error(first.outcome);
    now = new Date('2026-03-02T08:00:00.000Z');
    const next = await verve.codes.createCode({ ...one, actor: system, code: randomCode() });
    expect(next).toMatchObject({ status: 'active', rotationSequence: 1 });
    expect(await eventsOf(first.code.codeId)).toEqual(['code.created', 'code.rotated']);
  });

  test('by two at once for one owner stores one', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const tries = await Promise.allSettled(
      [randomCode(), randomCode()].map((code) => verve.codes.createCode({ ...one, actor: system, code })),
    );
    expect(tries.map((tried) => tried.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await codesOf(one.mentorId)).toHaveLength(1);
  });
});

describe('reading', () => {
  test('finds a code of any status by its string, within its own organisation only', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ ...one, actor: system });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    await verve.codes.deactivateCode({ ...one, actor: system });
    const { code, codeId } = made.code;
    const typed = `${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase();
    expect(await verve.codes.findByCode({ ...one, actor: system, code: typed })).toMatchObject({
      codeId,
      status: 'invalidated',
    });
    expect(await verve.codes.findByCode({ ...other, actor: system, code })).toBeNull();
    await expect(verve.codes.get({ ...other, actor: system, codeId })).rejects.toMatchObject({ code: 'not_found' });
    expect(await verve.codes.getCodeForMentor({ ...one, actor: system })).toMatchObject({ codeId });
    expect(await verve.codes.getActiveCode({ ...one, actor: system })).toBeNull();
  });

  test('lists newest first, page after page, without gap or repetition, and only branches in scope', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Vestland' });
    const mentorIds: string[] = [];
    for (let i = 0; i < 7; i += 1) mentorIds.push(await newMentor(verve, orgId, i < 3 ? branch.branchId : null));
    await verve.codes.getOrCreateMany({ orgId, actor: system, mentorIds });
    const seen: string[] = [];
    let after = null;
    do {
      const page = await verve.codes.listCodesByOrganisation({ orgId, actor: system, page: { limit: 3, after } });
      seen.push(...page.items.map((code) => code.codeId));
      after = page.next;
    } while (after !== null);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
    const actor = asPerson('coordinator', branch.branchId);
    expect((await verve.codes.listCodesByOrganisation({ orgId, actor })).items).toHaveLength(3);
    expect(await verve.codes.countCodesByOrganisation({ orgId, actor })).toBe(3);
    expect(await verve.codes.countCodesByOrganisation({ orgId, actor: system, filter: { status: 'inactive' } })).toBe(
      0,
    );
    await expect(
      verve.codes.listCodesByOrganisation({ orgId, actor: asMentor(mentorIds[0] as string) }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('gives the link only on a domain of the organisation', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve, { linkDomains: [] });
    const made = await verve.codes.getOrCreate({ ...one, actor: system });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const { codeId, code } = made.code;
    const url = (domain?: string) => verve.codes.getShareableUrl({ ...one, actor: system, codeId, domain });
    await expect(url()).rejects.toMatchObject({ code: 'missing_link_domain' });
    await verve.organisations.update({ ...one, actor: system, change: { linkDomains: ['verv.example.no'] } });
    expect(await url()).toBe(`https://verv.example.no/join/${code}`);
    await expect(url('http://verv.example.no')).rejects.toMatchObject({ code: 'invalid_link_scheme' });
    await expect(url('verv.example.no:8443')).rejects.toMatchObject({ code: 'link_domain_not_allowed' });
    await expect(url('evil.example')).rejects.toMatchObject({ code: 'link_domain_not_allowed' });
  });

  test('suggests the codes that were meant, of this organisation only', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const made = await verve.codes.getOrCreate({ ...one, actor: system });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const typed = made.code.code.slice(0, 9);
    const near = await verve.codes.suggestCodes({ ...one, actor: asPerson('coordinator'), typed });
    expect(near[0]?.candidate).toMatchObject({ codeId: made.code.codeId, mentorId: one.mentorId });
    expect(await verve.codes.suggestCodes({ ...other, actor: system, typed })).toEqual([]);
  });
});

test('The end of a code is told to all servers in its own transaction', async () => {
  const verve = await testVerve();
  const { pool } = await testDatabase();
  const one = await organisationWithMentor(verve);
  const listener = await pool.connect();
  const told: string[] = [];
  listener.on('notification', (message) => told.push(message.payload ?? ''));
  await listener.query('listen verve_links');
  const made = await verve.codes.getOrCreate({ ...one, actor: system });
  const rotated = await verve.codes.rotateCode({ ...one, actor: system });
  if (made.outcome !== 'created' || rotated.outcome !== 'rotated') throw new Error(made.outcome);
  await verve.codes.invalidateCode({ ...one, actor: system, codeId: rotated.code.codeId });
  await listener.query('select 1');
  listener.release(true);
  expect(told).toEqual([`code:${made.code.codeId}`, `code:${rotated.code.codeId}`]);
});

function randomCode(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => alphabet[byte % 32]).join('');
}
