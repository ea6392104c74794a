import { displayCode } from '../../engine/codes/read-code.ts';
import type { ShareChannel } from '../../engine/share/channels.ts';
import { appSection, smartBanner } from './app-view.ts';
import { type Html, html } from './html.ts';
import { crossIcon, tickIcon } from './icons.ts';
import { type FieldName, type FormError, fieldNames, type TypedForm } from './join-form.ts';
import { page } from './layout.ts';
import type { PageContext, PageOrganisation } from './page-organisation.ts';

export interface JoinView {
  code: string;
  /** The page with a form of our own, or with one button to the organisation's page. */
  way: { kind: 'form'; typed: TypedForm; errors: readonly FormError[] } | { kind: 'hand_off' };
  /** Random id of this sheet: two posts of it make one registration. */
  submission: string;
  /** Random value of this opening; null = none. Never derived from the device. */
  sessionToken: string | null;
  /** How the link came; handed to the Play Store with the code. null = unknown. */
  channel: ShareChannel | null;
  /** The link was replaced by a newer code, and registrations still count. */
  isReplaced: boolean;
  /** A sentence above the form that is about no field, such as that the sign-up does not answer; null = none. */
  trouble: string | null;
}

const controls: Readonly<Record<FieldName, { type: string; autocomplete: string; inputmode: string }>> = {
  name: { type: 'text', autocomplete: 'name', inputmode: 'text' },
  phone: { type: 'tel', autocomplete: 'tel', inputmode: 'tel' },
  email: { type: 'email', autocomplete: 'email', inputmode: 'email' },
};

/** The page on which a person joins, as drawn in `public-join`. */
export function joinView(context: PageContext & { organisation: PageOrganisation }, view: JoinView): Html {
  const { say } = context;
  const errors = view.way.kind === 'form' ? view.way.errors : [];
  return page(context, {
    heading: say('join.title'),
    ...(errors.length > 0 || view.trouble !== null ? { titlePrefix: `${say('common.error')}: ` } : {}),
    head: html`${smartBanner(context, view.code)}`,
    main: html`${errorSummary(context, errors, view.trouble)}
<div class="stack"><h1>${say('join.title')}</h1><p class="lead">${say('join.intro')}</p></div>
${view.isReplaced && html`<p class="alert">${say('ended.replaced.title')}</p>`}
<section class="tint" aria-labelledby="sees"><h2 id="sees">${say('join.sees')}</h2><ul class="stack">
<li>${tickIcon}<span>${say('join.sees.yes')}</span></li>
<li>${crossIcon}<span>${say('join.sees.no')}</span></li>
</ul>${noticeText(context)}</section>
<form method="post" action="${context.languageQuery(context.language)}" novalidate>
<input type="hidden" name="submission" value="${view.submission}">
${view.sessionToken !== null && html`<input type="hidden" name="t" value="${view.sessionToken}">`}
${view.way.kind === 'form' ? fieldset(context, view.way.typed, view.way.errors) : handOff(context)}
<p class="small sub centre">${say('join.codeFilled', { code: displayCode(view.code) })}</p>
</form>
${appSection(context, view)}`,
  });
}

/** The organisation's own notice, a paragraph for each line that it wrote. */
export function noticeText({ organisation, language }: PageContext): Html[] {
  const lines = organisation?.noticeText[language]?.split(/\n+/) ?? [];
  return lines.map((line) => html`<p class="small">${line}</p>`);
}

function handOff({ say }: PageContext): Html {
  return html`<p>${say('join.handOffText')}</p><button class="btn" type="submit" name="act" value="hand_off">${say('join.handOff')}</button>`;
}

/** The fields that the organisation asks for, the consent and the button. */
export function fieldset(
  context: PageContext & { organisation: PageOrganisation },
  typed: TypedForm,
  errors: readonly FormError[],
): Html {
  const { say, organisation } = context;
  const shown = fieldNames.filter((field) => organisation.fields[field] !== 'hidden');
  return html`<h2 class="vh">${say('join.submit')}</h2>
${shown.map((field) => fieldView(context, field, typed, errors))}
${shown.length > 0 && consentView(context, typed, errors)}
<button class="btn" type="submit" name="act" value="register">${say('join.submit')}</button>`;
}

function fieldView(
  { say, organisation }: PageContext & { organisation: PageOrganisation },
  field: FieldName,
  typed: TypedForm,
  errors: readonly FormError[],
): Html {
  const { type, autocomplete, inputmode } = controls[field];
  const error = errors.find((one) => one.field === field);
  const isRequired = organisation.fields[field] === 'required';
  return html`<div class="field"><label for="${field}">${say(`join.${field}`)}${
    !isRequired && html` <span class="sub">${say('join.optional')}</span>`
  }</label>
<input class="input" id="${field}" name="${field}" type="${type}" inputmode="${inputmode}" autocomplete="${autocomplete}" value="${typed[field]}"${
    isRequired && html` required`
  }${error !== undefined && html` aria-invalid="true" aria-describedby="${field}-wrong"`}>
${error !== undefined && html`<p class="wrong" id="${field}-wrong">${say(error.key)}</p>`}</div>`;
}

function consentView({ say, organisation }: PageContext, typed: TypedForm, errors: readonly FormError[]): Html {
  const error = errors.find((one) => one.field === 'consent');
  const privacyUrl = organisation?.privacyUrl ?? null;
  return html`<div class="consent"><label><input type="checkbox" id="consent" name="consent" value="yes"${
    typed.hasConsented && html` checked`
  }${error !== undefined && html` aria-invalid="true" aria-describedby="consent-wrong"`}><span>${say('join.consent')}${
    privacyUrl !== null &&
    html` <a href="${privacyUrl}" rel="noreferrer" aria-label="${say('join.readMore')}: ${say('common.privacy')}">${say('join.readMore')}</a>`
  }</span></label>
${error !== undefined && html`<p class="wrong" id="consent-wrong">${say(error.key)}</p>`}</div>`;
}

/** The errors on top, linked to their fields. Takes the focus when the page loads, without script. */
export function errorSummary({ say }: PageContext, errors: readonly FormError[], trouble: string | null): Html | null {
  if (errors.length === 0 && trouble === null) return null;
  const heading = trouble ?? say('join.errorSummary', { n: errors.length });
  return html`<div class="alert danger" id="wrong" role="alert" tabindex="-1" autofocus><h2>${heading}</h2>
${errors.length > 0 && html`<ul>${errors.map((error) => html`<li><a href="#${error.field}">${say(error.key)}</a></li>`)}</ul>`}</div>`;
}
