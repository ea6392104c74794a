import { VerveError } from '../../engine/errors.ts';
import { slugForm } from '../../engine/organisations/profile.ts';
import { inOrganisation } from '../../engine/parts.ts';
import type { Verve } from '../../engine/verve.ts';
import { listMemberships, type Membership, readMentorName } from '../people/people-repository.ts';
import { eventsBeginning, findNewestEvent } from '../rows/event-rows-repository.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { type BrowserSession, claimsOf, findBrowserSession } from './find-session.ts';
import { isSameOrigin } from './same-origin.ts';
import { forgetSession, keepSession, readSessionCookies } from './session-cookie.ts';
import { answerShell } from './shell.ts';
import { answerSignIn, show } from './sign-in-routes.ts';

/**
 * The dashboard: `/app`, signing in and out, the shell of `/app/{organisation}/…` and its files. Answers null for every
 * other path. What a person sees and may do, the API decides: the shell holds only who and where one is.
 */
export function createDashboard(options: DashboardOptions): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const response = await route(request, new URL(request.url), options);
    if (response === null || request.method !== 'HEAD') return response;
    return new Response(null, { status: response.status, headers: response.headers });
  };
}

async function route(request: Request, url: URL, options: DashboardOptions): Promise<Response | null> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const [first, slug = '', third = ''] = url.pathname.split('/').slice(1);
  if (isRead && url.pathname.startsWith('/assets/dashboard/')) {
    return options.files?.respond(url.pathname, request.headers) ?? null;
  }
  if (first !== 'app') return null;
  if (isRead && url.pathname === '/app/service-worker.js') return answerWorker(request, options);
  if (slug === 'sign-in') return answerSignIn(request, url, options);
  if (slug === '') return isRead ? chooseOrganisation(request, options) : null;
  if (!slugForm.test(slug)) return null;
  if (third === 'sign-out' && request.method === 'POST') return signOut(request, url, slug, options);
  return isRead ? openShell(request, url, slug, options) : null;
}

/** It may ask its own server, and nothing else of anybody. */
async function answerWorker(request: Request, { files }: DashboardOptions): Promise<Response | null> {
  const response = (await files?.respondWorker(request.headers)) ?? null;
  response?.headers.set('content-security-policy', "default-src 'none'; connect-src 'self'");
  return response;
}

const redirect = (location: string): Response => new Response(null, { status: 303, headers: { location } });
const isSecure = ({ publicUrl }: DashboardOptions): boolean => publicUrl.startsWith('https:');

/** `/app`: to the only organisation that this browser is signed in to, else a choice, else the way in. */
async function chooseOrganisation(request: Request, options: DashboardOptions): Promise<Response> {
  const slugs = [...readSessionCookies(request.headers, isSecure(options)).keys()].slice(0, 10);
  const places: { slug: string; name: string }[] = [];
  for (const slug of slugs) {
    const place = { slug, isSecure: isSecure(options) };
    const session = await findBrowserSession(options.verve, request.headers, place);
    const membership = session === null ? null : await readMembership(options.verve, session);
    if (membership !== null) places.push({ slug, name: membership.name });
  }
  const [only] = places;
  if (only === undefined) return redirect('/app/sign-in');
  return places.length === 1 ? redirect(`/app/${only.slug}`) : show(request, options, null, { kind: 'choose', places });
}

async function openShell(request: Request, url: URL, slug: string, options: DashboardOptions): Promise<Response> {
  const { verve } = options;
  const session = await findBrowserSession(verve, request.headers, { slug, isSecure: isSecure(options) });
  if (session === null) {
    const query = new URLSearchParams({ next: `${url.pathname}${url.search}` });
    return redirect(`/app/sign-in?${query}`);
  }
  const organisation = await verve.organisations.recent(session.orgId);
  const membership = await readMembership(verve, session);
  if (organisation === null) return redirect('/app/sign-in');
  if (membership === null) return show(request, options, organisation, { kind: 'noRole' }, 403);
  if (options.files === null) return show(request, options, organisation, { kind: 'notBuilt' }, 503);
  const newestEventId = await readNewestEvent(verve, session.orgId, membership);
  const visit = { organisation, membership, name: membership.personName, newestEventId };
  const response = await answerShell(request, visit, options.files);
  const renewed = session.isDueForRenewal ? await verve.signIn.renew(session) : null;
  if (renewed !== null)
    response.headers.set('set-cookie', keepSession({ slug, isSecure: isSecure(options), ...renewed }));
  return response;
}

/** After which event the stream of the page's figures begins: what happens until it is open must not be missed. */
async function readNewestEvent(verve: Verve, orgId: string, { roles }: Membership): Promise<string | null> {
  if (!roles.some(({ role }) => role !== 'peer_mentor')) return null;
  const newest = await inOrganisation(verve.parts, { orgId }, (session) => findNewestEvent(session, orgId));
  return newest?.id ?? eventsBeginning.id;
}

/** Where the person of a session belongs, with the name as mentor; null = nowhere any more. */
async function readMembership(
  verve: Verve,
  session: BrowserSession,
): Promise<(Membership & { personName: string | null }) | null> {
  const scope = { role: 'authenticated', claims: claimsOf(session) } as const;
  return verve.parts.database.transaction(scope, async (reading) => {
    const [held] = await listMemberships(reading);
    if (held === undefined) return null;
    const personName = held.mentorId === null ? null : await readMentorName(reading, held.orgId, held.mentorId);
    return { ...held, personName };
  });
}

async function signOut(request: Request, url: URL, slug: string, options: DashboardOptions): Promise<Response> {
  if (!isSameOrigin(request, options.publicUrl))
    throw new VerveError('forbidden', 'Sign out from the dashboard itself.');
  const token = readSessionCookies(request.headers, isSecure(options)).get(slug);
  const orgId = await options.verve.organisations.findIdBySlug(slug);
  if (token !== undefined && orgId !== null) {
    await options.verve.signIn.signOut({ orgId, token, everywhere: url.searchParams.get('everywhere') === 'true' });
  }
  const headers = {
    location: `/app/sign-in?organisation=${slug}`,
    'set-cookie': forgetSession(slug, isSecure(options)),
    // What the browser kept for when there is no network goes too.
    'clear-site-data': '"storage"',
  };
  return new Response(null, { status: 303, headers });
}
