import type { Verve } from '../engine/verve.ts';
import { readTombstones } from '../server/backup/read-tombstones.ts';
import { commandActor as actor } from './open-engine.ts';

/** What erasing again did. */
export interface ErasedAgain {
  /** Tombstones that this database did not know. */
  readonly tombstones: number;
  /** Persons who were here, and are erased again. */
  readonly erased: number;
}

/** Erases again whom a later backup knows to be erased, in every organisation that both know. Safe to repeat. */
export async function eraseAgainFrom(verve: Verve, path: string): Promise<ErasedAgain> {
  const tombstones = await readTombstones(path);
  const known = new Set(await verve.organisations.listIds());
  let [found, erased] = [0, 0];
  for (const [orgId, own] of Map.groupBy(tombstones, (tombstone) => tombstone.orgId)) {
    if (!known.has(orgId)) continue;
    const result = await verve.privacy.eraseAgain({ orgId, actor, tombstones: own });
    found += result.tombstones;
    erased += result.erased;
  }
  return { tombstones: found, erased };
}

export function tellErasedAgain({ tombstones, erased }: ErasedAgain): string {
  return tombstones === 0
    ? 'Nobody was erased since: nothing to erase again.'
    : `${erased} persons erased again; ${tombstones} tombstones that were missing are back.`;
}
