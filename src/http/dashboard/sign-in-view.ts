import { languageNames, languages } from '../../engine/words/language.ts';
import { type Html, html } from '../pages/html.ts';
import { brandMark, documentOf } from '../pages/layout.ts';
import type { PageContext } from '../pages/page-organisation.ts';

/** What the card of a sign-in page says. */
export type SignInCard =
  /** No organisation is known: which one? */
  | { kind: 'organisation' }
  /** Asks for an e-mail address; where no mail is set up, says how one gets in. */
  | { kind: 'address'; hasMail: boolean; next: string; note: 'foreignForm' | 'tooMany' | null }
  | { kind: 'sent' }
  /** A link that works; `name` null = nothing is known but that it works. */
  | { kind: 'confirm'; name: string | null; next: string }
  | { kind: 'usedLink'; againUrl: string }
  /** Too many links were tried; the same one works again afterwards. */
  | { kind: 'wait'; minutes: number }
  /** Signed in to several organisations. */
  | { kind: 'choose'; places: readonly { slug: string; name: string }[] }
  /** Signed in, and nobody here any more. */
  | { kind: 'noRole' }
  | { kind: 'notBuilt' };

/** A page of the sign-in, without script: mark, heading, one card, languages (design: sign-in). */
export function signInView(context: PageContext, card: SignInCard): Html {
  const { organisation, language, say } = context;
  const title = titleOf(context, card);
  return documentOf(context, {
    title: organisation === null ? title : `${title} – ${organisation.name}`,
    body: html`<div class="signin">
<main id="innhold" tabindex="-1">
<div class="head">${brandMark(context)}<div><h1>${title}</h1>${organisation !== null && html`<p class="sub">${say('signin.for')}</p>`}</div></div>
<div class="card">${cardContent(context, card)}</div>
<p class="small sub centre">${say('signin.trouble')}</p>
</main>
<footer class="foot small sub">${
      organisation !== null &&
      organisation.privacyUrl !== null &&
      html`<a href="${organisation.privacyUrl}" rel="noreferrer">${say('common.privacy')}</a>`
    }${languages
      .filter((other) => other !== language)
      .map(
        (other) =>
          html`<a href="${context.languageQuery(other)}" lang="${other}" hreflang="${other}">${languageNames[other]}</a>`,
      )}</footer>
</div>`,
  });
}

function titleOf({ organisation, say }: PageContext, card: SignInCard): string {
  if (card.kind === 'notBuilt') return say('signin.notBuilt');
  if (card.kind === 'choose') return say('signin.choose');
  return say(organisation === null ? 'signin.neutralTitle' : 'signin.title');
}

function cardContent({ say, organisation, language }: PageContext, card: SignInCard): Html {
  switch (card.kind) {
    case 'organisation':
      return html`<form method="get" action="/app/sign-in"><div class="field"><label for="organisation">${say('signin.organisation')}</label>
<input class="input" id="organisation" name="organisation" type="text" required pattern="[a-z0-9\\-]{1,63}" autocapitalize="none" spellcheck="false" aria-describedby="organisation-help">
<span id="organisation-help" class="small sub">${say('signin.organisationHelp')}</span></div>
<input type="hidden" name="lang" value="${language}">
<button class="btn" type="submit">${say('signin.continue')}</button></form>`;
    case 'address':
      if (!card.hasMail) return html`<p>${say('signin.noMail')}</p>`;
      return html`${card.note !== null && html`<div class="alert danger" role="alert"><p>${say(`signin.${card.note}`)}</p></div>`}
<form method="post" action="/app/sign-in?lang=${language}">
<input type="hidden" name="organisation" value="${organisation?.slug}"><input type="hidden" name="next" value="${card.next}">
<div class="field"><label for="email">${say('join.email')}</label>
<input class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254" aria-describedby="email-help">
<span id="email-help" class="small sub">${say('signin.help')}</span></div>
<button class="btn" type="submit">${say('signin.send')}</button></form>`;
    case 'sent':
      return html`<p role="status">${say('signin.sent')}</p>`;
    case 'confirm':
      return html`<form method="post"><input type="hidden" name="next" value="${card.next}">
<button class="btn" type="submit">${card.name === null ? say('signin.enter') : say('signin.confirm', { name: card.name })}</button></form>`;
    case 'usedLink':
      return html`<p>${say('signin.usedLink')}</p><a class="btn second" href="${card.againUrl}">${say('signin.again')}</a>`;
    case 'wait':
      return html`<div class="alert danger" role="alert"><p>${say('ended.tooManyWait', { n: card.minutes })}</p></div>`;
    case 'choose':
      return html`${card.places.map(({ slug, name }) => html`<a class="btn second" href="/app/${slug}">${name}</a>`)}`;
    case 'noRole':
      return html`<p>${say('signin.noRole')}</p>
<form method="post" action="/app/${organisation?.slug}/sign-out"><button class="btn second" type="submit">${say('signin.out')}</button></form>`;
    case 'notBuilt':
      return html`<p>${say('signin.notBuiltText')}</p>`;
  }
}
