import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { QueryResult } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromRoot } from './generated-files.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { findSupabase, makeProjectFolder } from './supabase/command-line.ts';
import { findDebianPostgres } from './supabase/debian-postgres.ts';
import { type SupabaseProject, startSupabaseProjectOnDebian } from './supabase/project.ts';

const debian = findDebianPostgres();
if (debian === null) {
  console.warn('pgTAP and pg_cron are not tried: apt-get install postgresql-15-pgtap postgresql-15-cron.');
}

const program = await findSupabase();
const canCheck = debian !== null && existsSync('/usr/share/postgresql/15/extension/plpgsql_check.control');
if ('missing' in program || !canCheck) {
  console.warn(
    '"supabase db lint" is not tried: it needs the registry and apt-get install postgresql-15-plpgsql-check.',
  );
}

describe.skipIf(debian === null)('a project on PostgreSQL 15, with the real pgTAP and pg_cron', () => {
  let project: SupabaseProject;
  beforeAll(async () => {
    if (debian === null) return;
    project = await startSupabaseProjectOnDebian(debian);
    await applyMigrations(project);
  }, 60_000);

  /** Runs what "verve supabase init" writes for "supabase test db", as the owner. Gives what pgTAP says of each test. */
  async function runTests(): Promise<string[]> {
    const client = await project.owner.connect();
    try {
      const answers = (await client.query(
        await readFile(fromRoot('supabase/tests/verve.test.sql'), 'utf8'),
      )) as unknown as QueryResult<Record<string, unknown>>[];
      return answers
        .flatMap(({ rows }) => rows.flatMap((row) => Object.values(row).map(String)))
        .filter((line) => /^(not )?ok|^# Looks like/.test(line));
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  test('has an owner who is no superuser', async () => {
    const { rows } = await project.owner.query(
      'select current_user as name, rolsuper from pg_roles where rolname = current_user',
    );
    expect(rows).toEqual([{ name: 'postgres', rolsuper: false }]);
  });

  test('finds that everybody sees what is theirs and nothing else', async () => {
    const lines = await runTests();
    expect(lines.length).toBe(31);
    expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
    const left = await project.owner.query(`select from verve.organisations where slug like 'verve-pgtap%'`);
    expect(left.rowCount).toBe(0);
  });

  test.each([
    [
      'a table given to anonymous clients',
      'grant usage on schema verve to anon; grant select on verve.shares to anon',
      'revoke usage on schema verve from anon; revoke select on verve.shares from anon',
    ],
    [
      'a policy for everybody',
      'create policy planted on verve.referral_codes using (true)',
      'drop policy planted on verve.referral_codes',
    ],
    [
      'a view with its owner’s rights',
      'alter view verve_api.mentors reset (security_invoker)',
      'alter view verve_api.mentors set (security_invoker = true)',
    ],
    [
      'a column of member ids',
      'grant select (ref) on verve.sources to authenticated',
      'revoke select (ref) on verve.sources from authenticated',
    ],
  ])('finds %s', async (_fault, plant, mend) => {
    await project.owner.query(plant);
    const lines = await runTests();
    await project.owner.query(mend);
    expect(lines.filter((line) => line.startsWith('not ok'))).not.toEqual([]);
    expect((await runTests()).filter((line) => line.startsWith('not ok'))).toEqual([]);
  });

  test('has every job in pg_cron once, however often the platform is taken up, and forgets their old runs', async () => {
    await project.owner.query('select verve_supabase.use_platform()');
    const { rows } = await project.owner.query<{ jobname: string; command: string; username: string }>(
      'select jobname, command, username from cron.job order by jobname',
    );
    expect(rows.map((row) => row.jobname)).toContain('verve-deliver');
    expect(new Set(rows.map((row) => row.jobname)).size).toBe(rows.length);
    expect(new Set(rows.map((row) => row.username))).toEqual(new Set(['postgres']));
    await project.platform.query(`
      insert into cron.job_run_details (jobid, username, end_time)
      select jobid, username, now() - make_interval(days => age) from cron.job cross join (values (6), (8)) as ages (age)
      where jobname = 'verve-fold'`);
    for (const { command } of rows) await project.owner.query(command);
    const kept = await project.platform.query(`
      select extract(day from now() - end_time)::int as age from cron.job_run_details where end_time < now() - interval '1 day'`);
    expect(kept.rows).toEqual([{ age: 6 }]);
  });

  test.skipIf('missing' in program || !canCheck)(
    'gives "supabase db lint" nothing to say of our functions',
    async () => {
      await project.platform.query('create extension plpgsql_check');
      const folder = await makeProjectFolder('path' in program ? program.path : '');
      const ours = ['--schema', 'verve,verve_private,verve_supabase,verve_api', '--level', 'warning'];
      const lint = async () => {
        const ran = await folder.supabase(project.ownerUrl, 'db', 'lint', ...ours, '--output-format', 'json');
        return (JSON.parse(ran.output) as { results: { function: string }[] }).results.map((one) => one.function);
      };
      await project.owner.query(`create function verve_private.planted() returns int language plpgsql set search_path = ''
      as $$ begin return (select nothing from verve.shares); end $$`);
      const planted = await lint();
      await project.owner.query('drop function verve_private.planted()');
      expect(planted).toEqual(['verve_private.planted']);
      expect(await lint()).toEqual([]);
    },
  );
});
