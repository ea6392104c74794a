import { type ParsedLink, parseInstallReferrer, parseLink } from '../links/parse-link.ts';
import type { Organisation } from '../organisations/organisation.ts';
import type { JoinPage } from './service.ts';

/** Where the code of a link stands: `valid`, `replaced` (still counts), `expired`, `ended`, or `unknown`. */
export type LinkState = 'valid' | 'replaced' | 'expired' | 'ended' | 'unknown';

/** A link that was understood and looked up. `state` and `organisation` are null where there is no code. */
export interface ResolvedLink {
  parsed: ParsedLink;
  state: LinkState | null;
  organisation: Organisation | null;
}

export interface LinkToResolve {
  /** A link, or a code as typed; or, with `isInstallReferrer`, what the Play Store handed over. */
  text: string;
  isInstallReferrer: boolean;
  /** The server's own host, on which links work too. */
  ownHost: string;
}

/** What a link is looked up with. */
export interface LinkSources {
  open(visit: { code: string; host: string }): Promise<JoinPage>;
  organisationOfHost(host: string): Promise<Organisation | null>;
}

const other: ResolvedLink = { parsed: { kind: 'other' }, state: null, organisation: null };

/**
 * Understands a link and looks its code up. A web link is ours only on a link domain of the code's organisation or on the
 * server's own host, an app link only with a scheme of its apps or `app`; everything else is `other` and goes on untouched.
 */
export async function resolveLink(sources: LinkSources, link: LinkToResolve): Promise<ResolvedLink> {
  if (link.isInstallReferrer) return lookUp(sources, parseInstallReferrer(link.text), () => true);
  const url = URL.canParse(link.text.trim()) ? new URL(link.text.trim()) : null;
  const scheme = url?.protocol.slice(0, -1) ?? '';
  const parsed = parseLink(link.text, { schemes: scheme === '' ? [] : [scheme] });
  if (parsed.kind === 'other') return other;
  if (parsed.kind === 'referral' && parsed.form === 'typed') return lookUp(sources, parsed, () => true);
  if (scheme === 'https' || scheme === 'http') {
    const host = url?.hostname ?? '';
    const isOwn = url?.host === link.ownHost;
    if (parsed.kind === 'malformed' && !isOwn && (await sources.organisationOfHost(host)) === null) return other;
    return lookUp(sources, parsed, (organisation) => isOwn || (organisation?.linkDomains.includes(host) ?? false));
  }
  if (scheme !== 'app' && parsed.kind === 'malformed') return other;
  return lookUp(
    sources,
    parsed,
    (organisation) => scheme === 'app' || (organisation?.appIds.some((app) => app.scheme === scheme) ?? false),
  );
}

async function lookUp(
  sources: LinkSources,
  parsed: ParsedLink,
  isOurs: (organisation: Organisation | null) => boolean,
): Promise<ResolvedLink> {
  if (parsed.kind !== 'referral') return { parsed, state: null, organisation: null };
  const page = await sources.open({ code: parsed.code, host: '' });
  if (!isOurs(page.organisation)) return other;
  return { parsed, state: stateOf(page), organisation: page.state === 'unknown' ? null : page.organisation };
}

function stateOf(page: JoinPage): LinkState {
  if (page.state === 'unknown') return 'unknown';
  if (page.state === 'open') return page.isReplaced ? 'replaced' : 'valid';
  return page.reason === 'expired' ? 'expired' : 'ended';
}
