import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresLauncher, type PostgresLauncher } from './postgres-launcher.ts';
import { cleanEnvironment } from './postmaster.ts';

/** Random, kept in `database-passwords.json` in the data directory, readable by the server's account only. */
export interface ClusterPasswords {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
}

const POSTGRES_MAJOR = '18';

/** Makes the data directory. As root it can be passed through, not listed, by the account that runs PostgreSQL. */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    if (made) await chmod(dataDir, isRoot ? 0o711 : 0o700);
  } catch (error) {
    throw new Error(
      `The data folder ${dataDir} cannot be made (${(error as Error).message}). ` +
        'Give a folder that this account may write in VERVE_DATA_DIR.',
    );
  }
}

/** Reads the passwords, or makes them. Of several processes at once, the first decides for all. */
export async function readClusterPasswords(dataDir: string): Promise<ClusterPasswords> {
  const file = join(dataDir, 'database-passwords.json');
  const read = async (): Promise<ClusterPasswords> => JSON.parse(await readFile(file, 'utf8')) as ClusterPasswords;
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (await exists(join(dataDir, 'postgres'))) {
    throw new Error(`${file} is missing, and the database beside it cannot be opened without it. Restore the file.`);
  }
  const random = (): string => randomBytes(24).toString('base64url');
  const passwords: ClusterPasswords = { superuser: random(), owner: random(), app: random() };
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, `${JSON.stringify(passwords)}\n`, { mode: 0o600, flush: true });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return read();
}

/** What `makeCluster` needs to know. */
export interface MakeCluster {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly password: string;
  /** Whether the new files are synced to disk. */
  readonly isDurable: boolean;
}

/**
 * Runs initdb where there is no cluster yet, beside the final place, and moves the finished cluster there: a start
 * that was killed half-way leaves nothing that looks like a database. Safe to repeat and from several processes.
 * @returns the way to start PostgreSQL on it.
 */
export async function makeCluster(options: MakeCluster): Promise<PostgresLauncher> {
  const { dataDir, clusterDir, binaries } = options;
  const version = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version !== null) {
    if (version.trim() !== POSTGRES_MAJOR) {
      throw new Error(
        `The database in ${clusterDir} was made by PostgreSQL ${version.trim()}; this is PostgreSQL ${POSTGRES_MAJOR}. ` +
          'Make a backup with the Verve version that made it, and restore that into a new VERVE_DATA_DIR.',
      );
    }
    const owner = (await stat(clusterDir)).uid;
    return choosePostgresLauncher(binaries.initdb, clusterDir, owner);
  }
  const launcher = choosePostgresLauncher(binaries.initdb, dataDir, null);
  const draft = join(dataDir, `postgres.new-${process.pid}-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${draft}.password`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    for (const path of [draft, passwordFile]) {
      if (process.getuid?.() === 0) await chown(path, launcher.uid, launcher.gid);
    }
    await runInitdb(options, launcher, draft, passwordFile);
    await rename(draft, clusterDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
  return launcher;
}

async function runInitdb(
  { binaries, isDurable }: MakeCluster,
  launcher: PostgresLauncher,
  directory: string,
  passwordFile: string,
): Promise<void> {
  const [command, args] = launcher.wrap(binaries.initdb, [
    `--pgdata=${directory}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
    ...(isDurable ? [] : ['--no-sync']),
  ]);
  const child = spawn(command, args, {
    ...launcher.spawnAs,
    cwd: '/',
    env: cleanEnvironment(binaries),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  child.once('error', reject);
  const [code, output] = await Promise.all([promise, buffer(child.stderr)]);
  if (code !== 0) throw new Error(`The database could not be made (initdb):\n${output.toString().trim()}`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
