import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createFloodLimit } from '../src/engine/clicks/flood-limit.ts';
import { createClicks } from '../src/engine/clicks/service.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { anotherCode, countsOf, opening, openLink, phone, placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { system, testSecret, testVerve } from './harness-verve.ts';

const token = (): string => `token-${randomUUID()}`;
const minute = 60_000;

describe('recording an opening', () => {
  test('stores the click and counts it before it answers', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    expect(await verve.clicks.recordOpening(await openLink(verve, code), opening())).toBe('stored');
    expect(await rawOf(codeId)).toBe(1);
    expect(await countsOf(codeId)).toEqual({ human: 1 });
  });

  test('of 120 identical phones behind one address in a meeting hall counts 120 clicks', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    const hall = Array.from({ length: 120 }, () => verve.clicks.recordOpening(link, opening({ address: '192.0.2.7' })));
    expect(new Set(await Promise.all(hall))).toEqual(new Set(['stored']));
    expect(await countsOf(codeId)).toEqual({ human: 120 });
  });

  test('stores machines with their class, and they are no clicks', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    await Promise.all([
      verve.clicks.recordOpening(link, opening({ userAgent: 'WhatsApp/2.23.20.0' })),
      verve.clicks.recordOpening(link, opening({ userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' })),
      verve.clicks.recordOpening(link, opening({ method: 'HEAD' })),
      verve.clicks.recordOpening(link, opening({ signs: { method: 'GET', userAgent: phone, secPurpose: 'prefetch' } })),
    ]);
    expect(await countsOf(codeId)).toEqual({ preview: 1, crawler: 1, other: 1, prefetch: 1 });
    expect(await rawOf(codeId)).toBe(4);
  });

  test('of a code that ended meanwhile is not stored, whatever the cache says', async () => {
    const verve = await testVerve();
    const { orgId, mentorId, code, codeId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    await verve.codes.deactivateCode({ orgId, actor: system, mentorId });
    expect(await verve.clicks.recordOpening(link, opening())).toBe('inactive');
    expect(await rawOf(codeId)).toBe(0);
  });

  test('keeps no address and nothing of the agent', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    await verve.clicks.recordOpening(await openLink(verve, code), opening({ address: '192.0.2.99', token: token() }));
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      `select row_to_json(clicks)::text || row_to_json(tokens)::text as everything
       from verve.referral_clicks as clicks join verve.click_tokens as tokens using (code_id) where code_id = $1`,
      [codeId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].everything).not.toMatch(/192\.0|iPhone|token-/);
  });
});

describe('the same token and code', () => {
  test('counts once within the window and again after it', async () => {
    let now = Date.parse('2026-03-10T12:00:00Z');
    const verve = await testVerve({ clock: () => new Date(now) });
    const { code, codeId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    const mine = token();
    const open = () => verve.clicks.recordOpening(link, opening({ token: mine }));
    expect(await open()).toBe('stored');
    now += 5 * minute - 1;
    expect(await open()).toBe('duplicate');
    now += 1;
    expect(await open()).toBe('stored');
    expect(await countsOf(codeId)).toEqual({ human: 2 });
  });

  test('counts once from two servers at once, a hundred times over', async () => {
    const one = await testVerve();
    const other = await testVerve();
    const { code, codeId } = await placeWithCode(one);
    const links = [await openLink(one, code), await openLink(other, code)] as const;
    const tokens = Array.from({ length: 100 }, token);
    const outcomes = await Promise.all(
      tokens.flatMap((mine) => [
        one.clicks.recordOpening(links[0], opening({ token: mine })),
        other.clicks.recordOpening(links[1], opening({ token: mine })),
        one.clicks.recordOpening(links[0], opening({ token: mine })),
      ]),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(100);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(200);
    expect(await countsOf(codeId)).toEqual({ human: 100 });
  });

  test('on two codes is two clicks', async () => {
    const verve = await testVerve();
    const first = await placeWithCode(verve);
    const second = await anotherCode(verve, first.orgId);
    const mine = token();
    for (const { code } of [first, second]) {
      const link = await openLink(verve, code);
      expect(await verve.clicks.recordOpening(link, opening({ token: mine }))).toBe('stored');
    }
  });

  test('follows the window that the organisation set', async () => {
    const verve = await testVerve();
    const { orgId, code } = await placeWithCode(verve);
    const change = { settings: { clicks: { duplicateWindowMinutes: 0 } } };
    await verve.organisations.update({ orgId, actor: system, change });
    const link = await openLink(await testVerve(), code);
    const mine = token();
    const outcomes = await Promise.all([1, 2, 3].map(() => verve.clicks.recordOpening(link, opening({ token: mine }))));
    expect(outcomes).toEqual(['stored', 'stored', 'stored']);
  });

  test('reported late by an app, in any order, counts each time apart by the window', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const mine = token();
    const start = Date.now() - 3_600_000;
    const at = (minutes: number) => ({ token: mine, occurredAt: new Date(start + minutes * minute) });
    const reports = [at(10), at(0), at(12), at(4), at(20)];
    const outcomes = await Promise.all(reports.map((report) => verve.clicks.recordReferralClick(code, report)));
    // Which of two within a window is the first is the database's to say; how many there are is not.
    const recorded = outcomes.map(({ outcome }) => outcome === 'recorded');
    const windows = [[1, 3], [0, 2], [4]];
    expect(windows.map((places) => places.filter((place) => recorded[place]).length)).toEqual([1, 1, 1]);
    expect(await countsOf(codeId)).toEqual({ human: 3 });
  });
});

describe('the flood limit', () => {
  test('stops storing above 600 a minute of one address and code, and counts the rest per minute', async () => {
    const { database } = await testDatabase();
    const verve = await testVerve();
    const { code, codeId, orgId } = await placeWithCode(verve);
    const clicks = createClicks({ database, keyRing: createKeyRing(testSecret) });
    const link = await openLink(verve, code);
    const all = Array.from({ length: 700 }, () => clicks.recordOpening(link, opening({ address: '192.0.2.1' })));
    const outcomes = await Promise.all(all);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(600);
    expect(outcomes.filter((outcome) => outcome === 'flooded')).toHaveLength(100);
    await clicks.flush();
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select sum(hits)::int as hits from verve.click_floods where org_id = $1 and code_id = $2',
      [orgId, codeId],
    );
    expect(rows[0].hits).toBe(100);
    expect(await countsOf(codeId)).toEqual({ human: 600 });
  });

  test('forgets each minute, tells addresses apart, and takes a whole IPv6 network for one', () => {
    let now = 0;
    const limit = createFloodLimit({ nowMs: () => now, perAddressAndCode: 2, perAddress: 3 });
    const hits = (address: string, code: string) => limit.isAbove(address, code);
    expect([hits('192.0.2.1', 'a'), hits('192.0.2.1', 'a'), hits('192.0.2.1', 'a')]).toEqual([false, false, true]);
    expect(hits('192.0.2.1', 'b')).toBe(true);
    expect(hits('192.0.2.2', 'a')).toBe(false);
    now = 60_000;
    expect(hits('192.0.2.1', 'a')).toBe(false);
    expect([hits('2001:db8::1', 'a'), hits('2001:db8:0:0:7::2', 'a'), hits('2001:db8::3', 'a')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(hits('', 'a')).toBe(false);
  });
});

describe('a reported click', () => {
  test('answers with a v4 id by which it is found, deleted, and known as ours afterwards', async () => {
    const verve = await testVerve();
    const { orgId, code, codeId } = await placeWithCode(verve);
    const metadata = { shareChannel: 'sms', platform: 'ios', locale: 'nb' } as const;
    const told = await verve.clicks.recordReferralClick(code, { metadata });
    if (told.outcome !== 'recorded') throw new Error(told.outcome);
    expect(told.clickId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const inOrg = <Result>(work: Parameters<typeof verve.parts.database.transaction<Result>>[1]) =>
      verve.parts.database.transaction({ role: 'verve_engine', orgId }, work);
    const found = await inOrg((session) => verve.clicks.getClick(session, told.clickId));
    expect(found).toMatchObject({ code, codeId, class: 'human', channel: 'sms' });
    expect(await inOrg((session) => verve.clicks.deleteClick(session, told.clickId))).toBe(true);
    expect(await inOrg((session) => verve.clicks.deleteClick(session, told.clickId))).toBe(false);
    expect(await countsOf(codeId)).toEqual({});
    expect(await inOrg((session) => verve.clicks.getClick(session, told.clickId))).toBe('pruned');
    expect(await inOrg((session) => verve.clicks.getClick(session, randomUUID()))).toBeNull();
  });

  test('is rejected for an unknown code, an ended code and another organisation’s', async () => {
    const verve = await testVerve();
    const { orgId, mentorId, code } = await placeWithCode(verve);
    expect(await verve.clicks.recordReferralClick('ZZZZZZZZZZ')).toEqual({
      outcome: 'rejected',
      reason: 'unknown_code',
    });
    expect(await verve.clicks.recordReferralClick('not a code')).toEqual({
      outcome: 'rejected',
      reason: 'unknown_code',
    });
    const foreign = await verve.clicks.recordReferralClick(code, { orgId: randomUUID() });
    expect(foreign).toEqual({ outcome: 'rejected', reason: 'unknown_code' });
    await verve.codes.deactivateCode({ orgId, actor: system, mentorId });
    expect(await (await testVerve()).clicks.recordReferralClick(code)).toEqual({
      outcome: 'rejected',
      reason: 'code_ended',
      mentorId,
    });
  });

  test('counts a client’s time of at most 72 h ago, else the moment of storing', async () => {
    const now = new Date('2026-05-20T10:00:00Z');
    const verve = await testVerve({ clock: () => now });
    const { code, codeId } = await placeWithCode(verve);
    const hours = (ago: number) => ({ occurredAt: new Date(now.getTime() - ago * 3_600_000) });
    for (const report of [hours(72), hours(73), hours(-1)]) await verve.clicks.recordReferralClick(code, report);
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select day::text from verve.referral_clicks where code_id = $1 order by 1',
      [codeId],
    );
    expect(rows.map((row) => row.day)).toEqual(['2026-05-17', '2026-05-20', '2026-05-20']);
  });
});

describe('the day of a click', () => {
  test.each([
    ['2026-10-24T21:59:59.999Z', '2026-10-24'],
    ['2026-10-24T22:00:00.000Z', '2026-10-25'],
    ['2026-10-25T22:59:59.999Z', '2026-10-25'],
    ['2026-10-25T23:00:00.000Z', '2026-10-26'],
    ['2026-03-28T23:00:00.000Z', '2026-03-29'],
    ['2026-03-29T21:59:59.999Z', '2026-03-29'],
    ['2026-03-29T22:00:00.000Z', '2026-03-30'],
  ])('at %s is %s in Oslo', async (at, day) => {
    const verve = await testVerve({ clock: () => new Date(at) });
    const { code, codeId } = await placeWithCode(verve);
    await verve.clicks.recordOpening(await openLink(verve, code), opening());
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query('select day::text from verve.referral_clicks where code_id = $1', [codeId]);
    expect(rows).toEqual([{ day }]);
  });
});

describe('finding the click of a registration by token', () => {
  test('takes the last or the first human click in the window, both ends included, to the millisecond', async () => {
    let now = Date.parse('2026-04-01T08:00:00Z');
    const verve = await testVerve({ clock: () => new Date(now) });
    const { orgId, code } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    const mine = token();
    const first = now;
    await verve.clicks.recordOpening(link, opening({ token: mine, channel: 'sms' }));
    now += 3_600_000;
    await verve.clicks.recordOpening(link, opening({ token: mine, channel: 'whatsapp' }));
    await verve.clicks.recordOpening(link, opening({ token: mine, userAgent: 'WhatsApp/2.23' }));
    const last = now;
    now += 10 * minute;
    const find = (registered: number, more: { mode?: 'first' | 'last'; windowHours?: number } = {}) =>
      verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
        verve.clicks.findClickForToken(session, { orgId, token: mine, registeredAt: new Date(registered), ...more }),
      );
    expect(await find(last)).toMatchObject({ channel: 'whatsapp' });
    expect(await find(last - 1)).toMatchObject({ channel: 'sms' });
    expect(await find(last, { mode: 'first' })).toMatchObject({ channel: 'sms' });
    expect(await find(first + 3_600_000 - 1, { windowHours: 1 })).toMatchObject({ channel: 'sms' });
    expect(await find(first - 1)).toBeNull();
    expect(await find(last + 3_600_000, { windowHours: 1 })).toMatchObject({ channel: 'whatsapp' });
    expect(await find(last + 3_600_001, { windowHours: 1 })).toBeNull();
  });
});

describe('counts and pruning', () => {
  test('folding keeps every count, and counts are the raw rows', async () => {
    const verve = await testVerve();
    const { code, codeId, orgId, mentorId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    await Promise.all(Array.from({ length: 50 }, () => verve.clicks.recordOpening(link, opening({ channel: 'sms' }))));
    const { pool, adminPool } = await testDatabase();
    await Promise.all([1, 2, 3].map(() => pool.query('select verve_private.fold_click_deltas()')));
    await verve.clicks.recordOpening(link, opening({ channel: 'qr' }));
    expect(await countsOf(codeId)).toEqual({ human: 51 });
    const { rows } = await adminPool.query('select human from verve.click_mentor_days where mentor_id = $1', [
      mentorId,
    ]);
    expect(rows).toEqual([{ human: 50 }]);
    const differences = await pool.query('select * from verve_private.click_count_differences() where org_id = $1', [
      orgId,
    ]);
    expect(differences.rows).toEqual([]);
  });

  test('a planted difference is found', async () => {
    const verve = await testVerve();
    const { code, codeId, orgId } = await placeWithCode(verve);
    await verve.clicks.recordOpening(await openLink(verve, code), opening());
    const { pool, adminPool } = await testDatabase();
    await adminPool.query('delete from verve.referral_clicks where code_id = $1', [codeId]);
    const { rows } = await pool.query(
      'select counted, stored from verve_private.click_count_differences() where org_id = $1',
      [orgId],
    );
    expect(rows).toEqual([{ counted: 1, stored: 0 }]);
  });

  test('pruning removes raw clicks and tokens, and changes no figure', async () => {
    let now = Date.parse('2026-01-10T12:00:00Z');
    const verve = await testVerve({ clock: () => new Date(now) });
    const { code, codeId, orgId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    for (const days of [0, 1, 88]) {
      now = Date.parse('2026-01-10T12:00:00Z') + days * 86_400_000;
      await verve.clicks.recordOpening(link, opening({ token: token() }));
    }
    now = Date.parse('2026-04-10T18:00:00Z');
    const { database } = verve.parts;
    const own = <Row>(text: string) => database.transaction({ role: 'none' }, (session) => session.query<Row>(text));
    await own('select * from verve_private.make_click_partitions()');
    await own('select * from verve_private.prune_clicks()');
    expect(await rawOf(codeId)).toBe(2);
    expect(await countsOf(codeId)).toEqual({ human: 3 });
    const { adminPool } = await testDatabase();
    const tokens = await adminPool.query('select count(*)::int as n from verve.click_tokens where code_id = $1', [
      codeId,
    ]);
    expect(tokens.rows[0].n).toBe(1);
    expect(await own(`select * from verve_private.click_count_differences() where org_id = '${orgId}'`)).toEqual([]);
  });

  test('partitions are made behind row-level security, and take over what the default held', async () => {
    const { pool, adminPool } = await testDatabase();
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    await verve.clicks.recordOpening(await openLink(verve, code), opening({ token: token() }));
    await Promise.all([1, 2, 3].map(() => pool.query('select verve_private.make_click_partitions()')));
    await verve.clicks.recordOpening(await openLink(verve, code), opening({ token: token() }));
    const { rows } = await adminPool.query(
      `select class.relname, class.relrowsecurity and class.relforcerowsecurity as is_guarded,
         (select count(*)::int from pg_policy where polrelid = class.oid) as policies
       from pg_inherits join pg_class as class on class.oid = inhrelid
       where inhparent in ('verve.referral_clicks'::regclass, 'verve.click_tokens'::regclass)`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(9);
    expect(rows.every((row) => row.is_guarded && row.policies >= 2)).toBe(true);
    expect(await rawOf(codeId)).toBe(2);
    const left = await adminPool.query(
      'select count(*)::int as n from verve.referral_clicks_default where code_id = $1',
      [codeId],
    );
    expect(left.rows[0].n).toBe(0);
  });
});

describe('verve_ingest', () => {
  test('may record clicks and read or write nothing itself', async () => {
    const { pool } = await testDatabase();
    const client = await pool.connect();
    try {
      await client.query('set role verve_ingest');
      for (const statement of [
        'select * from verve.referral_clicks',
        'select * from verve.referral_codes',
        'delete from verve.click_deltas',
        "insert into verve.click_deltas select gen_random_uuid(), gen_random_uuid(), null, current_date, 1, 'human', 'sms'",
        'select verve_private.prune_clicks()',
      ]) {
        await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await client.query('reset role');
      client.release();
    }
  });
});
