import type { JWTVerifyGetKey } from 'jose';
import {
  asymmetricAlgorithms,
  readJsonObject,
  type SignatureRefusal,
  type TokenAlgorithm,
  verifySignature,
} from './verify-signature.ts';

/** What one issuer's tokens must satisfy. */
export interface TokenIssuer {
  /** Exactly what `iss` must be, e.g. `https://<ref>.supabase.co/auth/v1`. */
  issuer: string;
  /** Exactly one of what `aud` must hold, e.g. `authenticated`. */
  audience: string;
  /** Where the issuer publishes its keys. https, or http on a loopback address. */
  jwksUrl: string;
  /** Signature algorithms accepted. (Default: every asymmetric one in `asymmetricAlgorithms`.) */
  algorithms?: readonly TokenAlgorithm[];
  /**
   * Where a person's roles come from: the table `roles`, or the token's `app_metadata.verve_roles` (which only the issuer
   * can write). `user_metadata` is never read. (Default: `database`.)
   */
  roles?: 'database' | 'app_metadata';
}

/** A token whose signature, issuer, audience and times were checked. */
export interface VerifiedToken {
  userId: string;
  /** true = signed in without an identity (Supabase's anonymous users). Such a user has no rights here. */
  isAnonymous: boolean;
  expiresAt: Date;
  claims: Record<string, unknown>;
}

/** Why a token was refused; told to the caller as one sentence, never with the token in it. */
export type TokenRefusal = SignatureRefusal | 'claims' | 'expired' | 'subject';

export type TokenOutcome = { outcome: 'verified'; token: VerifiedToken } | { outcome: 'refused'; reason: TokenRefusal };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const toleranceSeconds = 30;
/** The last second that a JavaScript date can hold. */
const lastSecond = 8_640_000_000_000;

/**
 * Checks a token of a person (RFC 7519, RFC 8725): the signature first, then a payload without duplicate keys, issuer,
 * audience, expiry, not-before, and a subject that is a UUID. Safe to repeat. Refusals are returned; only a fault of the
 * key source (issuer unreachable) throws.
 *
 * @param now the time to judge by, so that tests can move it
 */
export async function verifyToken(
  token: string,
  issuer: TokenIssuer,
  findKey: JWTVerifyGetKey,
  now: Date,
): Promise<TokenOutcome> {
  const signed = await verifySignature(token, issuer.algorithms ?? asymmetricAlgorithms, findKey);
  if (signed.outcome === 'refused') return signed;
  const claims = readJsonObject(signed.payload);
  return claims === null ? refused('malformed') : judgeClaims(claims, issuer, now.getTime() / 1000);
}

function refused(reason: TokenRefusal): TokenOutcome {
  return { outcome: 'refused', reason };
}

function judgeClaims(claims: Record<string, unknown>, issuer: TokenIssuer, nowSeconds: number): TokenOutcome {
  const { iss, aud, exp, nbf, iat, sub } = claims;
  if (iss !== issuer.issuer) return refused('claims');
  if (aud !== issuer.audience && !(Array.isArray(aud) && aud.includes(issuer.audience))) return refused('claims');
  if (!isTime(exp) || !isTimeOrAbsent(nbf) || !isTimeOrAbsent(iat)) return refused('claims');
  if (exp <= nowSeconds - toleranceSeconds) return refused('expired');
  if (Math.max(nbf ?? 0, iat ?? 0) > nowSeconds + toleranceSeconds) return refused('claims');
  if (typeof sub !== 'string' || !UUID.test(sub)) return refused('subject');
  const isAnonymous = claims.is_anonymous !== undefined && claims.is_anonymous !== false;
  return { outcome: 'verified', token: { userId: sub, isAnonymous, expiresAt: new Date(exp * 1000), claims } };
}

/** NumericDate of RFC 7519: a number of seconds, of a moment that there is. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= lastSecond;
}

function isTimeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || isTime(value);
}
