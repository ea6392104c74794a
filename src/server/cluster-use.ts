import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import * as repository from './cluster-repository.ts';

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

const RETAKE_MS = 500;

/** Another server holds the folder: trying again changes nothing. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

/**
 * Takes our place in a running cluster and makes the owner role and its database where they are missing.
 * @throws {DataFolderInUse} when we want to be the server and another one is.
 */
export async function joinCluster(options: JoinCluster): Promise<ClusterMembership> {
  const takeLocks = async (client: Client): Promise<void> => {
    if (options.use === 'server' && !(await repository.tryServerLock(client))) {
      const holder = await repository.findServer(client);
      throw new DataFolderInUse(
        `Another Verve server${holder} already uses the data folder ${options.dataDir}. ` +
          'Stop it first, or give this one a folder of its own in VERVE_DATA_DIR.',
      );
    }
    await repository.lockAsUser(client);
  };
  /** A connection that holds our locks: one that does not get them is closed, as nobody else would let go of them. */
  const take = async (): Promise<Client> => {
    const client = await connect(options.url);
    try {
      await takeLocks(client);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    return client;
  };

  /** null = the connection was lost, and with it the locks. */
  let holder: Client | null = null;
  const leaving = new AbortController();
  let retaking: Promise<void> | null = null;
  // A crash of PostgreSQL or an administrator may end the connection: the locks are taken again on a new one.
  const keep = (client: Client): void => {
    holder = client;
    client.once('error', () => {
      holder = null;
      retaking = retake();
    });
  };
  async function retake(): Promise<void> {
    const { signal } = leaving;
    while (!signal.aborted && holder === null) {
      // Holds no process up by itself, so who leaves ends it: a process that waited for it alone would just be over.
      await sleep(RETAKE_MS, undefined, { ref: false, signal }).catch(() => undefined);
      if (!signal.aborted) await take().then(keep, () => undefined);
    }
  }

  const first = await take();
  keep(first);
  await repository.makeOwnerAndDatabase(first, options.ownerPassword);

  return {
    leave: async (stopCluster) => {
      leaving.abort();
      await retaking;
      if (holder !== null && (await leaveWith(holder, stopCluster))) return;
      const client = await connect(options.url).catch(() => null);
      if (client !== null) await leaveWith(client, stopCluster); // Else the cluster went away by itself.
    },
  };
}

/** Gives our place up over a connection. false = the connection was lost before we knew whether we were the last. */
async function leaveWith(client: Client, stopCluster: () => Promise<void>): Promise<boolean> {
  const isLast = await repository.unlockAsUser(client).catch(() => null);
  if (isLast === true) await stopCluster();
  await client.end().catch(() => undefined);
  return isLast !== null;
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, application_name: `verve (process ${process.pid})`, keepAlive: true });
  // Without anybody who listens, a lost connection would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
