import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { errors, jwtVerify } from 'jose';
import { parseStrictJson } from '../../connectors/json/strict-json.ts';

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

/** RFC 8725 §3.1: the allow-list. No symmetric algorithm is in it, so a public key can never be used as a secret. */
export const asymmetricAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;
export type TokenAlgorithm = (typeof asymmetricAlgorithms)[number];

/** A token whose signature, issuer, audience and times were checked. */
export interface VerifiedToken {
  userId: string;
  /** true = signed in without an identity (Supabase's anonymous users). Such a user has no rights here. */
  isAnonymous: boolean;
  expiresAt: Date;
  claims: JWTPayload;
}

/** Why a token was refused; told to the caller as one sentence, never with the token in it. */
export type TokenRefusal =
  | 'malformed'
  | 'algorithm'
  | 'header'
  | 'key'
  | 'signature'
  | 'claims'
  | 'expired'
  | 'subject';

export type TokenOutcome = { outcome: 'verified'; token: VerifiedToken } | { outcome: 'refused'; reason: TokenRefusal };

const SEGMENT = /^[A-Za-z0-9_-]+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_TOKEN_CHARACTERS = 8_192;
/** Headers that would let the sender choose the key or demand an extension (RFC 8725 §3.10, RFC 7515 §4.1). */
const FORBIDDEN_HEADERS = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'zip', 'enc'];
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Checks a compact JWS of a person (RFC 7519, RFC 8725): canonical base64url in every part, JSON without duplicate keys,
 * an allow-listed algorithm, no header that names a key, signature, issuer, audience, expiry, not-before, and a subject
 * that is a UUID. Safe to repeat. Refusals are returned; only a fault of the key source (issuer unreachable) throws.
 *
 * @param now the time to judge by, so that tests can move it
 */
export async function verifyToken(
  token: string,
  issuer: TokenIssuer,
  findKey: JWTVerifyGetKey,
  now: Date,
): Promise<TokenOutcome> {
  const header = readHeader(token);
  if (header === null) return { outcome: 'refused', reason: 'malformed' };
  const algorithms: readonly string[] = issuer.algorithms ?? asymmetricAlgorithms;
  if (typeof header.alg !== 'string' || !algorithms.includes(header.alg)) return refused('algorithm');
  if (FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) return refused('header');
  if (header.typ !== undefined && !isJwtType(header.typ)) return refused('header');
  if (header.kid !== undefined && (typeof header.kid !== 'string' || header.kid.length > 200)) return refused('header');
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [...algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
    });
    return judgeClaims(payload, now);
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === null) throw error;
    return refused(reason);
  }
}

function refused(reason: TokenRefusal): TokenOutcome {
  return { outcome: 'refused', reason };
}

function judgeClaims(payload: JWTPayload, now: Date): TokenOutcome {
  const { sub, exp, iat } = payload;
  if (typeof sub !== 'string' || !UUID.test(sub)) return refused('subject');
  if (exp === undefined || !Number.isFinite(exp)) return refused('claims');
  if (iat !== undefined && iat * 1000 > now.getTime() + CLOCK_TOLERANCE_SECONDS * 1000) return refused('claims');
  const isAnonymous = payload.is_anonymous !== undefined && payload.is_anonymous !== false;
  return {
    outcome: 'verified',
    token: { userId: sub, isAnonymous, expiresAt: new Date(exp * 1000), claims: payload },
  };
}

/** The protected header, or null where the token is not three canonical base64url parts that hold strict JSON objects. */
function readHeader(token: string): Record<string, unknown> | null {
  if (token.length > MAX_TOKEN_CHARACTERS) return null;
  const parts = token.split('.');
  const [head, payload, signature] = parts;
  if (parts.length !== 3 || head === undefined || payload === undefined || signature === undefined) return null;
  if (!isCanonical(head) || !isCanonical(payload) || !isCanonical(signature)) return null;
  return readObject(payload) === null ? null : readObject(head);
}

/** RFC 4648 §3.5: the bits that pad the last character must be zero, else one token has several spellings. */
function isCanonical(part: string): boolean {
  if (!SEGMENT.test(part) || part.length % 4 === 1) return false;
  return encode(decode(part)) === part;
}

function decode(part: string): Uint8Array {
  return Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

function encode(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function readObject(part: string): Record<string, unknown> | null {
  try {
    const value = parseStrictJson(decode(part), { maxBytes: MAX_TOKEN_CHARACTERS, maxDepth: 8 });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function isJwtType(typ: unknown): boolean {
  return typeof typ === 'string' && ['jwt', 'at+jwt', 'application/at+jwt'].includes(typ.toLowerCase());
}

function refusalOf(error: unknown): TokenRefusal | null {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return 'claims';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return 'key';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed';
  if (error instanceof errors.JWKInvalid) return 'key';
  // jose refuses a key that does not fit the algorithm (too short, another curve) with a TypeError
  if (error instanceof TypeError) return 'key';
  return null;
}
