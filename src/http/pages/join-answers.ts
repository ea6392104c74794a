import type { JoinPage } from '../../engine/join/service.ts';
import { joinTarget } from '../../engine/links/join-target.ts';
import type { Organisation } from '../../engine/organisations/organisation.ts';
import type { ShareChannel } from '../../engine/share/channels.ts';
import type { RateLimitPolicy } from '../requests/rate-limit.ts';
import { type EndedReason, endedView } from './ended-view.ts';
import { emptyForm, type FormError, type TypedForm } from './join-form.ts';
import { joinView } from './join-view.ts';
import { makeContext } from './page-context.ts';
import type { PageContext } from './page-organisation.ts';
import { pageResponse } from './page-response.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { resultView } from './result-view.ts';

/** Codes that nobody has, per address. Generous: a hall full of people may stand behind one address. */
const unknownCodes: RateLimitPolicy = { name: 'unknown-codes', quota: 60, windowSeconds: 600 };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const token = /^[A-Za-z0-9._~-]{16,128}$/;

/** A random value of the page's own making, or the one that its link carried. Never derived from the device. */
export function readSessionToken(given: string | null): string | null {
  return given !== null && token.test(given) ? given : null;
}

/** A submission id as the page made it; anything else is not one. */
export function readSubmission(given: string | null): string | null {
  return given !== null && uuid.test(given) ? given : null;
}

/** Shows the open page: empty, or with what was typed and what is wrong with it. */
export async function showJoin(
  request: Request,
  page: Extract<JoinPage, { state: 'open' }>,
  options: PublicPagesOptions,
  sheet: {
    sessionToken: string;
    /** How the link came, as its path says; null = unknown. */
    channel: ShareChannel | null;
    isFormWished: boolean;
    typed?: TypedForm;
    errors?: readonly FormError[];
    submission?: string;
    trouble?: 'down' | 'old';
    status?: number;
  },
): Promise<Response> {
  const { organisation, code, isReplaced } = page;
  const { sessionToken, typed = emptyForm, errors = [], trouble, status = 200 } = sheet;
  const context = await makeContext(request, {
    organisation,
    publicUrl: options.publicUrl,
    path: `/join/${code}`,
    sessionToken,
  });
  if (context.organisation === null) throw new TypeError('A join page belongs to an organisation');
  const target = handOffTarget(organisation, code, null);
  const isForm = sheet.isFormWished || target === null || organisation.settings.joinForm.isShown;
  const view = joinView(
    { ...context, organisation: context.organisation },
    {
      code,
      way: isForm ? { kind: 'form', typed, errors } : { kind: 'hand_off' },
      submission: sheet.submission ?? crypto.randomUUID(),
      sessionToken,
      channel: sheet.channel,
      isReplaced,
      trouble:
        trouble === undefined ? null : context.say(trouble === 'down' ? 'join.error.down' : 'join.error.formOld'),
    },
  );
  const formOrigin = isForm || target === null ? null : new URL(target).origin;
  return pageResponse(view, { status, colour: context.organisation.colour, formOrigin });
}

/** The organisation's own join page with code and registration reference; null = it has none. */
export function handOffTarget(
  organisation: Organisation,
  code: string | null,
  registrationRef: string | null,
): string | null {
  const { joinUrlTemplate: template, linkDomains: allowedDomains } = organisation;
  return joinTarget({ template, allowedDomains, code, registrationRef });
}

/** The organisation's own page for joining without a code, where nobody is credited; null = it has none. */
export function withoutCodeUrl(organisation: Organisation): string | null {
  return organisation.settings.joinForm.withoutCodeUrl ?? handOffTarget(organisation, null, null);
}

/**
 * Where a person joins without a code: the organisation's own page, else a form of ours. null = the organisation has no
 * page and its form asks for nothing by which it could answer.
 */
function wayWithoutCode({ language }: PageContext, organisation: Organisation, code: string): string | null {
  const { phone, email } = organisation.settings.joinForm;
  const isReachable = phone !== 'hidden' || email !== 'hidden';
  return withoutCodeUrl(organisation) ?? (isReachable ? `/join/${code}/without?lang=${language}` : null);
}

/** The page on which a member tells who invited; without a code the path holds a hyphen. */
function claimUrl({ language }: PageContext, code: string): string {
  return `/join/${code}/claim?lang=${language}`;
}

/** A code that has ended: kind, with the way to join without it. 410 tells machines that it is gone for good. */
export async function showEnded(
  request: Request,
  { organisation, code }: { organisation: Organisation; code: string },
  reason: EndedReason,
  options: PublicPagesOptions,
): Promise<Response> {
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const view = endedView(context, {
    reason,
    joinUrl: wayWithoutCode(context, organisation, code),
    codeAction: '/join',
    typedCode: null,
    claimUrl: claimUrl(context, code),
    waitMinutes: 0,
  });
  return pageResponse(view, { status: reason === 'used' ? 200 : 410, colour: organisation.brand.colour });
}

/** A code that nobody has, or none at all (`missing`: the link lost it; `typing`: somebody came to type it). */
export async function showUnknown(
  request: Request,
  url: URL,
  options: PublicPagesOptions,
  found: { why?: 'unknown' | 'missing' | 'typing'; typed: string; organisation: Organisation | null },
): Promise<Response> {
  const organisation = found.organisation ?? (await options.verve.join.organisationOfHost(url.hostname));
  const { why = 'unknown' } = found;
  const verdict = why !== 'unknown' ? null : options.limiter.admit(unknownCodes, options.clientAddress(request));
  const isTooMany = verdict !== null && !verdict.isAdmitted;
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const view = endedView(context, {
    reason: isTooMany ? 'too_many' : why,
    joinUrl: organisation === null ? null : wayWithoutCode(context, organisation, '-'),
    codeAction: '/join',
    typedCode: found.typed === '' ? null : found.typed.slice(0, 64),
    claimUrl: claimUrl(context, '-'),
    waitMinutes: Math.ceil((verdict?.resetSeconds ?? 0) / 60),
  });
  const status = isTooMany ? 429 : why === 'unknown' ? 404 : 200;
  const headers = isTooMany ? { 'retry-after': String(verdict?.resetSeconds ?? 60) } : {};
  return pageResponse(view, { status, colour: organisation?.brand.colour ?? null, headers });
}

/** The page after the form: thanks, and the step that remains. Can be opened again; a used registration says so. */
export async function showRegistered(
  request: Request,
  url: URL,
  code: string,
  options: PublicPagesOptions,
): Promise<Response> {
  const page = await options.verve.join.open({ code, host: url.hostname });
  if (page.state === 'unknown') {
    return showUnknown(request, url, options, { typed: '', organisation: page.organisation });
  }
  const { organisation } = page;
  const registrationRef = readSubmission(url.searchParams.get('ref'));
  const isUsed =
    registrationRef !== null && (await options.verve.join.isUsed({ orgId: organisation.orgId, registrationRef }));
  if (isUsed) return showEnded(request, page, 'used', options);
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const nextUrl = handOffTarget(organisation, page.code, registrationRef);
  const kind = url.searchParams.has('again') ? 'duplicate' : 'thanks';
  return pageResponse(resultView(context, { kind, nextUrl }), { colour: organisation.brand.colour });
}

/** Too many sheets from one address: says how long to wait. */
export async function showTooMany(
  request: Request,
  page: { organisation: Organisation; code: string },
  waitSeconds: number,
  options: PublicPagesOptions,
): Promise<Response> {
  const { organisation } = page;
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  const view = endedView(context, {
    reason: 'too_many',
    joinUrl: withoutCodeUrl(organisation),
    codeAction: '/join',
    typedCode: null,
    claimUrl: claimUrl(context, page.code),
    waitMinutes: Math.ceil(waitSeconds / 60),
  });
  const headers = { 'retry-after': String(waitSeconds) };
  return pageResponse(view, { status: 429, colour: organisation.brand.colour, headers });
}
