import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dropOff } from '../src/engine/reports/funnel.ts';
import type { Verve } from '../src/engine/verve.ts';
import { anotherCode, opening, openLink, type Place, placeWithCode } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { asMentor, asPerson, system, testVerve } from './harness-verve.ts';

const day = 86_400_000;
const noon = Date.parse('2026-06-15T12:00:00Z');
const range = { fromDay: '2026-06-01', toDay: '2026-07-01' };

async function clickTimes(verve: Verve, place: Place, times: number, more: Parameters<typeof opening>[0] = {}) {
  const link = await openLink(verve, place.code);
  await Promise.all(Array.from({ length: times }, () => verve.clicks.recordOpening(link, opening(more))));
}

async function fold(): Promise<void> {
  const { pool } = await testDatabase();
  await pool.query('select verve_private.fold_click_deltas()');
}

/** Registers members under a code and confirms the first of them. */
async function recruit(verve: Verve, place: Place, registered: number, confirmed: number): Promise<void> {
  for (let number = 0; number < registered; number += 1) {
    const memberId = `M-${randomUUID()}`;
    await verve.attributions.registerReferral({ orgId: place.orgId, actor: system, code: place.code, memberId });
    if (number < confirmed) {
      await verve.attributions.confirmRecruitment({
        orgId: place.orgId,
        actor: system,
        code: place.code,
        newMemberId: memberId,
      });
    }
  }
}

describe('the funnel', () => {
  test('counts each stage, folded or not, and the click just made', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const place = await placeWithCode(verve);
    const { orgId, mentorId } = place;
    for (const channel of ['sms', 'whatsapp', 'sms'] as const) {
      await verve.shares.record({ orgId, actor: asMentor(mentorId), mentorId, channel });
    }
    await clickTimes(verve, place, 10);
    await clickTimes(verve, place, 2, { userAgent: 'WhatsApp/2.23' });
    await fold();
    await clickTimes(verve, place, 1);
    await recruit(verve, place, 4, 2);
    const funnel = await verve.reports.funnel({ orgId, actor: system, ...range });
    expect(funnel.steps.map((step) => [step.stage, step.count, step.dropOffPercent])).toEqual([
      ['shared', 3, null],
      ['clicked', 11, null],
      ['registered', 4, 63.6],
      ['confirmed', 2, 50],
      ['credited', 2, 0],
    ]);
    expect(funnel).toMatchObject({ machines: { previews: 2 }, creditedWithoutClick: 2 });
    expect(funnel.before).toEqual({ fromDay: '2026-05-02', toDay: '2026-06-01' });
  });

  test('compares with the period of the same length before', async () => {
    let now = noon - 30 * day;
    const verve = await testVerve({ clock: () => new Date(now) });
    const place = await placeWithCode(verve);
    await clickTimes(verve, place, 3);
    now = noon;
    await clickTimes(verve, place, 5);
    const { steps } = await verve.reports.funnel({ orgId: place.orgId, actor: system, ...range });
    expect(steps[1]).toMatchObject({ stage: 'clicked', count: 5, countBefore: 3 });
  });

  test('is 0 everywhere for an organisation without anything', async () => {
    const verve = await testVerve();
    const { orgId } = await placeWithCode(verve);
    const { steps } = await verve.reports.funnel({ orgId, actor: system, ...range });
    expect(steps.map((step) => step.count)).toEqual([0, 0, 0, 0, 0]);
    expect(steps.map((step) => step.dropOffPercent)).toEqual([null, null, null, null, null]);
  });

  test('of one mentor or one branch is of those alone, and a mentor who moves takes his clicks along', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const first = await placeWithCode(verve);
    const { orgId } = first;
    const county = await verve.branches.create({ orgId, actor: system, name: 'Vestland', kind: 'county' });
    const local = await verve.branches.create({ orgId, actor: system, name: 'Sogn', parentId: county.branchId });
    const inBranch = await anotherCode(verve, orgId, local.branchId);
    await clickTimes(verve, first, 2);
    await clickTimes(verve, inBranch, 7);
    await fold();
    await clickTimes(verve, inBranch, 1);
    const clicked = async (more: object) =>
      (await verve.reports.funnel({ orgId, actor: system, ...range, ...more })).steps[1]?.count;
    expect(await clicked({})).toBe(10);
    expect(await clicked({ mentorId: first.mentorId })).toBe(2);
    expect(await clicked({ branchIds: [county.branchId] })).toBe(8);
    const { adminPool } = await testDatabase();
    await adminPool.query('update verve.mentors set branch_id = null where id = $1', [inBranch.mentorId]);
    expect(await clicked({ branchIds: [county.branchId] })).toBe(0);
    expect(await clicked({})).toBe(10);
  });
});

describe('the report of mentors', () => {
  test('has everybody, by credits, then rate, then id; the rate is capped and 0 without clicks', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const busy = await placeWithCode(verve);
    const { orgId } = busy;
    const lucky = await anotherCode(verve, orgId);
    const idle = await anotherCode(verve, orgId);
    await clickTimes(verve, busy, 10);
    await recruit(verve, busy, 1, 1);
    await clickTimes(verve, lucky, 1);
    await recruit(verve, lucky, 2, 2);
    const rows = await verve.reports.mentors({ orgId, actor: system, ...range });
    expect(rows.map((row) => [row.mentorId, row.clicked, row.credited, row.conversionRate])).toEqual([
      [lucky.mentorId, 1, 2, 1],
      [busy.mentorId, 10, 1, 0.1],
      [idle.mentorId, 0, 0, 0],
    ]);
  });

  test('tells when each shared last, also outside the range, and nothing of who never did', async () => {
    let now = noon;
    const verve = await testVerve({ clock: () => new Date(now) });
    const { orgId, mentorId } = await placeWithCode(verve);
    const idle = await anotherCode(verve, orgId);
    for (now of [noon - 400 * day, noon - 90 * day])
      await verve.shares.record({ orgId, actor: system, mentorId, channel: 'sms' });
    const rows = await verve.reports.mentors({ orgId, actor: system, ...range });
    const told = new Map(rows.map((row) => [row.mentorId, [row.shared, row.lastSharedAt]]));
    expect(told.get(mentorId)).toEqual([0, new Date(noon - 90 * day)]);
    expect(told.get(idle.mentorId)).toEqual([0, null]);
  });

  test.each([
    ['2026-06-01', '2026-06-02'],
    ['2026-06-01', '2026-06-11'],
    ['2026-06-03', '2026-06-29'],
    ['2026-05-31', '2026-07-02'],
    ['2026-06-15', '2026-06-16'],
    ['2025-07-01', '2026-07-01'],
  ])('over %s to %s is the sum of its days, whatever spans it takes', async (fromDay, toDay) => {
    let now = Date.parse('2026-05-25T10:00:00Z');
    const verve = await testVerve({ clock: () => new Date(now) });
    const place = await placeWithCode(verve);
    for (; now < Date.parse('2026-07-05T00:00:00Z'); now += day)
      await clickTimes(verve, place, (1 + ((now / day) % 3)) | 0);
    await fold();
    const call = { orgId: place.orgId, actor: system, fromDay, toDay };
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select count(*)::int as n from verve.referral_clicks where code_id = $1 and day >= $2 and day < $3',
      [place.codeId, fromDay, toDay],
    );
    const [mentor] = await verve.reports.mentors(call);
    const timeline = await verve.reports.timeline(call);
    const funnel = await verve.reports.funnel(call);
    expect(mentor?.clicked).toBe(rows[0].n);
    expect(timeline.reduce((sum, row) => sum + row.clicked, 0)).toBe(rows[0].n);
    expect(funnel.steps[1]?.count).toBe(rows[0].n);
  });
});

describe('the timeline', () => {
  test('has the days when clocks change once each, with everything of them', async () => {
    let now = 0;
    const verve = await testVerve({ clock: () => new Date(now) });
    const place = await placeWithCode(verve);
    for (const at of [
      '2026-10-24T21:59:59.999Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00.000Z',
    ]) {
      now = Date.parse(at);
      await clickTimes(verve, place, 1);
    }
    await fold();
    const call = { orgId: place.orgId, actor: system, fromDay: '2026-10-23', toDay: '2026-10-28' };
    const rows = await verve.reports.timeline(call);
    expect(rows.map((row) => [row.day, row.clicked])).toEqual([
      ['2026-10-23', 0],
      ['2026-10-24', 1],
      ['2026-10-25', 2],
      ['2026-10-26', 1],
      ['2026-10-27', 0],
    ]);
  });
});

describe('the reports of branches and channels', () => {
  test('add up to the funnel', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const place = await placeWithCode(verve);
    const { orgId } = place;
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Rogaland' });
    const other = await anotherCode(verve, orgId, branch.branchId);
    await clickTimes(verve, place, 3, { channel: 'sms' });
    await clickTimes(verve, other, 2, { channel: 'qr' });
    await fold();
    await clickTimes(verve, other, 1);
    const branches = await verve.reports.branches({ orgId, actor: system, ...range });
    expect(branches.map((row) => [row.name, row.mentors, row.clicked])).toEqual([
      ['Rogaland', 1, 3],
      [null, 1, 3],
    ]);
    const channels = await verve.reports.channels({ orgId, actor: system, ...range });
    expect(channels.map((row) => [row.channel, row.clicked])).toEqual([
      ['sms', 3],
      ['qr', 2],
      ['unknown', 1],
    ]);
  });
});

describe('who may read a report', () => {
  test('a coordinator of branches gets those, a mentor only his own, nobody another’s', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const place = await placeWithCode(verve);
    const { orgId } = place;
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Troms' });
    const inBranch = await anotherCode(verve, orgId, branch.branchId);
    await clickTimes(verve, place, 4);
    await clickTimes(verve, inBranch, 2);
    const coordinator = asPerson('coordinator', branch.branchId);
    const funnel = await verve.reports.funnel({ orgId, actor: coordinator, ...range });
    expect(funnel.steps[1]?.count).toBe(2);
    const below = await verve.branches.create({ orgId, actor: system, name: 'Tromsø', parentId: branch.branchId });
    const ofBranch = (branchId: string) =>
      verve.reports.funnel({ orgId, actor: coordinator, branchIds: [branchId], ...range });
    expect((await ofBranch(below.branchId)).steps[1]?.count).toBe(0);
    const elsewhere = await verve.branches.create({ orgId, actor: system, name: 'Vestland' });
    await expect(ofBranch(elsewhere.branchId)).rejects.toMatchObject({ code: 'forbidden' });
    const own = asMentor(place.mentorId);
    const ofMentor = await verve.reports.funnel({ orgId, actor: own, mentorId: place.mentorId, ...range });
    expect(ofMentor.steps[1]?.count).toBe(4);
    await expect(verve.reports.funnel({ orgId, actor: own, ...range })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      verve.reports.funnel({ orgId, actor: own, mentorId: inBranch.mentorId, ...range }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('under row-level security a person gets what the branches in scope hold, and another organisation’s reads as zeros', async () => {
    const verve = await testVerve({ clock: () => new Date(noon) });
    const place = await placeWithCode(verve);
    const { orgId } = place;
    const branch = await verve.branches.create({ orgId, actor: system, name: 'Finnmark' });
    const inBranch = await anotherCode(verve, orgId, branch.branchId);
    await clickTimes(verve, place, 4);
    await clickTimes(verve, inBranch, 2);
    await fold();
    await clickTimes(verve, inBranch, 1);
    const { adminPool } = await testDatabase();
    const roles = { all: randomUUID(), branch: randomUUID(), stranger: randomUUID() };
    await adminPool.query(
      `insert into verve.roles (org_id, user_id, role, branch_id) values ($1, $2, 'coordinator', null), ($1, $3, 'coordinator', $4)`,
      [orgId, roles.all, roles.branch, branch.branchId],
    );
    const clicked = (sub: string) =>
      verve.parts.database.transaction(
        { role: 'authenticated', claims: { sub, role: 'authenticated' } },
        async (session) => {
          const reports = verve.reports.within(session, orgId);
          const mentors = await reports.mentors(range);
          const timeline = await reports.timeline(range);
          return {
            funnel: (await reports.funnel(range)).steps[1]?.count,
            mentors: mentors.reduce((sum, row) => sum + row.clicked, 0),
            timeline: timeline.reduce((sum, row) => sum + row.clicked, 0),
            counts: (await reports.counts(null)).totalClicks,
          };
        },
      );
    expect(await clicked(roles.all)).toEqual({ funnel: 7, mentors: 7, timeline: 7, counts: 7 });
    expect(await clicked(roles.branch)).toEqual({ funnel: 3, mentors: 3, timeline: 3, counts: 3 });
    expect(await clicked(roles.stranger)).toEqual({ funnel: 0, mentors: 0, timeline: 0, counts: 0 });
  });
});

describe('the drop-off', () => {
  test.each([
    [100, 87, 13],
    [87, 52, 40.2],
    [0, 0, null],
    [5, 6, null],
    [null, 5, null],
    [8, 0, 100],
  ])('from %s to %s is %s', (previous, count, percent) => {
    expect(dropOff(previous, count)).toBe(percent);
  });
});
