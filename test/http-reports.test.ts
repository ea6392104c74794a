import { beforeAll, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { testDatabase } from './harness.ts';
import { makeSite, type Site } from './http-site.ts';
import { type Population, populate } from './people-site.ts';

let site: Site;
let population: Population;
beforeAll(async () => {
  site = await makeSite();
  population = await populate(site);
});

const rowsOf = (body: Record<string, unknown>) => body.data as Record<string, unknown>[];

test('the funnel of a key counts the organisation, and includes the click just made', async () => {
  const as = population.own.key;
  const before = await site.send('GET', '/api/v1/reports/funnel', { as });
  const clickedOf = (body: Record<string, unknown>) =>
    (body.steps as { stage: string; count: number }[]).find(({ stage }) => stage === 'clicked')?.count ?? 0;
  const codes = await site.send('GET', '/api/v1/referral-codes', { as });
  await site.send('POST', '/api/v1/referral-attributions', { body: { code: rowsOf(codes.body)[0]?.code } });
  const after = await site.send('GET', '/api/v1/reports/funnel', { as });
  expect(clickedOf(after.body)).toBe(clickedOf(before.body) + 1);
});

test('a coordinator of a branch gets the mentors in it, under row-level security; the whole organisation is for others', async () => {
  const { branchCoordinator, coordinator } = population.people;
  const near = await site.send('GET', '/api/v1/reports/mentors', { as: branchCoordinator.token });
  expect(rowsOf(near.body).map((row) => row.mentor_id)).toEqual([population.mentors.near.mentorId]);
  const whole = await site.send('GET', '/api/v1/reports/mentors', { as: coordinator.token });
  expect(rowsOf(whole.body)).toHaveLength(3);
});

test('every report comes as JSON and as CSV with the same rows', async () => {
  for (const name of ['mentors', 'branches', 'channels', 'timeline']) {
    const path = `/api/v1/reports/${name}`;
    const json = await site.send('GET', path, { as: population.people.admin.token });
    expect(json.status, name).toBe(200);
    const csv = await site.send('GET', `${path}?format=csv&delimiter=semicolon`, { as: population.people.admin.token });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(rowsOf(json.body).length + 1);
  }
});

test('a name that a spreadsheet would run is neutralised', async () => {
  const tenant = await site.organisation();
  const name = '=HYPERLINK("http://evil.example")';
  await site.send('POST', '/api/v1/mentors', { as: tenant.key, body: { display_name: name } });
  const csv = await site.send('GET', '/api/v1/reports/mentors?format=csv', { as: tenant.key });
  expect(csv.text).toContain(`'=HYPERLINK`);
});

test('ranges are half-open days, and a wrong one is refused', async () => {
  const as = population.own.key;
  const timeline = await site.send('GET', '/api/v1/reports/timeline?from=2026-03-01&to=2026-04-01', { as });
  expect(rowsOf(timeline.body)).toHaveLength(31);
  for (const query of [
    'from=2026-03-02&to=2026-03-01',
    'from=2026-03-01&to=2026-03-01',
    'from=2024-01-01&to=2026-01-01',
  ]) {
    expect(await site.send('GET', `/api/v1/reports/funnel?${query}`, { as }), query).toMatchObject({
      status: 400,
      body: { code: 'invalid_range' },
    });
  }
  expect((await site.send('GET', '/api/v1/reports/funnel?from=yesterday', { as })).status).toBe(400);
});

test('a mentor has the own figures, as of 06:00, and no reports', async () => {
  const { token, mentorId } = population.mentors.near;
  expect((await site.send('GET', '/api/v1/reports/funnel', { as: token })).status).toBe(403);
  const stats = await site.send('GET', `/api/v1/referral-attributions/mentor/${mentorId}/stats`, { as: token });
  expect(stats.status).toBe(200);
  expect(stats.body).toMatchObject({ mentor_id: mentorId, confirmed_count: 0, as_of: expect.any(String) });
});

test('a mentor’s figures change at 06:00, and at once where the organisation chose live', async () => {
  let now = new Date('2026-11-20T11:00:00.000Z');
  const timed = await makeSite({ clock: () => now });
  const daily = await timed.organisation();
  const live = await timed.organisation({ settings: { mentors: { figures: 'live' } } });
  const counts: Record<string, number[]> = { daily: [], live: [] };
  const people = { daily: await daily.mentor(), live: await live.mentor() };
  for (const [name, tenant] of [
    ['daily', daily],
    ['live', live],
  ] as const) {
    const { body } = await timed.send('POST', '/api/v1/referral-codes', {
      as: tenant.key,
      body: { mentor_id: people[name].mentorId },
    });
    await timed.send('POST', '/api/v1/registrations', { body: { code: body.code } });
  }
  for (const moment of ['2026-11-20T12:00:00.000Z', '2026-11-21T04:59:00.000Z', '2026-11-21T05:01:00.000Z']) {
    now = new Date(moment);
    for (const name of ['daily', 'live'] as const) {
      const { userId } = people[name];
      const reply = await timed.send('GET', '/api/v1/referral-attributions', { as: await timed.tokenOf(userId) });
      counts[name]?.push(rowsOf(reply.body).length);
    }
  }
  expect(counts).toEqual({ daily: [0, 0, 1], live: [1, 1, 1] }); // 06:00 in Oslo is 05:00 in UTC
});

test('a live figure of a mentor’s own clicks includes the click just made, folded or not, once; a daily one does not', async () => {
  const { adminPool } = await testDatabase();
  const tenants = {
    live: await site.organisation({ settings: { mentors: { figures: 'live' } } }),
    daily: await site.organisation(),
  };
  for (const [name, tenant] of Object.entries(tenants)) {
    const { mentorId, token } = await tenant.mentor();
    const other = await tenant.mentor();
    const codeOf = async (mentor_id: string) =>
      (await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id } })).body.code;
    const clickOn = (code: unknown) => site.send('POST', '/api/v1/referral-attributions', { body: { code } });
    const [own, others] = [await codeOf(mentorId), await codeOf(other.mentorId)];
    const counts: unknown[] = [];
    for (const moment of ['clicked', 'folded', 'clicked again']) {
      if (moment === 'folded') await adminPool.query('select verve_private.fold_click_deltas()');
      else await Promise.all([clickOn(own), clickOn(others)]);
      const stats = await site.send('GET', `/api/v1/referral-attributions/mentor/${mentorId}/stats`, { as: token });
      counts.push(stats.body.total_clicks);
    }
    expect(counts, name).toEqual(name === 'live' ? [1, 1, 2] : [0, 0, 0]);
  }
});

test('what an organisation does not count is in no figure and no list of a mentor either', async () => {
  const tenant = await site.organisation({ settings: { mentors: { figures: 'live' } } });
  const { mentorId, token } = await tenant.mentor();
  const { body } = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  const call = { orgId: tenant.orgId, actor: hostActor, code: String(body.code) };
  await site.verve.referrals.recordConversion({ ...call, sourceRef: 'A-1001', sourceModel: 'Order' });
  await site.verve.attributions.confirmRecruitment({ ...call, newMemberId: 'M-1001' });
  for (const as of [token, tenant.key]) {
    const stats = await site.send('GET', `/api/v1/referral-attributions/mentor/${mentorId}/stats`, { as });
    expect(stats.body).toMatchObject({ confirmed_count: 1, without_click_count: 1 });
  }
  const list = await site.send('GET', '/api/v1/referral-attributions', { as: token });
  expect(rowsOf(list.body)).toHaveLength(1);
});
