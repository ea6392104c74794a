import { expect, test } from 'vitest';
import { verify } from '../src/engine/verification/service.ts';
import { freshOrganisation, testDatabase } from './harness.ts';

test('an organisation in which nothing has happened has no differences', async () => {
  const { database } = await testDatabase();
  const { orgId } = await freshOrganisation();
  const { differences, checks } = await verify(database, orgId);
  expect(differences).toEqual([]);
  expect(checks).toContain('totals');
});
