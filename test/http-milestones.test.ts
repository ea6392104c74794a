import { beforeAll, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { makeSite, type Site } from './http-site.ts';

let site: Site;

beforeAll(async () => {
  site = await makeSite();
});

/** An organisation with a mentor who has reached the first two milestones. */
async function reached() {
  const tenant = await site.organisation();
  const mentor = await tenant.mentor();
  const { adminPool } = await testDatabase();
  await adminPool.query('insert into verve.mentor_totals (org_id, mentor_id, credited) values ($1, $2, 5)', [
    tenant.orgId,
    mentor.mentorId,
  ]);
  await site.send('POST', '/api/v1/milestones/backfill', { as: tenant.key });
  return { tenant, mentor, path: `/api/v1/milestones?mentor=${mentor.mentorId}` };
}

test('a badge service compares its awards by the keys that webhooks carry', async () => {
  const { tenant, mentor, path } = await reached();
  const { status, body } = await site.send('GET', path, { as: await tenant.keyWith(['reports:read']) });
  expect(status).toBe(200);
  expect(body.awards).toMatchObject([
    { award_key: `${tenant.orgId}:${mentor.mentorId}:recruits_1`, milestone_type: 'first_referral', threshold: 1 },
    { award_key: `${tenant.orgId}:${mentor.mentorId}:recruits_5`, reached_count: 5, credited: 5, origin: 'backfill' },
  ]);
  const list = await site.send('GET', '/api/v1/milestones/awards', { as: tenant.key });
  expect(list.body.data).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ award_key: `${tenant.orgId}:${mentor.mentorId}:recruits_5`, threshold: 5 }),
    ]),
  );
});

test('a mentor sees own milestones and nobody else’s', async () => {
  const { tenant, mentor, path } = await reached();
  expect((await site.send('GET', path, { as: mentor.token })).body.awards).toHaveLength(2);
  const other = await tenant.mentor();
  expect((await site.send('GET', path, { as: other.token })).status).toBe(403);
});

test('a coordinator of a branch does not see another branch’s mentor by this way', async () => {
  const { tenant, path } = await reached();
  const coordinator = await tenant.person('coordinator', await tenant.branch('Vestland'));
  expect((await site.send('GET', path, { as: coordinator.token })).status).toBe(403);
  const admin = await tenant.person('org_admin');
  expect((await site.send('GET', path, { as: admin.token })).body.awards).toHaveLength(2);
});

test('another organisation’s mentor has no milestones here', async () => {
  const { path } = await reached();
  const elsewhere = await site.organisation();
  expect((await site.send('GET', path, { as: elsewhere.key })).body.awards).toEqual([]);
});

test('without a mentor, only the thresholds are told', async () => {
  const { tenant } = await reached();
  expect((await site.send('GET', '/api/v1/milestones', { as: tenant.key })).body).toEqual({
    thresholds: [1, 5, 10, 25, 50],
  });
});
