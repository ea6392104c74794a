import type { Hono } from 'hono';
import { errorTable, VerveError } from '../engine/errors.ts';
import { docsPage } from './docs-page.ts';
import { buildDocument } from './openapi.ts';
import { problemIndexPage, problemPage } from './problem-pages.ts';
import { isDatabaseThere } from './readiness-repository.ts';
import type { Runtime } from './runtime.ts';

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'public, max-age=300',
};

/** The routes about the service itself: no organisation, no caller, no input. */
export function serviceRoutes(router: Hono, runtime: Runtime): void {
  let document: string | undefined;
  const documentText = () => {
    document ??= JSON.stringify(buildDocument(runtime.publicUrl));
    return document;
  };
  router.get('/healthz', (context) => context.json({ status: 'alive' }));
  router.get('/readyz', async (context) => {
    const isReady = await isDatabaseThere(runtime.verve.parts.database);
    if (!isReady) throw new VerveError('database_unavailable', undefined, { retryAfterSeconds: 2 });
    return context.json({ status: 'ready' });
  });
  router.get('/metrics', async (context) => {
    const rendered = await runtime.metrics.render(context.req.raw);
    if (rendered === null) throw new VerveError('not_found');
    return new Response(rendered.text, {
      headers: { 'content-type': rendered.contentType, 'cache-control': 'no-store' },
    });
  });
  router.get('/openapi.json', () => {
    const headers = {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    };
    return new Response(documentText(), { headers });
  });
  router.get('/docs', () => new Response(docsPage(buildDocument(runtime.publicUrl)), { headers: pageHeaders }));
  router.get('/problems', () => new Response(problemIndexPage(), { headers: pageHeaders }));
  router.get('/problems/:code', (context) => {
    const code = context.req.param('code');
    if (!isErrorCode(code)) throw new VerveError('not_found');
    return new Response(problemPage(code), { headers: pageHeaders });
  });
}

function isErrorCode(code: string): code is keyof typeof errorTable {
  return Object.hasOwn(errorTable, code);
}
