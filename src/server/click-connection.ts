import { Client } from 'pg';
import type { LinkChange } from '../engine/clicks/link-cache.ts';
import type { ClickStore } from '../engine/clicks/repository.ts';
import { faultFromDriver } from '../engine/database-faults.ts';
import { VerveError } from '../engine/errors.ts';
import { becomeIngest, endFormerSession, listenForLinkChanges } from './click-connection-repository.ts';

/** How long a connection may take to be there, in its role: what waits for it would else wait for ever. */
const CONNECT_MS = 3_000;

/** A connection that keeps itself alive: what is asked of it while it is away fails at once, and it comes back by itself. */
export interface ClickConnection extends ClickStore {
  close(): Promise<void>;
}

/**
 * The recorder's own connection, standing in the role `verve_ingest`: a batch is then one statement and one round trip.
 * A statement that takes longer than `timeoutMs` ends the connection, because nothing else would.
 */
export function openClickConnection(options: { connectionString: string; timeoutMs?: number }): ClickConnection {
  const { connectionString, timeoutMs = 15_000 } = options;
  const line = keepConnected({ connectionString, prepare: becomeIngest, applicationName: 'verve clicks' });
  return {
    close: line.close,
    async query<Row>(text: string, values: readonly unknown[], name: string): Promise<Row[]> {
      const client = await line.client();
      const timer = setTimeout(() => line.drop(client), timeoutMs);
      try {
        return (await client.query({ text, values: values as unknown[], name })).rows as Row[];
      } catch (error) {
        throw faultFromDriver(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Hears of changed codes and organisations on a connection of its own. After a gap, `onGap` says that some may be missed. */
export function listenToLinkChanges(options: {
  connectionString: string;
  onChange: (change: LinkChange) => void;
  onGap: () => void;
}): { close(): Promise<void> } {
  const line = keepConnected({
    connectionString: options.connectionString,
    applicationName: 'verve link changes',
    isEager: true,
    prepare: async (client) => {
      client.on('notification', ({ payload = '' }) => {
        const [kind, id] = payload.split(':');
        if (id !== undefined && (kind === 'code' || kind === 'organisation')) options.onChange({ kind, id });
      });
      await listenForLinkChanges(client);
      options.onGap();
    },
  });
  return { close: line.close };
}

interface Line {
  client(): Promise<Client>;
  drop(client: Client): void;
  close(): Promise<void>;
}

function keepConnected(options: {
  connectionString: string;
  applicationName: string;
  prepare: (client: Client) => Promise<void>;
  /** Reconnects without being asked. (Default: false) */
  isEager?: boolean;
}): Line {
  const dropped = new WeakSet<Client>();
  let current: Promise<Client> | null = null;
  let formerPid: number | null = null; // null = there was none before
  let notBeforeMs = 0;
  let isClosed = false;

  function drop(client: Client): void {
    if (dropped.has(client)) return;
    dropped.add(client);
    current = null;
    notBeforeMs = Date.now() + 200;
    client.removeAllListeners('notification');
    // A connection that hangs is cut, not asked to say goodbye.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    if (options.isEager && !isClosed) setTimeout(() => void reach().catch(() => {}), 500).unref();
  }

  async function connect(): Promise<Client> {
    const client = new Client({
      connectionString: options.connectionString,
      application_name: options.applicationName,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => drop(client));
    client.on('end', () => {
      if (!isClosed) drop(client);
    });
    const timer = setTimeout(() => drop(client), CONNECT_MS);
    try {
      await client.connect();
      if (formerPid !== null) await endFormerSession(client, formerPid);
      formerPid = pidOf(client);
      await options.prepare(client);
      return client;
    } catch (error) {
      drop(client);
      throw faultFromDriver(error);
    } finally {
      clearTimeout(timer);
    }
  }

  function reach(): Promise<Client> {
    if (isClosed || Date.now() < notBeforeMs) {
      return Promise.reject(new VerveError('database_unavailable', undefined, { retryAfterSeconds: 1 }));
    }
    current ??= connect();
    return current;
  }

  if (options.isEager) void reach().catch(() => {});
  return {
    client: reach,
    drop,
    async close() {
      isClosed = true;
      const open = await current?.catch(() => null);
      await open?.end().catch(() => {});
    },
  };
}

/** The process that serves a connection; `pg` knows it, and its types do not. */
function pidOf(client: Client): number | null {
  return (client as unknown as { processID: number | null }).processID;
}
