// Which hosts and addresses of an organisation may be linked to. Pure.

/** Why an address was refused, as one of the error codes of specification §4. */
export type LinkRefusal = 'missing_link_domain' | 'invalid_link_scheme' | 'link_domain_not_allowed';
/** An address, or why there is none. */
export type LinkResult = { outcome: 'url'; url: string } | { outcome: 'refused'; code: LinkRefusal };

export function refuse(code: LinkRefusal): LinkResult {
  return { outcome: 'refused', code };
}

/** A host name as DNS writes it: labels of letters, digits and hyphens, at least two, no trailing dot. */
const hostName = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the text is a plain host name: no scheme, port, path, wildcard or address. Lower case is expected. */
export function isHostName(text: string): boolean {
  return hostName.test(text);
}

/** Whether a host stands on the list, exactly; a subdomain of a listed host does not. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  return allowed.some((domain) => domain.toLowerCase() === host.toLowerCase());
}

/**
 * The origin of the domain on which links are made. The domain may be written `verv.example.no` or with `https://`.
 * Refused: another scheme, a port, a user name, a path, a host that is not on the list.
 * @param linkDomain null = none is set
 */
export function linkOrigin(linkDomain: string | null, allowed: readonly string[]): LinkResult {
  const written = linkDomain?.trim() ?? '';
  if (written === '') return refuse('missing_link_domain');
  const scheme = /^([a-z][a-z0-9+.-]*):(?:\/\/|[^0-9])/i.exec(written)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'https') return refuse('invalid_link_scheme');
  const host = written
    .replace(/^https:\/\//i, '')
    .replace(/\/$/, '')
    .toLowerCase();
  if (!isHostName(host) || !isAllowedHost(host, allowed)) return refuse('link_domain_not_allowed');
  return { outcome: 'url', url: `https://${host}` };
}
