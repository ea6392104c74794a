import type { Organisation } from '../../engine/organisations/organisation.ts';
import { slugForm } from '../../engine/organisations/profile.ts';
import { makeContext } from '../pages/page-context.ts';
import { pageResponse } from '../pages/page-response.ts';
import { readPosted } from '../pages/read-posted.ts';
import type { RateLimitPolicy } from '../requests/rate-limit.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { isSameOrigin } from './same-origin.ts';
import { keepSession } from './session-cookie.ts';
import { signInUrl } from './sign-in-url.ts';
import { type SignInCard, signInView } from './sign-in-view.ts';

/** Asking for links, per sender's address: what guessing addresses gets. */
const askLimit: RateLimitPolicy = { name: 'sign-in', quota: 10, windowSeconds: 15 * 60 };
/** Links tried, per sender's address. */
const tryLimit: RateLimitPolicy = { name: 'sign-in-links', quota: 60, windowSeconds: 15 * 60 };

const linkForm = /^\/app\/sign-in\/([a-z0-9-]{1,63})\.([A-Za-z0-9_-]{43})$/;

type SendLetter = NonNullable<DashboardOptions['sendLetter']>;

/** Answers `/app/sign-in` and the links below it; null = not by this method. */
export async function answerSignIn(request: Request, url: URL, options: DashboardOptions): Promise<Response | null> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && request.method !== 'POST') return null;
  if (url.pathname === '/app/sign-in') {
    return isRead ? showForm(request, url, options, null) : sendLink(request, url, options);
  }
  const [, slug = '', token = ''] = linkForm.exec(url.pathname) ?? [];
  const organisation = await findOrganisation(slug, options);
  if (organisation === null) return show(request, options, null, { kind: 'usedLink', againUrl: '/app/sign-in' });
  return isRead
    ? showLink(request, url, options, { organisation, token })
    : enter(request, options, { organisation, token });
}

/** Where to go after signing in: a path of this organisation's dashboard, and nothing else. */
function safeNext(next: string | null, slug: string): string {
  const home = `/app/${slug}`;
  if (next === null || next.length > 500 || !/^[\x21-\x7e]+$/.test(next) || next.includes('\\')) return home;
  const parsed = URL.parse(next, 'http://here.invalid');
  if (parsed === null) return home;
  const isInside = parsed.pathname === home || parsed.pathname.startsWith(`${home}/`);
  return parsed.host === 'here.invalid' && isInside ? `${parsed.pathname}${parsed.search}` : home;
}

async function showForm(
  request: Request,
  url: URL,
  options: DashboardOptions,
  note: 'foreignForm' | 'tooMany' | null,
): Promise<Response> {
  const next = url.searchParams.get('next');
  const slug = url.searchParams.get('organisation') ?? /^\/app\/([a-z0-9-]{1,63})(?:[/?]|$)/.exec(next ?? '')?.[1];
  const organisation = await (slug === undefined ? onlyOrganisation(options) : findOrganisation(slug, options));
  if (organisation === null) return show(request, options, null, { kind: 'organisation' });
  const card = { kind: 'address', hasMail: options.sendLetter !== null, next: next ?? '', note } as const;
  return show(request, options, organisation, card, note === 'tooMany' ? 429 : note === null ? 200 : 403);
}

/** The same answer whoever the address belongs to, before anybody is looked for: no time tells either. */
async function sendLink(request: Request, url: URL, options: DashboardOptions): Promise<Response> {
  const posted = await readPosted(request);
  const organisation = await findOrganisation(posted.get('organisation') ?? '', options);
  if (organisation === null || options.sendLetter === null) return showForm(request, url, options, null);
  const again = new URL(url);
  again.searchParams.set('organisation', organisation.slug);
  if (!isSameOrigin(request, options.publicUrl)) return showForm(request, again, options, 'foreignForm');
  if (!options.limiter.admit(askLimit, options.clientAddress(request)).isAdmitted) {
    return showForm(request, again, options, 'tooMany');
  }
  const email = (posted.get('email') ?? '').trim();
  const next = posted.get('next') ?? '';
  options.addWork(sendLinkTo(request, options, { organisation, email, next, send: options.sendLetter }));
  return show(request, options, organisation, { kind: 'sent' });
}

/** Makes the link and sends it, where somebody has the address. Never rejects. */
async function sendLinkTo(
  request: Request,
  { verve, publicUrl, logger }: DashboardOptions,
  asked: { organisation: Organisation; email: string; next: string; send: SendLetter },
): Promise<void> {
  const { organisation, email, next, send } = asked;
  const { orgId, slug } = organisation;
  try {
    const made = await verve.signIn.requestLink({ orgId, email });
    if (made === null) return;
    const context = await makeContext(request, { organisation, publicUrl });
    const link = new URL(signInUrl(publicUrl, slug, made.token));
    if (next !== '') link.searchParams.set('next', safeNext(next, slug));
    const text = [context.say('signin.mailText'), link.href, context.say('signin.mailIgnore')].join('\n\n');
    await send({ to: email, subject: context.say('signin.title'), text });
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'unknown';
    logger.warn({ orgId, fault }, 'a sign-in link could not be sent');
  }
}

/** Looks only: mail scanners open links, and must not use them up. */
async function showLink(
  request: Request,
  url: URL,
  options: DashboardOptions,
  { organisation, token }: { organisation: Organisation; token: string },
): Promise<Response> {
  const refusal = await refuseBeyondBudget(request, options, organisation);
  if (refusal !== null) return refusal;
  const found = await options.verve.signIn.lookAtLink({ orgId: organisation.orgId, token });
  const next = safeNext(url.searchParams.get('next'), organisation.slug);
  const card: SignInCard =
    found === null
      ? { kind: 'usedLink', againUrl: `/app/sign-in?organisation=${organisation.slug}` }
      : { kind: 'confirm', name: found.name, next };
  return show(request, options, organisation, card, found === null ? 410 : 200);
}

async function enter(
  request: Request,
  options: DashboardOptions,
  { organisation, token }: { organisation: Organisation; token: string },
): Promise<Response> {
  const { slug, orgId } = organisation;
  const refusal = await refuseBeyondBudget(request, options, organisation);
  if (refusal !== null) return refusal;
  if (!isSameOrigin(request, options.publicUrl)) {
    const card = { kind: 'address', hasMail: options.sendLetter !== null, next: '', note: 'foreignForm' } as const;
    return show(request, options, organisation, card, 403);
  }
  const posted = await readPosted(request);
  const opened = await options.verve.signIn.useLink({ orgId, token });
  if (opened === null) {
    return show(
      request,
      options,
      organisation,
      { kind: 'usedLink', againUrl: `/app/sign-in?organisation=${slug}` },
      410,
    );
  }
  const isSecure = options.publicUrl.startsWith('https:');
  const headers = {
    location: safeNext(posted.get('next'), slug),
    'set-cookie': keepSession({ slug, isSecure, ...opened }),
  };
  return new Response(null, { status: 303, headers });
}

/** A page that says when to try again, where too many links were tried from there; null = go on. */
async function refuseBeyondBudget(
  request: Request,
  options: DashboardOptions,
  organisation: Organisation,
): Promise<Response | null> {
  const { isAdmitted, resetSeconds } = options.limiter.admit(tryLimit, options.clientAddress(request));
  if (isAdmitted) return null;
  const card = { kind: 'wait', minutes: Math.max(1, Math.ceil(resetSeconds / 60)) } as const;
  return show(request, options, organisation, card, 429, { 'retry-after': String(resetSeconds) });
}

async function findOrganisation(slug: string, { verve }: DashboardOptions): Promise<Organisation | null> {
  if (!slugForm.test(slug)) return null;
  const orgId = await verve.organisations.findIdBySlug(slug);
  return orgId === null ? null : verve.organisations.recent(orgId);
}

async function onlyOrganisation({ verve }: DashboardOptions): Promise<Organisation | null> {
  const [only, ...others] = await verve.organisations.listIds();
  return only === undefined || others.length > 0 ? null : verve.organisations.recent(only);
}

/** A page of the sign-in. Forms tell their origin only to ourselves. */
export async function show(
  request: Request,
  options: DashboardOptions,
  organisation: Organisation | null,
  card: SignInCard,
  status = 200,
  headers: Record<string, string> = {},
): Promise<Response> {
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const colour = context.organisation?.colour ?? null;
  return pageResponse(signInView(context, card), {
    status,
    colour,
    headers: { 'referrer-policy': 'same-origin', ...headers },
  });
}
