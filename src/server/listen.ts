import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Intercept } from './fast-redirect.ts';
import { refuseHosts, refuseRequest, refuseUnreadable } from './refuse-transport.ts';

/** A Web-standard handler; `address` is that of the connection, before any proxy is believed. */
export type FetchHandler = (request: Request, address: string) => Response | Promise<Response>;

/** A listening HTTP server. */
export interface Listener {
  readonly port: number;
  /** Takes no new requests, lets running ones finish for at most `graceMs`, then cuts them. Safe to repeat. */
  readonly close: (graceMs: number) => Promise<void>;
}

interface NodeEnvironment {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** What a client may take: header bytes, and milliseconds to send its headers and its whole request. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  requireHostHeader: false, // Node's own refusal has no body: refuseHosts gives one
} as const;
/** Headers beyond these are not looked at. */
const MOST_HEADERS = 100;

/** Listens. @throws {Error} saying what to do when the port is taken or the address is not ours. */
export async function listen(options: {
  host: string;
  port: number;
  handler: FetchHandler;
  /** Asked first about every request. (Default: answers none) */
  intercept?: Intercept;
}): Promise<Listener> {
  const answer = getRequestListener(
    async (request: Request, environment: unknown) => {
      const { incoming, outgoing } = environment as NodeEnvironment;
      const response = await options.handler(request, incoming.socket.remoteAddress ?? '');
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) endWithClient(incoming, outgoing);
      return response;
    },
    { errorHandler: refuseRequest },
  );
  const server = createServer(LIMITS, (request, response) => {
    if (refuseHosts(request, response) || options.intercept?.(request, response)) return;
    void answer(request, response);
  });
  refuseUnreadable(server);
  server.maxHeadersCount = MOST_HEADERS;
  // Who has sent all and closed the sending side (`nc`, `socat`, some proxies) still waits for the answer. Node's types lack it.
  Object.assign(server, { httpAllowHalfOpen: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(explainListenError(error, options))));
  server.listen(options.port, options.host, () => resolve());
  await promise;
  let closing: Promise<void> | null = null;

  async function close(graceMs: number): Promise<void> {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    // A kept-alive connection becomes idle when its last answer is out, and would hold us up for seconds.
    const closeIdle = setInterval(() => {
      server.closeIdleConnections();
    }, 20);
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    await closed.promise;
    clearInterval(closeIdle);
    clearTimeout(timer);
  }

  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs) => {
      closing ??= close(graceMs);
      return closing;
    },
  };
}

/**
 * An answer without an end is for who still listens: a browser that goes away closes its sending side, and half-open
 * connections would keep its stream counted until something is written to nobody.
 */
function endWithClient({ socket }: IncomingMessage, response: ServerResponse): void {
  const end = () => void response.destroy();
  if (socket.readableEnded) end();
  socket.once('end', end);
  response.once('close', () => socket.off('end', end));
}

/** Why one cannot listen there, and what to do. */
export function explainListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} is taken. Stop what uses it, or choose another in PORT.`;
  if (error.code === 'EACCES') return `This account may not listen on port ${port}. Choose one above 1023 in PORT.`;
  if (error.code === 'EADDRNOTAVAIL')
    return `${host} is no address of this machine. Mend HOST (127.0.0.1 is the default).`;
  return `Cannot listen on ${host}, port ${port}: ${error.message}`;
}
