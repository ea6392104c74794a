import { isClickToken } from '../engine/clicks/click-metadata.ts';
import type { Link } from '../engine/clicks/link-cache.ts';
import type { Clicks, Opening, OpeningOutcome } from '../engine/clicks/service.ts';
import { parseReferralPath } from '../engine/links/parse-link.ts';
import { channelLetters, type ShareChannel } from '../engine/share/channels.ts';
import { readTrafficSigns } from './traffic-signs.ts';

/** A short link as it was asked for. */
export interface AskedLink {
  code: string | null; // null = missing or unreadable
  isMissing: boolean;
  channel: ShareChannel | null;
  token: string | null;
}

/** Where a visitor is sent, and what became of the click; null = none was to be recorded. */
export interface Redirection {
  location: string;
  recorded: OpeningOutcome | null;
}

const shortPath = /^\/(?:r|q|referral)(?:[/?]|$)/i;
/** The form that our own links have, which is nearly every request: read without parsing a URL. */
const compactPath = /^\/([rRqQ])\/([0-9A-HJKMNP-TV-Z]{10})(?:\?t=([A-Za-z0-9._~-]+))?$/;

/**
 * Reads the path of a short link: `/r/CODE`, `/R/`, `/q/`, `/Q/`, `/referral/CODE`, in any case, with hyphens, and with a
 * channel letter after the code. null = not a short link. Never throws. A token comes as `?t=`.
 */
export function readShortLink(target: string): AskedLink | null {
  const compact = compactPath.exec(target);
  if (compact !== null) {
    const isQr = compact[1] === 'q' || compact[1] === 'Q';
    return { code: compact[2] as string, isMissing: false, channel: isQr ? 'qr' : null, token: compact[3] ?? null };
  }
  if (!shortPath.test(target)) return null;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  const link = parseReferralPath(path.replace(/#.*/, ''), query);
  const token = query.get('t');
  if (link.kind === 'referral') return { code: link.code, isMissing: false, channel: link.channel, token };
  return {
    code: null,
    isMissing: link.kind === 'malformed' && link.reason === 'missing_code',
    channel: null,
    token: null,
  };
}

/**
 * Records the click and says where the visitor goes: the organisation's own join page, else ours; with a code that has ended
 * or is unknown, or while nothing can be known of it, ours as well. Never rejects: a redirect never fails because counting
 * failed.
 */
export function redirectVisitor(
  clicks: Clicks,
  asked: AskedLink,
  opening: Omit<Opening, 'channel' | 'token'>,
): Promise<Redirection> {
  if (asked.code === null) return Promise.resolve({ location: asked.isMissing ? '/join' : '/join/-', recorded: null });
  const link = clicks.lookUp(asked.code);
  if (link === null) return Promise.resolve({ location: '/join/-', recorded: null });
  return link instanceof Promise
    ? link.then((known) => follow(clicks, known, asked, opening))
    : follow(clicks, link, asked, opening);
}

function follow(
  clicks: Clicks,
  link: Link,
  asked: AskedLink,
  opening: Omit<Opening, 'channel' | 'token'>,
): Promise<Redirection> {
  if (link.kind !== 'open') {
    const recorded = link.kind === 'unavailable' ? clicks.missOpening(link) : null;
    return Promise.resolve({ location: `/join/${link.code}`, recorded });
  }
  const { signs, address } = opening;
  if (link.target !== null) {
    const location = link.target;
    return clicks
      .recordOpening(link, { signs, address, channel: asked.channel, token: asked.token })
      .then((recorded) => ({ location, recorded }));
  }
  // Our own page records openings too: the token makes the two one click. What is no token would not, and is not passed on.
  const token = isClickToken(asked.token) ? asked.token : crypto.randomUUID();
  const letter = asked.channel === null ? '' : `/${channelLetters[asked.channel]}`;
  const location = `/join/${link.code}${letter}?t=${encodeURIComponent(token)}`;
  return clicks
    .recordOpening(link, { signs, address, channel: asked.channel, token })
    .then((recorded) => ({ location, recorded }));
}

/** Told to monitors in `Verve-Click` when a click was not committed before the answer. */
export function clickNotice(recorded: OpeningOutcome | null): string | null {
  return recorded === 'late' || recorded === 'not_stored' || recorded === 'flooded' ? recorded.replace('_', '-') : null;
}

/** Headers of every redirect: kept by nobody, telling the next page nothing, listed by no search engine. */
export const redirectHeaders = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'Content-Length': '0',
} as const;

/**
 * Answers a short link as a Web-standard handler, or gives null when the request is for something else. `address` is the
 * visitor's, for the flood limit alone.
 */
export function answerShortLink(
  request: Request,
  options: { clicks: Clicks; address: string },
): Promise<Response> | null {
  if (request.method !== 'GET' && request.method !== 'HEAD') return null;
  const start = request.url.indexOf('/', request.url.indexOf('://') + 3);
  const asked = start === -1 ? null : readShortLink(request.url.slice(start));
  if (asked === null) return null;
  const signs = readTrafficSigns(request);
  return redirectVisitor(options.clicks, asked, { signs, address: options.address }).then(({ location, recorded }) => {
    const notice = clickNotice(recorded);
    const answer: Record<string, string> = { Location: location, ...redirectHeaders };
    if (notice !== null) answer['Verve-Click'] = notice;
    return new Response(null, { status: 302, headers: answer });
  });
}
