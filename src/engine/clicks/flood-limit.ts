import { shortKeyedHash } from './short-keyed-hash.ts';

/** What the limiter says of a hit. */
export interface FloodLimit {
  /**
   * Counts one hit and tells whether it is above the limit. The address is hashed under a key that is forgotten daily and
   * is held nowhere; '' (unknown) is not limited by address. Takes about a microsecond.
   */
  isAbove(address: string, codeId: string): boolean;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * Limits hits per minute, in this process's memory (spec §5). Above it a redirect works as before and the hit is counted per
 * code and minute, not stored. Memory is bounded: after `maxTracked` pairs in a minute further ones pass.
 */
export function createFloodLimit(options: {
  /** Milliseconds that only go forward or stand still. (Default: Date.now) */
  nowMs?: () => number;
  /** Hits a minute of one address on one code. (Default: 600) */
  perAddressAndCode?: number;
  /** Hits a minute of one address on all codes. (Default: 6,000) */
  perAddress?: number;
  /** (Default: 100,000) */
  maxTracked?: number;
}): FloodLimit {
  const { nowMs = Date.now, perAddressAndCode = 600, perAddress = 6_000, maxTracked = 100_000 } = options;
  let day = -1;
  let minute = -1;
  let key = new Uint32Array(2);
  const ofAddress = new Map<number, number>();
  const ofBoth = new Map<number, number>();

  function raise(counts: Map<number, number>, hash: number, limit: number): boolean {
    const before = counts.get(hash);
    if (before === undefined) {
      if (counts.size < maxTracked) counts.set(hash, 1);
      return limit < 1;
    }
    counts.set(hash, before + 1);
    return before >= limit;
  }

  return {
    isAbove(address, codeId) {
      if (address === '') return false;
      const now = nowMs();
      if (Math.floor(now / minuteMs) !== minute) {
        minute = Math.floor(now / minuteMs);
        ofAddress.clear();
        ofBoth.clear();
        if (Math.floor(now / dayMs) !== day) {
          day = Math.floor(now / dayMs);
          key = crypto.getRandomValues(new Uint32Array(2));
        }
      }
      const network = networkOf(address);
      const isAboveAddress = raise(ofAddress, shortKeyedHash(key, network), perAddress);
      return raise(ofBoth, shortKeyedHash(key, `${network} ${codeId}`), perAddressAndCode) || isAboveAddress;
    },
  };
}

/** One household or phone holds a whole /64 of IPv6 addresses, so that is what is limited. IPv4 stays whole. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] as string;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  if (!address.includes('::')) return left.slice(0, 4).join(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
