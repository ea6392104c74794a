import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { describeSchema } from '../src/server/describe-schema.ts';
import { fromRoot, generatedFiles } from './generated-files.ts';
import { makeTestDatabase, testDatabase } from './harness.ts';

describe('generated files', () => {
  test.each(generatedFiles)('$path is what "npm run generate" makes', async ({ path, make }) => {
    const { adminPool } = await testDatabase();
    expect(await readFile(fromRoot(path), 'utf8'), 'run "npm run generate" and commit').toBe(await make(adminPool));
  });

  test('tell the same to the server, which owns nothing, as to the owner', async () => {
    const { adminPool, pool } = await testDatabase();
    expect(await describeSchema(pool)).toBe(await describeSchema(adminPool));
  });

  test('tell a changed column, policy and grant', async () => {
    const { adminPool } = await makeTestDatabase({ template: 'verve_template' });
    const before = await describeSchema(adminPool);
    await adminPool.query(`alter table verve.organisations alter column name drop not null;
      grant select on verve.organisations to anon;
      create policy "everybody reads" on verve.organisations for select to anon using (true)`);
    const linesBefore = new Set(before.split('\n'));
    const added = (await describeSchema(adminPool)).split('\n').filter((line) => !linesBefore.has(line));
    expect(added).toEqual([
      '  name text,',
      'create policy "everybody reads" on verve.organisations for select to anon',
      'grant select on verve.organisations to anon;',
    ]);
  });
});
