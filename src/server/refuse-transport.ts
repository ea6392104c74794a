import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError } from '@hono/node-server';
import { type ErrorCode, VerveError } from '../engine/errors.ts';
import { problemOf, problemResponse } from '../http/problem.ts';

/**
 * Refuses what is no readable request (a broken head, too many headers, a request that never ends, an expectation that cannot
 * be met) with problem details, like everything else that is refused, and ends the connection. One that never asked anything
 * is closed without a word.
 */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Nothing was asked on it: a browser's or a pool's connection in reserve, whose first request must not find an old answer.
    const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && (socket as Socket).bytesRead === 0;
    if (isUnused || error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(rawAnswer(refusalOf(error.code)));
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false; // the body that may follow is not read
    writeRefusal(response, new VerveError('expectation_failed'));
  });
}

/**
 * HTTP/1.1 without the header Host does not say whom it is for, and two are two opinions on that (RFC 9112, 3.2): refused.
 * Says whether it was. Reads the headers as they came: asked of every redirect, and cheaper than an object of all of them.
 */
export function refuseHosts({ rawHeaders, httpVersion }: IncomingMessage, response: ServerResponse): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts === 1 || (hosts === 0 && httpVersion !== '1.1')) return false;
  response.shouldKeepAlive = false;
  writeRefusal(response, unreadable(hosts === 0 ? 'Send the header Host.' : 'Send the header Host once.'));
  return true;
}

/** The answer where no Web-standard request could be made of it (no Host, or a target that is no address), or to a fault. */
export function refuseRequest(fault: unknown): Response {
  const isUnreadable = fault instanceof RequestError;
  const thrown = isUnreadable ? unreadable('The request line or the header Host cannot be read.') : fault;
  return problemResponse(thrown, crypto.randomUUID());
}

function unreadable(detail: string): VerveError {
  return new VerveError('invalid_request', detail);
}

function refusalOf(fault: string | undefined): VerveError {
  const code: ErrorCode | null =
    fault === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : fault === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : null;
  return code === null ? unreadable('This is not readable as HTTP/1.1.') : new VerveError(code);
}

function rawAnswer(refusal: VerveError): string {
  const { problem, headers } = problemOf(refusal, crypto.randomUUID());
  const body = JSON.stringify(problem);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    ...lines,
    length,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

function writeRefusal(response: ServerResponse, refusal: VerveError): void {
  const { problem, headers } = problemOf(refusal, crypto.randomUUID());
  response.writeHead(problem.status, Object.fromEntries(headers)).end(JSON.stringify(problem));
}
