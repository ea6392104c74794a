import { Hono } from 'hono';
import { VerveError } from '../engine/errors.ts';
import { SpanKind, traced } from '../engine/tracing.ts';
import type { Verve } from '../engine/verve.ts';
import { allowedMethods } from './allowed-methods.ts';
import { createRuntime, type HandlerOptions } from './create-runtime.ts';
import { createCrossOrigin } from './cross-origin.ts';
import { handleOperation } from './handle-operation.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { problemOf } from './problem.ts';
import type { Runtime } from './runtime.ts';
import { withSecurityHeaders } from './security-headers.ts';
import { serviceRoutes } from './service-routes.ts';

/** A Web-standard request handler: mountable in Hono, Next, Deno, Supabase Edge Functions, or `node:http` by an adapter. */
export type Handler = (request: Request) => Promise<Response>;

const REQUEST_ID = /^[A-Za-z0-9_.-]{8,64}$/;

/**
 * Makes the HTTP face of a Verve: the API, its document and its own pages (`/docs`, `/problems/{code}`, `/healthz`,
 * `/readyz`, `/metrics`). Never throws: what fails is answered with problem details.
 *
 * @param options.fallback Answers what is none of these: the public pages, the dashboard. (Default: 404)
 */
export function createHandler(verve: Verve, options: HandlerOptions = {}): Handler {
  const runtime = createRuntime(verve, options);
  const crossOrigin = createCrossOrigin(options.origins ?? []);
  const router = new Hono({ strict: false }); // a slash at the end makes no difference
  for (const operation of operations) mount(router, runtime, operation);
  serviceRoutes(router, runtime);
  router.all('*', async ({ req }) => {
    const other = await options.fallback?.(req.raw);
    if (other) return other;
    const methods = allowedMethods(req.path);
    if (methods.length > 0 && req.method === 'OPTIONS') return answerOptions(methods);
    if (methods.length === 0 || methods.includes(req.method)) throw new VerveError('not_found');
    throw new VerveError('method_not_allowed', `This resource takes ${methods.join(', ')}.`);
  });
  router.onError((error, context) => answerProblem(runtime, error, context.req.raw, requestIdOf(context.req.raw)));

  return async (request) => {
    const requestId = requestIdOf(request);
    const startedAt = performance.now();
    const response = await answer(router, runtime, request, requestId);
    const secured = withSecurityHeaders(response, runtime.publicUrl.startsWith('https:'));
    if (isApi(request)) crossOrigin.admit(request, secured.headers);
    secured.headers.set('x-request-id', requestId);
    runtime.metrics.observeRequest(request.method, secured.status, performance.now() - startedAt);
    return secured;
  };
}

const requestIds = new WeakMap<Request, string>();

/** The sender's own id where it is harmless, else a new one. The same for one request wherever it is asked. */
function requestIdOf(request: Request): string {
  const known = requestIds.get(request);
  if (known !== undefined) return known;
  const given = request.headers.get('x-request-id');
  const requestId = given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
  requestIds.set(request, requestId);
  return requestId;
}

async function answer(router: Hono, runtime: Runtime, request: Request, requestId: string): Promise<Response> {
  try {
    return await router.fetch(request);
  } catch (error) {
    return await answerProblem(runtime, error, request, requestId);
  }
}

function mount(router: Hono, runtime: Runtime, operation: Operation): void {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const method = operation.method.toUpperCase();
  const attributes = { 'http.request.method': method, 'http.route': operation.path, 'verve.operation': operation.id };
  const told = { name: `${method} ${operation.path}`, kind: SpanKind.SERVER, attributes };
  router.on(method, path, ({ req }) =>
    traced({ ...told, headers: req.raw.headers }, async (span) => {
      const response = await handleOperation(runtime, operation, req.raw, requestIdOf(req.raw), req.param());
      span.setAttribute('http.response.status_code', response.status);
      return response;
    }),
  );
}

async function answerProblem(runtime: Runtime, error: unknown, request: Request, requestId: string): Promise<Response> {
  const { problem, headers } = problemOf(error, requestId);
  if (problem.status === 405) headers.set('allow', allowedMethods(new URL(request.url).pathname).join(', '));
  if (problem.status >= 500) {
    const detail = error instanceof VerveError ? error.detail : undefined;
    const fault = error instanceof Error ? error.name : 'unknown';
    // A stack names files and lines of ours; the message of a foreign error may quote data, and stays out.
    const stack =
      error instanceof Error ? error.stack?.split('\n').filter((line) => line.trim().startsWith('at ')) : [];
    runtime.logger.error({ requestId, code: problem.code, fault, detail, stack: stack?.slice(0, 8) }, 'request failed');
  }
  runtime.metrics.countProblem(problem.code);
  const page = isApi(request) ? null : await runtime.showProblem(request, problem.status);
  return page ?? new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function answerOptions(methods: readonly string[]): Response {
  return new Response(null, { status: 204, headers: { allow: methods.join(', ') } });
}

/** Pages are read by people who open them, and by no other site's script. */
function isApi(request: Request): boolean {
  return /^[a-z]+:\/\/[^/]*\/api\//.test(request.url);
}
