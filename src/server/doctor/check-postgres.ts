import type { Pool } from 'pg';
import { findRoleProblems } from '../server-role.ts';
import { readDatabaseClock, readPostgresStanding, sharesSessions } from './postgres-repository.ts';
import { found, type Problem, type ProblemCode, problem, problemOf } from './problem.ts';

/** Clocks may differ by so much before signatures and sign-ins begin to be refused here and there. */
const MOST_SKEW_MS = 5_000;
/** Connections of a server beside its pool: clicks, link changes, the doctor itself and one for a person. */
const BESIDE_THE_POOL = 4;

/** Whether the server's role is neither above row-level security nor too weak to work. */
export async function checkRole(pool: Pool): Promise<Problem[]> {
  return (await findRoleProblems(pool)).map((text) => problemOf(kindOfRoleProblem(text), text));
}

function kindOfRoleProblem(text: string): ProblemCode {
  if (text.startsWith('PostgreSQL is older')) return 'postgres_too_old';
  return text.includes('may not become') ? 'role_too_weak' : 'role_too_strong';
}

/** Whether PostgreSQL keeps what it says it keeps, tells nothing in its log, and has room for the server. */
export async function checkSettings(pool: Pool, poolSize: number): Promise<Problem[]> {
  const now = await readPostgresStanding(pool);
  const careless = [
    now.fsync === 'off' && 'fsync',
    now.fullPageWrites === 'off' && 'full_page_writes',
    now.synchronousCommit === 'off' && 'synchronous_commit',
  ].filter((name) => name !== false);
  const logsValues = now.logParameterLength !== '0' && (now.logStatement === 'all' || now.logStatement === 'mod');
  const logsSlow = now.logParameterLength !== '0' && now.logMinDuration !== '-1';
  const needed = poolSize + BESIDE_THE_POOL;
  return found([
    now.isCopy &&
      problem(
        'database_is_a_copy',
        'This PostgreSQL takes no writes: it is a standby, or default_transaction_read_only is on.',
        'Give the address of the primary in DATABASE_URL.',
      ),
    now.encoding !== 'UTF8' &&
      problem(
        'encoding_not_utf8',
        `The database holds text as ${now.encoding}.`,
        "Make a new one: create database verve encoding 'UTF8' template template0; then dump and restore.",
      ),
    careless.length > 0 &&
      problem(
        'commits_not_durable',
        `PostgreSQL has switched off ${careless.join(', ')}.`,
        `As a superuser: ${careless.map((name) => `alter system set ${name} = on;`).join(' ')} select pg_reload_conf(); and look for settings of the role and database (\\drds).`,
      ),
    (logsValues || logsSlow || now.logParameterLengthOnError !== '0') &&
      problem(
        'log_holds_values',
        'PostgreSQL writes the values of statements into its log.',
        'As a superuser: alter system set log_parameter_max_length = 0; alter system set log_parameter_max_length_on_error = 0; select pg_reload_conf();',
      ),
    now.mostConnections < needed &&
      problem(
        'too_few_connections',
        `The server’s role may have ${now.mostConnections} connections; a server with VERVE_POOL_SIZE=${poolSize} uses up to ${needed}.`,
        'Raise max_connections (or the limit of the role), or lower VERVE_POOL_SIZE.',
      ),
  ]);
}

/** Whether each connection has a session of its own. */
export async function checkPooler(connectionString: string): Promise<Problem[]> {
  return (await sharesSessions(connectionString)) ? [poolerProblem()] : [];
}

/** What is said of a pooler that gives sessions out by the transaction; `verve serve` says the same and stops. */
export function poolerProblem(): Problem {
  return problem(
    'pooler_in_transaction_mode',
    'DATABASE_URL leads to a pooler in transaction mode.',
    'Give the database’s own address, or that of the pooler’s session mode (pgbouncer: pool_mode = session; Supabase: port 5432). The edge function and createVerve({ prepare: false }) work through transaction mode.',
  );
}

/** Whether this machine and the database agree about the time. */
export async function checkClock(pool: Pool, now: () => number): Promise<Problem[]> {
  await readDatabaseClock(pool); // opens the connection, which would count as time on the way
  const before = now();
  const there = await readDatabaseClock(pool);
  const after = now();
  const skew = Math.max(0, before - there, there - after);
  if (skew <= MOST_SKEW_MS) return [];
  const seconds = Math.round(skew / 1000);
  return [
    problem(
      'clocks_differ',
      `The clock of this machine is ${seconds} seconds ${before > there ? 'ahead of' : 'behind'} the database’s.`,
      'Let both machines take the time from the network: timedatectl set-ntp true.',
    ),
  ];
}

/** What it means that the database does not answer, or refuses. */
export function explainConnection(error: unknown): Problem {
  const { code, message } = error as { code?: unknown; message: string };
  if (code === '28P01') {
    const what = 'The database refuses the role or its password.';
    return problem('database_refuses', what, 'Run "verve migrate", which makes the role; mend DATABASE_URL.');
  }
  if (code === '28000' || code === '3D000') {
    return problem('database_refuses', `${message}.`, 'Run "verve migrate" as the owner; mend DATABASE_URL.');
  }
  if (code === '42501') {
    const what = `The server’s role lacks a grant: ${message}.`;
    return problem('role_too_weak', what, 'Give it back as the owner, as it stands in sql/schema.sql.');
  }
  const mend = 'Is PostgreSQL running, and are host and port in DATABASE_URL right?';
  return problem('database_unreachable', `The database does not answer: ${message || String(code)}.`, mend);
}
