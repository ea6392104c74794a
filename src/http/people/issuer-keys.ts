import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from 'jose';
import { createLocalJWKSet, errors } from 'jose';
import { isSafeRsaKey } from './rsa-key.ts';

export interface IssuerKeysOptions {
  jwksUrl: string;
  /** How long fetched keys are trusted without asking again. (Default: 600, as long as Supabase's edge caches them.) */
  cacheSeconds?: number;
  /** Least time between two requests, whatever unknown key ids arrive. (Default: 30.) */
  cooldownSeconds?: number;
  /** How long fetched keys are still trusted while the issuer does not answer. (Default: 1200.) */
  staleSeconds?: number;
  /** (Default: the global fetch.) */
  fetch?: typeof globalThis.fetch;
  /** (Default: the system clock.) */
  now?: () => Date;
}

export interface IssuerKeys {
  /**
   * The key for a token, for jose's `jwtVerify`. An unknown `kid` leads to one request, then to a refusal until the
   * cool-down ended.
   */
  find: JWTVerifyGetKey;
  /** Forgets every key, so that a revoked one is refused at once. Safe to repeat. */
  drop: () => void;
}

/** Thrown when the issuer's keys cannot be had: the caller's token is not judged, and the answer is 503. */
export class IssuerUnavailable extends Error {
  constructor(cause?: unknown) {
    super('The keys of the token issuer could not be fetched.', { cause });
    this.name = 'IssuerUnavailable';
  }
}

const MAX_BYTES = 65_536;
const MAX_KEYS = 50;
const TIMEOUT_MS = 5_000;

/**
 * Keeps the public keys of one issuer (RFC 7517). Only asymmetric public keys are kept: a symmetric, private or breakable
 * key in the set is dropped. Redirects are refused, the answer is at most 64 KiB.
 */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { jwksUrl, cacheSeconds = 600, cooldownSeconds = 30, staleSeconds = 1_200 } = options;
  const now = options.now ?? (() => new Date());
  const request = options.fetch ?? globalThis.fetch;
  requireSafeUrl(jwksUrl);
  let keys: { find: JWTVerifyGetKey; fetchedAt: number } | null = null;
  let lastAttemptAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  function reload(): Promise<void> {
    running ??= load().finally(() => {
      running = null;
    });
    return running;
  }

  async function load(): Promise<void> {
    lastAttemptAt = now().getTime();
    const set = await fetchKeySet(request, jwksUrl);
    keys = { find: createLocalJWKSet(set), fetchedAt: now().getTime() };
  }

  const ageSeconds = () => (keys === null ? Number.POSITIVE_INFINITY : (now().getTime() - keys.fetchedAt) / 1000);
  const mayAsk = () => running !== null || now().getTime() - lastAttemptAt >= cooldownSeconds * 1000;

  async function requireKeys(): Promise<JWTVerifyGetKey> {
    if (ageSeconds() >= cacheSeconds && mayAsk()) {
      try {
        await reload();
      } catch (error) {
        if (ageSeconds() >= staleSeconds) throw new IssuerUnavailable(error);
      }
    }
    if (keys === null || ageSeconds() >= staleSeconds) throw new IssuerUnavailable();
    return keys.find;
  }

  const find: JWTVerifyGetKey = async (header, token) => {
    const known = await requireKeys();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayAsk()) throw error;
      await reload().catch(() => undefined); // an issuer that is down leaves the key unknown: refused below
      return await (keys?.find ?? known)(header, token);
    }
  };

  return {
    find,
    drop() {
      keys = null;
      lastAttemptAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function requireSafeUrl(jwksUrl: string): void {
  const url = new URL(jwksUrl);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return;
  throw new TypeError('The address of the issuer keys must begin with https://.');
}

async function fetchKeySet(request: typeof globalThis.fetch, jwksUrl: string): Promise<JSONWebKeySet> {
  const response = await request(jwksUrl, {
    redirect: 'error',
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new Error('The token issuer did not answer with its keys.');
  const text = await response.text();
  if (text.length > MAX_BYTES) throw new Error('The key set of the token issuer is too large.');
  const set: unknown = JSON.parse(text);
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) {
    throw new Error('The token issuer did not answer with a key set.');
  }
  return { keys: set.keys.filter(isPublicKey).slice(0, MAX_KEYS) };
}

function isPublicKey(key: unknown): key is JWK {
  if (typeof key !== 'object' || key === null || !('kty' in key)) return false;
  if ('d' in key) return false;
  return key.kty === 'RSA' ? isSafeRsaKey(key) : key.kty === 'EC' || key.kty === 'OKP';
}
