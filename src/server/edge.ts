import { createDataverseConnections } from '../connectors/dataverse/connections.ts';
import { createVerve } from '../engine/verve.ts';
import { createHandler, type Handler } from '../http/handler.ts';
import { problemPage } from '../http/pages/problem-page.ts';
import { createPublicPages } from '../http/pages/public-pages.ts';
import { answerShortLink } from '../http/redirect.ts';
import { createRateLimiter } from '../http/requests/rate-limit.ts';
import { clientAddressOf } from './client-address.ts';
import { createEdgeWork } from './edge-work.ts';
import { answerUnavailable } from './health.ts';
import { requireKnownSecrets } from './known-secrets.ts';
import { makeLogger } from './logger.ts';
import { makePool } from './pool.ts';
import { readVaultSecret } from './supabase/vault-repository.ts';

/** How the edge function is set up, mostly from its environment. */
export interface EdgeOptions {
  /** `verve_app` at the project's database, directly or through a pooler in transaction mode. */
  readonly databaseUrl: string | undefined;
  /** At least 32 characters; several with commas between, newest first. (Default: the Vault's `verve_secret`) */
  readonly secret?: string | undefined;
  /** The project: its sign-ins are accepted. (Default: nobody's; keys only) */
  readonly supabaseUrl?: string | undefined;
  /** Where people reach the function. (Default: the project's own address of it) */
  readonly publicUrl?: string | undefined;
  /** The function's name, which stands before every path. (Default: verve) */
  readonly functionName?: string;
  /** Connections of one worker. (Default: 4) */
  readonly poolSize?: number;
  /** Proxies that may be believed about the client's address. (Default: 1) */
  readonly trustedProxies?: number;
  /** Origins whose pages may call the API from a browser; `*` = all. (Default: none) */
  readonly origins?: readonly string[];
  /** Lets webhooks reach this machine, also over http; for development and tests. (Default: false) */
  readonly allowLoopbackWebhooks?: boolean;
}

/**
 * The whole of Verve as one handler for an edge function: the API, the membership webhook, links and join pages, and the
 * work that `pg_cron` asks for under `/work/…`. Names no statement and keeps nothing in a session, so that a pooler in
 * transaction mode serves. Connects at the first request; a database that is away is answered 503 and tried again.
 *
 * @throws {Error} saying what to set when there is no database URL.
 */
export function createEdgeHandler(options: EdgeOptions): Handler {
  const { databaseUrl, functionName = 'verve' } = options;
  if (!databaseUrl) throw new Error('Set VERVE_DATABASE_URL: postgres://verve_app…@<pooler>:6543/postgres');
  const pool = makePool({ connectionString: databaseUrl, max: options.poolSize ?? 4, applicationName: 'verve edge' });
  const prefix = new RegExp(`^(?:/functions/v1)?/${functionName}(?=/|$)`);
  let opening: Promise<Handler> | undefined;

  async function open(): Promise<Handler> {
    const given = options.secret ?? (await readVaultSecret(pool, 'verve_secret'));
    if (given === null) throw new Error('Set VERVE_SECRET: there is no Vault with a secret of ours.');
    const secrets = given.split(',').map((one) => one.trim());
    await requireKnownSecrets(pool, secrets);
    return put(secrets);
  }

  function put(secret: readonly string[]): Handler {
    const logger = makeLogger('info');
    const allowLoopback = options.allowLoopbackWebhooks === true;
    const verve = createVerve({
      database: pool,
      secret,
      logger,
      prepare: false,
      allowLoopbackEndpoints: allowLoopback,
    });
    const project = options.supabaseUrl?.replace(/\/$/, '');
    const publicUrl = options.publicUrl ?? `${project ?? 'http://127.0.0.1:54321'}/functions/v1/${functionName}`;
    const clientAddress = (request: Request): string =>
      clientAddressOf('', request.headers.get('x-forwarded-for'), options.trustedProxies ?? 1);
    const dataverse = createDataverseConnections(verve, { trustedHosts: [] });
    const pages = createPublicPages({ verve, limiter: createRateLimiter(), clientAddress, publicUrl, logger });
    const work = createEdgeWork({ verve, pool, dataverse, publicUrl, logger, allowLoopback });
    return createHandler(verve, {
      publicUrl,
      clientAddress,
      dataverse,
      origins: options.origins ?? [],
      issuers: project === undefined ? [] : [issuerOf(project)],
      showProblem: (request, status) => problemPage(request, status, { signInUrl: null }),
      fallback: async (request) =>
        (await work(request)) ??
        (await answerShortLink(request, { clicks: verve.clicks, address: clientAddress(request) })) ??
        (await pages(request)),
    });
  }

  return async (request) => {
    opening ??= open();
    try {
      const handler = await opening;
      const url = new URL(request.url);
      url.pathname = url.pathname.replace(prefix, '') || '/';
      return await handler(new Request(url, request));
    } catch (error) {
      opening = undefined;
      return answerUnavailable(
        error instanceof Error && /^(Set |The database uses )/.test(error.message)
          ? error.message
          : 'Verve is waiting for its database.',
      );
    }
  };
}

function issuerOf(project: string) {
  const issuer = `${project}/auth/v1`;
  return { issuer, audience: 'authenticated', jwksUrl: `${issuer}/.well-known/jwks.json` };
}
