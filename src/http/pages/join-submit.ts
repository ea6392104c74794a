import type { JoinPage } from '../../engine/join/service.ts';
import type { ShareChannel } from '../../engine/share/channels.ts';
import type { RateLimitPolicy } from '../requests/rate-limit.ts';
import { isForeignPost } from './foreign-post.ts';
import { handOffTarget, readSessionToken, readSubmission, showEnded, showJoin, showTooMany } from './join-answers.ts';
import { fieldNames, judgeForm, readTypedForm } from './join-form.ts';
import { makeContext, unavailablePage } from './page-context.ts';
import type { KeptForm } from './page-organisation.ts';
import { pageResponse } from './page-response.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { readPosted } from './read-posted.ts';
import { resultView } from './result-view.ts';

/** Sheets sent from one address. A hall of people behind one address stays far below it. */
export const sheets: RateLimitPolicy = { name: 'join-sheets', quota: 600, windowSeconds: 600 };

/** What the address of the page says. */
interface JoinLink {
  code: string;
  channel: ShareChannel | null;
}

/** Answers the post of a join page: registers, or hands over, or shows the form again with what was typed. */
export async function submitJoin(
  request: Request,
  url: URL,
  link: JoinLink,
  options: PublicPagesOptions,
): Promise<Response> {
  const posted = await readPosted(request);
  try {
    return await answerSheet(request, url, link, posted, options);
  } catch (error) {
    options.logger.error({ fault: error instanceof Error ? error.name : 'unknown' }, 'a registration failed');
    return unavailablePage(request, keptForm(url, posted));
  }
}

/** Everything of a posted form that is worth posting again. */
export function keptForm(url: URL, posted: URLSearchParams): KeptForm {
  const fields = ['submission', 't', 'act', 'consent', ...fieldNames].flatMap((name) => {
    const value = posted.get(name);
    return value === null ? [] : ([[name, value.slice(0, 300)]] as const);
  });
  return { action: `${url.pathname}${url.search}`, fields };
}

async function answerSheet(
  request: Request,
  url: URL,
  { code, channel }: JoinLink,
  posted: URLSearchParams,
  options: PublicPagesOptions,
): Promise<Response> {
  const page = await options.verve.join.open({ code, host: url.hostname });
  if (page.state === 'unknown') return seeOther(url, `/join/${code}`, {});
  if (page.state === 'ended') return showEnded(request, page, page.reason, options);
  const { organisation } = page;
  const verdict = options.limiter.admit(sheets, options.clientAddress(request));
  if (!verdict.isAdmitted) return showTooMany(request, page, verdict.resetSeconds, options);

  const sessionToken = readSessionToken(posted.get('t')) ?? crypto.randomUUID();
  const submission = readSubmission(posted.get('submission')) ?? crypto.randomUUID();
  const isHandOff = posted.get('act') === 'hand_off';
  const typed = readTypedForm(posted);
  const shown = { sessionToken, submission, channel, typed, isFormWished: url.searchParams.has('form') };
  // A post from a foreign site is shown again rather than taken: the person decides.
  if (isForeignPost(request, options.publicUrl, organisation.linkDomains)) {
    return showJoin(request, page, options, { ...shown, trouble: 'old' });
  }
  const judged = isHandOff ? null : judgeForm(typed, pageFields(page));
  if (judged?.outcome === 'errors') {
    return showJoin(request, page, options, { ...shown, errors: judged.errors, status: 422 });
  }
  await options.recordHit?.({ code: page.code, act: 'join', channel, sessionToken, request });
  if (judged === null) return handOver(request, page, submission, options);

  const result = await options.verve.join.submit({
    code: page.code,
    submission,
    contact: judged.contact,
    consentVersion: typed.hasConsented ? organisation.settings.notice.version : null,
    sessionToken,
  });
  switch (result.outcome) {
    case 'registered':
      return seeOther(url, `/join/${page.code}/registered`, { ref: result.registrationRef });
    case 'alreadyRegistered':
      return seeOther(url, `/join/${page.code}/registered`, { again: '1' });
    case 'codeEnded':
      return showEnded(request, page, 'ended', options);
    case 'unknownCode':
      return showEnded(request, page, 'unknown', options);
  }
}

function pageFields({ organisation }: Extract<JoinPage, { state: 'open' }>) {
  const { name, phone, email } = organisation.settings.joinForm;
  return { name, phone, email };
}

/** To the organisation's own page with code and reference; where that does not answer, a page that says so. */
async function handOver(
  request: Request,
  page: Extract<JoinPage, { state: 'open' }>,
  submission: string,
  options: PublicPagesOptions,
): Promise<Response> {
  const target = handOffTarget(page.organisation, page.code, submission);
  if (target === null)
    return showJoin(request, page, options, { sessionToken: crypto.randomUUID(), channel: null, isFormWished: true });
  // Asked without code and reference: nothing of the visitor goes there but with himself.
  const asked = handOffTarget(page.organisation, null, null) ?? target;
  if (options.isTargetUp === undefined || (await options.isTargetUp(asked))) {
    return new Response(null, {
      status: 303,
      headers: { location: target, 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-store' },
    });
  }
  const context = await makeContext(request, { organisation: page.organisation, publicUrl: options.publicUrl });
  const query = context.languageQuery(context.language);
  const view = resultView(context, {
    kind: 'down',
    retryUrl: `/join/${page.code}${query}`,
    formUrl: `/join/${page.code}${query}&form=1`,
    kept: null,
  });
  options.logger.warn({ orgId: page.organisation.orgId }, 'the organisation’s join page does not answer');
  return pageResponse(view, { status: 503, colour: page.organisation.brand.colour, headers: { 'retry-after': '60' } });
}

/** After a post always a redirect, so that reloading sends nothing again. */
export function seeOther(url: URL, path: string, query: Record<string, string>): Response {
  const to = new URLSearchParams(query);
  const language = url.searchParams.get('lang');
  if (language !== null && /^[a-z]{2}$/.test(language)) to.set('lang', language);
  const headers = {
    location: `${path}?${to.toString()}`,
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
  };
  return new Response(null, { status: 303, headers });
}
