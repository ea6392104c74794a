import { describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { readPrivileges } from './supabase/privileges.ts';
import { startSupabaseProject } from './supabase/project.ts';

const project = await startSupabaseProject();
await applyMigrations(project);
const { adminPool } = await testDatabase();

describe('where default privileges are generous', () => {
  test('clients may do exactly what they may on plain PostgreSQL', async () => {
    expect(await readPrivileges(project.platform)).toEqual(await readPrivileges(adminPool));
  });

  test('neither anonymous clients nor the secret key’s role may do anything', async () => {
    const lines = await readPrivileges(project.platform);
    expect(lines.filter((line) => /(anon|service_role)$/.test(line))).toEqual([]);
  });

  test('a client may write nothing', async () => {
    const lines = await readPrivileges(project.platform);
    expect(lines.filter((line) => !/ (SELECT|EXECUTE|USAGE) authenticated$/.test(line))).toEqual([]);
  });
});
