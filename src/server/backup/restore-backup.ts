import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { VerveError } from '../../engine/errors.ts';
import { beginMigration, commitMigration, rollbackMigration } from '../migrations-repository.ts';
import type { BackupEnd, BackupHeader } from './backup-form.ts';
import * as repository from './backup-repository.ts';
import { type BackupPart, readBackup } from './read-backup.ts';

/** What `restoreBackup` needs to know. */
export interface RestoreBackup {
  readonly path: string;
  /** The owner's connection string, to a migrated database. */
  readonly adminUrl: string;
  /** Holds deliveries that wait instead of sending them. */
  readonly mustPark: boolean;
  /** Told how many bytes of the file were read. */
  readonly onBytes?: (bytes: number) => void;
}

export interface RestoredBackup {
  readonly tables: number;
  readonly rows: number;
  /** Deliveries that will be sent as soon as a server starts. */
  readonly pendingDeliveries: number;
  readonly parkedDeliveries: number;
  /** Whether PostgreSQL has counted the rows for its plans. */
  readonly isAnalyzed: boolean;
}

/**
 * Writes a backup into an empty, migrated database, in one transaction: all of it or nothing, also when the process is
 * killed. Ids, codes, order and numbering are as they were. Triggers do not run: what they did is in the backup.
 * @throws {VerveError} saying what to do when the database holds something or has other tables, or the file is damaged.
 */
export async function restoreBackup({ path, adminUrl, mustPark, onBytes }: RestoreBackup): Promise<RestoredBackup> {
  const client = new Client({ connectionString: adminUrl, application_name: 'verve restore' });
  client.on('error', () => undefined); // whoever waits for a statement hears of it
  await client.connect();
  try {
    // As a migrator: nobody changes the schema meanwhile.
    await beginMigration(client);
    let restored: Omit<RestoredBackup, 'isAnalyzed'>;
    let tables: Awaited<ReturnType<typeof repository.listTables>>;
    try {
      await repository.openRestore(client);
      tables = await repository.listTables(client);
      await repository.lockTables(client, tables, 'alone');
      await requireEmpty(client, tables);
      for (const table of tables) await repository.openForRows(client, table);
      const end = await writeParts(client, tables, readBackup(path, onBytes));
      await repository.checkConstraints(client);
      for (const table of tables) await repository.closeForRows(client, table);
      const parkedDeliveries = mustPark ? await repository.parkDeliveries(client) : 0;
      const pendingDeliveries = await repository.countPendingDeliveries(client);
      await moveSequences(client, end);
      await commitMigration(client);
      restored = { tables: end.tables, rows: end.rows, pendingDeliveries, parkedDeliveries };
    } catch (error) {
      await rollbackMigration(client);
      throw error;
    }
    // Everything is there: what fails now costs speed, until PostgreSQL counts by itself.
    const isAnalyzed = await repository.analyzeTables(client, tables).then(
      () => true,
      () => false,
    );
    return { ...restored, isAnalyzed };
  } finally {
    await client.end();
  }
}

/** Before anything is migrated: a database with somebody's rows is left as it is. @throws {VerveError} */
export async function requireEmptyDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, application_name: 'verve restore' });
  await client.connect();
  try {
    await repository.openSnapshot(client);
    const tables = await repository.listTables(client);
    if (tables.length > 0) await requireEmpty(client, tables);
  } finally {
    await client.end();
  }
}

async function requireEmpty(client: Client, tables: readonly repository.StoredTable[]): Promise<void> {
  const filled = await repository.listFilledTables(client, tables);
  if (filled.length === 0) return;
  throw new VerveError(
    'conflict',
    `The database is not empty (${filled.join(', ')}). A backup is restored into an empty one only: a new folder in ` +
      'VERVE_DATA_DIR, or a new database. Nothing was written.',
  );
}

async function writeParts(
  client: Client,
  tables: readonly repository.StoredTable[],
  parts: AsyncGenerator<BackupPart>,
): Promise<BackupEnd> {
  const written = new Set<string>();
  for (;;) {
    const { value } = await parts.next();
    const part = value as BackupPart;
    if (part.part === 'header') await prepare(client, part.header);
    if (part.part === 'table') {
      const table = requireTable(tables, part);
      await writeTable(client, table, part.columns, parts);
      written.add(table.name);
    }
    if (part.part === 'end') {
      const missing = tables.filter((table) => !written.has(table.name)).map(({ name }) => name);
      // A database without the scheduler, as Supabase's, has no jobs to bring along.
      if (missing.some((name) => name.startsWith('verve.'))) throw otherTables(missing.join(', '));
      return part.end;
    }
  }
}

async function prepare(client: Client, header: BackupHeader): Promise<void> {
  const jobsVersion = await repository.readJobsVersion(client);
  if (header.jobs_version !== null && header.jobs_version !== jobsVersion) {
    throw new VerveError(
      'conflict',
      `The backup was made with another version of the scheduler (${header.jobs_version}, here ${jobsVersion}). Install the packages ` +
        `that Verve ${header.verve} had there, restore with them, then bring them up to date. Nothing was written.`,
    );
  }
  for (const partition of header.partitions) await repository.makePartition(client, partition);
}

/** Names of the file go into statements only when the catalogue has them too. */
function requireTable(
  tables: readonly repository.StoredTable[],
  { name, columns }: Extract<BackupPart, { part: 'table' }>,
): repository.StoredTable {
  const table = tables.find((known) => known.name === name);
  const isSame = columns.length === table?.columns.length && columns.every((column) => table.columns.includes(column));
  if (table === undefined || !isSame) throw otherTables(name);
  return table;
}

function otherTables(name: string): VerveError {
  return new VerveError('conflict', `Backup and database do not have the same tables: ${name}. Nothing was written.`);
}

async function writeTable(
  client: Client,
  table: repository.StoredTable,
  columns: readonly string[],
  parts: AsyncGenerator<BackupPart>,
): Promise<void> {
  let rows = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const { value } = await parts.next();
      const part = value as BackupPart;
      if (part.part === 'rows') yield part.bytes;
      if (part.part === 'tableEnd') {
        rows = part.end.rows;
        return;
      }
    }
  }
  await pipeline(Readable.from(bytes(), { objectMode: true }), repository.writeRows(client, table, columns));
  const counted = await repository.countRows(client, table);
  if (counted !== rows)
    throw new Error(`${table.name} holds ${counted} rows, the backup ${rows}. Nothing was written.`);
}

async function moveSequences(client: Client, end: BackupEnd): Promise<void> {
  const known = new Set((await repository.listSequences(client)).map(({ name }) => name));
  for (const { name, last_value: lastValue } of end.sequences) {
    if (lastValue !== null && known.has(name)) await repository.moveSequence(client, name, lastValue);
  }
}
