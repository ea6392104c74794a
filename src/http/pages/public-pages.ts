import { readCode } from '../../engine/codes/read-code.ts';
import { VerveError } from '../../engine/errors.ts';
import { appFile } from './app-files.ts';
import { showUnknown } from './join-answers.ts';
import { answerJoin } from './join-routes.ts';
import { organisationAsset } from './organisation-assets.ts';
import { loadPageAssets } from './page-assets.ts';
import { unavailablePage } from './page-context.ts';
import type { PublicPagesOptions } from './pages-options.ts';
import { answerPrint } from './print-routes.ts';
import { recordHits } from './record-hit.ts';

/**
 * The public pages: `/join…`, `/referral/…`, `/print/…`, association files, style, font, logo and preview picture. Answers
 * null for every other path. Works without script and cookie, and never fails: when the database does not answer, the page
 * says so kindly and keeps what was typed.
 */
export function createPublicPages(given: PublicPagesOptions): (request: Request) => Promise<Response | null> {
  const options = { recordHit: recordHits(given.verve.clicks, given.clientAddress), ...given };
  return async (request) => {
    try {
      const response = await route(request, options);
      if (response === null || request.method !== 'HEAD') return response;
      return new Response(null, { status: response.status, headers: response.headers });
    } catch (error) {
      if (error instanceof VerveError && (error.code === 'body_too_large' || error.code === 'unsupported_media_type')) {
        throw error;
      }
      // The fault's name says what kind it is; its message may quote what a person typed.
      options.logger.error({ fault: error instanceof Error ? error.name : 'unknown' }, 'a public page failed');
      return unavailablePage(request, null);
    }
  };
}

async function route(request: Request, options: PublicPagesOptions): Promise<Response | null> {
  const url = new URL(request.url);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const [first = '', second = ''] = url.pathname.toLowerCase().split('/').slice(1);
  if (isRead && first === 'assets') {
    if (second === 'pages') return (await loadPageAssets()).respond(url.pathname);
    if (second === 'organisations') return organisationAsset(url, options);
  }
  if (isRead && first === '.well-known') return appFile(url, options);
  if (isRead && first === 'print') return answerPrint(request, url, options);
  if (first === 'join' || first === 'referral') return answerJoin(request, url, options);
  const isPage = url.pathname === '/' || (first !== 'api' && request.headers.get('accept')?.includes('text/html'));
  return isRead && isPage ? answerLinkDomain(request, url, options) : null;
}

/**
 * An organisation's link domain, typed by itself, leads to the field for a code, and with a code behind it to that code's
 * page; a person who mistyped the rest is told so, with the field. Other hosts have such paths of their own: null.
 */
async function answerLinkDomain(request: Request, url: URL, options: PublicPagesOptions): Promise<Response | null> {
  const organisation = await options.verve.join.organisationOfHost(url.hostname);
  if (organisation === null) return null;
  if (url.pathname === '/') return answerJoin(request, new URL('/join', url), options);
  const code = readCode(url.pathname.slice(1));
  if (code === null) return showUnknown(request, url, options, { typed: '', organisation });
  const headers = { location: `/join/${code}`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return new Response(null, { status: 302, headers });
}
