import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A cable between the engine and PostgreSQL that can be cut at a chosen moment. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts the next `times` connections that commit: after PostgreSQL has committed, before its answer gets through. */
  cutAfterCommit(times: number): void;
  /** Cuts the next `times` connections that commit before the commit reaches PostgreSQL. */
  cutBeforeCommit(times: number): void;
  /** Cuts every connection now. */
  cutAll(): void;
  /** How many connections were cut by `cutAfterCommit` and `cutBeforeCommit`. */
  readonly cuts: { afterCommit: number; beforeCommit: number };
  close(): Promise<void>;
}

// A commit is PostgreSQL's simple query message: 'Q', length, text, zero.
const COMMIT = Buffer.concat([Buffer.from('Q'), Buffer.from([0, 0, 0, 11]), Buffer.from('commit\0')]);

/** Starts the proxy on a free loopback port. It understands nothing but the commit message. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const cuts = { afterCommit: 0, beforeCommit: 0 };
  let toCutAfter = 0;
  let toCutBefore = 0;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let isCutAtNextAnswer = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (chunk.includes(COMMIT)) {
        if (toCutBefore > 0) {
          toCutBefore -= 1;
          cuts.beforeCommit += 1;
          cut();
          return;
        }
        if (toCutAfter > 0) {
          toCutAfter -= 1;
          isCutAtNextAnswer = true;
        }
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (isCutAtNextAnswer && chunk.includes('COMMIT\0')) {
        cuts.afterCommit += 1;
        cut();
        return;
      }
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    cuts,
    cutAfterCommit: (times) => {
      toCutAfter += times;
    },
    cutBeforeCommit: (times) => {
      toCutBefore += times;
    },
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
