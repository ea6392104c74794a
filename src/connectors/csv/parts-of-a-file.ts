import type { Fact } from '../../engine/attributions/fact.ts';
import type { MembershipFile } from './read-memberships.ts';
import type { RowProblem } from './read-row.ts';

/** Lines taken at once. A member's lines always go the same lane, so that their order holds; the lanes run side by side. */
export const lanes = 3;
const linesAtOnce = lanes * 500;

export type Line = { line: number } & ({ fact: Fact } | { problem: RowProblem });

/** The lines of a file, so many at a time. The same file gives the same parts. */
export async function* inChunks(file: MembershipFile): AsyncGenerator<Line[], void> {
  let lines: Line[] = [];
  for await (const row of file.rows) {
    if (lines.push(row) < linesAtOnce) continue;
    yield lines;
    lines = [];
  }
  if (lines.length > 0) yield lines;
}

/** Reads the next part of the file while the database works on the one before. */
export async function* oneAhead<Item>(items: AsyncGenerator<Item, void>): AsyncGenerator<Item, void> {
  let next = items.next();
  try {
    for (let current = await next; !current.done; current = await next) {
      next = items.next();
      next.catch(() => {}); // told when its turn comes
      yield current.value;
    }
  } finally {
    await items.return();
  }
}

/** The lane of a member: the same in every process. */
export function laneOf(memberId: string | null): number {
  let hash = 0;
  for (const character of memberId ?? '') hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % lanes;
}

/** Which facts of a chunk name a member of an earlier chunk. Adds the chunk's members. */
export function noteMembers(facts: readonly Fact[], seenEarlier: Set<string>): Set<number> {
  const repeated = new Set<number>();
  facts.forEach(({ memberId }, place) => {
    if (memberId !== null && seenEarlier.has(memberId)) repeated.add(place);
  });
  for (const { memberId } of facts) if (memberId !== null) seenEarlier.add(memberId);
  return repeated;
}
