import { type Operations, routes } from './operations.generated.ts';

export type * from './operations.generated.ts';
export { readEvents, type StreamSign } from './read-events.ts';

/** How a client reaches a server. */
export interface ClientOptions {
  /** Where the server is, for example `https://verv.lydhor.example`. */
  baseUrl: string;
  /** An API key or a person's token; a function is asked before each request. (Default: nobody in particular) */
  token?: string | (() => string | Promise<string>);
  /** Slug of the organisation, for a person who belongs to several. */
  organisation?: string;
  /** (Default: the global fetch) */
  fetch?: (request: Request) => Promise<Response>;
}

/** What every operation takes beside its own input. */
export interface CallOptions {
  /** For a POST: the same key with the same request is carried out once. */
  idempotencyKey?: string;
  /** For `streamEvents`: goes on after this event; `0` = everything that was ever recorded. (Default: from now on) */
  lastEventId?: string;
  signal?: AbortSignal;
}

/** The `format` that an input asks for. */
type FormatOf<Given> = Given extends { query?: infer Query }
  ? Query extends { format?: infer Format }
    ? Format
    : never
  : never;

/** What an operation answers to an input: another form where `format` asks for one (CSV is given as the `Response`). */
type AnswerTo<Operation extends { answer: unknown }, Given> = Operation extends { answerIn: infer Others }
  ? [FormatOf<Given>] extends [never]
    ? Operation['answer']
    : FormatOf<Given> extends infer Format
      ? Format extends keyof Others
        ? Others[Format]
        : Operation['answer']
      : never
  : Operation['answer'];

/** One method for each operation of the contract, named by its operationId. */
export type Client = {
  [Id in keyof Operations]: object extends Operations[Id]['input']
    ? <const Given extends Operations[Id]['input'] = object>(
        input?: Given,
        options?: CallOptions,
      ) => Promise<AnswerTo<Operations[Id], Given>>
    : <const Given extends Operations[Id]['input']>(
        input: Given,
        options?: CallOptions,
      ) => Promise<AnswerTo<Operations[Id], Given>>;
};

/** A refusal of the server (RFC 9457). Decide by `code`. */
export class VerveProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly fields: readonly { field: string; message: string }[];
  /** Seconds after which trying again makes sense; null = it does not. */
  readonly retryAfterSeconds: number | null;

  constructor(
    response: Response,
    problem: Partial<{ code: string; title: string; detail: string; errors: { field: string; message: string }[] }>,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${response.status}`);
    this.name = 'VerveProblem';
    this.code = problem.code ?? 'unknown';
    this.status = response.status;
    this.requestId = response.headers.get('x-request-id');
    this.fields = problem.errors ?? [];
    const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterSeconds = Number.isFinite(wait) ? wait : null;
  }
}

interface Input {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
}

/**
 * Makes a typed client. Runs wherever there is `fetch`. A refusal is thrown as `VerveProblem`; what is no JSON (pictures,
 * files, streams) is given as the `Response` itself.
 */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const call = async (id: keyof Operations, input: Input = {}, more: CallOptions = {}): Promise<unknown> => {
    const response = await send(await makeRequest(options, id, input, more));
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    if (!response.ok) throw new VerveProblem(response, isJson ? await response.json() : {});
    if (response.status === 204) return null;
    return isJson ? response.json() : response;
  };
  const methods = Object.keys(routes).map((id) => [
    id,
    (input?: Input, more?: CallOptions) => call(id as keyof Operations, input, more),
  ]);
  return Object.fromEntries(methods) as Client;
}

/** A file says itself what it is, where the operation takes several types (`image/*`). */
function contentType(body: unknown, mediaType = 'application/json'): string {
  return mediaType.endsWith('/*') && body instanceof Blob && body.type !== '' ? body.type : mediaType;
}

async function makeRequest(
  options: ClientOptions,
  id: keyof Operations,
  input: Input,
  more: CallOptions,
): Promise<Request> {
  const [method, path, mediaType]: readonly [string, string, string?] = routes[id];
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ''));
  const url = new URL(`${options.baseUrl.replace(/\/$/, '')}${filled}`);
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const token = typeof options.token === 'function' ? await options.token() : options.token;
  const headers = new Headers();
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (options.organisation !== undefined) headers.set('verve-organisation', options.organisation);
  if (more.idempotencyKey !== undefined) headers.set('idempotency-key', `"${more.idempotencyKey}"`);
  if (more.lastEventId !== undefined) headers.set('last-event-id', more.lastEventId);
  const { body } = input;
  if (body !== undefined) headers.set('content-type', contentType(body, mediaType));
  return new Request(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: mediaType === undefined ? JSON.stringify(body) : (body as string | Blob) }),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  });
}
