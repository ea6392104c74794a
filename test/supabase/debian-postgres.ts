import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePool } from '../../src/server/pool.ts';
import { atEnd } from './at-end.ts';

/** A PostgreSQL of the distribution with the real pgTAP and pg_cron: apt-get install postgresql-15-pgtap postgresql-15-cron. */
export interface DebianPostgres {
  readonly bin: string;
}

/** The oldest that Verve supports; null = it, pgTAP or pg_cron is not installed here. */
export function findDebianPostgres(): DebianPostgres | null {
  const extensions = '/usr/share/postgresql/15/extension';
  const bin = '/usr/lib/postgresql/15/bin';
  const needed = [`${bin}/initdb`, `${extensions}/pgtap.control`, `${extensions}/pg_cron.control`];
  return needed.every((path) => existsSync(path)) ? { bin } : null;
}

/** Starts a cluster whose superuser is `supabase_admin`, as on the platform. Removed after the test file. */
export async function startDebianPostgres({ bin }: DebianPostgres): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), `verve-test-${process.pid}-debian-`));
  const data = join(folder, 'postgres');
  await mkdir(data, { mode: 0o700 });
  // PostgreSQL refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (account.uid !== undefined) for (const path of [folder, data]) await chown(path, account.uid, account.gid);

  const making = spawn(`${bin}/initdb`, ['-D', data, '-U', 'supabase_admin', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...account,
    cwd: folder,
    stdio: 'ignore',
  });
  const made = await new Promise((resolve) => making.once('close', resolve));
  if (made !== 0) throw new Error(`initdb ended with ${made}`);

  const port = await findFreePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_preload_libraries: 'pg_cron',
    'cron.database_name': 'postgres',
    'cron.host': '127.0.0.1',
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = spawn(`${bin}/postgres`, args, { ...account, cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('close', resolve));
  atEnd(async () => {
    server.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  await waitUntilReady(port);
  return port;
}

async function waitUntilReady(port: number): Promise<void> {
  const url = `postgres://supabase_admin@127.0.0.1:${port}/postgres`;
  for (let tries = 0; ; tries += 1) {
    const pool = makePool({ connectionString: url, max: 1 });
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(50);
    } finally {
      await pool.end();
    }
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
