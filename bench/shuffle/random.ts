/** A seeded source of chance (mulberry32): the same seed gives the same run. */
export interface Random {
  /** At least 0, below `limit`, whole. */
  below(limit: number): number;
  /** True with that probability. */
  chance(probability: number): boolean;
  shuffle<Item>(items: Item[]): Item[];
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        [items[last], items[other]] = [items[other] as (typeof items)[0], items[last] as (typeof items)[0]];
      }
      return items;
    },
  };
}
