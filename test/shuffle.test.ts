import { expect, test } from 'vitest';
import { findBlindChecks, judge, shuffle } from '../bench/shuffle/run.ts';
import { verify } from '../src/engine/verification/service.ts';
import { testDatabase } from './harness.ts';

// The short version of `npm run soak:shuffle`.

test('500 members, each delivery 1–20 times over 8 connections: nothing lost, doubled, missed or different', async () => {
  const { adminPool, pool, appUrl, database } = await testDatabase();
  const shuffled = await shuffle({ appUrl, appPool: pool, adminPool, histories: 500, seed: 20_261_121 });
  const { counts, differences } = await judge(adminPool, shuffled);
  expect(differences).toEqual([]);
  expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([]);
  expect((await verify(database, shuffled.arranged.orgId)).differences).toEqual([]);
}, 180_000);

test('every line of the zero-list notices a damage planted for it', async () => {
  const { adminPool, pool, appUrl } = await testDatabase();
  const shuffled = await shuffle({ appUrl, appPool: pool, adminPool, histories: 100, seed: 7, mostRepeats: 2 });
  expect(await findBlindChecks(adminPool, shuffled)).toEqual([]);
}, 120_000);
