import type { ZodError } from 'zod';
import { type ErrorCode, errorTable, type FieldError, VerveError } from '../engine/errors.ts';
import { notAnId } from '../engine/ids.ts';
import { snakeCase } from '../engine/snake-case.ts';
import { TooManyRequests } from './requests/rate-limit.ts';

/**
 * The one door from refusals and faults to HTTP (RFC 9457). No other file of this storey knows a status code of a refusal.
 */

/** Problem details as they are sent. `type` is a stable address with a page about this kind of problem. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  /** What to do about it. Never holds anything of the request. */
  detail: string;
  /** The id of the request, as in the header X-Request-Id and in our logs. */
  request_id: string;
  /** What in the input was refused. */
  errors?: readonly FieldError[];
}

/** The stable address of a kind of problem, relative to the server: it resolves to a page about it. */
function problemType(code: ErrorCode): string {
  return `/problems/${code}`;
}

/** The HTTP status of a refusal. */
export function statusOf(code: ErrorCode): number {
  return errorTable[code].status;
}

/** Turns whatever was thrown into problem details. A fault becomes `internal_error` and tells nothing about itself. */
export function problemOf(thrown: unknown, requestId: string): { problem: ProblemDetails; headers: Headers } {
  const refusal = thrown instanceof VerveError ? thrown : new VerveError('internal_error');
  const { status, title } = errorTable[refusal.code];
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (status === 401) {
    const why = refusal.code === 'invalid_token' ? ', error="invalid_token"' : '';
    headers.set('www-authenticate', `Bearer realm="verve"${why}`);
  }
  if (refusal.retryAfterSeconds !== null) headers.set('retry-after', String(Math.ceil(refusal.retryAfterSeconds)));
  else if (status === 503) headers.set('retry-after', '2');
  if (thrown instanceof TooManyRequests) {
    for (const [name, value] of Object.entries(thrown.headers)) headers.set(name, value);
  }
  const problem: ProblemDetails = {
    type: problemType(refusal.code),
    title,
    status,
    code: refusal.code,
    // The detail of a fault can name tables and constraints: it goes to the log, not to the caller.
    detail: refusal.code === 'internal_error' ? 'Try again later, and tell us the request id.' : refusal.detail,
    request_id: requestId,
  };
  if (refusal.fields.length > 0) problem.errors = refusal.fields.slice(0, 20).map(asSent);
  return { problem, headers };
}

/** A field by the name under which it was sent; names of headers stay as they are. */
function asSent({ field, message }: FieldError): FieldError {
  return { field: /^[A-Z]/.test(field) ? field : snakeCase(field), message };
}

/** The answer for whatever was thrown. */
export function problemResponse(thrown: unknown, requestId: string): Response {
  const { problem, headers } = problemOf(thrown, requestId);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** A refusal of input that does not fit its schema: names the fields and what would be accepted, never what was sent. */
export function refuseInput(error: ZodError, where: string): VerveError {
  const fields = error.issues
    .flatMap(nearestIssues)
    .slice(0, 20)
    .map((issue) => ({
      field: fieldPath(where, issue.path),
      message: describeIssue(issue),
    }));
  return new VerveError('invalid_request', `The ${where} is not of the form that this operation takes.`, { fields });
}

/** A refusal of an address: of ids that are none by the code that the engine has for it, of anything else as input. */
export function refuseAddress(error: ZodError): VerveError {
  const refusal = refuseInput(error, 'path');
  if (refusal.fields.some(({ message }) => message !== notAnId)) return refusal;
  return new VerveError('invalid_id', 'An id in the address is not a UUID.', { fields: refusal.fields });
}

type Issue = ZodError['issues'][number];

/** Of a body that may have several forms, what keeps it from the one that it comes closest to. */
function nearestIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [nearest, ...others] = issue.errors;
  if (nearest === undefined) return [issue];
  const fewest = others.reduce((best, one) => (one.length < best.length ? one : best), nearest);
  return fewest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue);
}

function fieldPath(where: string, path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    // A key that is no plain word came from the sender (a record's key), and is not repeated.
    else text += `${text === '' ? '' : '.'}${/^[a-z][a-z0-9_]{0,39}$/.test(String(part)) ? String(part) : '*'}`;
  }
  return text === '' ? where : text;
}

function describeIssue(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => String(value)).join(', ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'unrecognized_keys':
      return 'holds a key that is not known here';
    case 'invalid_format':
      if (issue.format === 'datetime') return 'must be a time with an offset, such as 2026-11-20T11:00:00Z';
      if (issue.format === 'date') return 'must be a day, such as 2026-11-20';
      // A pattern says what it wants where the schema does.
      return issue.message.startsWith('must ') ? issue.message : 'must have the form that is documented';
    case 'custom':
      return issue.message; // written by us, in the schema
    default:
      return 'is not acceptable';
  }
}

function unitOf(origin: string, count: number | bigint): string {
  const plural = Number(count) === 1 ? '' : 's';
  if (origin === 'string') return ` character${plural}`;
  return origin === 'array' ? ` item${plural}` : '';
}
