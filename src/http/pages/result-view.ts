import { type Html, html } from './html.ts';
import { heartIcon } from './icons.ts';
import { page } from './layout.ts';
import type { KeptForm, PageContext } from './page-organisation.ts';

/** What a person is told after the form was sent. */
export type ResultView =
  /** Registered. `nextUrl`: the organisation's page on which one step remains; null = nothing remains. */
  | { kind: 'thanks'; nextUrl: string | null }
  /** The same person had registered with this code before. */
  | { kind: 'duplicate'; nextUrl: string | null }
  /** The same person had joined without a code before. */
  | { kind: 'known' }
  /**
   * The sign-up does not answer. `formUrl` leads to a form of our own; `kept` is what was typed, which the page holds so
   * that one press sends it again.
   */
  | { kind: 'down'; retryUrl: string; formUrl: string | null; kept: KeptForm };

/** The page after the form. */
export function resultView(context: PageContext, view: ResultView): Html {
  const { say } = context;
  const title = say(
    view.kind === 'thanks' ? 'join.thanksTitle' : view.kind === 'down' ? 'join.downTitle' : 'join.duplicateTitle',
  );
  return page(context, {
    heading: title,
    mainClass: 'ended',
    main: html`<div class="stack wide"><span class="emblem" aria-hidden="true">${heartIcon}</span>
<h1>${title}</h1><p class="lead">${explanation(context, view)}</p></div>
${view.kind === 'down' ? downActs(context, view) : nextStep(context, view.kind === 'known' ? null : view.nextUrl)}`,
  });
}

function explanation({ say }: PageContext, view: ResultView): string {
  if (view.kind === 'down') {
    if (view.kept !== null) return say('join.error.down');
    return say(view.formUrl === null ? 'join.downWait' : 'join.downText');
  }
  if (view.kind === 'duplicate') return say('join.error.duplicate');
  if (view.kind === 'known') return say('join.known');
  return view.nextUrl === null ? say('join.thanksText') : say('join.thanksNext');
}

function nextStep({ say }: PageContext, nextUrl: string | null): Html | null {
  if (nextUrl === null) return null;
  return html`<a class="btn" href="${nextUrl}" rel="noreferrer">${say('join.handOff')}</a>`;
}

function downActs({ say }: PageContext, view: { retryUrl: string; formUrl: string | null; kept: KeptForm }): Html {
  const retry =
    view.kept === null
      ? html`<a class="btn" href="${view.retryUrl}">${say('common.retry')}</a>`
      : html`<form method="post" action="${view.kept.action}">${view.kept.fields.map(
          ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
        )}<button class="btn" type="submit">${say('common.retry')}</button></form>`;
  return html`<div class="stack wide">${retry}
${view.formUrl !== null && html`<a class="btn second" href="${view.formUrl}">${say('join.contactMe')}</a>`}</div>`;
}
