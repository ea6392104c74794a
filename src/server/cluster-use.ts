import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** `server` excludes other servers; `guest` shares the cluster with a server and other guests. */
export type ClusterUse = 'server' | 'guest';

/** Our place among the processes that use a cluster. */
export interface ClusterMembership {
  /** Gives the place up, and calls `stopCluster` when nobody else uses the cluster; who comes meanwhile waits. */
  readonly leave: (stopCluster: () => Promise<void>) => Promise<void>;
}

/** What `joinCluster` needs to know. */
export interface JoinCluster {
  /** The superuser, in the database `postgres`. */
  readonly url: string;
  readonly use: ClusterUse;
  readonly ownerPassword: string;
  readonly dataDir: string;
}

/** Another server holds the folder: trying again changes nothing. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

// Advisory locks of PostgreSQL itself: held by a connection, so a killed process leaves none behind, and process ids
// of other containers play no part. Numbers are arbitrary.
const SERVER_LOCK = 812_001;
const USERS_LOCK = 812_002;
const SET_UP_LOCK = 812_003;

/**
 * Takes our place in a running cluster and makes the owner role and its database where they are missing.
 * @throws {DataFolderInUse} when we want to be the server and another one is.
 */
export async function joinCluster(options: JoinCluster): Promise<ClusterMembership> {
  let client = await connect(options.url);
  let isLeaving = false;

  const takeLocks = async (): Promise<void> => {
    if (options.use === 'server' && !(await tryLock(client, SERVER_LOCK))) {
      const holder = await findServer(client);
      await client.end();
      throw new DataFolderInUse(
        `Another Verve server${holder} already uses the data folder ${options.dataDir}. ` +
          'Stop it first, or give this one a folder of its own in VERVE_DATA_DIR.',
      );
    }
    await client.query('select pg_advisory_lock_shared($1)', [USERS_LOCK]);
  };
  // A crash of PostgreSQL or an administrator may end the connection: the locks are taken again on a new one.
  const keep = (): void => {
    client.on('error', () => {
      if (isLeaving) return;
      setTimeout(async () => {
        try {
          client = await connect(options.url);
          keep();
          await takeLocks();
        } catch {
          if (!isLeaving) client.emit('error', new Error('still no connection'));
        }
      }, 500).unref();
    });
  };

  await takeLocks();
  keep();
  await makeOwnerAndDatabase(client, options);

  return {
    leave: async (stopCluster) => {
      isLeaving = true;
      if (await isLastUser(client)) await stopCluster();
      await client.end().catch(() => undefined);
    },
  };
}

async function isLastUser(client: Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [USERS_LOCK]);
    return await tryLock(client, USERS_LOCK);
  } catch {
    return false; // The cluster went away by itself.
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, application_name: `verve (process ${process.pid})`, keepAlive: true });
  await client.connect();
  return client;
}

async function tryLock(client: Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [key]);
  return rows[0]?.held === true;
}

async function findServer(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select substring(activity.application_name from '\\(.*\\)') as name
       from pg_locks as locks
       join pg_stat_activity as activity on activity.pid = locks.pid
      where locks.locktype = 'advisory' and locks.objid = $1 and locks.granted`,
    [SERVER_LOCK],
  );
  return rows[0]?.name ? ` ${rows[0].name}` : '';
}

/** The owner may make roles and owns the database, and is no superuser: as on a managed service. */
async function makeOwnerAndDatabase(client: Client, options: JoinCluster): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [SET_UP_LOCK]);
  try {
    const { rows } = await client.query<{ owner: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = 'verve_owner') as owner,
              exists (select from pg_database where datname = 'verve') as database`,
    );
    if (!rows[0]?.owner) {
      const password = escapeLiteral(options.ownerPassword);
      await client.query(`create role ${escapeIdentifier('verve_owner')} login createrole password ${password}`);
    }
    if (!rows[0]?.database) await client.query('create database verve owner verve_owner');
  } finally {
    await client.query('select pg_advisory_unlock($1)', [SET_UP_LOCK]);
  }
}
