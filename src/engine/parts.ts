import type { Actor } from './actor.ts';
import type { Database, Session } from './database.ts';
import { requireUuid } from './ids.ts';
import type { KeyRing } from './secrets/key-ring.ts';
import type { KeyedHash } from './secrets/keyed-hash.ts';

/** Where the engine tells what an operator should know. Fields hold our own ids and counts, never personal data. */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Where new ids and secrets come from. A host gives its own only to make the same data twice, never in production. */
export interface Random {
  uuid(): string;
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** What every noun of the engine is built from. */
export interface EngineParts {
  database: Database;
  keyRing: KeyRing;
  logger: Logger;
  random: Random;
  /** A synchronous HMAC-SHA256. (Default: WebCrypto's) */
  keyedHash?: KeyedHash | undefined;
}

/** Every operation says in which organisation and for whom; there is no ambient tenant. */
export interface Call {
  orgId: string;
  actor: Actor;
}

/** Runs work in one transaction of the call's organisation. Refuses a malformed organisation id before any query. */
export function inOrganisation<Result>(
  parts: Pick<EngineParts, 'database'>,
  call: Pick<Call, 'orgId'>,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const orgId = requireUuid(call.orgId, 'org_id');
  return parts.database.transaction({ role: 'verve_engine', orgId }, work);
}

/** Says nothing to anybody. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The platform's own source of randomness. */
export const platformRandom: Random = {
  uuid: () => crypto.randomUUID(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
