import { Pool, type PoolConfig, types } from 'pg';
import { GatheringSocket } from './gathering-socket.ts';

/** What `makePool` may be told. */
export interface PoolOptions {
  readonly connectionString: string;
  /** Most connections. (Default: 10) */
  readonly max?: number;
  /** Shown in pg_stat_activity. (Default: verve) */
  readonly applicationName?: string;
  /** How long a caller waits for a connection. (Default: 5000) */
  readonly connectTimeoutMs?: number;
  /** Told when an idle connection is lost; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
}

const INT8 = 20;
const DATE = 1082;

/**
 * Whole numbers come as `number`: every bigint of ours counts something and stays below 2^53, and a value beyond that
 * is an error rather than a rounded number.
 * @throws {RangeError} beyond Number.MAX_SAFE_INTEGER.
 */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database gave ${text}, beyond what a number holds.`);
  return value;
}

const parsers = new Map<number, (text: string) => unknown>([
  [INT8, parseInt8],
  [DATE, (text) => text], // A calendar day is no moment: it stays 'YYYY-MM-DD'.
]);

/**
 * Makes a pool whose values have the types of src/engine/schema.generated.ts: int8 as number, date as text,
 * timestamptz as Date, numeric as string. Connects at first use; lost connections are replaced.
 */
export function makePool(options: PoolOptions): Pool {
  const config: PoolConfig = {
    connectionString: options.connectionString,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'verve',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // Statements that do not wait for one another's answer leave together.
    pipeline: true,
    stream: () => new GatheringSocket(),
    types: {
      getTypeParser: (oid: number, format?: string) =>
        (format === 'binary' ? undefined : parsers.get(oid)) ?? types.getTypeParser(oid, format as 'text'),
    },
  };
  const pool = new Pool(config);
  pool.on('error', (error) => options.onIdleError?.(error));
  // A connection that is lost while somebody holds it fails his statement, and must not end the process besides.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
