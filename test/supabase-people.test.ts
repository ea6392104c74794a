import { describe, expect, test } from 'vitest';
import { makePool } from '../src/server/pool.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { ask, makeWorld } from './supabase/people.ts';
import { startSupabaseProject } from './supabase/project.ts';

const project = await startSupabaseProject();
const world = await makeWorld(await applyMigrations(project));
await project.platform.query(`alter role authenticator password 'authenticator'`);
const authenticator = makePool({ connectionString: project.url('authenticator', 'authenticator'), max: 2 });
const { rows: relations } = await project.platform.query<{ name: string; schema: string }>(
  `select relname as name, nspname as schema from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where nspname in ('verve', 'verve_api') and relkind in ('r', 'p', 'v') and not relispartition order by 1`,
);
const viewNames = relations.filter((one) => one.schema === 'verve_api').map((one) => one.name);
const noGrant = '42501';

async function askAs(who: string, statement: string) {
  const asker = world.askers[who];
  if (asker === undefined) throw new Error(who);
  return ask(authenticator, asker, statement);
}

/**
 * Rows that each person reads of each view, in a world where every organisation has two branches with a mentor, a share, a
 * code and a credit each. Views that are not here hold nothing of this world.
 */
const expected: Record<string, readonly [mentor: number, branch: number, whole: number, admin: number]> = {
  api_keys: [0, 0, 0, 1],
  attribution_facts: [0, 1, 2, 2],
  audit_log: [0, 0, 0, 11],
  badge_definitions: [4, 4, 4, 4],
  branches: [1, 1, 2, 2],
  earned_badges: [0, 1, 2, 2],
  inbox_items: [0, 0, 1, 1],
  mentor_totals: [0, 1, 2, 2],
  mentors: [1, 1, 2, 2],
  milestone_awards: [0, 1, 2, 2],
  milestones: [5, 5, 5, 5],
  my_badges: [1, 0, 0, 0],
  my_horizons: [1, 0, 0, 0],
  my_milestones: [1, 0, 0, 0],
  my_recruits: [1, 0, 0, 0],
  organisation_settings: [0, 0, 0, 1],
  organisations: [1, 1, 1, 1],
  referral_attributions: [0, 1, 2, 2],
  referral_codes: [1, 1, 2, 2],
  referral_events: [2, 7, 15, 15],
  roles: [0, 1, 1, 3],
  shares: [1, 1, 2, 2],
  webhook_endpoints: [0, 0, 0, 1],
};
const insiders = ['mentor', 'coordinator of the branch', 'coordinator of the whole', 'admin'] as const;

describe.each(viewNames)('verve_api.%s', (view) => {
  const count = `select count(*)::int as n from (select * from verve_api.${view}) as seen`;

  test.each(insiders.map((who, index) => [who, index] as const))('shows the %s what is theirs', async (who, index) => {
    const { rows, refusal } = await askAs(who, count);
    expect({ refusal, n: rows[0]?.n }).toEqual({ refusal: null, n: expected[view]?.[index] ?? 0 });
  });

  test('shows a mentor elsewhere nothing of ours', async () => {
    const { rows } = await askAs(
      'mentor elsewhere',
      `select to_jsonb(seen)::text as row from verve_api.${view} as seen`,
    );
    expect(rows.filter((one) => String(one.row).includes(world.orgId))).toEqual([]);
  });

  test.each(['stranger', 'anonymous user', 'self-made admin'])('shows the %s nothing', async (who) => {
    expect((await askAs(who, count)).rows).toEqual([{ n: 0 }]);
  });

  test.each(['nobody signed in', 'secret key'])('refuses: %s', async (who) => {
    expect(await askAs(who, count)).toEqual({ rows: [], refusal: noGrant });
  });
});

describe('what a client can write', () => {
  test.each(Object.keys(world.askers))(
    'is nothing: %s',
    async (who) => {
      for (const { schema, name } of relations) {
        const writes = [
          `insert into ${schema}.${name} default values`,
          `delete from ${schema}.${name}`,
          `update ${schema}.${name} set org_id = org_id`,
          `truncate ${schema}.${name}`,
        ];
        for (const write of writes) {
          const { refusal } = await askAs(who, write);
          // 42703: this one has no column org_id. 42809, 55000: a view that nobody can write.
          expect([write, ['42703', '42809', '55000'].includes(refusal ?? '') ? noGrant : refusal]).toEqual([
            write,
            noGrant,
          ]);
        }
      }
    },
    60_000,
  );

  test('not even by becoming another role, or by calling what the engine calls', async () => {
    for (const statement of [
      'set role verve_engine',
      'set role verve_app',
      `select verve_private.find_code('3PKCM78AQS')`,
      'select verve_private.prune_clicks()',
      `select verve_supabase.secret('verve_secret')`,
      `select verve_supabase.poke('deliver')`,
    ]) {
      expect([statement, (await askAs('admin', statement)).refusal]).toEqual([statement, noGrant]);
    }
  });
});

describe('what a client can read', () => {
  test('has no member id, reference, secret or token in it, for whomever', async () => {
    for (const { schema, name } of relations.filter((one) => one.schema === 'verve_api')) {
      const { rows } = await project.platform.query<{ column: string }>(
        `select column_name as column from information_schema.columns where table_schema = $1 and table_name = $2`,
        [schema, name],
      );
      const columns = rows.map((row) => row.column);
      const told = columns.filter((one) =>
        /member_ref|member_id|registration_ref|source_ref|^sealed|_hash|token/.test(one),
      );
      expect([name, told]).toEqual([name, []]);
    }
    const everything = await askAs(
      'mentor',
      `select (to_jsonb(seen) - 'as_of')::text as row from verve_api.my_recruits as seen`,
    );
    expect(JSON.stringify(everything.rows)).not.toMatch(/lydhor-north|\d\d:\d\d:\d\d\.\d/);
  });

  test('of a mentor’s recruits waits until six in the morning unless the organisation chose live', async () => {
    const { verve, orgId } = world;
    const actor = { kind: 'system', name: 'test' } as const;
    await verve.organisations.update({ orgId, actor, change: { settings: { mentors: { figures: 'daily' } } } });
    const { rows } = await askAs('mentor', 'select * from verve_api.my_recruits');
    await verve.organisations.update({ orgId, actor, change: { settings: { mentors: { figures: 'live' } } } });
    expect(rows).toEqual([]);
  });
});

describe('what the platform’s API (PostgREST) asks of functions', () => {
  test('is kept: each has one form, named arguments, a read-only way, and is called by who is signed in alone', async () => {
    const { rows } = await project.platform.query(
      `select proname as name, count(*)::int as forms,
        bool_and(cardinality(proargnames) >= pronargs and '' <> all (proargnames)) as "isNamed",
        bool_and(provolatile = 's') as "isStable", bool_or(prosecdef) as "isDefiner",
        bool_and(has_function_privilege('authenticated', oid, 'execute')) as "forUsers",
        bool_or(has_function_privilege('anon', oid, 'execute')) as "forAnybody"
      from pg_proc where pronamespace = 'verve_api'::regnamespace group by proname order by proname`,
    );
    expect(rows.map((row) => row.name)).toEqual(
      expect.arrayContaining(['get_attribution_counts', 'get_conversion_funnel', 'get_mentor_conversion_totals']),
    );
    for (const { name, ...kept } of rows) {
      const asked = { forms: 1, isNamed: true, isStable: true, isDefiner: false, forUsers: true, forAnybody: false };
      expect([name, kept]).toEqual([name, asked]);
    }
    const called = await askAs('admin', `select * from verve_api.get_attribution_counts(org => '${world.orgId}')`);
    expect(called).toMatchObject({ refusal: null, rows: [{ confirmed_count: 2 }] });
  });
});
