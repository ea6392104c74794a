import type { SignInSession } from '../../engine/sign-in/service.ts';
import type { Verve } from '../../engine/verve.ts';
import type { Caller } from '../operation.ts';
import { isSameOrigin } from './same-origin.ts';
import { readSessionCookies } from './session-cookie.ts';

/** A browser that is signed in to an organisation. */
export interface BrowserSession extends SignInSession {
  orgId: string;
  slug: string;
  token: string;
}

/** The session that a request carries for an organisation; null = none that holds. */
export async function findBrowserSession(
  verve: Verve,
  headers: Headers,
  place: { slug: string; isSecure: boolean },
): Promise<BrowserSession | null> {
  const token = readSessionCookies(headers, place.isSecure).get(place.slug);
  if (token === undefined) return null;
  const orgId = await verve.organisations.findIdBySlug(place.slug);
  if (orgId === null) return null;
  const session = await verve.signIn.findSession({ orgId, token });
  return session === null ? null : { ...session, orgId, slug: place.slug, token };
}

/** What the database is told of a signed-in person: who, and that only this organisation is to be seen. */
export function claimsOf({ userId, orgId }: Pick<BrowserSession, 'userId' | 'orgId'>): Record<string, unknown> {
  return { sub: userId, role: 'authenticated', is_anonymous: false, verve_org: orgId };
}

/**
 * Who a request's cookie says it is, for the API. A cookie that no longer holds is nobody, not a refusal: the browser sends it
 * by itself. For what changes something it counts only from our own pages.
 */
export async function authenticateCookie(
  runtime: { verve: Verve; publicUrl: string },
  request: Request,
): Promise<Caller> {
  const isSecure = runtime.publicUrl.startsWith('https:');
  const cookies = readSessionCookies(request.headers, isSecure);
  if (cookies.size === 0) return { kind: 'public' };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && !isSameOrigin(request, runtime.publicUrl)) return { kind: 'public' };
  const [only] = cookies.keys();
  const slug = request.headers.get('verve-organisation') ?? (cookies.size === 1 ? only : undefined);
  if (slug === undefined) return { kind: 'public' };
  const session = await findBrowserSession(runtime.verve, request.headers, { slug, isSecure });
  if (session === null) return { kind: 'public' };
  return { kind: 'person', userId: session.userId, expiresAt: session.expiresAt, claims: claimsOf(session) };
}
