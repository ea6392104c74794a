import { foldTypedCode } from './read-code.ts';

/** A code of the organisation that somebody may have meant. */
export interface NearCode<T> {
  candidate: T;
  /** Cost of the slips that lead from the code to what was typed: 0 = the same, 1 = one ordinary slip. */
  distance: number;
}

/** Pairs that handwriting, print or a camera confuses; U is not in the alphabet, so it was a V. */
const confusedPairs = '8B 5S 2Z 6G VU 0D 0Q 17 7T 1J MN CG EF 4A 9G 38 PR VY 3E BD XK VW MW 49 56 CE HN';

/** Rows of a keyboard, for slips to a neighbouring key. */
const keyboardRows = ['1234567890', 'QWERTYUIOP', 'ASDFGHJKL', 'ZXCVBNM'];

const confusedCost = 0.4;
const neighbourCost = 0.7;
const transposedCost = 0.7;
/** One character typed twice, or a pair typed once. */
const repeatedCost = 0.6;
const furthest = 3;

const cheapPairs = makeCheapPairs();

/**
 * Finds the codes that somebody most likely meant by an unknown one: a look-alike costs less than a neighbouring key,
 * that less than any other slip; swapped neighbours are one slip, as are a missing and a doubled character.
 *
 * @param options.limit How many to return (Default: 5)
 * @returns nearest first, equals in the order of the code; nothing that is more than 3 ordinary slips away.
 */
export function nearestCodes<T extends { code: string }>(
  typed: string,
  candidates: Iterable<T>,
  options: { limit?: number } = {},
): NearCode<T>[] {
  const wanted = foldTypedCode(typed);
  if (wanted === '') return [];
  const near: NearCode<T>[] = [];
  for (const candidate of candidates) {
    if (Math.abs(candidate.code.length - wanted.length) > furthest / repeatedCost) continue;
    const distance = typingDistance(candidate.code, wanted);
    if (distance <= furthest) near.push({ candidate, distance });
  }
  near.sort(
    (a, b) =>
      a.distance - b.distance ||
      (a.candidate.code < b.candidate.code ? -1 : a.candidate.code > b.candidate.code ? 1 : 0),
  );
  return near.slice(0, options.limit ?? 5);
}

/** Least cost of turning `meant` into `typed`; Infinity as soon as it is sure to exceed what {@link nearestCodes} keeps. */
export function typingDistance(meant: string, typed: string): number {
  let twoBack: number[] = [];
  let back: number[] = [0];
  for (let t = 1; t <= typed.length; t++) back.push((back[t - 1] ?? 0) + repeatCost(typed, t - 1));
  for (let m = 1; m <= meant.length; m++) {
    const omit = repeatCost(meant, m - 1);
    const row = [(back[0] ?? 0) + omit];
    let least = row[0] ?? 0;
    for (let t = 1; t <= typed.length; t++) {
      let cost = Math.min(
        (back[t - 1] ?? 0) + replaceCost(meant, m - 1, typed, t - 1),
        (back[t] ?? 0) + omit,
        (row[t - 1] ?? 0) + repeatCost(typed, t - 1),
      );
      if (m > 1 && t > 1 && meant[m - 1] === typed[t - 2] && meant[m - 2] === typed[t - 1]) {
        cost = Math.min(cost, (twoBack[t - 2] ?? 0) + transposedCost);
      }
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least > furthest) return Number.POSITIVE_INFINITY;
    twoBack = back;
    back = row;
  }
  return round(back[typed.length] ?? 0);
}

function replaceCost(meant: string, m: number, typed: string, t: number): number {
  const from = meant.charAt(m);
  const to = typed.charAt(t);
  return from === to ? 0 : (cheapPairs.get(from + to) ?? 1);
}

function repeatCost(text: string, at: number): number {
  const character = text[at];
  return (at > 0 && text[at - 1] === character) || text[at + 1] === character ? repeatedCost : 1;
}

function makeCheapPairs(): Map<string, number> {
  const costs = new Map<string, number>();
  const put = (a: string, b: string, cost: number) => {
    costs.set(a + b, cost);
    costs.set(b + a, cost);
  };
  for (const row of keyboardRows) {
    for (let i = 1; i < row.length; i++) put(row.charAt(i - 1), row.charAt(i), neighbourCost);
  }
  for (const pair of confusedPairs.split(' ')) put(pair.charAt(0), pair.charAt(1), confusedCost);
  return costs;
}

function round(cost: number): number {
  return Math.round(cost * 10) / 10;
}
