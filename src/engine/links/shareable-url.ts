import { channelLetters, type ShareChannel } from '../share/channels.ts';
import { type LinkResult, linkOrigin } from './link-domain.ts';

export interface ShareableUrlInput {
  /** The code as stored, ten characters. */
  code: string;
  /** The domain that links are made on; null = none set. */
  linkDomain: string | null;
  /** The organisation's allow-listed link domains. */
  allowedDomains: readonly string[];
}

/**
 * The link that stands for a code: `https://{domain}/join/{code}` (specification §4). Always https, on an allow-listed
 * domain, without a port. Refusals: `missing_link_domain`, `invalid_link_scheme`, `link_domain_not_allowed`.
 */
export function shareableUrl(input: ShareableUrlInput): LinkResult {
  return onOrigin(input, (origin) => `${origin}/join/${input.code}`);
}

/** The short link of one channel, `https://{domain}/r/{code}/{letter}`; a channel's clicks are told apart by it. */
export function channelUrl(input: ShareableUrlInput, channel: ShareChannel): LinkResult {
  return onOrigin(input, (origin) => `${origin}/r/${input.code}/${channelLetters[channel]}`);
}

/**
 * The address that a QR code holds, in upper case so that the compact alphanumeric mode applies (links-qr-sharing §3.6):
 * `HTTPS://HOST/Q/CODE`, and `HTTPS://HOST/Q/CODE/P` on a poster.
 */
export function qrUrl(input: ShareableUrlInput, channel: 'qr' | 'poster' = 'qr'): LinkResult {
  const suffix = channel === 'poster' ? `/${channelLetters.poster}` : '';
  return onOrigin(input, (origin) => `${origin}/Q/${input.code}${suffix}`.toUpperCase());
}

/** The short link as printed under a QR code, without scheme: `verv.example.no/r/3PKCM78AQS`. */
export function printedUrl(input: ShareableUrlInput): LinkResult {
  return onOrigin(input, (origin) => `${origin.slice('https://'.length)}/r/${input.code}`);
}

function onOrigin(input: ShareableUrlInput, make: (origin: string) => string): LinkResult {
  const origin = linkOrigin(input.linkDomain, input.allowedDomains);
  return origin.outcome === 'url' ? { outcome: 'url', url: make(origin.url) } : origin;
}
