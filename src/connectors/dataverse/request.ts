import { readRetryAfter } from '../../engine/webhooks/retry-after.ts';
import { DataverseError, errorCodeOf } from './dataverse-error.ts';
import type { TokenSource } from './token-source.ts';

export interface RequestDependencies {
  tokens: TokenSource;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  /** Waits that many milliseconds. Tests let time pass at once. */
  sleep: (milliseconds: number) => Promise<void>;
  /** Tries of one request, the first included. (Default: 5, membership-systems §1.4) */
  maxTries: number;
}

/** The longest wait that is sat out; where the server asks for more, the run ends and is resumed later. */
const LONGEST_WAIT_MS = 300_000;

/**
 * GETs a Web API address and answers the parsed JSON object. A 401 drops the token and tries once more; throttling,
 * 5xx, lost connections and JSON that breaks off are tried again after `Retry-After`, else after 1, 2, 4, 8 s.
 * Throws `DataverseError`. The address is sent exactly as given.
 */
export async function requestJson(
  address: string,
  headers: Record<string, string>,
  dependencies: RequestDependencies,
): Promise<Record<string, unknown>> {
  let hasRenewedToken = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await requestOnce(address, headers, dependencies);
    } catch (error) {
      if (!(error instanceof DataverseError)) throw error;
      if (error.status === 401 && error.fault === 'not_allowed' && !hasRenewedToken) {
        dependencies.tokens.drop();
        hasRenewedToken = true;
        continue;
      }
      const waitMs = 1000 * (error.retryAfterSeconds ?? 2 ** (attempt - 1));
      if (!error.isTemporary || attempt >= dependencies.maxTries || waitMs > LONGEST_WAIT_MS) throw error;
      await dependencies.sleep(waitMs);
    }
  }
}

async function requestOnce(
  address: string,
  headers: Record<string, string>,
  { tokens, fetch, now }: RequestDependencies,
): Promise<Record<string, unknown>> {
  const token = await tokens.get();
  let status: number | null = null;
  let body: string;
  try {
    const response = await fetch(address, {
      headers: { ...headers, authorization: `Bearer ${token}` },
      redirect: 'error', // a token goes nowhere else
      signal: AbortSignal.timeout(60_000),
    });
    status = response.status;
    body = await response.text();
    if (!response.ok) throw refusal(status, body, readRetryAfter(response.headers.get('retry-after'), now()));
  } catch (error) {
    if (error instanceof DataverseError) throw error;
    throw new DataverseError(
      'unavailable',
      'Dataverse did not answer. Check environmentUrl, or try again later.',
      status,
    );
  }
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // broken off in mid-answer: reported below, and tried again
  }
  throw new DataverseError('unexpected_answer', 'Dataverse answered with something that is not a JSON object.', status);
}

function refusal(status: number, body: string, retryAfterSeconds: number | null): DataverseError {
  const code = errorCodeOf(body);
  const note = code === null ? '' : ` (${code})`;
  switch (status) {
    case 400:
      return new DataverseError('query_refused', `Dataverse refused the query${note}: check the column names.`, status);
    case 401:
      return new DataverseError(
        'not_allowed',
        `Dataverse refused the token${note}: is there an application user?`,
        status,
      );
    case 403: {
      const message = `The application user may not read this${note}: give its role organisation-level read on the table.`;
      return new DataverseError('not_allowed', message, status);
    }
    case 404:
      return new DataverseError('not_found', `Dataverse knows no such thing${note}: check entitySet.`, status);
    case 429:
      return new DataverseError('throttled', `Dataverse asks for a pause${note}.`, status, retryAfterSeconds);
    default:
      if (status >= 500) {
        return new DataverseError('unavailable', `Dataverse answered ${status}${note}.`, status, retryAfterSeconds);
      }
      return new DataverseError('unexpected_answer', `Dataverse answered ${status}${note}.`, status);
  }
}
