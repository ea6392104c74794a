import { describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import {
  approveWhatIsSeenWaiting,
  catchUniqueViolation,
  countThenAward,
  endThenMake,
  lookThenInsert,
  readThenWrite,
  readTotalThenSet,
} from './naive-guards.ts';

describe('the naive variant of each guard fails, on record', () => {
  test('counting, then awarding at exactly five: from 4 to 6 two awards, from 3 to 5 none', async () => {
    const { adminPool } = await testDatabase();
    expect(await countThenAward(adminPool, 4, '=')).toBe(2);
    expect(await countThenAward(adminPool, 3, '=')).toBe(0);
  });

  test('counting, then awarding from five on with a unique award: from 3 to 5 the milestone is missed', async () => {
    const { adminPool } = await testDatabase();
    expect(await countThenAward(adminPool, 3, '>=')).toBe(0);
  });

  test('looking for a credit, then inserting one: two codes credit one member twice', async () => {
    const { adminPool } = await testDatabase();
    expect(await lookThenInsert(adminPool)).toBe(2);
  });

  test('deciding by a caught unique violation: the loser cannot record the conflict any more', async () => {
    const { adminPool } = await testDatabase();
    expect(await catchUniqueViolation(adminPool)).toEqual({ conflicts: 0, error: '25P02' });
  });

  test('reading a state and writing later: a reversal beside a confirmation leaves a credit of a rejected member', async () => {
    const { adminPool } = await testDatabase();
    expect(await readThenWrite(adminPool)).toEqual({ status: 'rejected', total: 1 });
  });

  test('reading a total and setting it: one of two credits is lost', async () => {
    const { adminPool } = await testDatabase();
    expect(await readTotalThenSet(adminPool)).toBe(1);
  });

  test('approving what was seen waiting: two approvals credit twice', async () => {
    const { adminPool } = await testDatabase();
    expect(await approveWhatIsSeenWaiting(adminPool)).toBe(2);
  });

  test('ending the active code and making the next: two rotations leave two active codes', async () => {
    const { adminPool } = await testDatabase();
    expect(await endThenMake(adminPool)).toBe(2);
  });
});
