import { type Language, languageNames, openGraphLocales } from '../../engine/words/language.ts';
import { brandStyle } from './brand-style.ts';
import { type Html, html, markup } from './html.ts';
import type { PageContext } from './page-organisation.ts';

export interface PageParts {
  /** The page's only h1; also the document's title. */
  heading: string;
  main: Html;
  /** Class of the main element. (Default: none.) */
  mainClass?: string;
  /** Put before the title while the form has errors. */
  titlePrefix?: string;
  /** More elements for the head. */
  head?: Html;
}

/** The whole document: skip link, banner with the organisation and the other language, main, footer. No script anywhere. */
export function page(context: PageContext, parts: PageParts): Html {
  const { organisation, language, say } = context;
  const name = organisation?.name ?? say('neutral.name');
  const [first, second] = otherLanguages[language];
  const title = `${parts.titlePrefix ?? ''}${parts.heading} – ${name}`;
  const head = html`<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no">
${organisation !== null && previewTags(context)}
${parts.head}`;
  const body = html`<div class="page">
<header class="bar"><span class="brand">${brandMark(context)}<span>${name}</span></span>${languageLink(context, first, 'link')}</header>
<main id="innhold" tabindex="-1"${parts.mainClass !== undefined && html` class="${parts.mainClass}"`}>
${parts.main}
</main>
<footer class="foot small sub">${privacyLink(context)}${languageLink(context, second, null)}</footer>
</div>`;
  return documentOf(context, { title, head, body });
}

/** Every document that is served whole: language, title, style in the organisation's colours, skip link. */
export function documentOf(context: PageContext, parts: { title: Html | string; head?: Html; body: Html }): Html {
  const { organisation, language, say } = context;
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${parts.title}</title>
<meta name="robots" content="noindex, nofollow">
${parts.head}
<link rel="stylesheet" href="${context.styleUrl}">
<link rel="icon" href="data:,">
<style>${markup(brandStyle(organisation?.colour ?? null))}</style>
</head>
<body>
<a class="skip" href="#innhold">${say('common.skip')}</a>
${parts.body}
</body>
</html>
`;
}

/** The languages that the banner and the footer offer, by the language of the page. */
const otherLanguages: Readonly<Record<Language, readonly [Language, Language]>> = {
  nb: ['en', 'nn'],
  nn: ['en', 'nb'],
  en: ['nb', 'nn'],
};

function languageLink({ languageQuery }: PageContext, language: Language, className: string | null): Html {
  return html`<a${className !== null && html` class="${className}"`} href="${languageQuery(language)}" lang="${language}" hreflang="${language}">${languageNames[language]}</a>`;
}

function privacyLink({ organisation, say }: PageContext): Html | null {
  if (organisation === null || organisation.privacyUrl === null) return null;
  const version = organisation.noticeVersion;
  const text = version === null ? say('common.privacy') : say('join.notice', { version });
  return html`<a href="${organisation.privacyUrl}" rel="noreferrer">${text}</a>`;
}

/** The logo, or a tile with the first letter. The name stands beside it, so neither is read out. */
export function brandMark({ organisation, say }: Pick<PageContext, 'organisation' | 'say'>): Html {
  if (organisation !== null && organisation.logoUrl !== null) return html`<img src="${organisation.logoUrl}" alt="">`;
  const [letter = ''] = organisation?.name ?? say('neutral.name');
  return html`<span class="tile" aria-hidden="true">${letter.toLocaleUpperCase('nb')}</span>`;
}

/** Preview tags: the organisation, never the mentor, and no code beyond the page's own address. */
function previewTags({ say, language, pageUrl, pictureUrl, organisation }: PageContext): Html {
  const title = say('qr.title');
  const description = say('join.description');
  return html`<meta name="description" content="${description}">
<meta property="og:type" content="website">
<meta property="og:site_name" content="${organisation?.name}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:locale" content="${openGraphLocales[language]}">
${pageUrl !== null && html`<meta property="og:url" content="${pageUrl}">`}
${
  pictureUrl !== null &&
  html`<meta property="og:image" content="${pictureUrl}">
<meta property="og:image:type" content="image/png">
<meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
<meta property="og:image:alt" content="${title}">
<meta name="twitter:card" content="summary_large_image">`
}`;
}
