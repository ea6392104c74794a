import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { RequestError } from '@hono/node-server';
import { type ErrorCode, VerveError } from '../engine/errors.ts';
import { problemOf, problemResponse } from '../http/problem.ts';

/**
 * Refuses what is no readable request (a broken head, too many headers, a request that never ends, an expectation that cannot
 * be met) with problem details, like everything else that is refused, and ends the connection.
 */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(rawAnswer(refusalOf(error.code)));
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false; // the body that may follow is not read
    writeRefusal(response, new VerveError('expectation_failed'));
  });
}

/** HTTP/1.1 without the header Host does not say whom it is for (RFC 9112, 3.2): refused. Says whether it was. */
export function refuseNoHost(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') return false;
  response.shouldKeepAlive = false;
  writeRefusal(response, unreadable('Send the header Host.'));
  return true;
}

/** Two Host headers are two opinions on whom a request is for (RFC 9112, 3.2): refused. Says whether it was. */
export function refuseTwoHosts(request: IncomingMessage, response: ServerResponse): boolean {
  if ((request.headersDistinct.host?.length ?? 0) < 2) return false;
  writeRefusal(response, unreadable('Send the header Host once.'));
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
