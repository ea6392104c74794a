import { toUuid } from '../../engine/encode-bytes.ts';
import type { Random } from '../../engine/parts.ts';

/** Chance that comes out the same for the same seed: for demonstrations, never for secrets of a real organisation. */
export interface Chance extends Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** Whether something of this probability happens. */
  happens(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** An item by weight. */
  weigh<Item>(items: readonly (readonly [Item, number])[]): Item;
  /** How many of what happens `mean` times on average (Poisson). */
  count(mean: number): number;
  /** Chance of its own for one purpose, not disturbed by what others draw. */
  branch(purpose: string): Chance;
}

/** Makes chance from a seed (sfc32, seeded by a 128-bit hash of the text). */
export function createChance(seed: string): Chance {
  const state = hashText(seed);

  function draw(): number {
    let [a, b, c, d] = state as [number, number, number, number];
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    state.splice(0, 4, a, b, c, d);
    return sum >>> 0;
  }
  for (let i = 0; i < 15; i += 1) draw();

  const chance: Chance = {
    next: () => draw() / 0x1_0000_0000,
    between: (least, most) => least + Math.floor(chance.next() * (most - least + 1)),
    happens: (probability) => chance.next() < probability,
    pick: (items) => items[chance.between(0, items.length - 1)] as (typeof items)[number],
    weigh(items) {
      let left = chance.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return (items.at(-1) as (typeof items)[number])[0];
    },
    count(mean) {
      const limit = Math.exp(-mean);
      let number = 0;
      for (let product = chance.next(); product > limit; product *= chance.next()) number += 1;
      return number;
    },
    branch: (purpose) => createChance(`${seed}/${purpose}`),
    bytes: (length) => Uint8Array.from({ length }, () => draw() & 255),
    uuid: () => toUuid(chance.bytes(16)),
  };
  return chance;
}

/** Four 32-bit numbers of a text (FNV-1a with four offsets). */
function hashText(text: string): number[] {
  return [0x811c9dc5, 0x9e3779b9, 0x243f6a88, 0xb7e15162].map((offset) => {
    let hash = offset;
    for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return hash | 0;
  });
}
