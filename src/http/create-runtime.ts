import { createSenders } from '../connectors/authentication/senders.ts';
import { runStoredImport } from '../connectors/csv/run-stored-import.ts';
import { createDataverseConnections, type DataverseConnections } from '../connectors/dataverse/connections.ts';
import type { Verve } from '../engine/verve.ts';
import { type Metrics, silentMetrics } from './metrics.ts';
import { createIssuerKeys } from './people/issuer-keys.ts';
import type { TokenIssuer } from './people/verify-token.ts';
import { createCursors } from './requests/cursor.ts';
import { createRateLimiter } from './requests/rate-limit.ts';
import type { Runtime } from './runtime.ts';

/** How a handler is set up. Everything has a default that is safe. */
export interface HandlerOptions {
  /** Whose tokens are accepted. (Default: nobody's; keys only) */
  issuers?: readonly TokenIssuer[];
  /** Where the server is reached from outside. (Default: http://127.0.0.1:3000) */
  publicUrl?: string;
  /** The sender's address, for budgets. (Default: not known, all senders share one budget) */
  clientAddress?: (request: Request) => string;
  /** (Default: the system clock) */
  now?: () => Date;
  /** Counts what happens. (Default: nothing is counted) */
  metrics?: Metrics;
  /** Multiplies the budgets of public routes; for load tests. (Default: 1) */
  budgetFactor?: number;
  /** Checks every answer against the document. For tests. (Default: false) */
  checkAnswers?: boolean;
  /** Answers what is no operation: the public pages, the dashboard. null = not its either. */
  fallback?: (request: Request) => Promise<Response | null>;
  /** What a person reads in a browser instead of a problem outside the API. null = problem details. (Default: always those) */
  showProblem?: (request: Request, status: number) => Promise<Response | null>;
  /** Where organisations' Dataverse is reached. (Default: in Microsoft's clouds) */
  dataverse?: DataverseConnections;
  /** Aborted when the server stops: event streams then end, and their clients come back elsewhere. (Default: never) */
  stopping?: AbortSignal;
  /** Begins to work through a file that was kept, such as by a scheduler. (Default: in this process, beside its requests) */
  startImport?: (call: { orgId: string; importId: string }) => Promise<unknown>;
  /**
   * Origins whose pages may read answers of the API in a browser, such as https://app.example.org; `*` = all. (Default:
   * none)
   */
  origins?: readonly string[];
  /** Milliseconds for which the reader of an export may take nothing before it is cut off. (Default: 60,000) */
  exportPatienceMs?: number;
  /** For fetching issuers' keys. (Default: the global fetch) */
  fetch?: typeof globalThis.fetch;
}

/** Makes what the requests of one handler share. */
export function createRuntime(verve: Verve, options: HandlerOptions): Runtime {
  const now = options.now ?? (() => new Date());
  const { parts } = verve;
  return {
    verve,
    issuers: (options.issuers ?? []).map((settings) => ({
      settings,
      keys: createIssuerKeys({
        jwksUrl: settings.jwksUrl,
        now,
        ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
      }),
    })),
    cursors: createCursors((orgId, value) => parts.keyRing.hashes(orgId, 'cursor', value)),
    senders: createSenders(verve),
    dataverse: options.dataverse ?? createDataverseConnections(verve),
    startImport: options.startImport ?? startHere(verve),
    limiter: createRateLimiter({ budgetFactor: options.budgetFactor ?? 1 }),
    metrics: options.metrics ?? silentMetrics,
    logger: parts.logger,
    publicUrl: (options.publicUrl ?? 'http://127.0.0.1:3000').replace(/\/$/, ''),
    now,
    clientAddress: options.clientAddress ?? (() => ''),
    showProblem: options.showProblem ?? (async () => null),
    exportPatienceMs: options.exportPatienceMs ?? 60_000,
    checkAnswers: options.checkAnswers ?? false,
    stopping: options.stopping ?? new AbortController().signal,
  };
}

/** Runs an import beside the requests. Where this process dies, `runWaitingImports` of another goes on. */
function startHere(verve: Verve): Runtime['startImport'] {
  return async (call) => {
    runStoredImport(verve, call).catch((error: unknown) => {
      const fault = error instanceof Error ? error.name : 'unknown';
      verve.parts.logger.error({ ...call, fault }, 'an import stopped, and waits to be gone on with');
    });
  };
}
