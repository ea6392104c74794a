import { z } from 'zod';
import type { DataverseConfiguration } from './configuration.ts';
import { DataverseError, errorCodeOf } from './dataverse-error.ts';

export interface TokenSource {
  /** A token that is valid for some minutes yet; concurrent callers share one request. */
  get(): Promise<string>;
  /** Forgets the token: Dataverse refused it. */
  drop(): void;
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
const EARLY_MS = 300_000;

/**
 * Client-credentials tokens of Entra (membership-systems §1.4), kept until five minutes before they end. Throws
 * `DataverseError`: `credentials_refused`, `scope_refused`, or `unavailable` where trying again may help.
 */
export function createTokenSource(input: {
  readonly configuration: DataverseConfiguration;
  readonly clientSecret: string;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => Date;
}): TokenSource {
  const { configuration, clientSecret, fetch, now } = input;
  let current: { token: Promise<string>; endsAt: number } | null = null;

  const request = async (entry: { endsAt: number }): Promise<string> => {
    const askedAt = now().getTime();
    const response = await fetch(`${configuration.authorityUrl}/${configuration.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        client_id: configuration.clientId ?? '',
        scope: `${scopeAddress(configuration.environmentUrl)}/.default`,
        client_secret: clientSecret,
        grant_type: 'client_credentials',
      }).toString(),
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    }).catch(unanswered);
    const body = await response.text().catch(unanswered);
    if (!response.ok) throw refusal(response.status, body);
    const parsed = tokenSchema.safeParse(parseJson(body));
    if (!parsed.success) throw new DataverseError('unavailable', 'Entra answered with no token.', response.status);
    entry.endsAt = askedAt + parsed.data.expires_in * 1000 - EARLY_MS;
    return parsed.data.access_token;
  };

  return {
    async get() {
      if (current !== null && now().getTime() < current.endsAt) return current.token;
      const entry = { token: Promise.resolve(''), endsAt: Number.POSITIVE_INFINITY };
      entry.token = request(entry);
      current = entry;
      entry.token.catch(() => {
        if (current === entry) current = null; // a failed request is not kept
      });
      return entry.token;
    },
    drop() {
      current = null;
    },
  };
}

function unanswered(): never {
  throw new DataverseError('unavailable', 'Entra did not answer. Check authorityUrl, or try again later.');
}

/** The environment's own address: without the `.api.` that the Web API's host may have. */
function scopeAddress(environmentUrl: string): string {
  return environmentUrl.replace(/^(https?:\/\/[^./]+)\.api\./, '$1.');
}

function refusal(status: number, body: string): DataverseError {
  const code = errorCodeOf(body);
  const note = code === null ? '' : ` (${code})`;
  if (status === 429 || status >= 500) return new DataverseError('unavailable', `Entra is busy${note}.`, status);
  if (body.includes('"invalid_scope"')) {
    return new DataverseError(
      'scope_refused',
      `Entra does not know the environment${note}: check environmentUrl.`,
      status,
    );
  }
  const message = `Entra refused the credentials${note}: check tenantId, clientId and the client secret and its end date.`;
  return new DataverseError('credentials_refused', message, status);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the schema refuses it
  }
}
