import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresLauncher } from './postgres-launcher.ts';

/** What PostgreSQL writes in its `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

const POLL_MS = 5;

/**
 * Reads who runs this cluster. null = nobody.
 * A file left by a killed postmaster counts as nobody; one whose process id now belongs to another program (usual
 * after a container restart, where small ids come back) is removed, since PostgreSQL itself would refuse to start.
 */
export async function readPostmaster(clusterDir: string): Promise<Postmaster | null> {
  const file = join(clusterDir, 'postmaster.pid');
  const lines = await readFile(file, 'utf8').then(
    (text) => text.split('\n'),
    () => null,
  );
  const pid = Number(lines?.[0]);
  if (!lines || !Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  if (!(await isPostgres(pid))) {
    await rm(file, { force: true });
    return null;
  }
  return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

/** Whether a process with this id exists (one of another account counts too). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether this process runs PostgreSQL; one that only waits for somebody to collect it does not. */
export async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^Name:\s+(postgres|setpriv|unshare)$/m.test(status) && !/^State:\s+Z/m.test(status);
}

/** Waits until the cluster takes connections. @returns null when its process ended instead. */
export async function waitUntilReady(
  clusterDir: string,
  timeoutMs: number,
  hasEnded: () => boolean,
): Promise<Postmaster | null> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const postmaster = await readPostmaster(clusterDir);
    if (postmaster?.isReady) return postmaster;
    if (hasEnded()) return null;
    await sleep(POLL_MS);
  }
  throw new Error(`PostgreSQL in ${clusterDir} did not become ready within ${timeoutMs / 1000} seconds.`);
}

/**
 * Waits for a cluster that somebody else is starting or stopping. @returns null when nobody runs it any more.
 */
export async function waitUntilSettled(clusterDir: string, timeoutMs: number): Promise<Postmaster | null> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const postmaster = await readPostmaster(clusterDir);
    if (postmaster === null || postmaster.isReady) return postmaster;
    await sleep(POLL_MS);
  }
  throw new Error(`PostgreSQL in ${clusterDir} neither started nor stopped within ${timeoutMs / 1000} seconds.`);
}

/** What `startPostmaster` needs to know. */
export interface StartPostmaster {
  readonly binaries: PostgresBinaries;
  readonly launcher: PostgresLauncher;
  readonly clusterDir: string;
  readonly logFile: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Starts the cluster in a session of its own, so that Ctrl-C in a terminal reaches only Verve, which then stops it.
 * @returns null when the process ended at once, because another start was faster or the port was taken.
 */
export async function startPostmaster(start: StartPostmaster): Promise<Postmaster | null> {
  const settings = Object.entries(start.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = start.launcher.wrap(start.binaries.postgres, [
    '-D',
    start.clusterDir,
    '-p',
    String(start.port),
    ...settings,
  ]);
  const log = await open(start.logFile, 'a', 0o600);
  let isEnded = false;
  try {
    const child = spawn(command, args, {
      ...start.launcher.spawnAs,
      cwd: '/',
      env: cleanEnvironment(start.binaries),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.once('exit', () => {
      isEnded = true;
    });
    child.once('error', () => {
      isEnded = true;
    });
    child.unref();
  } finally {
    await log.close();
  }
  return waitUntilReady(start.clusterDir, start.timeoutMs, () => isEnded);
}

/** PostgreSQL gets no variable of ours: neither secrets nor the PG… settings of somebody's shell. */
export function cleanEnvironment(binaries: PostgresBinaries): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...binaries.environment };
}

/**
 * Stops the cluster: open transactions are rolled back, sessions ended, a checkpoint written ("fast").
 * Safe to repeat. @throws {Error} when it has not ended after `timeoutMs`.
 */
export async function stopPostmaster(clusterDir: string, timeoutMs = 30_000): Promise<void> {
  const postmaster = await readPostmaster(clusterDir);
  if (!postmaster) return;
  process.kill(postmaster.pid, 'SIGINT');
  const deadline = Date.now() + timeoutMs;
  // Ended means: gone, or waiting for somebody to collect it (a left-over postmaster's parent may never do so).
  while (isAlive(postmaster.pid) && (await isPostgres(postmaster.pid))) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${postmaster.pid}) did not stop in time.`);
    await sleep(POLL_MS);
  }
}
