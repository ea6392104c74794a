import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { isAlive, stopPostmaster } from '../src/server/postmaster.ts';
import { startInstalledPostgres } from './installed-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection strings of the run's cluster, each for the database `postgres`. */
    cluster: { superuserUrl: string; ownerUrl: string; appUrl: string };
  }
}

/** The migrated database of which every test file gets a copy. */
export const TEMPLATE = 'verve_template';

const PREFIX = 'verve-test-';

/**
 * Starts one PostgreSQL for the whole run, with a migrated template, and removes it afterwards. `VERVE_TEST_POSTGRES`, a
 * folder of PostgreSQL's programs, takes an installed one instead of the one that Verve brings.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  const installed = process.env.VERVE_TEST_POSTGRES;
  const cluster = installed
    ? await startInstalledPostgres(installed, dataDir)
    : await startEmbeddedPostgres({ dataDir, isDurable: false });
  const tearDown = async (): Promise<void> => {
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const superuser = makePool({ connectionString: cluster.url('superuser', 'postgres'), max: 1 });
    await superuser.query(`create database ${TEMPLATE} owner verve_owner`);
    await superuser.end();
    await migrate({ adminUrl: cluster.url('owner', TEMPLATE), appPassword: cluster.passwords.app });
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('cluster', {
    superuserUrl: cluster.url('superuser', 'postgres'),
    ownerUrl: cluster.url('owner', 'postgres'),
    appUrl: cluster.url('app', 'postgres'),
  });
  return tearDown;
}

/** A run that was killed could not clean up after itself: its process id in the folder's name tells. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : Number.NaN);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    await stopPostmaster(join(dataDir, 'postgres')).catch(() => undefined);
    await rm(dataDir, { recursive: true, force: true });
  }
}
