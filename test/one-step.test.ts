import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../src/engine/database.ts';
import { freshOrganisation, testDatabase } from './harness.ts';

const { pool, adminPool } = await testDatabase();
const database = openDatabase({ pool });

describe('work in one step', () => {
  const insert = 'insert into verve.branches (org_id, name) values ($1, $2)';
  const namesOf = async (orgId: string) =>
    (await adminPool.query('select name from verve.branches where org_id = $1 order by name', [orgId])).rows;

  test('commits what it sent before it waited', async () => {
    const { orgId } = await freshOrganisation();
    await database.transaction(
      { role: 'verve_engine', orgId },
      async (session) => {
        await Promise.all(['Bergen', 'Voss'].map((name) => session.query(insert, [orgId, name])));
      },
      { isOneStep: true },
    );
    expect(await namesOf(orgId)).toEqual([{ name: 'Bergen' }, { name: 'Voss' }]);
  });

  test('is refused a statement that comes after its commit, by its own name', async () => {
    const { orgId } = await freshOrganisation();
    const late = database.transaction(
      { role: 'verve_engine', orgId },
      async (session) => {
        await session.query('select 1');
        await session.query(insert, [orgId, randomUUID()]);
      },
      { isOneStep: true },
    );
    await expect(late).rejects.toThrow('after its commit');
    expect(await namesOf(orgId)).toEqual([]);
  });
});
