import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll } from 'vitest';
import { startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { makePool } from '../../src/server/pool.ts';
import { fromRoot } from '../generated-files.ts';

/** A cluster with the roles, grants and schemas of a Supabase project, and nothing of ours. */
export interface SupabaseProject {
  readonly port: number;
  /** The platform itself: for arranging, and for looking behind the curtain. */
  readonly platform: Pool;
  /** As whom migrations run: the owner, who is no superuser. */
  readonly owner: Pool;
  url(user: string, password: string): string;
}

/** Starts one. `hasExtensions: false` leaves out vault, cron, net and realtime. */
export async function startSupabaseProject(options: { hasExtensions?: boolean } = {}): Promise<SupabaseProject> {
  const dataDir = await mkdtemp(join(tmpdir(), `verve-test-${process.pid}-supabase-`));
  const cluster = await startEmbeddedPostgres({ dataDir, isDurable: false });
  const platform = makePool({ connectionString: cluster.url('superuser', 'postgres'), max: 2 });
  const url = (user: string, password: string) => `postgres://${user}:${password}@127.0.0.1:${cluster.port}/postgres`;
  const owner = makePool({ connectionString: url('project_owner', 'project-owner'), max: 2 });
  afterAll(async () => {
    await Promise.all([platform.end(), owner.end()]);
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  await platform.query(await readFile(fromRoot('test/supabase/platform.sql'), 'utf8'));
  if (options.hasExtensions === false) {
    await platform.query('drop schema vault, cron, net, realtime cascade');
  }
  return { port: cluster.port, platform, owner, url };
}
