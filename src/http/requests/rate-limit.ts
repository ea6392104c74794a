import { VerveError } from '../../engine/errors.ts';

/** Budgets of the public routes, per client address. */
export interface RateLimitPolicy {
  /** Name shown in the RateLimit fields. */
  name: string;
  /** Requests admitted in one window. */
  quota: number;
  windowSeconds: number;
}

export interface RateLimitVerdict {
  isAdmitted: boolean;
  /** Requests left in the window. */
  remaining: number;
  /** Seconds until the window ends. */
  resetSeconds: number;
}

export interface RateLimiter {
  admit: (policy: RateLimitPolicy, address: string) => RateLimitVerdict;
}

const DAY_MS = 86_400_000;

/**
 * Counts requests per policy and address in fixed windows, in memory. Addresses are kept only as their keyed hash under a
 * random key that is forgotten every day, and at most `maxEntries` of them: when full, whole windows that ended go first,
 * then the oldest. Never throws; losing the memory only admits more.
 *
 * @param options.maxEntries (Default: 50,000)
 * @param options.budgetFactor Multiplies every quota; for load tests. (Default: 1)
 */
export function createRateLimiter(
  options: { now?: () => number; maxEntries?: number; budgetFactor?: number } = {},
): RateLimiter {
  const now = options.now ?? Date.now;
  const maxEntries = options.maxEntries ?? 50_000;
  const budgetFactor = options.budgetFactor ?? 1;
  const windows = new Map<string, { count: number; endsAt: number }>();
  let salt = freshSalt();
  let saltEndsAt = now() + DAY_MS;

  function makeRoom(time: number): void {
    for (const [key, window] of windows) {
      if (window.endsAt <= time) windows.delete(key);
    }
    for (const key of windows.keys()) {
      if (windows.size < maxEntries) return;
      windows.delete(key);
    }
  }

  return {
    admit(policy, address) {
      const time = now();
      if (time >= saltEndsAt) {
        salt = freshSalt();
        saltEndsAt = time + DAY_MS;
        windows.clear();
      }
      const key = `${policy.name}:${keyedHash(salt, networkOf(address))}`;
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= time) {
        if (windows.size >= maxEntries) makeRoom(time);
        window = { count: 0, endsAt: time + policy.windowSeconds * 1000 };
        windows.delete(key); // so that the map stays in order of age
        windows.set(key, window);
      }
      window.count += 1;
      return {
        isAdmitted: window.count <= policy.quota * budgetFactor,
        remaining: Math.max(0, policy.quota * budgetFactor - window.count),
        resetSeconds: Math.max(1, Math.ceil((window.endsAt - time) / 1000)),
      };
    },
  };
}

/** Refuses what is beyond a budget; its answer tells the budget and how long to wait. */
export class TooManyRequests extends VerveError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(policy: RateLimitPolicy, verdict: RateLimitVerdict) {
    const { resetSeconds } = verdict;
    super('too_many_requests', 'Wait as long as Retry-After says.', { retryAfterSeconds: resetSeconds });
    this.headers = rateLimitHeaders(policy, verdict);
  }
}

/** The RateLimit fields of draft-ietf-httpapi-ratelimit-headers (a draft), and Retry-After for a refusal. */
export function rateLimitHeaders(policy: RateLimitPolicy, verdict: RateLimitVerdict): Record<string, string> {
  const headers: Record<string, string> = {
    'RateLimit-Policy': `"${policy.name}";q=${policy.quota};w=${policy.windowSeconds}`,
    RateLimit: `"${policy.name}";r=${verdict.remaining};t=${verdict.resetSeconds}`,
  };
  if (!verdict.isAdmitted) headers['Retry-After'] = String(verdict.resetSeconds);
  return headers;
}

/** An IPv6 subscriber commands a whole /64, so that is what one budget covers. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...right]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}

function freshSalt(): Uint32Array {
  return crypto.getRandomValues(new Uint32Array(2));
}

/**
 * A 53-bit keyed hash, synchronous on purpose: it only has to keep addresses out of memory dumps, not to resist an
 * attacker who holds the key.
 */
function keyedHash(salt: Uint32Array, text: string): string {
  let high = 0xdeadbeef ^ (salt[0] ?? 0);
  let low = 0x41c6ce57 ^ (salt[1] ?? 0);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
