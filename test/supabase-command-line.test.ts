import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../src/server/migrate.ts';
import { initProject } from '../src/server/supabase/init-project.ts';
import { fromRoot } from './generated-files.ts';
import { findSupabase, makeProjectFolder, type ProjectFolder } from './supabase/command-line.ts';
import { type SupabaseProject, startSupabaseProject } from './supabase/project.ts';

const program = await findSupabase();
if ('missing' in program) console.warn(`Supabase's own command line and linter are not tried: ${program.missing}.`);

/** The findings that docs/supabase.md accepts and gives a reason for. `scheduler`: also those of the scheduler's own tables. */
async function acceptedFindings(options: { scheduler: boolean }): Promise<string[]> {
  const page = await readFile(fromRoot('docs/supabase.md'), 'utf8');
  const rows = page.matchAll(/^\| `(unindexed_foreign_keys|no_primary_key)` *\|([^|]+)\|(.*)$/gm);
  return [...rows]
    .filter(([, , , reason]) => options.scheduler || !(reason as string).includes('pg-boss'))
    .flatMap(([, rule, things]) => [...(things as string).matchAll(/`(\w+)`/g)].map(([, thing]) => `${rule} ${thing}`))
    .sort();
}

describe.skipIf('missing' in program)('Supabase’s own command line', () => {
  let project: SupabaseProject;
  let folder: ProjectFolder;
  beforeAll(async () => {
    project = await startSupabaseProject();
    folder = await makeProjectFolder('path' in program ? program.path : '');
  }, 120_000);

  const applied = async () =>
    (await project.owner.query('select version from supabase_migrations.schema_migrations order by 1')).rows.length;

  test('pushes what init wrote, as the owner, once', async () => {
    const migrations = await readdir(join(folder.folder, 'supabase/migrations'));
    const pushed = await folder.supabase(project.ownerUrl, 'db', 'push');
    expect(pushed).toMatchObject({ code: 0 });
    expect(await applied()).toBe(migrations.length);
    expect(await folder.supabase(project.ownerUrl, 'db', 'push')).toMatchObject({ code: 0 });
    expect(await applied()).toBe(migrations.length);
  });

  test('pushes a later migration of the project’s own, and after it what a later version of ours adds', async () => {
    const before = await applied();
    await writeFile(join(folder.folder, 'supabase/migrations/20990101000000_ours.sql'), 'create table ours ();\n');
    expect(await folder.supabase(project.ownerUrl, 'db', 'push')).toMatchObject({ code: 0 });
    const { written } = await initProject({ directory: folder.folder, version: '0.1.0' });
    expect(written).toEqual([]);
    await project.owner.query('drop table ours');
    expect(await applied()).toBe(before + 1);
  });

  describe('and its linter', () => {
    const found = async () =>
      (await folder.advise(project.ownerUrl)).filter((finding) => !finding.startsWith('unused_index '));

    test('finds what docs/supabase.md gives a reason for, and nothing else', async () => {
      expect(await found()).toEqual(await acceptedFindings({ scheduler: false }));
    });

    test('finds no more than that with the scheduler’s tables of a server beside the function', async () => {
      await migrate({ adminUrl: project.ownerUrl, appPassword: 'verve-app' });
      expect((await project.owner.query('select from verve_jobs.job limit 1')).rowCount).toBe(0);
      expect(await found()).toEqual(await acceptedFindings({ scheduler: true }));
    });

    test.each([
      [
        'a table without row-level security that clients can reach',
        'create table verve_api.planted (id int primary key)',
        'drop table verve_api.planted',
        'rls_disabled_in_public planted',
      ],
      [
        'a view that runs with its owner’s rights',
        'create view verve_api.planted as select 1 as one',
        'drop view verve_api.planted',
        'security_definer_view planted',
      ],
      [
        'a function without a search path of its own',
        'create function verve_api.planted() returns int language sql as $$ select 1 $$',
        'drop function verve_api.planted()',
        'function_search_path_mutable planted',
      ],
      [
        'a policy that asks who is there for every row',
        'create policy planted on verve.click_days for select to authenticated using (auth.uid() is not null)',
        'drop policy planted on verve.click_days',
        'auth_rls_initplan click_days',
      ],
      [
        'two policies where one does',
        'create policy planted on verve.click_days for select to authenticated using (false)',
        'drop policy planted on verve.click_days',
        'multiple_permissive_policies click_days',
      ],
      [
        'a foreign key without an index',
        'drop index verve.roles_by_branch',
        'create index roles_by_branch on verve.roles (org_id, branch_id) where branch_id is not null',
        'unindexed_foreign_keys roles_branch_in_same_organisation',
      ],
    ])('finds %s, planted', async (_fault, plant, mend, finding) => {
      await project.owner.query(plant);
      const planted = await found();
      await project.owner.query(mend);
      expect(planted).toContain(finding);
      expect(await found()).not.toContain(finding);
    });

    test('would be silent about our views if the configuration did not name their schema', async () => {
      const path = join(folder.folder, 'supabase/config.toml');
      const config = await readFile(path, 'utf8');
      expect(config).toContain('verve_api');
      await project.owner.query('create table verve_api.planted (id int primary key)');
      await writeFile(path, config.replace(/^schemas = .*$/m, 'schemas = ["public"]'));
      const silent = await found();
      await writeFile(path, config);
      const told = await found();
      await project.owner.query('drop table verve_api.planted');
      expect([silent, told].map((findings) => findings.includes('rls_disabled_in_public planted'))).toEqual([
        false,
        true,
      ]);
    });
  });
});
