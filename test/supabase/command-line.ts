import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { initProject } from '../../src/server/supabase/init-project.ts';
import { type Ran, run } from '../fresh-project.ts';
import { findOutsidePackage, type OutsidePackage } from '../outside-package.ts';

/** Finds Supabase's own command line, pinned and kept out of our lock file: 140 MB that others bring along. */
export const findSupabase = (): Promise<OutsidePackage> => findOutsidePackage('supabase', '3.1.0');

/** Runs `supabase …` in a project's folder on a database, saying yes to what it asks. */
export function runSupabase(program: string, folder: string, databaseUrl: string, ...args: string[]): Promise<Ran> {
  const environment = { HOME: folder, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' };
  return run(program, [...args, `--remote=${databaseUrl}`, '--workdir', folder, '--yes'], folder, environment);
}

/** What the platform's linter (splinter) says about one thing, as `rule thing`. */
export type Finding = string;

/** A folder with a Supabase project into which `verve supabase init` has written, and the platform's own command line. */
export interface ProjectFolder {
  readonly folder: string;
  /** Runs `supabase …` on a database. */
  supabase(databaseUrl: string, ...args: string[]): Promise<Ran>;
  /** Asks the platform's linter, at every level. Exposed schemas are those of the folder's configuration. */
  advise(databaseUrl: string): Promise<Finding[]>;
}

/** Makes one. Removed after the test file. */
export async function makeProjectFolder(program: string): Promise<ProjectFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'verve-supabase-project-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  await initProject({ directory: folder, version: '0.1.0' });
  const supabase = (databaseUrl: string, ...args: string[]) => runSupabase(program, folder, databaseUrl, ...args);
  return {
    folder,
    supabase,
    async advise(databaseUrl) {
      const ran = await supabase(databaseUrl, 'db', 'advisors', '--level', 'info', '--output-format', 'json');
      if (ran.code !== 0) throw new Error(ran.errors);
      const { results } = JSON.parse(ran.output) as { results: { name: string; metadata: Metadata }[] };
      return results.map(({ name, metadata }) => `${name} ${metadata.fkey_name ?? metadata.name}`).sort();
    },
  };
}

interface Metadata {
  name: string;
  fkey_name?: string;
}
