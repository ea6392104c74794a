import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { Clock } from './clock.ts';
import { faultFromDriver, isWorthRetrying, PassingFault } from './database-faults.ts';
import type { RecordedEvent } from './events/event.ts';
import type { DB } from './schema.generated.ts';
import { nameStatement, SpanKind, tracedIfAsked } from './tracing.ts';

const ofPostgres = { 'db.system.name': 'postgresql' };

/** The part of a `pg` client that the engine uses. */
export interface Connection {
  query(statement: {
    text: string;
    values?: unknown[];
    name?: string;
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
  release(error?: Error | boolean): void;
  /** Whether statements may be sent before the one ahead is answered (`pg`: `pipeline: true`). (Default: one at a time) */
  readonly pipeline?: boolean;
  /** `pg` clients tell of a lost connection by an event as well; unheard, it ends the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
  removeListener?(event: 'error', listener: (error: Error) => void): unknown;
}

/** The part of a `pg` pool that the engine uses; the host's own pool can be given. */
export interface ConnectionPool {
  connect(): Promise<Connection>;
}

/** As whom a transaction runs: the engine within one organisation, a person under row-level security, or the click recorder. */
export type Scope =
  /**
   * `access: 'by_key'` is for transactions that look up and change rows by their keys: every join is a loop over an
   * index. Without fresh statistics the planner takes one organisation for 0.5 % of a table and scans it whole; measured
   * on 2,000 rows, a batch of 30 facts took 33 ms instead of 3.
   */
  | { role: 'verve_engine'; orgId: string; access?: 'by_key' }
  | { role: 'authenticated'; claims: Record<string, unknown> }
  | { role: 'verve_ingest' }
  /** The connection's own role: only for the definer look-ups before the organisation is known. */
  | { role: 'none' };

/** One open transaction in one scope. Repository functions take it as their first argument. */
export interface Session {
  /** The organisation of the transaction; empty outside `verve_engine`. */
  readonly orgId: string;
  /** Runs a statement written as text. A `name` makes it a prepared statement where the connection may hold one. */
  query<Row>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
  /** Runs a query built with `build`. */
  run<Row>(query: Compilable<Row>): Promise<Row[]>;
  /** Runs `work` once the transaction has committed, never when it was rolled back. */
  afterCommit(work: () => void): void;
  /** Tells in-process subscribers of recorded events, once the transaction has committed. */
  announce(events: readonly RecordedEvent[]): void;
}

/** Builds typed queries over the schema `verve`; runs nothing by itself. */
export const build = new Kysely<DB>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
}).withSchema('verve');

export interface Database {
  /**
   * Runs `work` in one transaction with role, organisation, claims and time set by one statement, and commits. A
   * passing fault such as a deadlock runs it again, up to three times, so `work` must not touch anything but the
   * session. Driver errors come out as VerveError without the values of rows.
   *
   * @param options.isOneStep `work` sends all its statements before it waits for any: the commit leaves with them, and the
   *   whole is one round trip where the connection pipelines. A statement that comes later is refused. (Default: false)
   */
  transaction<Result>(
    scope: Scope,
    work: (session: Session) => Promise<Result>,
    options?: { isOneStep?: boolean },
  ): Promise<Result>;
}

const setScope = `
select set_config('role', $1, true), set_config('verve.org', $2, true),
  set_config('request.jwt.claims', $3, true), set_config('verve.now', $4, true),
  set_config('enable_hashjoin', $5, true), set_config('enable_mergejoin', $5, true), set_config('enable_bitmapscan', $5, true),
  set_config('enable_seqscan', $5, true), set_config('enable_material', $5, true),
  set_config('plan_cache_mode', $6, true)`;

/** The settings of a scope, in the order of `setScope`. */
function settingsOf(scope: Scope, clock: Clock | undefined): unknown[] {
  const isByKey = scope.role === 'verve_engine' && scope.access === 'by_key';
  return [
    scope.role,
    scope.role === 'verve_engine' ? scope.orgId : '',
    scope.role === 'authenticated' ? JSON.stringify(scope.claims) : '',
    clock === undefined ? '' : clock().toISOString(),
    isByKey ? 'off' : 'on',
    isByKey ? 'force_generic_plan' : 'auto',
  ];
}

// Whoever waits for a statement hears of the loss by its rejection.
function ignoreLoss(): void {}

/** Hears the events of committed transactions, in this process. */
export type Publish = (events: readonly RecordedEvent[]) => void;

type Send = Connection['query'];

/** A mistake of ours: work that was called one step waited, and went on. Outside of the transaction it would run as nobody. */
class SentAfterCommit extends Error {
  constructor() {
    super('Work in one step sent a statement after its commit.');
    this.name = 'SentAfterCommit';
  }
}

/** Sends statements in the order in which they are given: at once where the connection pipelines, else one by one. */
function sendInOrder(connection: Connection): Send {
  if (connection.pipeline === true) return (statement) => connection.query(statement);
  let last: Promise<unknown> = Promise.resolve();
  return (statement) => {
    const next = last.then(() => connection.query(statement));
    last = next.catch(() => {});
    return next;
  };
}

function openSession(
  send: Send,
  scope: Scope,
  mayPrepare: boolean,
  committed: (() => void)[],
  publish: Publish | undefined,
): Session {
  async function query<Row>(text: string, values: readonly unknown[] = [], name?: string): Promise<Row[]> {
    const statement = { text, values: values as unknown[] };
    const told = () => {
      const summary = name ?? nameStatement(text);
      return { name: summary, kind: SpanKind.CLIENT, attributes: { ...ofPostgres, 'db.query.summary': summary } };
    };
    const result = await tracedIfAsked(told, () =>
      send(name !== undefined && mayPrepare ? { ...statement, name } : statement),
    );
    return result.rows as Row[];
  }
  return {
    orgId: scope.role === 'verve_engine' ? scope.orgId : '',
    query,
    run: (compilable) => {
      const compiled = compilable.compile();
      return query(compiled.sql, compiled.parameters);
    },
    afterCommit: (work) => {
      committed.push(work);
    },
    announce: (events) => {
      if (publish !== undefined && events.length > 0) committed.push(() => publish(events));
    },
  };
}

/**
 * Opens the engine's door to PostgreSQL over a pool. `clock` moves the time of every transaction; `prepare: false`
 * names no statements, for poolers in transaction mode. (Default: true)
 */
export function openDatabase(options: {
  pool: ConnectionPool;
  clock?: Clock | undefined;
  prepare?: boolean | undefined;
  publish?: Publish | undefined;
}): Database {
  const { pool, clock, prepare = true, publish } = options;

  async function attempt<Result>(
    scope: Scope,
    work: (session: Session) => Promise<Result>,
    isOneStep: boolean,
  ): Promise<Result> {
    const connection = await pool.connect();
    connection.on?.('error', ignoreLoss);
    const committed: (() => void)[] = [];
    let broken: Error | undefined;
    let result: Result;
    const send = sendInOrder(connection);
    try {
      // Sent together with the first statement of the work: where the connection pipelines, all are one round trip.
      const scoping = { text: setScope, values: settingsOf(scope, clock) };
      const opening = Promise.all([
        send(prepare ? { text: 'begin', name: 'verve_begin' } : { text: 'begin' }),
        send(prepare ? { ...scoping, name: 'verve_set_scope' } : scoping),
      ]);
      // Async here, so that work which throws at once still waits for what was sent.
      let hasEnded = false;
      const sendWithin: Send = (statement) => (hasEnded ? Promise.reject(new SentAfterCommit()) : send(statement));
      const working = (async () => work(openSession(sendWithin, scope, prepare, committed, publish)))();
      // After a failed statement a commit that was sent already rolls back.
      const ending = isOneStep ? send({ text: 'commit' }) : undefined;
      hasEnded = isOneStep;
      const [opened, worked, ended] = await Promise.allSettled([opening, working, ending]);
      if (opened.status === 'rejected') throw opened.reason;
      if (worked.status === 'rejected') throw worked.reason;
      if (ended.status === 'rejected') throw ended.reason;
      result = worked.value;
      if (!isOneStep) await send({ text: 'commit' });
    } catch (error) {
      await send({ text: 'rollback' }).catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error('rollback failed');
      });
      throw error;
    } finally {
      connection.release(broken);
      connection.removeListener?.('error', ignoreLoss);
    }
    for (const work of committed) work();
    return result;
  }

  return {
    async transaction(scope, work, { isOneStep = false } = {}) {
      for (let attempts = 1; ; attempts += 1) {
        try {
          const told = () => ({ name: `transaction ${scope.role}`, attributes: ofPostgres });
          return await tracedIfAsked(told, () => attempt(scope, work, isOneStep));
        } catch (error) {
          if (attempts < 4 && isWorthRetrying(error)) {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * attempts));
            continue;
          }
          throw faultFromDriver(error);
        }
      }
    },
  };
}

/**
 * Enlists the engine in a transaction that the host has open: everything commits or rolls back with it. Each call runs
 * behind a savepoint, so a refusal leaves the host's transaction usable; the host's role and settings are put back.
 * `committed()` is for the host to call after its commit: only then do in-process subscribers hear of the events.
 */
export function enlistDatabase(options: {
  connection: Omit<Connection, 'release'>;
  clock?: Clock | undefined;
  prepare?: boolean | undefined;
  publish?: Publish | undefined;
}): Database & { committed(): void } {
  const { clock, prepare = true, publish } = options;
  const connection: Connection = { query: (statement) => options.connection.query(statement), release: () => {} };
  const waiting: (() => void)[] = [];
  let last: Promise<unknown> = Promise.resolve();

  async function runInside<Result>(scope: Scope, work: (session: Session) => Promise<Result>): Promise<Result> {
    const committed: (() => void)[] = [];
    const before = await connection.query({
      text: `select current_setting('role') as role, coalesce(current_setting('verve.org', true), '') as org,
        coalesce(current_setting('request.jwt.claims', true), '') as claims, coalesce(current_setting('verve.now', true), '') as now`,
    });
    const host = before.rows[0] as { role: string; org: string; claims: string; now: string };
    await connection.query({ text: 'savepoint verve' });
    for (let attempts = 1; ; attempts += 1)
      try {
        await connection.query({ text: setScope, values: settingsOf(scope, clock) });
        const result = await work(openSession(sendInOrder(connection), scope, prepare, committed, publish));
        await connection.query({ text: setScope, values: [host.role, host.org, host.claims, host.now, 'on', 'auto'] });
        await connection.query({ text: 'release savepoint verve' });
        waiting.push(...committed);
        return result;
      } catch (error) {
        await connection.query({ text: 'rollback to savepoint verve' });
        committed.length = 0;
        if (attempts >= 4 || !(error instanceof PassingFault)) throw error;
      }
  }

  return {
    transaction(scope, work) {
      const next = last
        .then(() => runInside(scope, work))
        .catch((error: unknown) => {
          throw faultFromDriver(error);
        });
      last = next.catch(() => {});
      return next;
    },
    committed() {
      for (const work of waiting.splice(0)) work();
    },
  };
}
