import { printedUrl, qrUrl } from '../../engine/links/shareable-url.ts';
import { endedView } from './ended-view.ts';
import { withoutCodeUrl } from './join-answers.ts';
import { loadPageAssets } from './page-assets.ts';
import { makeContext, publicOrigin } from './page-context.ts';
import { pageResponse } from './page-response.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { cardsView, posterView } from './print-view.ts';

/**
 * `/print/{code}/poster` and `/print/{code}/cards`: A4, ready to print. They hold what the link itself tells: organisation
 * and code. A code that has ended is not printed.
 */
export async function answerPrint(request: Request, url: URL, options: PublicPagesOptions): Promise<Response | null> {
  const [, written, kind] = /^\/print\/([0-9a-z-]{10,12})\/(poster|cards)\/?$/i.exec(url.pathname) ?? [];
  if (written === undefined || kind === undefined) return null;
  const page = await options.verve.join.open({ code: written, host: url.hostname });
  const { organisation } = page;
  // What is printed speaks the organisation's language, not that of the browser it is printed from.
  const context = await makeContext(request, { organisation, publicUrl: options.publicUrl, isPrinted: true });
  const colour = organisation?.brand.colour ?? null;
  if (page.state !== 'open' || page.isReplaced || context.organisation === null) {
    const view = endedView(context, {
      reason: page.state === 'unknown' ? 'unknown' : 'ended',
      joinUrl: organisation === null ? null : withoutCodeUrl(organisation),
      codeAction: '/join',
      typedCode: null,
      claimUrl: null,
      waitMinutes: 0,
    });
    return pageResponse(view, { status: page.state === 'unknown' ? 404 : 410, colour });
  }
  const { code } = page;
  const { linkDomains } = page.organisation;
  const link = { code, linkDomain: linkDomains[0] ?? null, allowedDomains: linkDomains };
  const isPoster = kind.toLowerCase() === 'poster';
  const qr = qrUrl(link, isPoster ? 'poster' : 'qr');
  const printed = printedUrl(link);
  // Without a link domain (a developer's machine) the server's own address is printed.
  const origin = publicOrigin(page.organisation, options.publicUrl);
  const host = origin.replace(/^https?:\/\//, '');
  const view = {
    code,
    qrText: qr.outcome === 'url' ? qr.url : `${origin}/q/${code}${isPoster ? '/p' : ''}`.toUpperCase(),
    printedUrl: printed.outcome === 'url' ? printed.url : `${host}/r/${code}`,
    typeInUrl: `${host}/join`,
  };
  const { printStyleUrl } = await loadPageAssets();
  const shown = { ...context, organisation: context.organisation, printStyleUrl };
  return pageResponse(isPoster ? posterView(shown, view) : cardsView(shown, view), { colour, medium: 'print' });
}
