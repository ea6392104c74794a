import { describe, expect, test } from 'vitest';
import { createClickUpkeep } from '../src/engine/clicks/upkeep.ts';
import { opening, openLink, placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { testVerve } from './harness-verve.ts';

// Changing the partitions needs a table for itself, and whoever waits for that makes everybody behind him wait.
describe('a long reader of clicks at night', () => {
  test('keeps neither clicks nor the upkeep waiting; the next run does what was left', async () => {
    const { adminPool, pool } = await testDatabase();
    const verve = await testVerve();
    const upkeep = createClickUpkeep(verve.parts);
    const { code, codeId } = await placeWithCode(verve);
    const link = await openLink(verve, code);
    const partitions = `select array_agg(inhrelid::regclass::text) as names from pg_inherits
      where inhparent in ('verve.referral_clicks'::regclass, 'verve.click_tokens'::regclass)`;
    const namesNow = async (): Promise<string[]> => (await pool.query(partitions)).rows[0].names;
    await adminPool.query(
      `select verve_private.make_click_partition('referral_clicks', '2020-01-01Z', '2020-02-01Z', '2020_01')`,
    );
    await pool.query('select verve_private.make_click_partitions(2, 3)');
    const ahead = 'select verve_private.make_click_partitions(2, 5) as made';

    const reader = await adminPool.connect();
    try {
      await reader.query('begin');
      await reader.query('select count(*) from verve.referral_clicks');
      await reader.query('select count(*) from verve.click_tokens');
      const [pruned, made, recorded] = await Promise.all([
        upkeep.prune(),
        pool.query(ahead),
        verve.clicks.recordOpening(link, opening()),
      ]);
      expect(pruned.dropped).toBe(0);
      expect(made.rows).toEqual([{ made: 0 }]);
      expect(recorded).toBe('stored');
      expect(await rawOf(codeId)).toBe(1);
      expect(await namesNow()).toContain('verve.referral_clicks_2020_01');
    } finally {
      await reader.query('rollback');
      reader.release();
    }

    expect((await upkeep.prune()).dropped).toBe(1);
    expect((await pool.query(ahead)).rows).toEqual([{ made: 2 }]);
    expect(await namesNow()).not.toContain('verve.referral_clicks_2020_01');
    expect(await rawOf(codeId)).toBe(1);
  });
});
