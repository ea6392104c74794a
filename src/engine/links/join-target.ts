// The organisation's own join page, to which a visitor is handed. Pure.
import { isAllowedHost, isHostName } from './link-domain.ts';

/** Why a join URL template was refused. */
export type TemplateRefusal =
  | 'not_a_url'
  | 'not_https'
  | 'host_not_allowed'
  | 'unknown_placeholder'
  | 'misplaced_placeholder';
export type TemplateCheck = { outcome: 'good' } | { outcome: 'refused'; reason: TemplateRefusal };

const placeholder = /\{([^{}]*)\}/g;
const known = new Set(['code', 'registration_ref']);
// Anything that one browser reads differently from another: blanks, controls, backslashes, encoded slashes and dots.
const ambiguous = /[\p{Cc}\s\\<>"`]|%(?:2f|5c|2e|0d|0a|00|09)/iu;

/**
 * Checks a template such as `https://medlem.example.no/bli-medlem?ref={code}&reg={registration_ref}`: https, no user name
 * and no port, a host on the list, placeholders only in path, query or fragment. `//evil`, `\evil`, encoded slashes and line
 * breaks are refused. Run it when the setting is saved and again before every redirect.
 */
export function checkJoinTemplate(template: string, allowedDomains: readonly string[]): TemplateCheck {
  const refused = (reason: TemplateRefusal): TemplateCheck => ({ outcome: 'refused', reason });
  if (template.length > 2_000 || ambiguous.test(template)) return refused('not_a_url');
  if (/^http:\/\//i.test(template)) return refused('not_https');
  if (!/^https:\/\/[^/]/i.test(template)) return refused('not_a_url');
  const names = [...template.matchAll(placeholder)].map((match) => match[1] as string);
  if (names.some((name) => !known.has(name))) return refused('unknown_placeholder');
  const bare = template.replace(placeholder, 'x');
  if (/[{}]/.test(bare) || !URL.canParse(bare)) return refused('not_a_url');
  const authority = /^https:\/\/([^/?#]*)/i.exec(template)?.[1] ?? '';
  if (authority.includes('{')) return refused('misplaced_placeholder');
  const url = new URL(bare);
  if (url.username !== '' || url.password !== '' || url.port !== '' || authority.includes(':'))
    return refused('not_a_url');
  // The host is compared as written too: an international or otherwise re-written host is not what was allow-listed.
  const host = authority.toLowerCase();
  if (host !== url.hostname || !isHostName(host) || !isAllowedHost(host, allowedDomains))
    return refused('host_not_allowed');
  return { outcome: 'good' };
}

export interface JoinTargetInput {
  /** The organisation's template; null = it has no join page of its own. */
  template: string | null;
  allowedDomains: readonly string[];
  /** null = to join without credit: the parameters that would carry it are left out. */
  code: string | null;
  /** null = no registration yet. */
  registrationRef: string | null;
}

/**
 * The address to hand a visitor to, or null where there is none or the template is not allowed. Code and reference are
 * percent-encoded, so neither can leave its place; nothing else about the visitor is added.
 */
export function joinTarget(input: JoinTargetInput): string | null {
  const { template, code, registrationRef } = input;
  if (template === null || checkJoinTemplate(template, input.allowedDomains).outcome !== 'good') return null;
  const values: Readonly<Record<string, string>> = { code: code ?? '', registration_ref: registrationRef ?? '' };
  const filled = dropEmptyParameters(template, values).replace(placeholder, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  const url = new URL(filled);
  // An empty placeholder in the path would leave `//`: collapse it, a path never starts with two slashes.
  url.pathname = url.pathname.replace(/\/{2,}/g, '/');
  return url.href;
}

/** Leaves out `name={placeholder}` pairs whose value is empty. */
function dropEmptyParameters(template: string, values: Readonly<Record<string, string>>): string {
  const [beforeHash = '', ...hash] = template.split('#');
  const [path = '', ...query] = beforeHash.split('?');
  const isKept = (pair: string) => [...pair.matchAll(placeholder)].every((match) => values[match[1] as string] !== '');
  const kept = query.join('?').split('&').filter(isKept).join('&');
  return `${path}${kept === '' ? '' : `?${kept}`}${hash.length === 0 ? '' : `#${hash.join('#')}`}`;
}
