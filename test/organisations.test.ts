import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateCode, importCodeKey } from '../src/engine/codes/generate-code.ts';
import { openSecrets } from '../src/engine/organisations/secrets.ts';
import type { SettingsChange } from '../src/engine/organisations/settings.ts';
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
} from './harness-verve.ts';

describe('an organisation', () => {
  test('is made with a code secret, milestones and badges', async () => {
    const verve = await testVerve();
    const slug = `t-${randomUUID()}`;
    const made = await verve.organisations.create({ actor: system, slug, name: ' Lydhør ' });
    expect(made).toMatchObject({ slug, name: 'Lydhør', locale: 'nb', timeZone: 'Europe/Oslo', linkDomains: [] });
    expect(made.settings.rules.rotatedGraceDays).toBe(365);
    expect(await verve.organisations.findIdBySlug(slug)).toBe(made.orgId);
    expect(await verve.secrets.list({ orgId: made.orgId, actor: system })).toMatchObject([
      { purpose: 'code', version: 1, expiresAt: null },
    ]);
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select threshold from verve.milestones where org_id = $1 order by threshold',
      [made.orgId],
    );
    expect(rows.map((row) => row.threshold)).toEqual([1, 5, 10, 25, 50]);
  });

  test('is made once for a slug, also by two at once', async () => {
    const verve = await testVerve();
    const slug = `t-${randomUUID()}`;
    const tries = await Promise.allSettled(
      [1, 2].map(() => verve.organisations.create({ actor: system, slug, name: 'Lydhør' })),
    );
    const refused = tries.filter((tried) => tried.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'already_exists' } }]);
  });

  test('is made by the installation alone, and refuses a slug that is no word', async () => {
    const verve = await testVerve();
    const input = { slug: `t-${randomUUID()}`, name: 'Lydhør' };
    await expect(verve.organisations.create({ ...input, actor: asPerson('org_admin') })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(verve.organisations.create({ ...input, actor: asKey('admin') })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(verve.organisations.create({ ...input, actor: system, slug: 'Lydhør!' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(verve.organisations.create({ ...input, actor: system, slug: 'sign-in' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('that is not there is not found, and a malformed id is refused before any query', async () => {
    const verve = await testVerve();
    await expect(verve.organisations.get({ orgId: randomUUID(), actor: system })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(verve.organisations.get({ orgId: '1', actor: system })).rejects.toMatchObject({ code: 'invalid_id' });
  });
});

describe('settings', () => {
  test('are changed key by key; what is not named stays, and null goes back to the default', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const change = (settings: SettingsChange) =>
      verve.organisations.update({ orgId, actor: asPerson('org_admin'), change: { settings } });
    await change({ rules: { review: 'all', velocityPerHour: 7 } });
    const changed = await change({ rules: { review: null, pendingDays: 100 } });
    expect(changed.settings.rules).toMatchObject({ review: 'off', velocityPerHour: 7, pendingDays: 100 });
    expect((await verve.organisations.get({ orgId, actor: system })).settings).toEqual(changed.settings);
    expect((await verve.organisations.recent(orgId))?.settings).toEqual(changed.settings);
  });

  test.each([
    [{ settings: { rules: { unknown: 1 } } }],
    [{ settings: { unknown: {} } }],
    [{ settings: { rules: { review: 'sometimes' } } }],
    [{ settings: { clicks: { matchWindowHours: 720 }, retention: { clickDays: 30 } } }],
    [{ linkDomains: ['https://verv.example.no'] }],
    [{ joinUrlTemplate: 'https://evil.example/{code}' }],
    [{ timeZone: 'Mars/Olympus' }],
    [{ locale: 'de' }],
    [{ brand: { colour: 'red' } }],
    [{ unknown: true }],
  ])('refuse %j and change nothing', async (change) => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const before = await verve.organisations.get({ orgId, actor: system });
    await expect(verve.organisations.update({ orgId, actor: system, change: change as never })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await verve.organisations.get({ orgId, actor: system })).toEqual(before);
  });

  test('of different keys, changed at once, are all kept', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const wishes = [
      { rules: { pendingDays: 90 } },
      { clicks: { matchMode: 'first' } },
      { mentors: { figures: 'live' } },
    ];
    await Promise.all(
      wishes.map((settings) => verve.organisations.update({ orgId, actor: system, change: { settings } as never })),
    );
    expect((await verve.organisations.get({ orgId, actor: system })).settings).toMatchObject({
      rules: { pendingDays: 90 },
      clicks: { matchMode: 'first' },
      mentors: { figures: 'live' },
    });
  });

  test('are changed by administrators and admin keys of the organisation only', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    for (const actor of [asMentor(mentorId), asPerson('coordinator'), asKey('codes:write')]) {
      await expect(verve.organisations.update({ orgId, actor, change: { name: 'X' } })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    expect((await verve.organisations.update({ orgId, actor: asKey('admin'), change: { name: 'Ny' } })).name).toBe(
      'Ny',
    );
  });

  test('do not take another organisation’s slug', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const { slug } = await verve.organisations.get({ orgId: other.orgId, actor: system });
    await expect(
      verve.organisations.update({ orgId: one.orgId, actor: system, change: { slug } }),
    ).rejects.toMatchObject({ code: 'already_exists' });
  });

  test('hold the organisation’s words, brand, apps and join page', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const forms = {
      singular: 'støtteperson',
      singularDefinite: 'støttepersonen',
      plural: 'støttepersoner',
      pluralDefinite: 'støttepersonene',
    };
    const change = {
      terms: { nb: forms },
      brand: { colour: '#14595f' },
      joinUrlTemplate: 'https://verv.example.no/bli-medlem?ref={code}',
      linkDomains: ['verv.example.no', 'VERV2.example.no'],
    };
    const changed = await verve.organisations.update({ orgId, actor: system, change });
    expect(changed).toMatchObject({ ...change, linkDomains: ['verv.example.no', 'verv2.example.no'] });
  });

  test('keep a logo of a picture type only', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const bytes = Uint8Array.from([0x89, ...new TextEncoder().encode('PNG\r\n\x1a\n')]);
    await verve.organisations.setLogo({ orgId, actor: system, logo: { bytes, type: 'image/png' } });
    const logo = await verve.organisations.getLogo({ orgId });
    expect([...(logo?.bytes ?? [])]).toEqual([...bytes]);
    const refusals = { 'text/html': 'unsupported_media_type', 'image/svg+xml': 'unprocessable' };
    for (const [type, code] of Object.entries(refusals)) {
      const wrong = verve.organisations.setLogo({ orgId, actor: system, logo: { bytes, type } });
      await expect(wrong, type).rejects.toMatchObject({ code });
    }
    await verve.organisations.setLogo({ orgId, actor: system, logo: null });
    expect(await verve.organisations.getLogo({ orgId })).toBeNull();
  });
});

describe('secrets', () => {
  test('given by the host make the codes of the published vectors', async () => {
    const verve = await testVerve();
    const { orgId } = await verve.organisations.create({
      actor: system,
      slug: `t-${randomUUID()}`,
      name: 'Lydhør',
      codeSecret: vectorSecret,
    });
    const mentorId = await newMentor(verve, orgId);
    const made = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    const owner = { ownerModel: 'mentor', ownerRef: mentorId };
    const expected = await generateCode(await importCodeKey(vectorSecret), {
      ...owner,
      orgId,
      rotationSequence: 0,
      attempt: 0,
    });
    expect('code' in made && made.code.code).toBe(expected);
  });

  test('for codes rotate: stored codes stay valid, new ones carry the new version', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const first = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    expect(await verve.secrets.rotateCodeSecret({ orgId, actor: system })).toMatchObject({ version: 2, value: null });
    const second = await verve.codes.getOrCreate({ orgId, actor: system, mentorId: await newMentor(verve, orgId) });
    if (!('code' in first) || !('code' in second)) throw new Error('no code');
    expect([first.code.secretVersion, second.code.secretVersion]).toEqual([1, 2]);
    expect((await verve.codes.validateCode(first.code.code)).outcome).toBe('valid');
  });

  test('for deliveries are two during a rotation, until the deadline and not a second longer', async () => {
    let now = new Date('2026-03-01T08:00:00.000Z');
    const verve = await testVerve({ clock: () => now });
    const { orgId } = await organisationWithMentor(verve);
    const rotate = () =>
      verve.secrets.rotateInboundSecret({ orgId, actor: system, purpose: 'webhook_signing', overlapHours: 1 });
    const valid = () =>
      verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
        openSecrets(verve.parts, session, 'webhook_signing'),
      );
    const first = await rotate();
    const second = await rotate();
    expect(second.previousExpiresAt).toEqual(new Date('2026-03-01T09:00:00.000Z'));
    expect(await valid()).toEqual([second.value, first.value]);
    now = new Date('2026-03-01T08:59:59.000Z');
    expect(await valid()).toEqual([second.value, first.value]);
    now = new Date('2026-03-01T09:00:01.000Z');
    expect(await valid()).toEqual([second.value]);
  });

  test('for deliveries are never more than two', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    await Promise.all(
      [1, 2, 3, 4].map(() => verve.secrets.rotateInboundSecret({ orgId, actor: system, purpose: 'webhook_key' })),
    );
    const opened = await verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
      openSecrets(verve.parts, session, 'webhook_key'),
    );
    expect(opened).toHaveLength(2);
  });

  test('lie in the database sealed', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const { value } = await verve.secrets.rotateInboundSecret({ orgId, actor: system, purpose: 'webhook_signing' });
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      "select sealed from verve.organisation_secrets where org_id = $1 and purpose = 'webhook_signing'",
      [orgId],
    );
    expect(rows[0].sealed.includes(Buffer.from(value as string))).toBe(false);
  });
});

describe('branches', () => {
  test('form a tree, and a branch stands for everything below it', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const call = { orgId, actor: system };
    const county = await verve.branches.create({ ...call, name: 'Vestland', kind: 'county' });
    const local = await verve.branches.create({ ...call, name: 'Voss', parentId: county.branchId });
    const deepest = await verve.branches.create({ ...call, name: 'Evanger', parentId: local.branchId });
    expect(await verve.branches.descendants({ ...call, branchId: county.branchId })).toEqual([
      county.branchId,
      local.branchId,
      deepest.branchId,
    ]);
    await expect(
      verve.branches.update({ ...call, branchId: county.branchId, change: { parentId: deepest.branchId } }),
    ).rejects.toMatchObject({ code: 'conflict' });
    const moved = await verve.branches.update({ ...call, branchId: deepest.branchId, change: { parentId: null } });
    expect(moved.parentId).toBeNull();
  });

  test('have names of their own among their siblings', async () => {
    const verve = await testVerve();
    const { orgId } = await organisationWithMentor(verve);
    const call = { orgId, actor: system };
    const first = await verve.branches.create({ ...call, name: 'Vestland' });
    await expect(verve.branches.create({ ...call, name: 'Vestland' })).rejects.toMatchObject({
      code: 'already_exists',
    });
    await verve.branches.create({ ...call, name: 'Vestland', parentId: first.branchId });
    const second = await verve.branches.create({ ...call, name: 'Sogn' });
    await expect(
      verve.branches.update({ ...call, branchId: second.branchId, change: { name: 'Vestland' } }),
    ).rejects.toMatchObject({ code: 'already_exists' });
    await expect(verve.branches.create({ ...call, name: 'Voss', parentId: randomUUID() })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('of another organisation are not found', async () => {
    const verve = await testVerve();
    const one = await organisationWithMentor(verve);
    const other = await organisationWithMentor(verve);
    const branch = await verve.branches.create({ orgId: one.orgId, actor: system, name: 'Vestland' });
    const foreign = { orgId: other.orgId, actor: system, branchId: branch.branchId };
    await expect(verve.branches.get(foreign)).rejects.toMatchObject({ code: 'not_found' });
    await expect(verve.branches.update({ ...foreign, change: { name: 'X' } })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await verve.branches.list({ orgId: other.orgId, actor: system })).toEqual([]);
  });
});
