import type { PoolClient } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { CheckName } from '../src/engine/verification/difference.ts';
import { findDifferences } from '../src/engine/verification/repository.ts';
import { verify } from '../src/engine/verification/service.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { testSecret } from './harness-verve.ts';
import { type Stage, setStage } from './model/stage.ts';
import { runVerve } from './programs.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ review: 'all' });
  const { orgId, engine, cast, world } = stage;
  const { adminPool } = await testDatabase();
  await adminPool.query(
    `insert into verve.webhook_endpoints (org_id, url, sealed_secret, created_by, created_at, updated_at)
     values ($1, 'https://badges.example.no', '', 'test', '2023-01-01', '2023-01-01')`,
    [orgId],
  );
  const code = [...world.codes.keys()][1] as string;
  for (const memberId of ['waiting', 'kari', 'ola']) {
    const facts = [{ kind: 'confirmed' as const, memberId, code, source: 'webhook' as const }];
    await engine.attributions.applyFacts({ orgId, actor: hostActor, facts });
    world.settings.review = 'off';
    await stage.saveSettings();
  }
  await adminPool.query(
    `insert into verve.click_counts (org_id, day, code_id, mentor_id, channel, class, hits)
     select org_id, '2024-01-01', id, mentor_id, 'sms', 'human', 0 from verve.referral_codes where code = $1`,
    [code],
  );
  expect(cast.mentorIds).toHaveLength(3);
});

const one = `(select id from verve.referral_attributions where org_id = '$1' and is_credited order by id limit 1)`;

/** A damage that its check must notice, and the one statement that does it. */
const damages: readonly { check: CheckName; damage: readonly string[] }[] = [
  { check: 'totals', damage: [`update verve.mentor_totals set credited = credited + 1 where org_id = '$1'`] },
  {
    check: 'states',
    damage: [`update verve.referral_attributions set status = 'reversed', reversed_at = now() where id = ${one}`],
  },
  {
    check: 'members',
    damage: [
      'drop index verve.referral_attributions_one_current_per_source',
      `update verve.referral_attributions set source_id = (select source_id from verve.referral_attributions where id = ${one})
       where org_id = '$1'`,
    ],
  },
  {
    check: 'reviews',
    damage: [`update verve.reviews set state = 'withdrawn', decided_at = now() where org_id = '$1'`],
  },
  { check: 'days', damage: [`update verve.referral_attributions set registered_day = '2020-02-29' where id = ${one}`] },
  {
    check: 'credited days',
    damage: [
      'alter table verve.referral_attributions drop constraint referral_attributions_credit_has_a_day',
      `update verve.referral_attributions set credited_day = null where id = ${one}`,
    ],
  },
  {
    check: 'awards',
    damage: [
      `insert into verve.milestone_awards (org_id, mentor_id, threshold, reached_count)
       select org_id, mentor_id, 25, 25 from verve.milestone_awards where org_id = '$1' limit 1`,
    ],
  },
  { check: 'milestones', damage: [`delete from verve.milestone_awards where org_id = '$1'`] },
  { check: 'clicks', damage: [`update verve.click_counts set hits = 1 where org_id = '$1'`] },
  { check: 'click days', damage: [`update verve.click_counts set hits = 1 where org_id = '$1'`] },
  { check: 'deliveries', damage: [`delete from verve.webhook_deliveries where org_id = '$1'`] },
  {
    check: 'audit',
    damage: [
      `insert into verve.audit_log (org_id, action, subject_type, payload_digest, chain_position, chain_digest)
       values ('$1', 'branch.create', 'branch', sha256('forged'), 1, sha256('forged'))`,
    ],
  },
];

/** Recounts inside a transaction of the owner's that is rolled back after it. */
async function verifyAfter(damage: readonly string[]) {
  const { adminPool } = await testDatabase();
  const client: PoolClient = await adminPool.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('verve.now', $1, true)`, [new Date(stage.world.now).toISOString()]);
    for (const statement of damage) await client.query(statement.replaceAll('$1', stage.orgId));
    return await findDifferences({
      orgId: stage.orgId,
      query: async <Row>(text: string, values?: readonly unknown[]) =>
        (await client.query(text, [...(values ?? [])])).rows as Row[],
    });
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('verify', () => {
  test('finds nothing where nothing has happened', async () => {
    const { database } = await testDatabase();
    const { orgId } = await freshOrganisation();
    expect((await verify(database, orgId)).differences).toEqual([]);
  });

  test('finds nothing where everything went by the rules', async () => {
    const { database } = await testDatabase();
    const { differences, checks } = await verify(database, stage.orgId);
    expect(differences).toEqual([]);
    expect(damages.map(({ check }) => check)).toEqual([...checks]);
  });

  test.each(damages)('notices a damage to $check, and names what it was recounted from', async ({ check, damage }) => {
    const found = (await verifyAfter(damage)).differences.filter((difference) => difference.check === check);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.stored).not.toBe(found[0]?.recounted);
    expect(Array.isArray(found[0]?.rows)).toBe(true);
  });

  test('sees one organisation only', async () => {
    const { adminPool, database } = await testDatabase();
    const { orgId } = await freshOrganisation();
    await adminPool.query('update verve.mentor_totals set credited = credited + 1 where org_id = $1', [stage.orgId]);
    expect((await verify(database, orgId)).differences).toEqual([]);
    expect((await verify(database, stage.orgId)).differences.map(({ check }) => check)).toContain('totals');
  });

  test('counts every difference and holds the first hundred of a check', async () => {
    const { adminPool, database, appUrl } = await testDatabase();
    const { orgId } = await freshOrganisation();
    await adminPool.query(
      `with crowd as (
         insert into verve.mentors (org_id, display_name)
         select $1, 'Mentor ' || place from generate_series(1, 120) as place returning org_id, id)
       insert into verve.mentor_totals (org_id, mentor_id, credited) select org_id, id, 1 from crowd`,
      [orgId],
    );
    const { counts, differences, total } = await verify(database, orgId);
    expect(Object.fromEntries(counts)).toEqual({ totals: 120, 'credited days': 1 });
    expect(total).toBe(121);
    const subjects = differences.filter(({ check }) => check === 'totals').map(({ subject }) => subject);
    expect(subjects).toHaveLength(100);
    expect(new Set(subjects).size).toBe(100);
    expect(differences).toHaveLength(101);
    const { output } = await runVerve(['verify', '--organisation', orgId], {
      DATABASE_URL: appUrl,
      VERVE_SECRET: testSecret,
    });
    expect(output).toContain('✗ totals: 120, of which the first 100\n');
    expect(output).toContain('✗ credited days: 1\n');
  });

  test('the command says so in words and in JSON, and ends with exit code 4', async () => {
    const { appUrl } = await testDatabase();
    const environment = { DATABASE_URL: appUrl, VERVE_SECRET: testSecret };
    const words = await runVerve(['verify', '--organisation', stage.orgId], environment);
    expect(words.output).toMatch(/✗ totals: 1\n {4}[0-9a-f-]{36}: mentor_totals says 3, the record says 2\n {6}from /);
    expect(words.code).toBe(4);
    const { name, slug } = await stage.engine.organisations.get({ orgId: stage.orgId, actor: hostActor });
    expect(words.output).toMatch(new RegExp(`^${name} \\(${slug}\\)\n`));
    const data = await runVerve(['verify', '--organisation', stage.orgId, '--json'], environment);
    expect(JSON.parse(data.output)).toMatchObject({
      sound: false,
      organisations: [{ organisation_id: stage.orgId, slug, name, counts: { totals: 1, states: 0 } }],
    });
    expect(data.code).toBe(4);
  });
});
