import { keptForm } from './join-submit.ts';
import { loadPageAssets } from './page-assets.ts';
import { unavailablePage } from './page-context.ts';
import { problemPage } from './problem-page.ts';
import { readPosted } from './read-posted.ts';

const publicPath = /^\/(?:join|referral|print|r|q)(?:\/|$)/i;

/**
 * Answers people who come while the server still waits for its database: the page that says so kindly, with what they typed
 * kept in it, and its style and font. null = nothing that a person reads in a browser. Needs no database.
 */
export async function answerWhileWaiting(request: Request): Promise<Response | null> {
  const url = new URL(request.url);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && url.pathname.startsWith('/assets/pages/')) return (await loadPageAssets()).respond(url.pathname);
  if (!publicPath.test(url.pathname)) {
    return /^\/api\//.test(url.pathname) ? null : problemPage(request, 503, { signInUrl: null });
  }
  if (isRead) return unavailablePage(request, null);
  return request.method === 'POST' ? unavailablePage(request, keptForm(url, await readPosted(request))) : null;
}
