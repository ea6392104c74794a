// Understands every form of a referral link that was ever documented. Pure; safe on any text.
import { readCode } from '../codes/read-code.ts';
import { channelOfLetter, type ShareChannel } from '../share/channels.ts';

/** The form in which a code arrived. `short` is `/r/CODE`, `qr` is `/q/CODE`, `typed` is the bare code. */
export type LinkForm =
  | 'join'
  | 'join_query'
  | 'referral'
  | 'short'
  | 'qr'
  | 'app_referral'
  | 'app_onboarding'
  | 'install_referrer'
  | 'typed';

/**
 * What a link is. `referral`: follow it. `malformed`: meant as a referral link, but its code is missing or unreadable;
 * go nowhere, tell the person. `other`: none of ours (a BankID or Vipps callback, say); pass it on untouched.
 */
export type ParsedLink =
  | { kind: 'referral'; form: LinkForm; code: string; channel: ShareChannel | null }
  | { kind: 'malformed'; form: LinkForm; reason: 'missing_code' | 'unreadable_code' }
  | { kind: 'other' };

export interface ParseLinkOptions {
  /** Hosts whose https links are ours, as in the organisation's link domains. (Default: every host.) */
  hosts?: readonly string[];
  /** Custom schemes of the organisation's apps, besides `app`, without colon. (Default: none.) */
  schemes?: readonly string[];
}

/** Longer text was never a link of ours. */
const longestLink = 2_048;
const pathForms: Readonly<Record<string, LinkForm>> = { join: 'join', referral: 'referral', r: 'short', q: 'qr' };
const other: ParsedLink = { kind: 'other' };

function found(form: LinkForm, written: string | null, channel: ShareChannel | null): ParsedLink {
  if (written === null || written.trim() === '') return { kind: 'malformed', form, reason: 'missing_code' };
  const code = readCode(written);
  if (code === null) return { kind: 'malformed', form, reason: 'unreadable_code' };
  return { kind: 'referral', form, code, channel };
}

/** The first value of a query parameter that is not empty, whatever the case of its name. */
function parameter(query: URLSearchParams, name: string): string | null {
  for (const [key, value] of query) if (key.toLowerCase() === name && value.trim() !== '') return value;
  return null;
}

/** What a message or a tracker leaves on a link: the sentence's own punctuation, or a query that lost its `?`. */
const leftBehind = /(?:&.*|[.,;:!?…)\]}>"'’”»*_]+)$/su;

/** What stands for a code that nobody can read. */
const unreadable = '-';

function decodeSegment(segment: string, at: number, { length }: readonly string[]): string {
  try {
    const text = decodeURIComponent(segment);
    return at === length - 1 ? text.replace(leftBehind, '') : text;
  } catch {
    return unreadable;
  }
}

/**
 * Reads the path and query of a web link: `/join/CODE`, `/join?ref=CODE`, `/referral/CODE`, `/r/CODE`, `/q/CODE`, in any
 * case, with a closing slash, with a channel letter after the code, and with the punctuation of the sentence that it stood in.
 * The query of `/join/CODE` is not read.
 * @param pathname as in `URL.pathname`, still percent-encoded. A dot segment has been resolved by then.
 */
export function parseReferralPath(pathname: string, query: URLSearchParams): ParsedLink {
  const [first = '', ...rest] = pathname.split('/').slice(1);
  const form = pathForms[first.toLowerCase()];
  if (form === undefined) return other;
  const segments = (rest.at(-1) === '' ? rest.slice(0, -1) : rest).map(decodeSegment);
  const [written, letter, ...more] = segments;
  if (written === undefined) {
    return form === 'join' ? found('join_query', parameter(query, 'ref'), null) : found(form, null, null);
  }
  const channel = letter === undefined ? (form === 'qr' ? 'qr' : null) : channelOfLetter(letter);
  const readable = more.length === 0 && (letter === undefined || channel !== null);
  return found(form, readable ? written : unreadable, channel);
}

function parseAppLink(url: URL): ParsedLink {
  // `app://referral?token=…` has `referral` as its host; some senders write `app:///referral` or `app:referral`.
  const place = `${url.host}${url.pathname}`.toLowerCase().replaceAll('/', '');
  if (place === 'referral') return found('app_referral', parameter(url.searchParams, 'token'), null);
  if (place === 'onboarding') return found('app_onboarding', parameter(url.searchParams, 'ref'), null);
  return other;
}

function isOurHost(url: URL, hosts: readonly string[] | undefined): boolean {
  if (url.username !== '' || url.password !== '') return false;
  if (hosts === undefined) return true;
  return hosts.some((host) => host.toLowerCase() === url.host || host.toLowerCase() === url.hostname);
}

/**
 * Reads a link, or a code as a person typed it (specification §7). Never throws, whatever the text.
 * A link on a host that is not ours, or with a user name in it, is `other`.
 */
export function parseLink(text: string, options: ParseLinkOptions = {}): ParsedLink {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > longestLink) return other;
  const typed = readCode(trimmed);
  if (typed !== null) return { kind: 'referral', form: 'typed', code: typed, channel: null };
  // Line breaks and tabs vanish inside `new URL`, backslashes turn into slashes: no link of ours has any.
  if (/[\p{Cc}\\]/u.test(trimmed) || !URL.canParse(trimmed)) return other;
  const url = new URL(trimmed);
  const scheme = url.protocol.slice(0, -1);
  if (scheme === 'https' || scheme === 'http') {
    return isOurHost(url, options.hosts) ? parseReferralPath(url.pathname, url.searchParams) : other;
  }
  const schemes = ['app', ...(options.schemes ?? [])].map((name) => name.toLowerCase());
  return schemes.includes(scheme) ? parseAppLink(url) : other;
}

/**
 * Reads what the Play Store hands an app at first start: `utm_source=verve&code=…`. The text is a stranger's word.
 * Text without a code (an organic install) is `other`.
 */
export function parseInstallReferrer(text: string): ParsedLink {
  if (text.length > longestLink) return other;
  const query = new URLSearchParams(text);
  const written = parameter(query, 'code');
  if (written === null) return other;
  const letter = parameter(query, 'channel');
  return found('install_referrer', written, letter === null ? null : channelOfLetter(letter));
}
