import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './fresh-project.ts';

/** A program that the tests use where the registry has it. */
export type OutsidePackage = { readonly path: string } | { readonly missing: string };

/**
 * Finds a program of the registry, installing it once into a folder of its own outside the clone: what others bring along,
 * or what is too large for our lock file.
 * @param options.bin the program's name. (Default: the package's)
 * @returns its path, or why there is none (no registry, no binary for this machine).
 */
export async function findOutsidePackage(
  name: string,
  version: string,
  options: { bin?: string } = {},
): Promise<OutsidePackage> {
  const bin = options.bin ?? name;
  const folder = join(tmpdir(), `verve-${bin}-${version}`);
  const path = join(folder, 'node_modules/.bin', bin);
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--prefix', folder];
    const installed = await run('npm', ['install', ...flags, `${name}@${version}`], folder);
    if (installed.code !== 0) return { missing: `${name} ${version} cannot be installed from the registry` };
  }
  const asked = await run(path, ['--version'], folder).catch(() => null);
  return asked?.code === 0 ? { path } : { missing: `${name} ${version} does not run on this machine` };
}
