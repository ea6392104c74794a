import { linkOrigin } from '../../engine/links/link-domain.ts';
import type { Organisation } from '../../engine/organisations/organisation.ts';
import { chooseLanguage, type Language } from '../../engine/words/language.ts';
import { loadPageAssets } from './page-assets.ts';
import { type KeptForm, type PageContext, type PageOrganisation, sayFor } from './page-organisation.ts';
import { pageResponse } from './page-response.ts';
import { resultView } from './result-view.ts';

/** What the pages show of an organisation. */
export function pageOrganisation(organisation: Organisation): PageOrganisation {
  const { settings, brand, slug } = organisation;
  const { name, phone, email } = settings.joinForm;
  return {
    slug,
    name: organisation.name,
    language: organisation.locale,
    terms: organisation.terms,
    sentences: brand.sentences,
    colour: brand.colour,
    logoUrl: logoUrl(organisation),
    privacyUrl: settings.notice.privacyUrl,
    noticeVersion: settings.notice.version,
    noticeText: settings.notice.text,
    apps: organisation.appIds,
    fields: { name, phone, email },
  };
}

/** Where the logo is, on our own host: another address after each change. null = there is none. */
export function logoUrl({ logoType, slug, updatedAt }: Organisation): string | null {
  return logoType === null ? null : `/assets/organisations/${slug}/logo?v=${updatedAt.getTime().toString(36)}`;
}

/** The origin on which an organisation's pages are linked to: its first link domain, else the server's own address. */
export function publicOrigin(organisation: Organisation, publicUrl: string): string {
  const origin = linkOrigin(organisation.linkDomains[0] ?? null, organisation.linkDomains);
  return origin.outcome === 'url' ? origin.url : publicUrl;
}

/** The language that the visitor chose or prefers, else the organisation's. */
function languageOf(request: Request, organisation: Organisation | null, isPrinted: boolean): Language {
  return chooseLanguage({
    chosen: new URL(request.url).searchParams.get('lang'),
    acceptLanguage: isPrinted ? null : request.headers.get('accept-language'),
    organisation: organisation?.locale ?? 'nb',
  });
}

/** Query parameters that a link to another language keeps. */
const keptParameters = ['t', 'ref', 'form', 'organisation', 'next'] as const;

/** Everything that a view needs of the request and the organisation. */
export async function makeContext(
  request: Request,
  options: {
    organisation: Organisation | null;
    publicUrl: string;
    /** The page's own path, without anything that is the visitor's. */
    path?: string;
    sessionToken?: string | null;
    /** Whether the browser's languages are passed over. (Default: false) */
    isPrinted?: boolean;
  },
): Promise<PageContext> {
  const { organisation, publicUrl, path, sessionToken } = options;
  const asked = new URL(request.url).searchParams;
  const language = languageOf(request, organisation, options.isPrinted ?? false);
  const shown = organisation === null ? null : pageOrganisation(organisation);
  const origin = organisation === null ? publicUrl : publicOrigin(organisation, publicUrl);
  const assets = await loadPageAssets();
  return {
    organisation: shown,
    language,
    say: sayFor(shown, language),
    styleUrl: assets.styleUrl,
    pageUrl: path === undefined ? null : `${origin}${path}`,
    pictureUrl: shown === null ? null : `${origin}/assets/organisations/${shown.slug}/preview.png`,
    languageQuery: (other) => {
      const query = new URLSearchParams({ lang: other });
      for (const name of keptParameters) {
        const value = name === 't' ? (sessionToken ?? asked.get('t')) : asked.get(name);
        if (value !== null && value !== '' && value.length <= 128) query.set(name, value);
      }
      return `?${query.toString()}`;
    },
  };
}

/** The page for when we cannot answer: nobody's brand, because nothing can be read, and what was typed is kept in it. */
export async function unavailablePage(request: Request, kept: KeptForm): Promise<Response> {
  const url = new URL(request.url);
  const context = await makeContext(request, { organisation: null, publicUrl: '' });
  const path = url.pathname.replace(/^\/+/, '/'); // two slashes would lead to another host
  const view = resultView(context, { kind: 'down', retryUrl: `${path}${url.search}`, formUrl: null, kept });
  return pageResponse(view, { status: 503, colour: null, headers: { 'retry-after': '30' } });
}
