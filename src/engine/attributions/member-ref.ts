import type { KeyRing } from '../secrets/key-ring.ts';

/**
 * The keyed hashes by which a membership's id is known where the id itself must not stand (mentors, tombstones): in
 * hexadecimal, under every secret, current first. None for other source models, whose ids name nobody, and once erased.
 */
export async function hashMemberRef(
  keys: KeyRing,
  orgId: string,
  source: { model: string; ref: string | null },
): Promise<string[]> {
  if (source.model !== 'membership' || source.ref === null) return [];
  return keys.hexHashes(orgId, 'member-ref', source.ref);
}
