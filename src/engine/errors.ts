/**
 * The one class of refusal and the one table of its codes. What is expected is returned as a tagged union; what is
 * refused is thrown as a VerveError; everything else is a fault and propagates.
 */

/** Every refusal code with the HTTP status it has at the boundary and a title that says what happened. */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request is not of the form this operation takes' },
  invalid_id: { status: 400, title: 'An id is not a UUID' },
  invalid_json: { status: 400, title: 'The body is not acceptable JSON' },
  invalid_range: { status: 400, title: 'The range is empty, reversed or longer than 366 days' },
  invalid_cursor: { status: 400, title: 'The cursor does not belong to this list' },
  invalid_paging: { status: 400, title: 'Use either cursor or page, not both' },
  invalid_code: { status: 400, title: 'The string is not of the form of a referral code' },
  invalid_metadata: { status: 400, title: 'Click metadata holds a key or value that is not allowed' },
  organisation_required: { status: 400, title: 'Say which organisation, with the header Verve-Organisation' },
  missing_link_domain: { status: 409, title: 'The organisation has no link domain yet' },
  invalid_link_scheme: { status: 400, title: 'Links are https' },
  link_domain_not_allowed: { status: 400, title: 'The link domain is not on the organisation’s list' },
  unauthenticated: { status: 401, title: 'Sign in or send a key' },
  invalid_token: { status: 401, title: 'The token is not valid' },
  invalid_signature: { status: 401, title: 'The delivery is not signed with a valid secret' },
  timestamp_out_of_tolerance: { status: 401, title: 'The delivery was signed too long ago, or in the future' },
  forbidden: { status: 403, title: 'This is not allowed for you' },
  about_oneself: { status: 403, title: 'Nobody decides about himself' },
  not_found: { status: 404, title: 'There is nothing here under that id' },
  method_not_allowed: { status: 405, title: 'This resource does not take that method' },
  not_acceptable: { status: 406, title: 'This resource cannot be had in that form' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'This contradicts what is already so' },
  changed_meanwhile: { status: 409, title: 'It was changed since you read it' },
  active_code_exists: { status: 409, title: 'The owner already has an active code' },
  code_taken: { status: 409, title: 'That code string has been used before' },
  mentor_inactive: { status: 409, title: 'The mentor is paused or has left' },
  code_invalidated: { status: 409, title: 'The last code was ended by a coordinator, who must issue the next' },
  code_mismatch: { status: 409, title: 'The code is not the one of this row' },
  already_credited: { status: 409, title: 'Already credited: use reverse' },
  already_decided: { status: 409, title: 'This has already been decided' },
  already_exists: { status: 409, title: 'There is one of these already' },
  idempotency_key_running: { status: 409, title: 'A request with this Idempotency-Key is still running' },
  click_pruned: { status: 410, title: 'The click is no longer kept' },
  code_ended: { status: 410, title: 'The code has ended and the time for late registrations is over' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Send application/json' },
  expectation_failed: { status: 417, title: 'This expectation cannot be met' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another request' },
  delivery_id_reused: { status: 422, title: 'This delivery id was used with another body' },
  unprocessable: { status: 422, title: 'The request is well formed but cannot be carried out' },
  too_many_rotations: { status: 429, title: 'A mentor can change codes three times in 30 days' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something failed on our side' },
  issuer_unavailable: { status: 503, title: 'The sign-in service does not answer just now' },
  database_unavailable: { status: 503, title: 'The database does not answer just now; nothing was lost' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One field of the input that was refused: a path such as `data[3].code` and what would be accepted. Never the value. */
export interface FieldError {
  field: string;
  message: string;
}

/**
 * A refusal. `code` is stable and documented; `detail` says what to do and never echoes input; `fields` names what to
 * mend; `retryAfterSeconds` is set where waiting helps.
 */
export class VerveError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | null; // null = waiting does not help

  constructor(
    code: ErrorCode,
    detail: string = errorTable[code].title,
    more: { fields?: readonly FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'VerveError';
    this.code = code;
    this.detail = detail;
    this.fields = more.fields ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds ?? null;
  }
}
