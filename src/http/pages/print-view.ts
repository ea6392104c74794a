import { displayCode } from '../../engine/codes/read-code.ts';
import { makeQrSvg } from '../../engine/qr/qr-svg.ts';
import { printBrandStyle } from './brand-style.ts';
import { type Html, html, markup } from './html.ts';
import { brandMark } from './layout.ts';
import type { PageContext, PageOrganisation } from './page-organisation.ts';

export interface PrintView {
  code: string;
  /** What the QR code holds: the upper-case address of the poster or QR channel. */
  qrText: string;
  /** The address for people, without scheme: `verv.example.no/r/3PKCM78AQS`. */
  printedUrl: string;
  /** The page with a field for codes, for «Gå til … og skriv koden»: `verv.example.no/join`. */
  typeInUrl: string;
}

type PrintContext = Pick<PageContext, 'say' | 'language'> & { organisation: PageOrganisation; printStyleUrl: string };

/** Names longer than this, in characters, are set smaller, so that every poster is one page and no card is cut off. */
const longName = 34;
const longestName = 70;

function nameSize({ name }: PageOrganisation): string {
  if (name.length > longestName || /\S{40}/.test(name)) return ' longest';
  return name.length > longName || /\S{24}/.test(name) ? ' long' : '';
}

/** Cards on a sheet: two by five of 85 × 54 mm. */
const cardsOnSheet = 10;

/** An A4 poster: organisation, QR code as vector (level Q), code and an address to type it at. No name of any person. */
export function posterView(context: PrintContext, view: PrintView): Html {
  const { say } = context;
  return sheet(
    context,
    say('poster.title'),
    html`<main class="sheet poster${nameSize(context.organisation)}"><p class="brand">${brandMark(context)}<span>${context.organisation.name}</span></p>
<h1>${say('qr.title')}</h1>
<div class="qr">${qrPicture(context, view)}</div>
<div class="how"><p>${say('qr.instruction')}</p>
<p class="code">${displayCode(view.code)}</p>
<p>${typeInSentence(context, view)}</p></div></main>`,
  );
}

/** An A4 sheet of ten cards to cut out. */
export function cardsView(context: PrintContext, view: PrintView): Html {
  const { say } = context;
  // Only the first code has a name for screen readers: the other nine are the same card.
  const card = (
    index: number,
  ) => html`<li class="card"${index > 0 && html` aria-hidden="true"`}><div class="words"><p class="brand">${brandMark(context)}<span>${context.organisation.name}</span></p>
<h2>${say('qr.title')}</h2><div class="type-in"><p class="code">${displayCode(view.code)}</p><p class="url">${breakable(view.printedUrl)}</p></div></div>
<div class="qr">${index === 0 ? qrPicture(context, view) : markup(makeQrSvg(qrOptions(context, view)))}</div></li>`;
  return sheet(
    context,
    say('cards.title'),
    html`<main><h1 class="hint">${say('cards.title')}</h1><ul class="sheet cards${nameSize(context.organisation)}">${Array.from({ length: cardsOnSheet }, (_, index) => card(index))}</ul></main>`,
  );
}

/** «Uten kamera? Gå til … og skriv koden.» with the address in bold, as drawn, and broken only where it is too long. */
function typeInSentence({ say }: PrintContext, { typeInUrl }: PrintView): Html {
  const [before = '', after = ''] = say('qr.noCamera', { shortUrl: placeOfAddress }).split(placeOfAddress);
  const isShort = typeInUrl.length <= 44;
  return html`${before}<b${isShort && html` class="whole"`}>${typeInUrl}</b>${after}`;
}

/** Stands for the address until it is put in as an element; no sentence has it. */
const placeOfAddress = '\u0000';

/** An address that breaks before its code rather than within it. */
function breakable(url: string): Html {
  const slash = url.lastIndexOf('/') + 1;
  return html`${url.slice(0, slash)}<wbr>${url.slice(slash)}`;
}

function qrOptions({ organisation }: PrintContext, view: PrintView) {
  return { text: view.qrText, level: 'Q', colour: organisation.colour, size: null } as const;
}

function qrPicture(context: PrintContext, view: PrintView): Html {
  const title = context.say('me.qrAlt', { code: displayCode(view.code) });
  return markup(makeQrSvg({ ...qrOptions(context, view), title }));
}

function sheet(context: PrintContext, title: string, body: Html): Html {
  const { organisation, language, say } = context;
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${organisation.name}</title>
<meta name="robots" content="noindex, nofollow">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${context.printStyleUrl}">
<style>${markup(printBrandStyle(organisation.colour))}</style>
</head>
<body>
<header class="hint">${say('common.printHint')}</header>
${body}
</body>
</html>
`;
}
