import type { Session } from '../engine/database.ts';
import { VerveError } from '../engine/errors.ts';
import { authenticate } from './authenticate.ts';
import { callerName } from './caller-name.ts';
import type { Answer, Caller, Incoming, Operation } from './operation.ts';
import { refuseAddress, refuseInput } from './problem.ts';
import { type EnlistedEngine, enlistSession } from './requests/enlist-session.ts';
import { digestRequest, type IdempotentRequest, readIdempotencyKey, runAnew, runOnce } from './requests/idempotency.ts';
import { type RateLimitPolicy, rateLimitHeaders, TooManyRequests } from './requests/rate-limit.ts';
import { parseBody, readBytes } from './requests/read-body.ts';
import { readQuery } from './requests/read-query.ts';
import { type Place, resolveOrganisation } from './resolve-organisation.ts';
import type { Runtime } from './runtime.ts';
import { toJson } from './wire.ts';

/** Callers that prove themselves share this budget, each its own: it stops a runaway script, not a busy dashboard. */
const callerLimit: RateLimitPolicy = { name: 'caller', quota: 6_000, windowSeconds: 60 };
/** Wrong credentials, per address: what guessing gets. */
const refusalLimit: RateLimitPolicy = { name: 'credentials', quota: 120, windowSeconds: 60 };

/**
 * Takes one request through an operation: budget, caller, organisation, input, work, answer. Throws refusals; the handler
 * turns them into problem details.
 */
export async function handleOperation(
  runtime: Runtime,
  operation: Operation,
  request: Request,
  requestId: string,
  pathParams: Record<string, string>,
): Promise<Response> {
  const url = new URL(request.url);
  const caller = operation.access.to === 'signed' ? ({ kind: 'public' } as const) : await identify(runtime, request);
  const limits = admit(runtime, operation, caller, request);
  requireCaller(operation, caller);
  const place =
    operation.placing === 'optional'
      ? unplaced(caller)
      : await resolveOrganisation(runtime, caller, request.headers.get('verve-organisation'));
  const params = readParams(operation, pathParams);
  const query = operation.query === null ? refuseAnyQuery(url) : readQuery(url, operation.query);
  const { bytes, body } = await readOperationBody(operation, request);
  const idempotent = await readIdempotent(operation, caller, request, url, bytes);
  if (place.orgId === '' && operation.findOrganisation !== null) {
    place.orgId = (await operation.findOrganisation(runtime, body as never)) ?? '';
  }
  const incoming: Incoming<unknown, unknown, unknown> = {
    params,
    query,
    body,
    bytes,
    request,
    requestId,
    caller,
    actor: place.actor,
    orgId: place.orgId,
    runtime,
    read: (work) => read(runtime, caller, place, work),
    write: (work) => write(runtime, operation, place, idempotent, work),
  };
  const handle = () => handleWithin(runtime, operation, incoming as Incoming<never, never, never>);
  const isBound = idempotent !== null && place.orgId !== '' && isRunAnew(operation, query);
  const { database } = runtime.verve.parts;
  const answer = await (isBound ? runAnew(database, place.orgId, idempotent, handle) : handle());
  return respond(runtime, operation, request.method === 'HEAD' ? withoutStream(answer) : answer, limits);
}

/** Who asks for the head alone reads no stream, and nobody else would end it. */
function withoutStream(answer: Answer): Answer {
  if (!(answer.raw instanceof ReadableStream)) return answer;
  answer.raw.cancel().catch(() => undefined);
  return { ...answer, raw: null };
}

/**
 * A signed delivery spends no budget: a membership system may send hundreds a second. A wrong signature spends that of
 * wrong credentials.
 */
async function handleWithin(
  runtime: Runtime,
  operation: Operation,
  incoming: Incoming<never, never, never>,
): Promise<Answer> {
  try {
    return await operation.handle(incoming);
  } catch (error) {
    const isUnproved = error instanceof VerveError && unproved.has(error.code);
    if (operation.access.to === 'signed' && isUnproved) {
      const verdict = runtime.limiter.admit(refusalLimit, runtime.clientAddress(incoming.request));
      if (!verdict.isAdmitted) throw new TooManyRequests(refusalLimit, verdict);
    }
    throw error;
  }
}

const unproved: ReadonlySet<string> = new Set(['invalid_signature', 'timestamp_out_of_tolerance']);

/** Where an operation is about the caller alone, and not about one organisation. */
function unplaced(caller: Caller): Place {
  if (caller.kind !== 'person') return { orgId: '', actor: { kind: 'public' } };
  return { orgId: '', actor: { kind: 'person', userId: caller.userId, mentorId: null, roles: [] } };
}

async function identify(runtime: Runtime, request: Request): Promise<Caller> {
  try {
    return await authenticate(runtime, request);
  } catch (error) {
    if (error instanceof VerveError && (error.code === 'unauthenticated' || error.code === 'invalid_token')) {
      const verdict = runtime.limiter.admit(refusalLimit, runtime.clientAddress(request));
      if (!verdict.isAdmitted) throw new TooManyRequests(refusalLimit, verdict);
    }
    throw error;
  }
}

/** Spends one request of the caller's budget, and gives the headers that tell what is left. */
function admit(runtime: Runtime, operation: Operation, caller: Caller, request: Request): Record<string, string> {
  const { access } = operation;
  if (access.to === 'signed') return {};
  const policy = caller.kind === 'public' ? (access.to === 'anybody' ? access.limit : publicLimit) : callerLimit;
  const subject =
    caller.kind === 'public' ? runtime.clientAddress(request) : caller.kind === 'key' ? caller.apiKeyId : caller.userId;
  const verdict = runtime.limiter.admit(policy, subject);
  if (!verdict.isAdmitted) throw new TooManyRequests(policy, verdict);
  return caller.kind === 'public' ? rateLimitHeaders(policy, verdict) : {};
}

const publicLimit: RateLimitPolicy = { name: 'public', quota: 600, windowSeconds: 60 };

function requireCaller(operation: Operation, caller: Caller): void {
  const { access } = operation;
  if (access.to === 'anybody' || access.to === 'signed') return;
  if (caller.kind === 'public') throw new VerveError('unauthenticated');
  if (caller.kind === 'person') return;
  if (access.to === 'known') return;
  if (!caller.scopes.includes(access.scope)) {
    throw new VerveError('forbidden', `The key needs the scope ${access.scope}.`);
  }
}

function readParams(operation: Operation, pathParams: Record<string, string>): unknown {
  if (operation.params === null) return undefined;
  const result = operation.params.safeParse(pathParams);
  if (!result.success) throw refuseAddress(result.error);
  return result.data;
}

function refuseAnyQuery(url: URL): undefined {
  if (url.search.length <= 1) return undefined;
  throw new VerveError('invalid_request', 'This operation takes no query.', {
    fields: [{ field: 'query', message: 'must be empty' }],
  });
}

async function readOperationBody(
  operation: Operation,
  request: Request,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; body: unknown }> {
  const { bodyForm } = operation;
  if (bodyForm !== 'json') return { bytes: await readBytes(request, bodyForm.maxBytes), body: undefined };
  const bytes = await readBytes(request, operation.maxBodyBytes);
  if (operation.body === null) return { bytes, body: undefined };
  const value = parseBody(bytes, request.headers.get('content-type'), operation.maxBodyBytes);
  if (value === undefined && operation.isBodyOptional) return { bytes, body: operation.body.safeParse({}).data };
  if (value === undefined) throw new VerveError('invalid_json', 'This operation needs a JSON body.');
  const result = operation.body.safeParse(value);
  if (!result.success) throw refuseInput(result.error, 'body');
  return { bytes, body: result.data };
}

async function readIdempotent(
  operation: Operation,
  caller: Caller,
  request: Request,
  url: URL,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<IdempotentRequest | null> {
  if (operation.method !== 'post') return null;
  const key = readIdempotencyKey(request.headers.get('idempotency-key'));
  if (key === null) return null;
  const requestDigest = await digestRequest(request.method, `${url.pathname}${url.search}`, bytes);
  return { caller: callerName(caller), key, requestDigest };
}

function isRunAnew({ runsAnew }: Operation, query: unknown): boolean {
  return typeof runsAnew === 'boolean' ? runsAnew : runsAnew(query as never);
}

function read<Result>(
  runtime: Runtime,
  caller: Caller,
  place: Place,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  if (caller.kind === 'person') {
    return runtime.verve.parts.database.transaction({ role: 'authenticated', claims: caller.claims }, work);
  }
  return runtime.verve.parts.database.transaction({ role: 'verve_engine', orgId: place.orgId }, work);
}

async function write(
  runtime: Runtime,
  { isOneTransaction }: Operation,
  place: Place,
  idempotent: IdempotentRequest | null,
  work: (engine: EnlistedEngine) => Promise<Answer>,
): Promise<Answer> {
  const { verve } = runtime;
  // Without an organisation nothing is written, so there is no effect to keep a key with.
  if (place.orgId === '' || (idempotent === null && !isOneTransaction)) return work(verve);
  const { database, keyRing } = verve.parts;
  return database.transaction({ role: 'verve_engine', orgId: place.orgId }, (session) => {
    const together = () => work(enlistSession(verve, session));
    return idempotent === null ? together() : runOnce(session, keyRing, idempotent, together);
  });
}

function respond(runtime: Runtime, operation: Operation, answer: Answer, limits: Record<string, string>): Response {
  const form = operation.answers[answer.status];
  const headers = new Headers({ ...limits, ...answer.headers });
  if (answer.raw !== undefined) return new Response(answer.raw, { status: answer.status, headers });
  if (runtime.checkAnswers) checkAnswer(operation, answer);
  if (form?.schema == null) return new Response(null, { status: answer.status, headers });
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return new Response(toJson(answer.body), { status: answer.status, headers });
}

function checkAnswer(operation: Operation, answer: Answer): void {
  const form = operation.answers[answer.status];
  if (form === undefined) throw new Error(`${operation.id} answers ${answer.status}, which it does not declare.`);
  const given = new Headers(answer.headers);
  const missing = Object.keys(form.headers ?? {}).filter((name) => !given.has(name));
  if (missing.length > 0) throw new Error(`${operation.id} answers without ${missing.join(', ')}, which it declares.`);
  if (form.schema === null) return;
  const result = form.schema.safeParse(JSON.parse(toJson(answer.body)));
  if (!result.success) throw new Error(`${operation.id} does not answer as it declares: ${result.error.message}`);
}
