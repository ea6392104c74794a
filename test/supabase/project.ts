import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { makePool } from '../../src/server/pool.ts';
import { fromRoot } from '../generated-files.ts';
import { atEnd } from './at-end.ts';
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts';

/** A cluster with the roles, grants and schemas of a Supabase project, and nothing of ours. */
export interface SupabaseProject {
  readonly port: number;
  /** The platform itself: for arranging, and for looking behind the curtain. */
  readonly platform: Pool;
  /** As whom migrations run: the owner, who is no superuser. */
  readonly owner: Pool;
  readonly ownerUrl: string;
  url(user: string, password: string): string;
}

/** Starts one. `hasExtensions: false` leaves out vault, cron, net and realtime. */
export async function startSupabaseProject(options: { hasExtensions?: boolean } = {}): Promise<SupabaseProject> {
  const dataDir = await mkdtemp(join(tmpdir(), `verve-test-${process.pid}-supabase-`));
  const cluster = await startEmbeddedPostgres({ dataDir, isDurable: false });
  atEnd(async () => {
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const project = open(cluster.port, cluster.url('superuser', 'postgres'), 'project_owner');
  await project.platform.query(await readPlatform());
  if (options.hasExtensions === false) {
    await project.platform.query('drop schema vault, cron, net, realtime cascade');
  }
  return project;
}

/** Starts one on Debian's PostgreSQL 15: the owner is called `postgres` as on the platform; pgTAP and pg_cron are real. */
export async function startSupabaseProjectOnDebian(postgres: DebianPostgres): Promise<SupabaseProject> {
  const port = await startDebianPostgres(postgres);
  const project = open(port, `postgres://supabase_admin@127.0.0.1:${port}/postgres`, 'postgres');
  await project.platform.query((await readPlatform()).replaceAll('project_owner', 'postgres'));
  // What the platform runs after it has made the extension (its own script's grants).
  await project.platform.query(`
    drop schema cron cascade;
    create extension pg_cron;
    create extension pgtap with schema extensions;
    grant usage on schema cron to postgres with grant option;
    grant all on all functions in schema cron to postgres with grant option;
    grant all on all tables in schema cron to postgres with grant option;
    revoke all on cron.job from postgres;
    grant select on cron.job to postgres with grant option`);
  return project;
}

function open(port: number, platformUrl: string, ownerName: string): SupabaseProject {
  const url = (user: string, password: string) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
  const ownerUrl = url(ownerName, 'project-owner');
  const platform = makePool({ connectionString: platformUrl, max: 2 });
  const owner = makePool({ connectionString: ownerUrl, max: 2 });
  atEnd(async () => {
    await Promise.all([platform.end(), owner.end()]);
  });
  return { port, platform, owner, ownerUrl, url };
}

function readPlatform(): Promise<string> {
  return readFile(fromRoot('test/supabase/platform.sql'), 'utf8');
}
