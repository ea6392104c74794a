import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { installJobs } from './install-jobs.ts';
import { grantJobs } from './jobs-repository.ts';
import * as repository from './migrations-repository.ts';
import { makeScramVerifier } from './scram-verifier.ts';

/** A file of sql/migrations. */
export interface MigrationFile {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

/** What `migrate` may be told. */
export interface MigrateOptions {
  /** The owner's connection string: may make roles and schemas, need not be superuser. */
  readonly adminUrl: string;
  /** Password of `verve_app`, used where the role is made. null = the role must exist already. */
  readonly appPassword: string | null;
  /** Also give an existing `verve_app` this password. (Default: false) */
  readonly mustSetPassword?: boolean;
  /** (Default: the files of the package) */
  readonly directory?: string;
  /** Told the name of each file once it is committed. */
  readonly onApplied?: (name: string) => void;
}

/** What `migrate` did. */
export interface MigrateResult {
  readonly applied: readonly string[];
  /** The version that the database has now; 0 without any migration. */
  readonly version: number;
}

/** The connection role of the server. */
export const APP_ROLE = 'verve_app';
/** The roles that the server may become. */
export const SCOPE_ROLES = ['verve_engine', 'verve_ingest', 'authenticated'] as const;

const GROUP_ROLES = [...SCOPE_ROLES, 'anon'];

/**
 * Brings the database to the newest version: makes missing roles, then runs each new file in a transaction of its own,
 * in order, forward only, and installs the scheduler's tables. Safe to repeat and from several processes at once.
 * @throws {Error} saying what to do when an applied file was changed, the database is newer than this program, the
 * password is missing, or a file fails (what came before it stays).
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const files = await readMigrationFiles(options.directory);
  const client = new Client({ connectionString: options.adminUrl, application_name: 'verve migrate' });
  await client.connect();
  try {
    await inMigration(client, async () => {
      await makeRoles(client, options);
      await repository.ensureMigrationsTable(client);
    });
    const applied: string[] = [];
    for (const file of files) {
      if (await inMigration(client, () => applyFile(client, file, files))) {
        applied.push(file.name);
        options.onApplied?.(file.name);
      }
    }
    if (options.directory === undefined) {
      await inMigration(client, async () => {
        await installJobs(options.adminUrl);
        await grantJobs(client, APP_ROLE);
      });
    }
    return { applied, version: files.at(-1)?.version ?? 0 };
  } finally {
    await client.end();
  }
}

/** Reads the migration files in order. @throws {Error} on a badly named file or a number used twice. */
export async function readMigrationFiles(
  directory: string = fileURLToPath(new URL('../../sql/migrations/', import.meta.url)),
): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const files: MigrationFile[] = [];
  for (const name of names) {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name)) throw new Error(`${name}: a migration is named NNNN_topic.sql.`);
    const version = Number(name.slice(0, 4));
    if (files.at(-1)?.version === version) throw new Error(`${name}: number ${version} is already taken.`);
    // A checkout on Windows changes line ends, not meaning.
    const text = (await readFile(`${directory}/${name}`, 'utf8')).replaceAll('\r\n', '\n');
    files.push({ version, name, sha256: createHash('sha256').update(text).digest('hex'), text });
  }
  return files;
}

/**
 * Compares what the database remembers with the files. @returns the names that are still to be applied.
 * @throws {Error} saying what to do when an applied file was changed or the database is newer than this program.
 */
export function findPendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly repository.AppliedMigration[],
): string[] {
  const byVersion = new Map(applied.map((migration) => [migration.version, migration]));
  const newest = files.at(-1)?.version ?? 0;
  const unknown = applied.find((migration) => migration.version > newest);
  if (unknown) {
    throw new Error(
      `The database is newer than this program: it has ${unknown.name}, which this version of Verve does not know. ` +
        'Migrations only go forward: install the newer Verve, or restore a backup from before.',
    );
  }
  for (const file of files) {
    const known = byVersion.get(file.version);
    if (known && known.sha256 !== file.sha256) {
      throw new Error(
        `sql/migrations/${file.name} was changed after it was applied to this database. ` +
          'Put the file back as it was and write the change as a new migration ' +
          '(or, for a database without anything worth keeping, start with an empty one).',
      );
    }
  }
  return files.filter((file) => !byVersion.has(file.version)).map((file) => file.name);
}

async function inMigration<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  await repository.beginMigration(client);
  try {
    const result = await work();
    await repository.commitMigration(client);
    return result;
  } catch (error) {
    await repository.rollbackMigration(client);
    throw error;
  }
}

async function applyFile(client: Client, file: MigrationFile, files: readonly MigrationFile[]): Promise<boolean> {
  // Read again under the lock: another migrator may have been here in the meantime.
  const pending = findPendingMigrations(files, await repository.listAppliedMigrations(client));
  if (!pending.includes(file.name)) return false;
  await repository.recordMigration(client, file);
  try {
    await repository.runMigrationText(client, file.text);
  } catch (error) {
    throw new Error(`sql/migrations/${file.name} failed${describePlace(file, error)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return true;
}

function describePlace(file: MigrationFile, error: unknown): string {
  const position = Number((error as { position?: unknown }).position);
  return Number.isInteger(position) && position > 0
    ? ` at line ${file.text.slice(0, position).split('\n').length}`
    : '';
}

async function makeRoles(client: Client, options: MigrateOptions): Promise<void> {
  const existing = await repository.findRoles(client, [APP_ROLE, ...GROUP_ROLES]);
  for (const name of GROUP_ROLES) {
    if (!existing.has(name)) await repository.createGroupRole(client, name);
  }
  if (!existing.has(APP_ROLE)) {
    if (options.appPassword === null) {
      throw new Error(
        `The role ${APP_ROLE} does not exist, and no password for it is known. ` +
          `Set DATABASE_URL to postgres://${APP_ROLE}:<a new password>@<host>/<database> and run migrate again: it makes the role.`,
      );
    }
    await repository.createLoginRole(client, APP_ROLE, makeScramVerifier(options.appPassword));
  } else if (options.mustSetPassword && options.appPassword !== null) {
    await repository.setRolePassword(client, APP_ROLE, makeScramVerifier(options.appPassword));
  }
  await repository.grantRoles(client, APP_ROLE, SCOPE_ROLES);
}
