import { type ParsedLink, parseReferralPath } from '../../engine/links/parse-link.ts';
import { answerClaim } from './claim-routes.ts';
import { readSessionToken, showEnded, showJoin, showRegistered, showUnknown } from './join-answers.ts';
import { submitJoin } from './join-submit.ts';
import { answerWithoutCode } from './join-without-code.ts';
import type { PublicPagesOptions } from './pages-options.ts';

/** Answers `/join…` and `/referral/…` in every documented form, in any case; null = not by this method. */
export async function answerJoin(request: Request, url: URL, options: PublicPagesOptions): Promise<Response | null> {
  const done = /^\/join\/([^/]+)\/registered\/?$/i.exec(url.pathname);
  const isPost = request.method === 'POST';
  if (!isPost && request.method !== 'GET' && request.method !== 'HEAD') return null;
  const claim = /^\/join\/([^/]+)\/claim\/?$/i.exec(url.pathname);
  if (claim !== null) return answerClaim(request, url, decodeCode(claim[1] ?? ''), options);
  const without = /^\/join\/([^/]+)\/without\/?$/i.exec(url.pathname);
  if (without !== null) return answerWithoutCode(request, url, decodeCode(without[1] ?? ''), options);
  if (done !== null && !isPost) return showRegistered(request, url, decodeCode(done[1] ?? ''), options);
  const link = parseReferralPath(url.pathname, url.searchParams);
  const typed = url.searchParams.get('ref') ?? '';
  if (link.kind !== 'referral') {
    return showUnknown(request, url, options, { why: whyWithout(url, link), typed, organisation: null });
  }
  if (isPost) return submitJoin(request, url, link, options);

  const page = await options.verve.join.open({ code: link.code, host: url.hostname });
  if (page.state === 'unknown') {
    return showUnknown(request, url, options, { typed, organisation: page.organisation });
  }
  if (page.state === 'ended') return showEnded(request, page, page.reason, options);
  const sessionToken = readSessionToken(url.searchParams.get('t')) ?? crypto.randomUUID();
  if (request.method === 'GET') {
    await options.recordHit?.({ code: page.code, act: 'open', channel: link.channel, sessionToken, request });
  }
  const { channel } = link;
  return showJoin(request, page, options, { sessionToken, channel, isFormWished: url.searchParams.has('form') });
}

/** The bare `/join` is where posters send people who type; any other address without a code has lost it. */
function whyWithout({ pathname, searchParams }: URL, link: Exclude<ParsedLink, { kind: 'referral' }>) {
  if (link.kind !== 'malformed' || link.reason !== 'missing_code') return 'unknown';
  return /^\/join\/?$/i.test(pathname) && ![...searchParams.keys()].some((key) => key.toLowerCase() === 'ref')
    ? 'typing'
    : 'missing';
}

function decodeCode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
