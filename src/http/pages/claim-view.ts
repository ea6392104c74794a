import { type ShareChannel, shareChannels } from '../../engine/share/channels.ts';
import type { WordKey } from '../../engine/words/nb.ts';
import { type Html, html } from './html.ts';
import { heartIcon } from './icons.ts';
import { page } from './layout.ts';
import type { PageContext } from './page-organisation.ts';

/** What a member remembers, as typed. There is no field for a name: a coordinator finds out by code, day and way. */
export interface TypedClaim {
  code: string;
  day: string;
  channel: string;
}

export interface ClaimView {
  typed: TypedClaim;
  /** What is wrong and at which field; null = nothing. */
  error: { field: 'code' | 'day'; key: WordKey } | null;
  /** Random id of the sheet: two posts of it are one claim. */
  submission: string;
  /** The last day that can be chosen, `2026-11-20`. */
  today: string;
}

/** The ways by which a link reaches somebody; a copied link came by one of them, or by another. */
type ClaimChannel = Exclude<ShareChannel, 'copy'>;
export const claimChannels = shareChannels.filter((channel): channel is ClaimChannel => channel !== 'copy');

/** «Hvem inviterte deg?»: a member tells afterwards (specification §2.19). */
export function claimView(context: PageContext, { typed, error, submission, today }: ClaimView): Html {
  const { say } = context;
  const wrong = (field: 'code' | 'day') =>
    error?.field === field ? html`<p class="wrong" id="${field}-wrong">${say(error.key)}</p>` : null;
  const marks = (field: 'code' | 'day') =>
    error?.field === field ? html` aria-invalid="true" aria-describedby="${field}-wrong" autofocus` : null;
  return page(context, {
    heading: say('tell.title'),
    ...(error === null ? {} : { titlePrefix: `${say('common.error')}: ` }),
    main: html`<div class="stack"><h1>${say('tell.title')}</h1><p class="lead">${say('tell.intro')}</p></div>
<form method="post" action="${context.languageQuery(context.language)}" novalidate>
<input type="hidden" name="submission" value="${submission}">
<div class="field"><label for="code">${say('tell.code')}</label>
<input class="input" id="code" name="code" type="text" autocapitalize="characters" autocomplete="off" spellcheck="false" maxlength="64" value="${typed.code}"${marks('code')}>
${wrong('code')}</div>
<div class="field"><label for="day">${say('tell.when')}</label>
<input class="input" id="day" name="day" type="date" max="${today}" value="${typed.day}"${marks('day')}>
${wrong('day')}</div>
<div class="field"><label for="channel">${say('tell.how')}</label>
<select class="input" id="channel" name="channel"><option value="">${say('tell.dontKnow')}</option>${claimChannels.map(
      (channel) =>
        html`<option value="${channel}"${typed.channel === channel && html` selected`}>${say(`channel.${channel}`)}</option>`,
    )}</select></div>
<button class="btn" type="submit">${say('tell.send')}</button>
</form>`,
  });
}

/** The page after a claim was sent. */
export function claimSentView(context: PageContext): Html {
  const title = context.say('tell.sent');
  return page(context, {
    heading: title,
    mainClass: 'ended',
    main: html`<div class="stack wide"><span class="emblem" aria-hidden="true">${heartIcon}</span><h1>${title}</h1></div>`,
  });
}
