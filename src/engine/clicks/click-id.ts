import { toHex } from '../encode-bytes.ts';
import type { KeyRing } from '../secrets/key-ring.ts';

/**
 * Ids of clicks that the API answers with: random v4 UUIDs whose last 48 bits are a keyed hash of the rest, so that an id of
 * ours is known as such after its click was pruned (spec §6: 410, not 404). Tells nothing without the key.
 */
export async function makeClickId(keyRing: KeyRing, orgId: string): Promise<string> {
  const start = crypto.randomUUID().slice(0, 24);
  return start + ((await tags(keyRing, orgId, start))[0] as string);
}

/** Whether this organisation's API once answered with the id. */
export async function isOwnClickId(keyRing: KeyRing, orgId: string, clickId: string): Promise<boolean> {
  const start = clickId.slice(0, 24).toLowerCase();
  return (await tags(keyRing, orgId, start)).includes(clickId.slice(24).toLowerCase());
}

async function tags(keyRing: KeyRing, orgId: string, start: string): Promise<string[]> {
  const hashes = await keyRing.hashes(orgId, 'click-token', `click id ${start}`);
  return hashes.map((hash) => toHex(hash.subarray(0, 6)));
}
