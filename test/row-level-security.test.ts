import { expect, test } from 'vitest';
import { testDatabase } from './harness.ts';

test('the migrations apply', async () => {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(`select count(*)::int as n from pg_policies where schemaname = 'verve'`);
  expect(rows[0].n).toBeGreaterThan(50);
});
