import { VerveError } from '../errors.ts';
import { classifyAddress, mayConnectTo } from './address-guard.ts';

const MAX_URL_LENGTH = 2048;
/** Names that stand for the machine itself everywhere (RFC 6761, 6.3). */
const ownNames = /(?:^|\.)localhost\.?$/;

/**
 * Reads the address of an endpoint as an administrator typed it and gives its normal form. It must be https, without
 * user name, password or fragment; a numeric host must be public. A name is not looked up here: what counts is the
 * address at the moment of each delivery. `allowLoopback` (development and tests) also lets in http to this machine.
 *
 * @throws VerveError `invalid_request`, which names the rule and never repeats the URL.
 */
export function requireEndpointUrl(value: string, options: { readonly allowLoopback?: boolean } = {}): string {
  const url = value.length <= MAX_URL_LENGTH && URL.canParse(value) ? new URL(value) : null;
  if (url === null) throw refusal('must be an absolute https URL of at most 2048 characters');
  const host = numericHost(url);
  const isLoopback = ownNames.test(url.hostname) || (host !== null && classifyAddress(host) === 'loopback');
  const isHttpToOurselves = url.protocol === 'http:' && isLoopback && options.allowLoopback === true;
  if (url.protocol !== 'https:' && !isHttpToOurselves) throw refusal('must be https');
  if (url.username !== '' || url.password !== '') throw refusal('must not hold a user name or password');
  if (url.hash !== '') throw refusal('must not hold a fragment');
  if (host !== null && !mayConnectTo(host, options)) throw refusal('must not be a private or reserved address');
  if (isLoopback && options.allowLoopback !== true) throw refusal('must not be this machine');
  return url.href;
}

/** The address in a URL whose host is a number (the URL parser has already put odd spellings right), else null. */
export function numericHost(url: URL): string | null {
  if (url.hostname.startsWith('[')) return url.hostname.slice(1, -1);
  return /^\d+\.\d+\.\d+\.\d+$/.test(url.hostname) ? url.hostname : null;
}

function refusal(message: string): VerveError {
  return new VerveError('invalid_request', `The endpoint's URL ${message}.`, { fields: [{ field: 'url', message }] });
}
