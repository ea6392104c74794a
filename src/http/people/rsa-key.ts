import { fromBase64Url, toHex } from '../../engine/encode-bytes.ts';

/** The least public exponent of FIPS 186-5. With 1, every text is its own signature. */
const leastExponent = 65_537n;
const leastBits = 2_048;

/** Primes for which only few remainders are powers of 65537. */
const tellingPrimes = [11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n, 151n, 157n];

/**
 * Whether an RSA key of a published set may be believed: at least 2048 bits, an exponent that signs, and not made by the
 * hardware whose keys can be factored (CVE-2017-15361).
 */
export function isSafeRsaKey(key: object): boolean {
  const modulus = readNumber('n' in key ? key.n : undefined);
  const exponent = readNumber('e' in key ? key.e : undefined);
  if (modulus === null || exponent === null) return false;
  return modulus.toString(2).length >= leastBits && exponent >= leastExponent && !isOfBrokenHardware(modulus);
}

/** Such a modulus leaves a power of 65537 by each of these primes; another one does so once in some 10^8 keys. */
function isOfBrokenHardware(modulus: bigint): boolean {
  return tellingPrimes.every((prime) => {
    const remainder = modulus % prime;
    let power = 1n;
    do {
      if (power === remainder) return true;
      power = (power * leastExponent) % prime;
    } while (power !== 1n);
    return false;
  });
}

/** A whole number in base64url, the most significant byte first; null = it is none. */
function readNumber(text: unknown): bigint | null {
  if (typeof text !== 'string' || text === '' || text.length > 2_048) return null;
  const bytes = fromBase64Url(text);
  return bytes === null ? null : BigInt(`0x${toHex(bytes)}`);
}
