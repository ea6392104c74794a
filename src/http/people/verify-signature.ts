import type { JWTVerifyGetKey } from 'jose';
import { compactVerify, errors } from 'jose';
import { parseStrictJson } from '../../connectors/json/strict-json.ts';
import { fromBase64Url } from '../../engine/encode-bytes.ts';

/** RFC 8725 §3.1: the allow-list. No symmetric algorithm is in it, so a public key can never be used as a secret. */
export const asymmetricAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;
export type TokenAlgorithm = (typeof asymmetricAlgorithms)[number];

/** Why a signature was not accepted. */
export type SignatureRefusal = 'malformed' | 'algorithm' | 'header' | 'key' | 'signature';

export type SignatureOutcome =
  | { outcome: 'signed'; payload: Uint8Array }
  | { outcome: 'refused'; reason: SignatureRefusal };

/** Characters of a whole token. */
const mostCharacters = 8_192;
/** Headers that would let the sender choose the key or demand an extension (RFC 8725 §3.10, RFC 7515 §4.1). */
const FORBIDDEN_HEADERS = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'zip', 'enc'];

/**
 * Checks the signature of a compact JWS (RFC 7515, RFC 8725) before anything in it is believed: canonical base64url in
 * every part, a header that is JSON without duplicate keys, an allow-listed algorithm, no header that names a key.
 * Refusals are returned; only a fault of the key source (issuer unreachable) throws.
 */
export async function verifySignature(
  token: string,
  algorithms: readonly string[],
  findKey: JWTVerifyGetKey,
): Promise<SignatureOutcome> {
  const header = readHeader(token);
  if (header === null) return refused('malformed');
  if (typeof header.alg !== 'string' || !algorithms.includes(header.alg)) return refused('algorithm');
  if (FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) return refused('header');
  if (header.typ !== undefined && !isJwtType(header.typ)) return refused('header');
  if (header.kid !== undefined && (typeof header.kid !== 'string' || header.kid.length > 200)) return refused('header');
  try {
    const { payload } = await compactVerify(token, findKey, { algorithms: [...algorithms] });
    return { outcome: 'signed', payload };
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === null) throw error;
    return refused(reason);
  }
}

/** One strict JSON object, or null. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value = parseStrictJson(bytes, { maxBytes: mostCharacters, maxDepth: 8 });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function refused(reason: SignatureRefusal): SignatureOutcome {
  return { outcome: 'refused', reason };
}

/** The protected header, or null where the token is not three canonical base64url parts, the first a JSON object. */
function readHeader(token: string): Record<string, unknown> | null {
  if (token.length > mostCharacters) return null;
  const parts = token.split('.');
  const [head = null, payload = null, signature = null] = parts.map(fromBase64Url);
  if (parts.length !== 3 || head === null || payload === null || signature === null) return null;
  return readJsonObject(head);
}

function isJwtType(typ: unknown): boolean {
  return typeof typ === 'string' && ['jwt', 'at+jwt', 'application/at+jwt'].includes(typ.toLowerCase());
}

function refusalOf(error: unknown): SignatureRefusal | null {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return 'key';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  if (error instanceof errors.JWSInvalid) return 'malformed';
  if (error instanceof errors.JWKInvalid) return 'key';
  // jose refuses a key that does not fit the algorithm (too short, another curve) with a TypeError; Web Crypto one that is
  // no key at all (a point beside its curve) with a DOMException
  if (error instanceof TypeError || error instanceof DOMException) return 'key';
  return null;
}
