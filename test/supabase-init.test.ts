import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMigrationFiles } from '../src/server/migrate.ts';
import { initProject } from '../src/server/supabase/init-project.ts';
import { runVerve } from './programs.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verve-supabase-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const now = new Date('2026-03-01T12:00:00Z');
const init = () => initProject({ directory, version: '1.2.3', now });
const inProject = (path: string) => readFile(join(directory, 'supabase', path), 'utf8');

describe('verve supabase init', () => {
  test('writes every migration in order, each with a timestamp of its own', async () => {
    await init();
    const names = await readdir(join(directory, 'supabase/migrations'));
    const files = await readMigrationFiles();
    expect(names.sort().map((name) => name.slice(15))).toEqual([
      'verve_roles.sql',
      ...files.map((file) => `verve_${file.name}`),
      'verve_platform_1.sql',
    ]);
    expect(new Set(names.map((name) => name.slice(0, 14))).size).toBe(names.length);
    expect(names[0]).toMatch(/^20260301120000_/);
  });

  test('writes the edge function for this version, and turns the platform’s own check off for it', async () => {
    await init();
    expect(JSON.parse(await inProject('functions/verve/deno.json'))).toEqual({
      imports: { 'verve-referrals/edge': 'npm:verve-referrals@1.2.3/edge' },
    });
    expect(await inProject('functions/verve/index.ts')).toContain('Deno.serve');
    expect(await inProject('config.toml')).toMatch(/\[functions\.verve\]\nverify_jwt = false/);
    expect(await inProject('config.toml')).toContain('verve_api');
  });

  test('writes the tests that "supabase test db" runs', async () => {
    await init();
    expect(await inProject('tests/verve.test.sql')).toMatch(
      /^begin;[\s\S]*select plan\(\d+\)[\s\S]*finish\(\)[\s\S]*^rollback;/m,
    );
  });

  test('run again changes nothing', async () => {
    await init();
    const again = await initProject({ directory, version: '1.2.3' });
    expect(again.written).toEqual([]);
    expect(again.left).toEqual([]);
  });

  test('after an upgrade adds what is new, after the project’s own last migration', async () => {
    await init();
    const folder = join(directory, 'supabase/migrations');
    const last = (await readdir(folder)).sort().at(-1) as string;
    await rm(join(folder, last));
    await writeFile(join(folder, '20270101000000_ours.sql'), 'select 1;');
    const { written } = await init();
    expect(written).toEqual(['supabase/migrations/20270101000001_verve_platform_1.sql']);
  });

  test('refuses to go on when a migration was changed, and writes nothing', async () => {
    await init();
    const folder = join(directory, 'supabase/migrations');
    const [first, second] = (await readdir(folder)).sort() as [string, string];
    await writeFile(join(folder, first), '-- changed');
    await rm(join(folder, second));
    await expect(init()).rejects.toThrow(first);
    expect(await readdir(folder)).not.toContain(second);
  });

  test('leaves a function that the project has changed, and adds to a configuration without touching what stands there', async () => {
    await mkdir(join(directory, 'supabase/functions/verve'), { recursive: true });
    await writeFile(join(directory, 'supabase/functions/verve/index.ts'), '// ours');
    await writeFile(join(directory, 'supabase/config.toml'), 'project_id = "app"\n\n[api]\nschemas = ["public"]\n');
    const result = await init();
    expect(result.left).toEqual(['supabase/functions/verve/index.ts']);
    expect(await inProject('functions/verve/index.ts')).toBe('// ours');
    expect(await inProject('config.toml')).toMatch(
      /^project_id = "app"\n\n\[api\]\nschemas = \["public"\]\n\n\[functions/,
    );
    expect(result.exposesViews).toBe(false);
  });

  test('keeps comments, order and Windows line ends of a configuration, and sees schemas over several lines', async () => {
    const theirs =
      '# ours\r\nproject_id = "app" # the app\r\n\r\n[api]\r\nschemas = [\r\n  "public",\r\n  "verve_api",\r\n]\r\n';
    await mkdir(join(directory, 'supabase'));
    await writeFile(join(directory, 'supabase/config.toml'), theirs);
    expect((await init()).exposesViews).toBe(true);
    const config = await inProject('config.toml');
    expect(config.startsWith(theirs)).toBe(true);
    expect(config).toMatch(/\r\n\[functions\.verve\]\r\nverify_jwt = false/);
    expect(config.replaceAll('\r\n', '')).not.toContain('\n');
    expect((await init()).written).toEqual([]);
    expect(await inProject('config.toml')).toBe(config);
  });

  test('knows its own files again where Git has given them Windows line ends', async () => {
    const { written } = await init();
    for (const path of written) {
      const text = await readFile(join(directory, path), 'utf8');
      await writeFile(join(directory, path), text.replaceAll('\n', '\r\n'));
    }
    expect(await init()).toMatchObject({ written: [], left: [] });
  });

  test('of a later version moves the function to it, unless the project has made the file its own', async () => {
    await init();
    const later = { directory, version: '1.3.0', now };
    expect((await initProject(later)).written).toEqual(['supabase/functions/verve/deno.json']);
    expect(await inProject('functions/verve/deno.json')).toContain('npm:verve-referrals@1.3.0/edge');
    const theirs = (await inProject('functions/verve/deno.json')).replace('{\n', '{\n  "lock": false,\n');
    await writeFile(join(directory, 'supabase/functions/verve/deno.json'), theirs);
    expect(await initProject({ ...later, version: '1.4.0' })).toMatchObject({
      written: [],
      left: ['supabase/functions/verve/deno.json'],
    });
  });

  test('goes into a project that has migrations of its own, after them and leaving them', async () => {
    await mkdir(join(directory, 'supabase/migrations'), { recursive: true });
    await writeFile(join(directory, 'supabase/migrations/20300101000000_theirs.sql'), 'select 1;');
    await writeFile(join(directory, 'supabase/migrations/README.md'), 'theirs');
    const { written } = await init();
    const ours = written.filter((path) => path.startsWith('supabase/migrations/'));
    expect(ours[0]).toBe('supabase/migrations/20300101000001_verve_roles.sql');
    expect([...ours].sort()).toEqual(ours);
    expect(await inProject('migrations/20300101000000_theirs.sql')).toBe('select 1;');
  });

  test('is a command that says what comes next', async () => {
    const { code, output } = await runVerve(['supabase', 'init', '--directory', directory]);
    expect(code).toBe(0);
    expect(output).toContain('wrote supabase/functions/verve/index.ts');
    expect(output).toContain('supabase db push');
    const again = await runVerve(['supabase', 'init', '--directory', directory, '--json']);
    expect(JSON.parse(again.output)).toMatchObject({ written: [], exposes_views: true });
  });
});
