import { isForeignPost } from './foreign-post.ts';
import { type Html, html } from './html.ts';
import { readSubmission, showTooMany, showUnknown } from './join-answers.ts';
import { emptyForm, type FormError, judgeForm, readTypedForm, type TypedForm } from './join-form.ts';
import { keptForm, seeOther, sheets } from './join-submit.ts';
import { errorSummary, fieldset, noticeText } from './join-view.ts';
import { page } from './layout.ts';
import { makeContext, unavailablePage } from './page-context.ts';
import type { PageContext, PageOrganisation } from './page-organisation.ts';
import { pageResponse } from './page-response.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { readPosted } from './read-posted.ts';
import { resultView } from './result-view.ts';

/**
 * Answers `/join/{code}/without`: joining without credit where a code has ended (specification §2.7) and the organisation
 * has no page of its own. The code only says which organisation it is; a hyphen stands for the one of the link domain.
 */
export async function answerWithoutCode(
  request: Request,
  url: URL,
  code: string,
  options: PublicPagesOptions,
): Promise<Response> {
  const { organisation } = await options.verve.join.open({ code, host: url.hostname });
  if (organisation === null) return showUnknown(request, url, options, { typed: '', organisation });
  const known = await makeContext(request, { organisation, publicUrl: options.publicUrl });
  if (known.organisation === null) throw new TypeError('A join page belongs to an organisation');
  const fields = reachableFields(known.organisation.fields);
  const context = { ...known, organisation: { ...known.organisation, fields } };
  const { colour } = organisation.brand;
  if (request.method !== 'POST') {
    const { searchParams: asked } = url;
    if (asked.has('again')) return pageResponse(resultView(context, { kind: 'known' }), { colour });
    if (asked.has('sent')) return pageResponse(resultView(context, { kind: 'thanks', nextUrl: null }), { colour });
    const sheet = { typed: emptyForm, errors: [], submission: crypto.randomUUID(), trouble: null };
    return pageResponse(withoutCodeView(context, sheet), { colour });
  }

  const verdict = options.limiter.admit(sheets, options.clientAddress(request));
  if (!verdict.isAdmitted) return showTooMany(request, { organisation, code }, verdict.resetSeconds, options);
  const posted = await readPosted(request);
  const submission = readSubmission(posted.get('submission')) ?? crypto.randomUUID();
  const typed = readTypedForm(posted);
  const judged = judgeForm(typed, fields);
  const isForeign = isForeignPost(request, options.publicUrl, organisation.linkDomains);
  if (isForeign || judged.outcome === 'errors') {
    const errors = isForeign || judged.outcome === 'good' ? [] : judged.errors;
    const trouble = isForeign ? context.say('join.error.formOld') : null;
    const view = withoutCodeView(context, { typed, errors, submission, trouble });
    return pageResponse(view, { status: isForeign ? 200 : 422, colour });
  }
  try {
    const consentVersion = typed.hasConsented ? organisation.settings.notice.version : null;
    const { contact } = judged;
    const done = await options.verve.join.submitWithoutCode({ organisation, submission, contact, consentVersion });
    return seeOther(url, url.pathname, done.outcome === 'registered' ? { sent: '1' } : { again: '1' });
  } catch (error) {
    options.logger.error({ fault: error instanceof Error ? error.name : 'unknown' }, 'a sign-up without a code failed');
    return unavailablePage(request, keptForm(url, posted));
  }
}

/** Nothing is known of the person but what is typed here, so e-mail or mobile number is required. */
function reachableFields(fields: PageOrganisation['fields']) {
  const { name, phone, email } = fields;
  if (phone === 'required' || email === 'required') return { name, phone, email };
  return email === 'hidden'
    ? ({ name, phone: 'required', email } as const)
    : ({ name, phone, email: 'required' } as const);
}

interface WithoutCodeView {
  typed: TypedForm;
  errors: readonly FormError[];
  submission: string;
  /** A sentence about no field; null = none. */
  trouble: string | null;
}

/** The form of the join page without a code: no mentor is told anything, so there is nothing to say of that. */
function withoutCodeView(context: PageContext & { organisation: PageOrganisation }, view: WithoutCodeView): Html {
  const { say } = context;
  const { typed, errors, trouble, submission } = view;
  return page(context, {
    heading: say('join.title'),
    ...(errors.length > 0 || trouble !== null ? { titlePrefix: `${say('common.error')}: ` } : {}),
    main: html`${errorSummary(context, errors, trouble)}
<div class="stack"><h1>${say('join.title')}</h1><p class="lead">${say('join.withoutCode')}</p>${noticeText(context)}</div>
<form method="post" action="${context.languageQuery(context.language)}" novalidate>
<input type="hidden" name="submission" value="${submission}">
${fieldset(context, typed, errors)}</form>`,
  });
}
