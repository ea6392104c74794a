import { describe, expect, test } from 'vitest';
import { combine, combineByOrganisation } from '../src/engine/combine.ts';
import { VerveError } from '../src/engine/errors.ts';

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('combining', () => {
  test('sends the first at once and everything that came meanwhile together', async () => {
    const batches: number[][] = [];
    const double = combine<number, number>({
      work: async (items) => {
        batches.push([...items]);
        await settle();
        return items.map((item) => item * 2);
      },
    });
    expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('gathered, sends what arrives in one turn of the event loop together', async () => {
    const batches: number[][] = [];
    const double = combine<number, number>({
      isGathered: true,
      work: async (items) => {
        batches.push([...items]);
        return items.map((item) => item * 2);
      },
    });
    const later = async (item: number): Promise<number> => {
      for (let step = 0; step < item; step += 1) await null;
      return double(item);
    };
    expect(await Promise.all([1, 2, 3].map(later))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('keeps a batch to its weight, and lets a heavier item go alone', async () => {
    const batches: number[][] = [];
    const submit = combine<number, number>({
      maxBatch: 10,
      weigh: (item) => item,
      work: async (items) => {
        batches.push([...items]);
        await settle();
        return items;
      },
    });
    await Promise.all([1, 4, 5, 6, 50, 2].map(submit));
    expect(batches).toEqual([[1], [4, 5], [6], [50], [2]]);
  });

  test('takes half of what waits once that is enough for two batches, and all of it below', async () => {
    const batches: number[] = [];
    const submit = combine<number, number>({
      isGathered: true,
      halveFrom: 4,
      work: async (items) => {
        batches.push(items.length);
        await settle();
        return items;
      },
    });
    const items = Array.from({ length: 20 }, (_, item) => item);
    expect(await Promise.all(items.map(submit))).toEqual(items);
    expect(batches).toEqual([10, 5, 3, 2]);
    batches.length = 0;
    expect(await Promise.all([1, 2, 3].map(submit))).toEqual([1, 2, 3]);
    expect(batches).toEqual([3]);
  });

  test('batches of several pause for others, until enough wait; who calls alone waits for nothing', async () => {
    const batches: number[] = [];
    const submit = combine<number, number>({
      isGathered: true,
      pause: { ms: 600_000, enough: 5 },
      work: async (items) => {
        batches.push(items.length);
        return items;
      },
    });
    const call = (count: number) => Promise.all(Array.from({ length: count }, (_, item) => submit(item)));
    for (let alone = 0; alone < 3; alone += 1) await call(1);
    await call(3);
    const early = call(4);
    for (let turns = 0; turns < 10; turns += 1) await settle();
    expect(batches).toEqual([1, 1, 1, 3]);
    await Promise.all([early, call(1)]);
    expect(batches).toEqual([1, 1, 1, 3, 5]);
  });

  test('lets one bad item fail alone', async () => {
    const submit = combine<number, number>({
      work: async (items) => {
        await settle();
        if (items.includes(13)) throw new Error('unlucky');
        return items;
      },
    });
    const results = await Promise.allSettled([1, 12, 13, 14].map(submit));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('fails all at once when the database is away, and works again after', async () => {
    let isAway = true;
    let attempts = 0;
    const submit = combine<number, number>({
      work: async (items) => {
        attempts += 1;
        await settle();
        if (isAway) throw new VerveError('database_unavailable');
        return items;
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map(submit));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(attempts).toBe(2);
    isAway = false;
    expect(await submit(4)).toBe(4);
  });

  test('refuses what would wait in a queue that is full', async () => {
    const submit = combine<number, number>({
      maxWaiting: 1,
      work: async (items) => {
        await settle();
        return items;
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map(submit));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  test('by organisation never mixes two tenants in one piece of work', async () => {
    const seen: string[] = [];
    const submit = combineByOrganisation<string, string>({
      work: async (orgId, items) => {
        seen.push(...items.map((item) => `${orgId}:${item}`));
        await settle();
        return items;
      },
    });
    await Promise.all([submit('a', 'x'), submit('b', 'y'), submit('a', 'z')]);
    expect(seen.sort()).toEqual(['a:x', 'a:z', 'b:y']);
  });
});
