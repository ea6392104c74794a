import type { Organisation } from '../../engine/organisations/organisation.ts';
import { chooseLanguage } from '../../engine/words/language.ts';
import { termValues } from '../../engine/words/terms.ts';
import { wordTables } from '../../engine/words/words.ts';
import { html, markup } from '../pages/html.ts';
import { pageOrganisation } from '../pages/page-context.ts';
import { hashOf } from '../pages/page-response.ts';
import type { Membership } from '../people/people-repository.ts';
import { dashboardBrandStyle } from './dashboard-brand-style.ts';
import type { DashboardFiles } from './dashboard-options.ts';

/** What the dashboard's script is told with the page, so that nothing has to be asked before the first paint. */
export interface Boot {
  organisation: {
    id: string;
    slug: string;
    name: string;
    logoUrl: string | null;
    timeZone: string;
    /** Whether mentors' figures are of 06:00 or of now. */
    mentorFigures: 'daily' | 'live';
    hasLinkDomain: boolean;
    /** Where somebody without a camera types the code; null = there is no link domain. */
    joinUrl: string | null;
    /** Days that a code still counts after it was replaced, and after a coordinator ended it. */
    graceDays: { rotated: number; invalidated: number };
  };
  language: 'nb' | 'nn' | 'en';
  /** The organisation's words in that language, as values for sentences. */
  terms: Record<string, string>;
  theme: 'light' | 'dark' | 'system';
  /** The organisation's newest event, after which a stream goes on from this page; null = who the person is hears of none. */
  newestEventId: string | null;
  person: { mentorId: string | null; name: string | null; roles: { role: string; branchId: string | null }[] };
}

/** Who comes to where. */
export interface Visit {
  organisation: Organisation;
  membership: Membership;
  /** null = nobody's name is known but a mentor's. */
  name: string | null;
  newestEventId: string | null;
}

/** The page of every address of the dashboard: brand, language and who one is; the rest is the script's. */
export async function answerShell(
  request: Request,
  { organisation, membership, name, newestEventId }: Visit,
  files: DashboardFiles,
): Promise<Response> {
  const shown = pageOrganisation(organisation);
  const style = dashboardBrandStyle(shown.colour);
  const language = chooseLanguage({
    chosen: readPreference(request.headers, 'verve-language'),
    acceptLanguage: null, // a member of an organisation reads its language, until choosing another
    organisation: shown.language,
  });
  const wished = readPreference(request.headers, 'verve-theme');
  const theme = wished === 'light' || wished === 'dark' ? wished : 'system';
  const domain = organisation.linkDomains[0] ?? null;
  const { rules, mentors } = organisation.settings;
  const boot: Boot = {
    organisation: {
      id: organisation.orgId,
      slug: shown.slug,
      name: shown.name,
      logoUrl: shown.logoUrl,
      timeZone: organisation.timeZone,
      mentorFigures: mentors.figures,
      hasLinkDomain: domain !== null,
      joinUrl: domain === null ? null : `${domain}/join`,
      graceDays: { rotated: rules.rotatedGraceDays, invalidated: rules.invalidatedGraceDays },
    },
    language,
    terms: termValues(language, shown.terms),
    theme,
    newestEventId,
    person: { mentorId: membership.mentorId, name, roles: membership.roles },
  };
  // Inside a script element only `<` could end it.
  const data = JSON.stringify(boot).replaceAll('<', '\\u003c');
  const page = html`<!DOCTYPE html>
<html lang="${language}"${theme !== 'system' && html` data-color-scheme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown.name}</title>
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<style>${markup(style)}</style>
<link rel="stylesheet" href="${files.styleUrl}">
${files.preloadUrls.map((url) => html`<link rel="modulepreload" href="${url}">`)}
<script type="module" src="${files.scriptUrl}"></script>
<link rel="icon" href="data:,">
</head>
<body>
<div id="dashboard"></div>
<script type="application/json" id="boot">${markup(data)}</script>
<noscript>${wordTables[language]['signin.noScript']}</noscript>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${await hashOf(style)}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(page.markup, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'private, no-store',
      'referrer-policy': 'same-origin',
      'x-robots-tag': 'noindex, nofollow',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), interest-cohort=()',
      vary: 'Cookie',
    },
  });
}

/** A choice of the person's that the dashboard keeps in a cookie: it holds a word of ours and tells nothing. */
function readPreference(headers: Headers, name: string): string | null {
  return new RegExp(`(?:^|;\\s*)${name}=([a-z]{2,6})(?:;|$)`).exec(headers.get('cookie') ?? '')?.[1] ?? null;
}
