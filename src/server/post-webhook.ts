import { lookup as systemLookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { performance } from 'node:perf_hooks';
import { mayConnectTo } from '../engine/webhooks/address-guard.ts';
import { numericHost } from '../engine/webhooks/endpoint-url.ts';
import type { Answer } from '../engine/webhooks/judge-answer.ts';
import { readRetryAfter } from '../engine/webhooks/retry-after.ts';

/** How long one request may take from first look-up to last byte. */
export const TIMEOUT_MS = 15_000;
/** Shorter than servers keep an idle connection (Node's own: 5 s), so that none is closed just as we use it again. */
const IDLE_CONNECTION_MS = 4000;
/** Of an answer, this much is read so that the connection can be used again; none of it is kept. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** One request to a receiver. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the request early: the caller stops. */
  readonly signal?: AbortSignal;
}

/** What posts webhooks. */
export interface WebhookPoster {
  /** Posts once and says what came of it; never throws. Follows no redirect. */
  post(request: WebhookRequest): Promise<{ answer: Answer; durationMs: number }>;
  /** Closes idle connections. */
  close(): void;
}

/**
 * Makes a poster that connects to public addresses only. What is checked is the address each connection goes to: the
 * look-up of the name is the guard's, so no second look-up can answer differently.
 */
export function createWebhookPoster(
  options: {
    /** Lets it reach this machine, also over http; for development and tests. (Default: false) */
    allowLoopback?: boolean;
    /** (Default: 15,000) */
    timeoutMs?: number;
    /** How names are looked up; for tests. (Default: the system's) */
    lookup?: typeof systemLookup;
    /** Certificates to trust beside the usual; for tests. */
    certificateAuthorities?: string;
  } = {},
): WebhookPoster {
  const allowLoopback = options.allowLoopback === true;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const lookup = guardLookup(options.lookup ?? systemLookup, allowLoopback);
  const agentOptions = { keepAlive: true, maxFreeSockets: 32, timeout: IDLE_CONNECTION_MS, lookup };
  const plain = new http.Agent(agentOptions);
  const secure = new https.Agent({
    ...agentOptions,
    ...(options.certificateAuthorities && { ca: options.certificateAuthorities }),
  });

  async function post(request: WebhookRequest): Promise<{ answer: Answer; durationMs: number }> {
    const startedAt = performance.now();
    const answer = await attempt(request);
    return { answer, durationMs: Math.round(performance.now() - startedAt) };
  }

  async function attempt(request: WebhookRequest): Promise<Answer> {
    const url = new URL(request.url);
    const host = numericHost(url);
    if (host !== null && !mayConnectTo(host, { allowLoopback })) return { kind: 'failed', failure: 'address_refused' };
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowLoopback)) {
      return { kind: 'failed', failure: 'address_refused' };
    }
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    return exchange(url, request, signal).catch(failureOf);
  }

  function exchange(url: URL, request: WebhookRequest, signal: AbortSignal): Promise<Answer> {
    const body = Buffer.from(request.body, 'utf8');
    const isSecure = url.protocol === 'https:';
    const headers = { ...request.headers, 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const agent = isSecure ? secure : plain;
      // The answer is its status: one that is too long, breaks off or never ends has been given all the same.
      let given: Answer | undefined;
      const end = (fault: unknown) => (given === undefined ? reject(fault) : resolve(given));
      const sent = (isSecure ? https : http).request(url, { method: 'POST', agent, headers, signal }, (response) => {
        given = statusOf(response);
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES) response.destroy();
        });
        response.on('close', end);
        response.on('error', () => undefined);
      });
      sent.on('upgrade', (response, socket) => {
        given = statusOf(response); // 101: nobody asked for another protocol
        socket.destroy();
      });
      sent.on('error', end);
      sent.on('close', () => end(new Error('The connection was closed without an answer')));
      sent.end(body);
    });
  }

  return {
    post,
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

function statusOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  return {
    kind: 'status',
    status: statusCode,
    retryAfterSeconds: readRetryAfter(headers['retry-after'], new Date()),
  };
}

class AddressRefused extends Error {}

/** Wraps a look-up so that it leaves only addresses that may be connected to; none left is an error. */
export function guardLookup(lookup: typeof systemLookup, allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => mayConnectTo(address, { allowLoopback }));
      const first = allowed[0];
      if (first === undefined) return callback(new AddressRefused('No public address'), []);
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function failureOf(error: unknown): Answer {
  if (error instanceof AddressRefused) return { kind: 'failed', failure: 'address_refused' };
  const { name, code = '' } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ETIMEDOUT') {
    return { kind: 'failed', failure: 'timeout' };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return { kind: 'failed', failure: 'name_not_found' };
  }
  const isTls = /CERT|SIGNED|SIGNATURE|ISSUER|TLS|SSL|EPROTO/.test(code);
  return { kind: 'failed', failure: isTls ? 'tls_failed' : 'connection_failed' };
}
