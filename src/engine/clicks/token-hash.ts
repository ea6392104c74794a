import { toHex } from '../encode-bytes.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { type KeyedHash, webKeyedHash } from '../secrets/keyed-hash.ts';

export interface TokenHasher {
  /** The first 128 bits, in hex, of the token's hash under the organisation's key. At once where it can. */
  hash(orgId: string, token: string): string | Promise<string>;
  /** The same under every secret of the installation: look up by all of them. */
  hashes(orgId: string, token: string): Promise<string[]>;
}

/** Hashes click tokens under a key per organisation, derived from the installation's secret and kept in memory. */
export function createTokenHasher(keyRing: KeyRing, keyedHash: KeyedHash = webKeyedHash): TokenHasher {
  const keys = new Map<string, Uint8Array<ArrayBuffer>[]>();

  async function deriveKeys(orgId: string): Promise<Uint8Array<ArrayBuffer>[]> {
    const derived = await keyRing.hashes(orgId, 'click-token', 'key of tokens');
    if (keys.size >= 4_000) keys.clear();
    keys.set(orgId, derived);
    return derived;
  }
  const shorten = (hash: Uint8Array): string => toHex(hash.subarray(0, 16));

  function hashUnder(key: Uint8Array<ArrayBuffer>, token: string): string | Promise<string> {
    const hash = keyedHash(key, token);
    return hash instanceof Promise ? hash.then(shorten) : shorten(hash);
  }

  return {
    hash(orgId, token) {
      const known = keys.get(orgId);
      if (known !== undefined) return hashUnder(known[0] as Uint8Array<ArrayBuffer>, token);
      return deriveKeys(orgId).then((derived) => hashUnder(derived[0] as Uint8Array<ArrayBuffer>, token));
    },
    async hashes(orgId, token) {
      const known = keys.get(orgId) ?? (await deriveKeys(orgId));
      return Promise.all(known.map((key) => hashUnder(key, token)));
    },
  };
}
