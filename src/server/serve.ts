import type { Pool } from 'pg';
import { answerWhileWaiting } from '../http/pages/waiting-pages.ts';
import type { Config } from './config.ts';
import { readOrMakeSecrets, readSecrets } from './data-secret.ts';
import { poolerProblem } from './doctor/check-postgres.ts';
import { sharesSessions } from './doctor/postgres-repository.ts';
import type { Intercept } from './fast-redirect.ts';
import type { FirstSteps } from './first-steps.ts';
import { answerStatus, answerUnavailable, isDatabaseUp } from './health.ts';
import { PROOF_HEADER, proveInstallation } from './installation-proof.ts';
import { findSecretProblems } from './known-secrets.ts';
import { type FetchHandler, listen } from './listen.ts';
import type { Logger } from './logger.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { makePool } from './pool.ts';
import { DatabaseRefused, waitForDatabase } from './prepare-database.ts';

/** What the product is made of once the database is there. */
export interface ApplicationParts {
  readonly config: Config;
  readonly pool: Pool;
  /** Where the pool connects to, for connections of another kind. */
  readonly databaseUrl: string;
  /** Newest first; at least one. */
  readonly secrets: readonly string[];
  readonly logger: Logger;
  /** Where the server is reached, with the port it really got. */
  readonly publicUrl: string;
  /** Aborted when the server begins to stop. */
  readonly stopping: AbortSignal;
  /** Whether the database is the one that Verve brings: then a first start makes an organisation to try things in. */
  readonly isEmbedded: boolean;
}

/** The product: answers requests, and may have work to end (jobs, batches). */
export interface Application {
  readonly handler: FetchHandler;
  /** Answers some requests before a Web-standard Request is made of them. (Default: none) */
  readonly intercept?: Intercept;
  /** What to tell a newcomer; null = this is not the first start. */
  readonly firstSteps: FirstSteps | null;
  readonly close: () => Promise<void>;
}

/** A running server. */
export interface RunningServer {
  /** Where it listens on this machine. */
  readonly url: string;
  /** Becomes true once every route is served; rejects when the database must not be used. */
  readonly ready: Promise<void>;
  /** What to tell a newcomer, once ready; null = this is not the first start. */
  readonly firstSteps: () => FirstSteps | null;
  /** Lets running requests finish, ends the work, the pool and an embedded PostgreSQL. Safe to repeat. */
  readonly close: () => Promise<void>;
}

/** What `startServer` needs to know. */
export interface StartServer {
  readonly config: Config;
  readonly logger: Logger;
  readonly makeApplication: (parts: ApplicationParts) => Promise<Application>;
  /** (Default: 10 seconds) */
  readonly graceMs?: number;
}

/** What is read; other methods are answered by the application, which knows which there are. null = it is none. */
function readPath({ method, url }: Request): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null;
  return url.slice(url.indexOf('/', 8)).split('?', 1)[0] ?? null;
}

/**
 * Listens at once and serves once the database is ready: until then, and whenever the database is away, `/healthz`
 * says alive, `/readyz` and everything else 503 with Retry-After. The embedded PostgreSQL is started and migrated;
 * one of your own is waited for, and migrated by `verve migrate`.
 * @throws {Error} saying what to do: port taken, data folder in use, configuration.
 */
export async function startServer(options: StartServer): Promise<RunningServer> {
  const { config, logger } = options;
  const stopped = new AbortController();
  let application: Application | null = null;
  let pool: Pool | null = null;

  async function handle(request: Request, address: string): Promise<Response> {
    const path = readPath(request);
    if (path === '/healthz') return answerStatus('alive');
    if (application === null || pool === null) {
      const page = await answerWhileWaiting(request).catch(() => null);
      return page ?? answerUnavailable('Verve is waiting for its database.');
    }
    if (path === '/readyz') {
      if (stopped.signal.aborted) return answerUnavailable('Verve is stopping.');
      if (!(await isDatabaseUp(pool))) return answerUnavailable('The database does not answer.');
      const challenge = request.headers.get(PROOF_HEADER);
      const proof = challenge === null ? null : await prove(pool, challenge);
      return answerStatus('ready', proof === null ? {} : { [PROOF_HEADER]: proof });
    }
    return application.handler(request, address);
  }

  /** The doctor asks whether he has reached this installation. null = it cannot be said just now. */
  async function prove(database: Pool, challenge: string): Promise<string | null> {
    const [secret] = await readSecrets(config).catch(() => []);
    return secret === undefined ? null : proveInstallation(database, secret, challenge).catch(() => null);
  }

  const listener = await listen({
    host: config.host,
    port: config.port,
    handler: handle,
    intercept: (request, response) => application?.intercept?.(request, response) ?? false,
  });
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${listener.port}`;
  const publicUrl = config.port === 0 ? config.publicUrl.replace(/:0$/, `:${listener.port}`) : config.publicUrl;
  const notice = (sentence: string): void => logger.info({}, sentence);
  const postgres = await openPostgres(config, { use: 'server', onNotice: notice }).catch(async (error: unknown) => {
    await listener.close(0);
    throw error;
  });

  async function prepare(): Promise<void> {
    if (postgres.isEmbedded && postgres.adminUrl !== null) {
      const { applied } = await migrate({ adminUrl: postgres.adminUrl, appPassword: postgres.appPassword });
      if (applied.length > 0) notice(`The database was brought up to date (${applied.length} migrations).`);
    }
    const ready = makePool({
      connectionString: postgres.appUrl,
      max: config.poolSize,
      onIdleError: (error) => logger.warn({ message: error.message }, 'A database connection was lost.'),
    });
    pool = ready;
    await waitForDatabase({ pool: ready, signal: stopped.signal, onWait: (reason) => logger.warn({}, reason) });
    if (!postgres.isEmbedded && (await sharesSessions(postgres.appUrl))) {
      const { what, mend } = poolerProblem();
      throw new DatabaseRefused(`${what} ${mend}`);
    }
    const secrets = await readOrMakeSecrets(config);
    const problems = await findSecretProblems(ready, secrets);
    if (problems.length > 0) throw new DatabaseRefused(problems.join('\n'));
    const databaseUrl = postgres.appUrl;
    const { isEmbedded } = postgres;
    application = await options.makeApplication({
      config,
      pool: ready,
      databaseUrl,
      secrets,
      logger,
      publicUrl,
      stopping: stopped.signal,
      isEmbedded,
    });
  }

  const preparing = prepare();
  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    stopped.abort(new Error('The server is stopping.'));
    await preparing.catch(() => undefined);
    await listener.close(options.graceMs ?? 10_000);
    await application?.close();
    await pool?.end();
    await postgres.close();
  }
  return {
    url,
    ready: preparing,
    firstSteps: () => application?.firstSteps ?? null,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
