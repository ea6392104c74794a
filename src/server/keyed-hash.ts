import { hash } from 'node:crypto';
import type { KeyedHash } from '../engine/secrets/keyed-hash.ts';

const blockBytes = 64;
const digestBytes = 32;
/** The longest value that is hashed without making a buffer of its own. */
const roomForValue = 1_024;

interface Pads {
  inner: Buffer;
  outer: Buffer;
}

const padsOfKeys = new WeakMap<Uint8Array, Pads>();

/**
 * HMAC-SHA256 (RFC 2104) at once, out of two one-shot hashes over blocks that are made once a key: about 2 µs, where
 * `createHmac` takes 12 and WebCrypto 45. The key is at most 64 bytes long.
 */
export const nodeKeyedHash: KeyedHash = (key, value) => {
  const pads = padsOfKeys.get(key) ?? makePads(key);
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  const inner =
    length <= roomForValue ? pads.inner : Buffer.concat([pads.inner.subarray(0, blockBytes), Buffer.alloc(length)]);
  if (typeof value === 'string') inner.write(value, blockBytes);
  else inner.set(value, blockBytes);
  // As text of single bytes: a buffer of its own costs the collector as much as the hash.
  pads.outer.write(hash('sha256', inner.subarray(0, blockBytes + length), 'binary'), blockBytes, 'latin1');
  return Buffer.from(hash('sha256', pads.outer, 'binary'), 'latin1');
};

function makePads(key: Uint8Array): Pads {
  if (key.length > blockBytes) throw new RangeError('The key of a keyed hash is at most 64 bytes long.');
  const inner = Buffer.alloc(blockBytes + roomForValue);
  const outer = Buffer.alloc(blockBytes + digestBytes);
  for (let at = 0; at < blockBytes; at += 1) {
    inner[at] = (key[at] ?? 0) ^ 0x36;
    outer[at] = (key[at] ?? 0) ^ 0x5c;
  }
  const pads = { inner, outer };
  padsOfKeys.set(key, pads);
  return pads;
}
