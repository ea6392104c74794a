/**
 * HalfSipHash-2-4, a keyed hash for short-lived tables in memory (Aumasson and Bernstein; the variant of 32-bit words). Gives
 * 53 of its 64 bits as a number. Not for anything that is stored: that is the key ring's HMAC.
 */
export function shortKeyedHash(key: Uint32Array, text: string): number {
  const k0 = key[0] as number;
  const k1 = key[1] as number;
  let v0 = k0;
  let v1 = k1 ^ 0xee;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;

  function round(): void {
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }

  const length = text.length;
  const whole = length - (length % 4);
  for (let at = 0; at < whole; at += 4) {
    const word =
      (text.charCodeAt(at) & 255) |
      ((text.charCodeAt(at + 1) & 255) << 8) |
      ((text.charCodeAt(at + 2) & 255) << 16) |
      (text.charCodeAt(at + 3) << 24);
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  let last = (length & 255) << 24;
  for (let at = whole; at < length; at += 1) last |= (text.charCodeAt(at) & 255) << (8 * (at - whole));
  v3 ^= last;
  round();
  round();
  v0 ^= last;
  v2 ^= 0xee;
  for (let step = 0; step < 4; step += 1) round();
  const low = (v1 ^ v3) >>> 0;
  v1 ^= 0xdd;
  for (let step = 0; step < 4; step += 1) round();
  const high = (v1 ^ v3) >>> 0;
  return (high >>> 11) * 0x1_0000_0000 + low;
}
