import { displayCode } from '../../engine/codes/read-code.ts';
import type { WordKey } from '../../engine/words/nb.ts';
import { type Html, html } from './html.ts';
import { heartIcon } from './icons.ts';
import { page } from './layout.ts';
import type { PageContext } from './page-organisation.ts';

/** Why the page shows no sign-up by this code. `ended` was invalidated, `replaced` is past its time of grace,
 * `missing` is a link that lost its code, and `typing` somebody who came to type one, as posters say. */
export type EndedReason = 'ended' | 'replaced' | 'expired' | 'unknown' | 'missing' | 'typing' | 'used' | 'too_many';

export interface EndedView {
  reason: EndedReason;
  /** Where to join without a code; null = the organisation has said nowhere. */
  joinUrl: string | null;
  /** Where the form for a newer code posts to. */
  codeAction: string;
  /** What was typed as newer code, when that is what could not be found; null = nothing was typed. */
  typedCode: string | null;
  /** The page on which a member can tell who invited; null = there is none. */
  claimUrl: string | null;
  /** Minutes to wait after too many tries. */
  waitMinutes: number;
}

const titles: Readonly<Record<EndedReason, WordKey>> = {
  ended: 'ended.title',
  replaced: 'ended.title',
  expired: 'ended.expiredTitle',
  unknown: 'ended.unknownTitle',
  missing: 'ended.missingTitle',
  typing: 'ended.haveCode',
  used: 'ended.used',
  too_many: 'ended.tooManyTitle',
};

/** A code that cannot be anybody's: shown as the pattern of a code. */
const exampleCode = '1BV4YW0SKS';

/** One kind page for every link that leads nowhere, as drawn in `public-code-ended`. Nobody is lost on it. */
export function endedView(context: PageContext, view: EndedView): Html {
  const { say } = context;
  const title = say(titles[view.reason]);
  const isWrong = view.typedCode !== null;
  const isTyping = view.reason === 'typing';
  const withoutCode =
    view.joinUrl !== null &&
    html`<a class="btn${isTyping && ' second'}" href="${view.joinUrl}" rel="noreferrer">${say('ended.join')}</a>`;
  const typedCode = codeForm(context, view);
  return page(context, {
    heading: title,
    mainClass: 'ended',
    ...(isWrong ? { titlePrefix: `${say('common.error')}: ` } : {}),
    main: html`<div class="stack wide"><span class="emblem" aria-hidden="true">${heartIcon}</span>
<h1>${title}</h1><p class="lead">${explanation(context, view)}</p></div>
${isTyping ? [typedCode, withoutCode] : [withoutCode, view.reason !== 'too_many' && typedCode]}
${context.organisation !== null && tellLater(context, view.claimUrl)}`,
  });
}

function tellLater({ say }: PageContext, claimUrl: string | null): Html {
  const text = say('ended.tellLater');
  return html`<p class="sub aside">${claimUrl === null ? text : html`<a href="${claimUrl}">${text}</a>`}</p>`;
}

function explanation(
  { say, organisation }: PageContext,
  { reason, waitMinutes, joinUrl, typedCode }: EndedView,
): string {
  if (reason === 'too_many') return say(joinUrl === null ? 'ended.tooManyWait' : 'ended.tooMany', { n: waitMinutes });
  if (reason === 'typing') return say('ended.typeCode');
  if (reason === 'used') return say('ended.usedText');
  if (organisation === null) return say('neutral.text');
  // Where a code was typed, the message at the field says to check it.
  return reason === 'unknown' && typedCode === null ? say('ended.unknownText') : say('ended.text');
}

/** The field for a code, which posters and cards send people to. */
export function codeForm(
  { say, language }: PageContext,
  { reason, codeAction, typedCode }: Pick<EndedView, 'reason' | 'codeAction' | 'typedCode'>,
): Html {
  const isWrong = typedCode !== null;
  const isTyping = reason === 'typing';
  const heading =
    reason === 'ended' || reason === 'replaced' || reason === 'expired' ? 'ended.newer' : 'ended.haveCode';
  const form = html`<form class="close" method="get" action="${codeAction}"><input type="hidden" name="lang" value="${language}"><div class="field"><label for="ref">${say('code.label')}</label>
<input class="input" id="ref" name="ref" type="text" autocapitalize="characters" autocomplete="off" autocorrect="off" spellcheck="false" maxlength="64" required aria-describedby="${
    isWrong && 'ref-wrong '
  }ref-help"${isWrong && html` aria-invalid="true" autofocus`} value="${typedCode}">
${isWrong && html`<p class="wrong" id="ref-wrong">${say('ended.unknown')}</p>`}
<span id="ref-help" class="small sub">${say('ended.codeHelp', { example: displayCode(exampleCode) })}</span></div>
<button class="btn${!isTyping && ' second'}" type="submit">${say('ended.useCode')}</button></form>`;
  if (isTyping) return form;
  return html`<section class="stack rule" aria-labelledby="newer"><h2 id="newer">${say(heading)}</h2>
${form}</section>`;
}
