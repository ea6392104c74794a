import type { EngineParts } from '../parts.ts';
import { foldDeltas, makePartitions, pruneClicks } from './upkeep-repository.ts';

/** Work on the clicks of all organisations at once, for the scheduler. Each is safe to repeat and to run twice at once. */
export interface ClickUpkeep {
  /** Makes the partitions of the coming months and days. Clicks need them before they come. */
  makePartitions(): Promise<number>;
  /** Folds the counts of recent clicks together, so that reports stay quick; exact before and after. In parts, with rests. */
  foldCounts(): Promise<number>;
  /** Deletes clicks and tokens that have been kept long enough; no count changes (spec §2.12, §9). */
  prune(): Promise<{ deleted: number; dropped: number }>;
}

// Measured: 60 ms of processor a part. After each, folding rests twice as long as it took, so that after a busy minute it
// takes a third of one core for some seconds rather than all of it: visitors of that moment would wait behind it.
const PART = 20_000;
const REST_PER_WORK = 2;

/** Wires the upkeep. */
export function createClickUpkeep(parts: Pick<EngineParts, 'database'>): ClickUpkeep {
  const once = { role: 'none' } as const;
  return {
    makePartitions: () => parts.database.transaction(once, makePartitions),
    async foldCounts() {
      for (let folded = 0; ; ) {
        const from = performance.now();
        const part = await parts.database.transaction(once, (session) => foldDeltas(session, PART));
        folded += part;
        if (part < PART) return folded;
        const restMs = (performance.now() - from) * REST_PER_WORK;
        await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    },
    prune: () => parts.database.transaction(once, pruneClicks),
  };
}
