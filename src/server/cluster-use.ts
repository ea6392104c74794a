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
  let client = await connect(options.url);
  let isLeaving = false;

  const takeLocks = async (): Promise<void> => {
    if (options.use === 'server' && !(await repository.tryServerLock(client))) {
      const holder = await repository.findServer(client);
      await client.end();
      throw new DataFolderInUse(
        `Another Verve server${holder} already uses the data folder ${options.dataDir}. ` +
          'Stop it first, or give this one a folder of its own in VERVE_DATA_DIR.',
      );
    }
    await repository.lockAsUser(client);
  };
  // A crash of PostgreSQL or an administrator may end the connection: the locks are taken again on a new one. A lost
  // connection may say so twice.
  let retaking: Promise<void> | null = null;
  const keep = (): void => {
    client.once('error', () => {
      retaking = retake().finally(() => {
        retaking = null;
      });
    });
  };
  async function retake(): Promise<void> {
    while (!isLeaving) {
      await sleep(RETAKE_MS, undefined, { ref: false });
      if (isLeaving) return;
      try {
        client = await connect(options.url);
        await takeLocks();
        keep();
        return;
      } catch {
        await client.end().catch(() => undefined);
      }
    }
  }

  await takeLocks();
  keep();
  await repository.makeOwnerAndDatabase(client, options.ownerPassword);

  return {
    leave: async (stopCluster) => {
      isLeaving = true;
      if (retaking !== null) {
        await retaking;
        client = await connect(options.url).catch(() => client);
      }
      if (await isLastUser(client)) await stopCluster();
      await client.end().catch(() => undefined);
    },
  };
}

async function isLastUser(client: Client): Promise<boolean> {
  try {
    return await repository.unlockAsUser(client);
  } catch {
    return false; // The cluster went away by itself.
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, application_name: `verve (process ${process.pid})`, keepAlive: true });
  // Without anybody who listens, a lost connection would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
