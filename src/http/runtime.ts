import type { Senders } from '../connectors/authentication/senders.ts';
import type { DataverseConnections } from '../connectors/dataverse/connections.ts';
import type { Logger } from '../engine/parts.ts';
import type { Verve } from '../engine/verve.ts';
import type { Metrics } from './metrics.ts';
import type { IssuerKeys } from './people/issuer-keys.ts';
import type { TokenIssuer } from './people/verify-token.ts';
import type { Cursors } from './requests/cursor.ts';
import type { RateLimiter } from './requests/rate-limit.ts';

/** What every request of one handler shares. */
export interface Runtime {
  verve: Verve;
  issuers: readonly { settings: TokenIssuer; keys: IssuerKeys }[];
  cursors: Cursors;
  /** Proves who sent a delivery. */
  senders: Senders;
  /** Opens organisations' Dataverse. */
  dataverse: DataverseConnections;
  /** Begins to work through a file that was kept; it may end long after. */
  startImport: (call: { orgId: string; importId: string }) => Promise<unknown>;
  limiter: RateLimiter;
  metrics: Metrics;
  logger: Logger;
  /** Where the server is reached from outside, without a slash at the end. */
  publicUrl: string;
  now: () => Date;
  /** The address of whoever sent the request; '' where it cannot be known, which then shares one budget. */
  clientAddress: (request: Request) => string;
  /** Checks every answer against its schema and fails where they differ. For tests. */
  checkAnswers: boolean;
  /** What a person reads in a browser instead of a problem outside the API; null = problem details. */
  showProblem: (request: Request, status: number) => Promise<Response | null>;
  /** Milliseconds for which the reader of an export may take nothing before it is cut off. */
  exportPatienceMs: number;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}
