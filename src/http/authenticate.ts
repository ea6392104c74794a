import { decodeJwt } from 'jose';
import { VerveError } from '../engine/errors.ts';
import { authenticateCookie } from './dashboard/find-session.ts';
import type { Caller } from './operation.ts';
import { IssuerUnavailable } from './people/issuer-keys.ts';
import { verifyToken } from './people/verify-token.ts';
import type { Runtime } from './runtime.ts';

/**
 * Finds out who sends a request: an API key, a token of a configured issuer, a browser that is signed in to the dashboard, or
 * nobody. Credentials that are sent and do not hold are refused, also on routes for anybody: a caller must never believe to
 * be known and be treated as unknown.
 */
export async function authenticate(runtime: Runtime, request: Request): Promise<Caller> {
  const credential = readCredential(request.headers);
  if (credential === null) return authenticateCookie(runtime, request);
  return credential.startsWith('vrv_') ? authenticateKey(runtime, credential) : authenticatePerson(runtime, credential);
}

function readCredential(headers: Headers): string | null {
  const header = headers.get('authorization');
  if (header === null) return null;
  const credential = /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(header)?.[1];
  if (credential === undefined)
    throw new VerveError('unauthenticated', 'Send "Authorization: Bearer" with a key or token.');
  return credential;
}

async function authenticateKey(runtime: Runtime, key: string): Promise<Caller> {
  const found = await runtime.verve.apiKeys.authenticate(key);
  if (found === null) throw new VerveError('unauthenticated', 'The key is not known, was revoked, or has expired.');
  const { orgId, actor } = found;
  return { kind: 'key', orgId, apiKeyId: actor.apiKeyId, scopes: actor.scopes };
}

async function authenticatePerson(runtime: Runtime, token: string): Promise<Caller> {
  const issuer = runtime.issuers.find(({ settings }) => settings.issuer === unverifiedIssuer(token));
  if (issuer === undefined) throw new VerveError('invalid_token');
  try {
    const verdict = await verifyToken(token, issuer.settings, issuer.keys.find, runtime.now());
    if (verdict.outcome === 'refused' || verdict.token.isAnonymous) throw new VerveError('invalid_token');
    const { userId, expiresAt, claims } = verdict.token;
    return { kind: 'person', userId, expiresAt, claims: databaseClaims(userId, claims, issuer.settings.roles) };
  } catch (error) {
    if (!(error instanceof IssuerUnavailable)) throw error;
    throw new VerveError('issuer_unavailable', undefined, { retryAfterSeconds: 5, cause: error });
  }
}

/** Only chooses which issuer's keys to judge by; `verifyToken` then requires that very issuer. */
function unverifiedIssuer(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

/** The claims that the database sees: never `user_metadata`, which the person can write. */
function databaseClaims(
  userId: string,
  claims: Record<string, unknown>,
  roles: 'database' | 'app_metadata' = 'database',
): Record<string, unknown> {
  const minimal: Record<string, unknown> = { sub: userId, role: 'authenticated', is_anonymous: false };
  const metadata = claims.app_metadata;
  if (roles === 'app_metadata' && typeof metadata === 'object' && metadata !== null && 'verve_roles' in metadata) {
    minimal.app_metadata = { verve_roles: metadata.verve_roles };
  }
  return minimal;
}
