import { type Html, html } from './html.ts';
import { heartIcon } from './icons.ts';
import { page } from './layout.ts';
import type { PageContext } from './page-organisation.ts';

/** What a person is told after the form was sent. */
export type ResultView =
  /** Registered. `nextUrl`: the organisation's page on which one step remains; null = nothing remains. */
  | { kind: 'thanks'; nextUrl: string | null }
  /** The same person had registered with this code before. */
  | { kind: 'duplicate'; nextUrl: string | null }
  /** The organisation's join page does not answer; what was sent is kept. `formUrl` leads to a form of our own. */
  | { kind: 'down'; retryUrl: string; formUrl: string | null };

/** The page after the form. */
export function resultView(context: PageContext, view: ResultView): Html {
  const { say } = context;
  const title = say(
    view.kind === 'thanks' ? 'join.thanksTitle' : view.kind === 'duplicate' ? 'join.duplicateTitle' : 'join.downTitle',
  );
  return page(context, {
    heading: title,
    mainClass: 'ended',
    main: html`<div class="stack wide"><span class="emblem" aria-hidden="true">${heartIcon}</span>
<h1>${title}</h1><p class="lead">${explanation(context, view)}</p></div>
${view.kind === 'down' ? downActs(context, view) : nextStep(context, view.nextUrl)}`,
  });
}

function explanation({ say }: PageContext, view: ResultView): string {
  if (view.kind === 'down') return say('join.downText');
  if (view.kind === 'duplicate') return say('join.error.duplicate');
  return view.nextUrl === null ? say('join.thanksText') : say('join.thanksNext');
}

function nextStep({ say }: PageContext, nextUrl: string | null): Html | null {
  if (nextUrl === null) return null;
  return html`<a class="btn" href="${nextUrl}" rel="noreferrer">${say('join.handOff')}</a>`;
}

function downActs({ say }: PageContext, view: { retryUrl: string; formUrl: string | null }): Html {
  return html`<div class="stack wide"><a class="btn" href="${view.retryUrl}">${say('common.retry')}</a>
${view.formUrl !== null && html`<a class="btn second" href="${view.formUrl}">${say('join.contactMe')}</a>`}</div>`;
}
