/** Why reading from Dataverse failed; every one but the last three needs somebody to change something. */
export type DataverseFault =
  | 'credentials_refused'
  | 'scope_refused'
  | 'not_allowed'
  | 'not_found'
  | 'query_refused'
  | 'foreign_next_link'
  | 'unexpected_answer'
  | 'throttled'
  | 'unavailable';

/**
 * Thrown by the Dataverse client. `message` says what to do and holds nothing that Dataverse sent beyond an error code.
 * `status` is the HTTP status, null where there was no answer; `retryAfterSeconds` what the server asked for.
 */
export class DataverseError extends Error {
  readonly fault: DataverseFault;
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;

  constructor(
    fault: DataverseFault,
    message: string,
    status: number | null = null,
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = 'DataverseError';
    this.fault = fault;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed later without anybody changing anything. */
  get isTemporary(): boolean {
    return this.fault === 'throttled' || this.fault === 'unavailable' || this.fault === 'unexpected_answer';
  }
}

/** The error code of an OData or Entra answer, such as `0x80072322` or `AADSTS7000215`. Null where there is none. */
export function errorCodeOf(body: string): string | null {
  const odata = /"code"\s*:\s*"(0x[0-9a-f]{8})"/i.exec(body)?.[1];
  const entra = /"error_codes"\s*:\s*\[\s*(\d{4,8})/.exec(body)?.[1];
  return odata ?? (entra === undefined ? null : `AADSTS${entra}`);
}
