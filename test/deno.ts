import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './fresh-project.ts';

/** Pinned, and kept out of our lock file: it is a runtime that others bring along, 100 MB of it. */
const DENO_VERSION = '2.9.6';

/**
 * Finds Deno, installing its npm package once into a folder of its own outside the clone.
 * @returns its path, or why there is none (no registry, no binary for this machine).
 */
export async function findDeno(): Promise<{ path: string } | { missing: string }> {
  const folder = join(tmpdir(), `verve-deno-${DENO_VERSION}`);
  const path = join(folder, 'node_modules/.bin/deno');
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', folder, `deno@${DENO_VERSION}`];
    const installed = await run('npm', args, folder);
    if (installed.code !== 0) return { missing: `Deno ${DENO_VERSION} cannot be installed from the registry` };
  }
  const asked = await run(path, ['--version'], folder).catch(() => null);
  return asked?.code === 0 ? { path } : { missing: 'Deno does not run on this machine' };
}
