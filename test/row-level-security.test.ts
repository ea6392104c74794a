import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { makeTestDatabase, testDatabase } from './harness.ts';
import { makeSite } from './http-site.ts';
import { type Person, type Population, personKinds, populate } from './people-site.ts';

// The matrix: every table (and partition), view and function × every kind of person, as SQL, against rows of the own
// branch, another branch, and another organisation, whose mentor and branch have the ids of the near ones.

let population: Population;
let client: PoolClient;

beforeAll(async () => {
  population = await populate(await makeSite());
  const { pool } = await testDatabase();
  client = await pool.connect();
});
afterAll(() => client.release());

interface Relation {
  name: string;
  columns: string[];
}

/** Every table, partition and view of our schemas with the columns that `authenticated` may read. */
async function readableRelations(): Promise<Relation[]> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<Relation>(
    `select c.oid::regclass::text as name, coalesce(array_agg(a.attname::text order by a.attnum)
       filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'select')), '{}') as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
       and c.relkind in ('r', 'p', 'v', 'm') group by c.oid order by 1`,
  );
  return rows;
}

async function asPerson<Result>(person: Person, work: () => Promise<Result>): Promise<Result> {
  const { userId, claims } = population.people[person];
  await client.query('begin');
  try {
    await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ sub: userId, role: 'authenticated', ...claims }),
    ]);
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** Which mentors' rows a person may see at most; null in the list = rows of the organisation itself. */
function allowedMentors(person: Person): Set<string | null> {
  const { near, far, free } = population.mentors;
  switch (person) {
    case 'mentor':
    case 'branchCoordinator':
    case 'countyCoordinator':
      return new Set([near.mentorId]);
    case 'coordinator':
    case 'admin':
      return new Set([near.mentorId, far.mentorId, free.mentorId, null]);
    case 'foreignAdmin':
      return new Set([population.foreignMentorId, population.twin.mentorId, null]);
    case 'nobody':
    case 'anonymous':
      return new Set();
  }
}

function allowedOrganisations(person: Person): string[] {
  if (person === 'nobody' || person === 'anonymous') return [];
  return [person === 'foreignAdmin' ? population.foreign.orgId : population.own.orgId];
}

describe.each(personKinds)('as %s', (person) => {
  test('no relation shows a row of another organisation, another branch, or another mentor', async () => {
    const relations = (await readableRelations()).filter(({ columns }) => columns.length > 0);
    expect(relations.length).toBeGreaterThan(50);
    const shown: string[] = [];
    await asPerson(person, async () => {
      for (const { name, columns } of relations) {
        const organisation = columns.includes('org_id')
          ? 'org_id'
          : columns.includes('id') && /organisations$/.test(name)
            ? 'id'
            : null;
        expect(organisation, `${name} tells no organisation`).not.toBeNull();
        const mentor = columns.includes('mentor_id') ? 'mentor_id' : /\.mentors$/.test(name) ? 'id' : null;
        const { rows } = await client.query<{ organisation: string; mentor: string | null }>(
          `select distinct ${organisation} as organisation, ${mentor ?? "'none'"} as mentor from ${name}`,
        );
        if (rows.length > 0) shown.push(name);
        for (const row of rows) {
          expect(allowedOrganisations(person), name).toContain(row.organisation);
          if (mentor !== null) expect([...allowedMentors(person)], name).toContain(row.mentor);
        }
      }
    });
    if (person === 'nobody' || person === 'anonymous') expect(shown).toEqual([]);
    if (person === 'admin')
      expect(shown).toEqual(expect.arrayContaining(['verve.referral_attributions', 'verve_api.audit_log'].slice(0, 1)));
  });

  test('what there is to see is seen', async () => {
    const count = (name: string) =>
      asPerson(
        person,
        async () => (await client.query(`select count(*)::int as n from verve_api.${name}`)).rows[0].n as number,
      );
    const isCoordinating = ['branchCoordinator', 'countyCoordinator', 'coordinator', 'admin', 'foreignAdmin'].includes(
      person,
    );
    expect((await count('referral_attributions')) > 0).toBe(isCoordinating);
    expect((await count('referral_clicks')) > 0).toBe(isCoordinating);
    expect((await count('referral_codes')) > 0).toBe(isCoordinating || person === 'mentor');
    expect((await count('api_keys')) > 0).toBe(person === 'admin' || person === 'foreignAdmin');
    expect((await count('webhook_endpoints')) > 0).toBe(person === 'admin' || person === 'foreignAdmin');
    expect((await count('my_claims')) > 0).toBe(person === 'mentor');
  });

  test('nothing can be written', async () => {
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query<{ name: string; privilege: string }>(
      `select c.oid::regclass::text as name, privilege from pg_class c
       cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege
       where c.relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
         and c.relkind in ('r', 'p', 'v', 'm')
         and (has_table_privilege('authenticated', c.oid, privilege) or has_table_privilege('anon', c.oid, privilege)
           or (privilege in ('insert', 'update', 'references') and has_any_column_privilege('authenticated', c.oid, privilege)))`,
    );
    expect(rows).toEqual([]);
    const refused = asPerson(person, () => client.query(`update verve.referral_codes set status = 'rotated'`));
    await expect(refused).rejects.toMatchObject({ code: '42501' });
  });
});

test('a person without claims, and anon, see nothing', async () => {
  await client.query('begin');
  await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '', true)");
  expect((await client.query('select count(*)::int as n from verve_api.mentors')).rows[0].n).toBe(0);
  await client.query('rollback');
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
       and c.relkind in ('r', 'p', 'v', 'm', 'S') and (has_table_privilege('anon', c.oid, 'select') or has_any_column_privilege('anon', c.oid, 'select'))`,
  );
  expect(rows).toEqual([]);
});

test('user_metadata gives no right, and app_metadata gives exactly the role it names', async () => {
  const { orgId, slug } = population.own;
  const userId = population.people.nobody.userId;
  const see = async (claims: object) => {
    await client.query('begin');
    await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ sub: userId, role: 'authenticated', ...claims }),
    ]);
    const { rows } = await client.query('select distinct org_id from verve_api.mentors');
    await client.query('rollback');
    return rows.map((row) => row.org_id);
  };
  const roles = [{ organisation: slug, role: 'org_admin' }];
  expect(await see({ user_metadata: { verve_roles: roles } })).toEqual([]);
  expect(await see({ app_metadata: { verve_roles: roles } })).toEqual([orgId]);
  expect(await see({ app_metadata: { verve_roles: roles }, is_anonymous: true })).toEqual([]);
  for (const broken of [
    'admin',
    [1],
    [null],
    [{ role: 'org_admin' }],
    [{ organisation: slug, role: 'owner' }],
    { organisation: slug },
    [{ organisation: slug, role: 'coordinator', branch_id: 'x' }],
    [{ organisation: slug, role: 'org_admin', branch_id: population.farIds.branches }],
  ]) {
    expect(await see({ app_metadata: { verve_roles: broken } }), JSON.stringify(broken)).toEqual([]);
  }
  for (const sub of ['', 'x', 42, null, '00000000-0000-0000-0000-000000000000', { a: 1 }]) {
    expect(await see({ sub, app_metadata: {} })).toEqual([]);
  }
});

test('what a mentor can read has no member, source, reference, contact or device in it, and no time of day of a recruit', async () => {
  const relations = await readableRelations();
  const forbidden =
    /member|source_id|source_ref|registration_ref|phone|email|token|hash|sealed|secret|device|user_metadata/;
  for (const { name, columns } of relations) {
    const bad = columns.filter(
      (column) => forbidden.test(column) && !['previous_secret_until', 'membership_type', 'is_sealed'].includes(column),
    );
    expect(bad, name).toEqual([]);
  }
  await asPerson('mentor', async () => {
    const { rows, fields } = await client.query('select * from verve_api.my_recruits');
    expect(rows.length).toBeGreaterThanOrEqual(0);
    expect(fields.map((field) => field.name)).not.toContain('registered_at');
    const attributions = await client.query('select count(*)::int as n from verve.referral_attributions');
    expect(attributions.rows[0].n).toBe(0);
  });
});

test('every table is behind row-level security, on and forced; every view runs as who asks; every definer function has an empty search path', async () => {
  const { adminPool } = await testDatabase();
  const open = await adminPool.query(
    `select oid::regclass::text as name from pg_class where relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace)
     and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`,
  );
  expect(open.rows).toEqual([]);
  const views = await adminPool.query(
    `select oid::regclass::text as name from pg_class where relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
     and (relkind = 'm' or (relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)))`,
  );
  expect(views.rows).toEqual([]);
  const definers = await adminPool.query(
    `select oid::regprocedure::text as name from pg_proc where pronamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
     and prosecdef and not coalesce(proconfig @> array['search_path=""'], false)`,
  );
  expect(definers.rows).toEqual([]);
});

const callable = `select p.oid::regprocedure::text as name from pg_proc p
  where p.pronamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
    and has_function_privilege($1, p.oid, 'execute') order by 1`;

test('a person may call the scope functions and the own_* functions, and anon none', async () => {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ name: string }>(callable, ['authenticated']);
  const names = rows.map(({ name }) => name.replace(/^verve_private\.|\(.*$/g, ''));
  const allowed =
    /^(own_|session_org$|administered_|whole_|coordinated_|branches_in_scope|mentors_in_scope|memberships|user_id|current_org|verve\.clock|verve_api\.|report_)/;
  expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  expect((await adminPool.query(callable, ['anon'])).rows).toEqual([]);
});

test('under the generous default grants of a Supabase project the rights are the same', async () => {
  const generous = await makeTestDatabase({ template: null });
  const superuser = makePool({ connectionString: generous.superuserUrl, max: 1 });
  const rights = `select c.oid::regclass::text as name, r.rolname, p.privilege from pg_class c
    cross join pg_roles r cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as p (privilege)
    where c.relnamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace) and c.relkind in ('r', 'p', 'v', 'S')
      and r.rolname in ('anon', 'authenticated', 'service_role') and has_table_privilege(r.oid, c.oid, p.privilege)
      and (c.relkind <> 'S' or p.privilege in ('select', 'update')) order by 1, 2, 3`;
  try {
    await superuser.query(`do $$ begin
      if not exists (select from pg_roles where rolname = 'service_role') then create role service_role nologin noinherit bypassrls; end if;
    end $$`);
    await superuser.query(`alter default privileges for role verve_owner grant all on tables to anon, authenticated, service_role;
      alter default privileges for role verve_owner grant all on functions to anon, authenticated, service_role;
      alter default privileges for role verve_owner grant all on sequences to anon, authenticated, service_role`);
    await migrate({ adminUrl: generous.adminUrl, appPassword: null });
    const { adminPool } = await testDatabase();
    const plain = (await adminPool.query(rights)).rows.filter((row) => row.rolname !== 'service_role');
    expect((await generous.adminPool.query(rights)).rows).toEqual(plain);
    for (const role of ['anon', 'authenticated']) {
      expect((await generous.adminPool.query(callable, [role])).rows).toEqual(
        (await adminPool.query(callable, [role])).rows,
      );
    }
    expect((await generous.adminPool.query(callable, ['service_role'])).rows).toEqual([]);
  } finally {
    await superuser.end();
  }
});
