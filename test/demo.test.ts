import { expect, test } from 'vitest';
import { verify } from '../src/engine/verification/service.ts';
import { createVerve } from '../src/engine/verve.ts';
import { fillOrganisation } from '../src/server/demo/fill-organisation.ts';
import { createChance } from '../src/server/demo/seeded-random.ts';
import { TEMPLATE } from './cluster.ts';
import { makeTestDatabase } from './harness.ts';
import { testSecret } from './harness-verve.ts';

const until = new Date('2026-11-01T00:00:00.000Z');

/** Everything that follows from the seed, table by table. */
const contents = {
  organisations: 'select id, slug, name, settings, brand, link_domains, created_at from verve.organisations',
  branches: 'select id, parent_id, name, kind from verve.branches',
  mentors:
    'select id, user_id, display_name, branch_id, status, leaderboard_opt_in, created_at, left_at from verve.mentors',
  roles: 'select user_id, role, branch_id from verve.roles',
  codes:
    'select id, owner_ref, code, status, rotation_sequence, attempt, created_at, rotated_at, invalidated_at from verve.referral_codes',
  attributions:
    'select id, code_id, mentor_id, status, review_state, flags, linked_by, registration_ref, registered_at, confirmed_at, credited_at from verve.referral_attributions',
  totals: 'select mentor_id, credited from verve.mentor_totals',
  awards: 'select mentor_id, threshold, reached_count, awarded_at from verve.milestone_awards',
  inbox: 'select kind, status, code, mentor_id, attribution_id, opened_at, resolution from verve.inbox_items',
  clicks: 'select code_id, class, channel, day, occurred_at from verve.referral_clicks',
  shares: 'select code_id, channel, shared_at from verve.shares',
  facts: 'select kind, code, outcome, attribution_id, occurred_at from verve.attribution_facts',
  events: 'select type, mentor_id, code_id, attribution_id, occurred_at from verve.referral_events',
};

async function perform(seed: string) {
  const { pool, adminPool, database } = await makeTestDatabase({ template: TEMPLATE });
  let now = until;
  const random = createChance(`${seed}/engine`);
  const verve = createVerve({ database: pool, secret: testSecret, clock: () => now, random });
  const moveTo = (moment: Date) => {
    now = moment;
  };
  const steps: number[] = [];
  const plan = { seed, slug: 'lydhor', name: 'Lydhør', mentorCount: 40, dayCount: 40, until };
  const result = await fillOrganisation({ verve, moveTo }, plan, (done) => steps.push(done));
  const made: Record<string, string[]> = {};
  for (const [table, query] of Object.entries(contents)) {
    const { rows } = await adminPool.query(query);
    made[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return { result, made, steps, differences: (await verify(database, result.orgId)).differences };
}

/** Made once for both tests. */
const other = perform('another');

test('The same seed makes the same data, another seed other data, and everything adds up', async () => {
  const [first, again] = [await perform('verve'), await perform('verve')];
  expect(again.result).toEqual(first.result);
  for (const table of Object.keys(contents)) expect(again.made[table], table).toEqual(first.made[table]);
  expect((await other).made.mentors).not.toEqual(first.made.mentors);
  expect([first, again, await other].flatMap((one) => one.differences)).toEqual([]);
}, 120_000);

test('The history is believable: it ends when told, people wait and are credited, machines look at links', async () => {
  const { made, result, steps } = await other;
  const rows = (table: string) => (made[table] ?? []).map((row) => JSON.parse(row));
  expect(rows('mentors').length).toBeGreaterThan(30);
  const latest = rows('events')
    .map((event) => event.occurred_at)
    .sort()
    .at(-1);
  expect(new Date(latest).getTime()).toBeLessThan(until.getTime());
  const statuses = new Set(rows('attributions').map((attribution) => attribution.status));
  expect(statuses.has('pending') && statuses.has('confirmed')).toBe(true);
  expect(rows('clicks').some((click) => click.class === 'preview')).toBe(true);
  expect(steps.at(-1)).toBe(Object.values(result.acts).reduce((sum, count) => sum + count, 0));
}, 120_000);
