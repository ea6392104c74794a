import { codeForm } from './ended-view.ts';
import { type Html, html } from './html.ts';
import { heartIcon } from './icons.ts';
import { page } from './layout.ts';
import { makeContext } from './page-context.ts';
import type { PageContext } from './page-organisation.ts';
import { pageResponse } from './page-response.ts';

/**
 * What a person reads in a browser where a program is told a problem: that there is no such page, with the field for a code
 * and the way to sign in, or that we cannot answer just now. Nobody's brand; needs no database. null = not somebody reading a
 * page, or a problem that only who wrote the request can mend.
 *
 * @param signInUrl null = there is no dashboard here.
 */
export async function problemPage(
  request: Request,
  status: number,
  { signInUrl }: { signInUrl: string | null },
): Promise<Response | null> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || !request.headers.get('accept')?.includes('text/html')) return null;
  if (status !== 404 && status < 500) return null;
  const context = await makeContext(request, { organisation: null, publicUrl: '' });
  const view = status === 404 ? lostView(context, signInUrl) : awayView(context, request);
  const headers = { vary: 'Accept, Accept-Language', ...(status === 503 ? { 'retry-after': '30' } : {}) };
  const response = await pageResponse(view, { status, colour: null, headers });
  return request.method === 'HEAD' ? new Response(null, response) : response;
}

function lostView(context: PageContext, signInUrl: string | null): Html {
  const { say } = context;
  return page(context, {
    heading: say('lost.title'),
    mainClass: 'ended',
    main: html`${head(say('lost.title'), say('lost.text'))}
${codeForm(context, { reason: 'unknown', codeAction: '/join', typedCode: null })}
${signInUrl !== null && html`<p class="sub aside"><a href="${signInUrl}">${say('lost.signIn')}</a></p>`}`,
  });
}

function awayView(context: PageContext, request: Request): Html {
  const { say } = context;
  const { search } = new URL(request.url);
  return page(context, {
    heading: say('away.title'),
    mainClass: 'ended',
    main: html`${head(say('away.title'), say('join.downWait'))}
<a class="btn" href="${search === '' ? '?' : search}">${say('common.retry')}</a>`,
  });
}

function head(title: string, text: string): Html {
  return html`<div class="stack wide"><span class="emblem" aria-hidden="true">${heartIcon}</span>
<h1>${title}</h1><p class="lead">${text}</p></div>`;
}
