import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterUse, joinCluster } from './cluster-use.ts';
import { type KeptPostgres, keepPostgres } from './keep-postgres.ts';
import { type ClusterPasswords, makeCluster, makeDataDirectory, readClusterPasswords } from './make-cluster.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { type Postmaster, startPostmaster, stopPostmaster, waitUntilSettled } from './postmaster.ts';

/** The roles of a cluster that have a password. */
export type LoginRole = 'superuser' | 'owner' | 'app';

const ROLE_NAMES: Record<LoginRole, string> = { superuser: 'postgres', owner: 'verve_owner', app: 'verve_app' };

/** The database that the owner gets. */
const DATABASE_NAME = 'verve';

/** What `startEmbeddedPostgres` may be told. */
export interface EmbeddedPostgresOptions {
  /** Folder for the cluster, its log and its passwords; made if missing. */
  readonly dataDir: string;
  /**
   * `server`: refuse when another server uses the folder. `guest`: share it (a command beside a running server).
   * (Default: server)
   */
  readonly use?: ClusterUse;
  /** false = no fsync: for tests, whose data may be lost. (Default: true) */
  readonly isDurable?: boolean;
  /** Server settings beside ours, for benchmarks and tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Starts it again whenever it ends without us, on the same port. (Default: false) */
  readonly isKept?: boolean;
  /** Told what happens, a sentence each. */
  readonly onNotice?: (sentence: string) => void;
}

/** A running cluster. */
export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  /** Whether the cluster was running already: left by a killed server, or shared with one. */
  readonly wasRunning: boolean;
  readonly passwords: ClusterPasswords;
  /** A connection string. `app` can connect once the migrations have made its role. */
  readonly url: (role: LoginRole, database?: string) => string;
  /** Ends our use, and stops PostgreSQL when nobody else uses it. Safe to repeat. */
  readonly stop: () => Promise<void>;
}

// Measured: 36 MB for the idle cluster; shared buffers count as used only once touched.
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '96MB',
  // Fresh tables get statistics within seconds: plans made while they are empty read whole tables. Grown ones get them
  // seldom: each time every connection plans anew what reads them, 10 ms for a confirmation's statements.
  autovacuum_naptime: '5s',
  autovacuum_analyze_scale_factor: '0.5',
  effective_cache_size: '1GB',
  maintenance_work_mem: '64MB',
  work_mem: '8MB',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  max_wal_senders: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  password_encryption: 'scram-sha-256',
  // Statements and constraint errors would put members' ids into the log.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
};

const NOT_DURABLE: Record<string, string> = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const START_TIMEOUT_MS = 60_000;
const MAX_STARTS = 5;
/** How long a cluster that others are stopping is come back to. */
const GOING_AWAY_MS = 10_000;

/**
 * Starts PostgreSQL from the npm package, or joins the one that already runs in this folder (a killed server leaves
 * it running). Makes the cluster at first use, with checksums, UTF-8 and scram passwords; listens on loopback only.
 * The owner role is no superuser. Safe to call from several processes at once.
 * @throws {Error} saying what to do: another server holds the folder, wrong account, wrong version, start failure.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  await makeDataDirectory(dataDir);
  const passwords = await readClusterPasswords(dataDir);
  const until = Date.now() + GOING_AWAY_MS;
  for (;;) {
    try {
      return await startOrJoin(dataDir, clusterDir, passwords, options);
    } catch (error) {
      if (Date.now() > until || !isGoingAway(error)) throw error;
      await sleep(200);
    }
  }
}

// The cluster was on its way down while we came: shutting down, refused, or closed in mid-sentence.
function isGoingAway(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    code === '57P01' ||
    code === '57P03' ||
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    (error instanceof Error && error.message.startsWith('Connection terminated'))
  );
}

async function startOrJoin(
  dataDir: string,
  clusterDir: string,
  passwords: ClusterPasswords,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  // One that was being stopped is gone after the wait; one that was being started may have lost its port and got another.
  const running = await waitUntilSettled(clusterDir, START_TIMEOUT_MS);
  if (running) options.onNotice?.(`PostgreSQL is already running (process ${running.pid}): using it.`);
  const postmaster = running ?? (await start(dataDir, clusterDir, passwords, options));

  const url = (role: LoginRole, database = DATABASE_NAME): string =>
    `postgres://${ROLE_NAMES[role]}:${passwords[role]}@127.0.0.1:${postmaster.port}/${database}`;
  const membership = await joinCluster({
    url: url('superuser', 'postgres'),
    use: options.use ?? 'server',
    ownerPassword: passwords.owner,
    dataDir,
  });

  let kept: KeptPostgres | null = null;
  if (options.isKept) {
    const startAgain = async () => (await prepareStart(dataDir, clusterDir, passwords, options))(postmaster.port);
    kept = keepPostgres({ first: postmaster, startAgain, ...(options.onNotice && { onNotice: options.onNotice }) });
  }
  let stopping: Promise<void> | null = null;
  return {
    port: postmaster.port,
    get pid() {
      return (kept?.current() ?? postmaster).pid;
    },
    wasRunning: running !== null,
    passwords,
    url,
    stop: () => {
      stopping ??= (kept?.stop() ?? Promise.resolve()).then(() => membership.leave(() => stopPostmaster(clusterDir)));
      return stopping;
    },
  };
}

/**
 * Makes the cluster where there is none, and gives what starts it on a port; that gives null when its process ended at
 * once.
 */
async function prepareStart(
  dataDir: string,
  clusterDir: string,
  passwords: ClusterPasswords,
  options: EmbeddedPostgresOptions,
): Promise<(port: number) => Promise<Postmaster | null>> {
  const binaries = await findPostgresBinaries(join(dataDir, 'lib'));
  const launcher = await makeCluster({
    dataDir,
    clusterDir,
    binaries,
    password: passwords.superuser,
    isDurable: options.isDurable !== false,
  });
  const logFile = logOf(dataDir);
  const settings = { ...SETTINGS, ...(options.isDurable === false ? NOT_DURABLE : {}), ...options.settings };
  const timeoutMs = START_TIMEOUT_MS;
  return (port) => startPostmaster({ binaries, launcher, clusterDir, logFile, port, settings, timeoutMs });
}

async function start(
  dataDir: string,
  clusterDir: string,
  passwords: ClusterPasswords,
  options: EmbeddedPostgresOptions,
): Promise<Postmaster> {
  const startOn = await prepareStart(dataDir, clusterDir, passwords, options);
  for (let attempt = 1; attempt <= MAX_STARTS; attempt += 1) {
    const postmaster = await startOn(await findFreePort());
    if (postmaster) return postmaster;
    // Lost a race for the port or against another start of the same folder: the winner is used.
    const winner = await waitUntilSettled(clusterDir, START_TIMEOUT_MS);
    if (winner) return winner;
  }
  const logFile = logOf(dataDir);
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-5).join('\n');
  throw new Error(`PostgreSQL did not start. The end of its log (${logFile}):\n${end}`);
}

function logOf(dataDir: string): string {
  return join(dataDir, 'postgres.log');
}

async function findFreePort(): Promise<number> {
  const { promise, resolve: found, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
  });
  return promise;
}
