import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { makeOwnerAndDatabase } from '../src/server/cluster-repository.ts';
import type { EmbeddedPostgres, LoginRole } from '../src/server/embedded-postgres.ts';
import { makeDataDirectory } from '../src/server/make-cluster.ts';
import { choosePostgresLauncher } from '../src/server/postgres-launcher.ts';
import { startPostmaster, stopPostmaster } from '../src/server/postmaster.ts';

const roleNames: Record<LoginRole, string> = { superuser: 'postgres', owner: 'verve_owner', app: 'verve_app' };
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
};

/** A throw-away cluster of a PostgreSQL installed on this machine: the oldest that Verve runs on, beside the one it brings. */
export async function startInstalledPostgres(
  binDir: string,
  dataDir: string,
): Promise<Pick<EmbeddedPostgres, 'passwords' | 'url' | 'stop'>> {
  const binaries = { postgres: join(binDir, 'postgres'), initdb: join(binDir, 'initdb'), environment: {} };
  const clusterDir = join(dataDir, 'postgres');
  await makeDataDirectory(dataDir);
  const launcher = choosePostgresLauncher(binaries.initdb, dataDir, null);
  const passwordFile = join(dataDir, 'password');
  const random = (): string => randomBytes(24).toString('base64url');
  const passwords = { superuser: random(), owner: random(), app: random() };
  await mkdir(clusterDir, { mode: 0o700 });
  await writeFile(passwordFile, passwords.superuser, { mode: 0o600 });
  if (process.getuid?.() === 0) {
    for (const path of [clusterDir, passwordFile]) await chown(path, launcher.uid, launcher.gid);
  }
  const [command, args] = launcher.wrap(binaries.initdb, [
    `--pgdata=${clusterDir}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ]);
  execFileSync(command, args, { ...launcher.spawnAs, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  const logFile = join(dataDir, 'postgres.log');
  const port = await findFreePort();
  const started = await startPostmaster({ binaries, launcher, clusterDir, logFile, port, settings, timeoutMs: 60_000 });
  if (!started) throw new Error(`PostgreSQL of ${binDir} did not start: see ${logFile}.`);
  const url = (role: LoginRole, database = 'verve'): string =>
    `postgres://${roleNames[role]}:${passwords[role]}@127.0.0.1:${port}/${database}`;
  const client = new pg.Client({ connectionString: url('superuser', 'postgres') });
  await client.connect();
  await makeOwnerAndDatabase(client, passwords.owner);
  await client.end();
  return { passwords, url, stop: () => stopPostmaster(clusterDir) };
}

async function findFreePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
  return promise;
}
