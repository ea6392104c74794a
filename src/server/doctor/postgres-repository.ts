import { Client, type Pool } from 'pg';

/** What PostgreSQL is set to, as far as it decides whether Verve can rely on it. */
export interface PostgresStanding {
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
  readonly encoding: string;
  readonly isCopy: boolean;
  readonly logStatement: string;
  readonly logMinDuration: string;
  readonly logParameterLength: string;
  readonly logParameterLengthOnError: string;
  readonly mostConnections: number;
}

/** Reads it as the connection's own role sees it: a role or database may have settings of its own. */
export async function readPostgresStanding(pool: Pick<Pool, 'query'>): Promise<PostgresStanding> {
  const { rows } = await pool.query<PostgresStanding>(
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as "fullPageWrites",
       current_setting('synchronous_commit') as "synchronousCommit",
       current_setting('server_encoding') as encoding,
       pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "isCopy",
       current_setting('log_statement') as "logStatement", current_setting('log_min_duration_statement') as "logMinDuration",
       current_setting('log_parameter_max_length') as "logParameterLength",
       current_setting('log_parameter_max_length_on_error') as "logParameterLengthOnError",
       least(
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
         (select nullif(rolconnlimit, -1) from pg_roles where rolname = session_user)
       )::int as "mostConnections"`,
  );
  return rows[0] as PostgresStanding;
}

/** The database's clock at this moment, in milliseconds. */
export async function readDatabaseClock(pool: Pick<Pool, 'query'>): Promise<number> {
  const { rows } = await pool.query<{ milliseconds: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as milliseconds`,
  );
  return rows[0]?.milliseconds ?? Number.NaN;
}

/**
 * Whether two connections that are both open are served by one session of PostgreSQL: then something in between gives
 * sessions out by the transaction.
 */
export async function sharesSessions(connectionString: string): Promise<boolean> {
  const open = () => new Client({ connectionString, application_name: 'verve doctor', connectionTimeoutMillis: 5_000 });
  const clients = [open(), open()];
  try {
    for (const client of clients) {
      client.on('error', () => undefined);
      await client.connect();
    }
    const pids: number[] = [];
    for (const client of clients) {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      pids.push(rows[0]?.pid ?? 0);
    }
    return pids[0] === pids[1];
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}
