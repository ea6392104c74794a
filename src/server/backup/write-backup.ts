import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Client } from 'pg';
import { VerveError } from '../../engine/errors.ts';
import { listAppliedMigrations } from '../migrations-repository.ts';
import { type BackupEnd, type BackupHeader, END_OF_ROWS, FORM_VERSION, inWritingOrder } from './backup-form.ts';
import * as repository from './backup-repository.ts';
import { countLines } from './count-lines.ts';

/** What `writeBackup` needs to know. */
export interface WriteBackup {
  /** The owner's connection string: nobody else sees every row. */
  readonly adminUrl: string;
  /** The version of this program. */
  readonly version: string;
  readonly out: Writable;
  /** Told the number of rows so far. */
  readonly onProgress?: (rows: number) => void;
}

/** What a backup holds. */
export interface WrittenBackup {
  readonly madeAt: Date;
  readonly tables: number;
  readonly rows: number;
  /** The ids of the secrets that it needs. */
  readonly secrets: readonly string[];
}

/**
 * Writes everything that the database holds of Verve at one moment, while servers go on working. Memory does not grow with
 * the database. `out` is ended. Without its last line a backup is not whole, so one that was cut off is recognised.
 * @throws {VerveError} saying what to do when there is nothing to back up, or somebody else than the owner asks.
 */
export async function writeBackup({ adminUrl, version, out, onProgress }: WriteBackup): Promise<WrittenBackup> {
  const client = new Client({ connectionString: adminUrl, application_name: 'verve backup' });
  client.on('error', () => undefined); // whoever waits for a statement hears of it
  await client.connect();
  try {
    await repository.openSnapshot(client);
    const tables = inWritingOrder(await repository.listTables(client));
    requireEverything(tables);
    await repository.lockTables(client, tables, 'reading');
    const header = await readHeader(client, version);
    const counted = { rows: 0 };
    const lines = linesOf(client, header, tables, (rows) => {
      counted.rows += rows;
      onProgress?.(counted.rows);
    });
    await pipeline(Readable.from(lines, { objectMode: true }), createGzip(), out);
    return { madeAt: new Date(header.made_at), tables: tables.length, rows: counted.rows, secrets: header.secrets };
  } finally {
    await client.end();
  }
}

function requireEverything(tables: readonly repository.StoredTable[]): void {
  if (tables.length === 0) {
    throw new VerveError('not_found', 'There is nothing to back up: this database has none of Verve’s tables.');
  }
  if (!tables.every((table) => table.isOurs)) {
    throw new VerveError(
      'forbidden',
      'Only the owner of the tables sees every row. Set VERVE_ADMIN_DATABASE_URL to the role that runs "verve migrate".',
    );
  }
}

async function readHeader(client: Client, version: string): Promise<BackupHeader> {
  const { at, postgres } = await repository.readMoment(client);
  return {
    verve_backup: FORM_VERSION,
    verve: version,
    postgres,
    made_at: at.toISOString(),
    migrations: await listAppliedMigrations(client),
    jobs_version: await repository.readJobsVersion(client),
    secrets: await repository.listSecretIds(client),
    partitions: await repository.listPartitions(client),
  };
}

async function* linesOf(
  client: Client,
  header: BackupHeader,
  tables: readonly repository.StoredTable[],
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer> {
  const everything = createHash('sha256');
  const hashed = (bytes: Buffer): Buffer => {
    everything.update(bytes);
    return bytes;
  };
  yield hashed(line(header));
  let total = 0;
  for (const table of tables) {
    yield hashed(line({ table: table.name, columns: table.columns }));
    const digest = createHash('sha256');
    let rows = 0;
    for await (const chunk of repository.readRows(client, table) as AsyncIterable<Buffer>) {
      digest.update(chunk);
      const more = countLines(chunk);
      rows += more;
      onRows(more);
      yield hashed(chunk);
    }
    total += rows;
    yield hashed(Buffer.from(END_OF_ROWS));
    yield hashed(line({ end_of: table.name, rows, sha256: digest.digest('hex') }));
  }
  // After the rows: numbers given meanwhile are only higher.
  const sequences = (await repository.listSequences(client)).map(({ name, lastValue }) => ({
    name,
    last_value: lastValue,
  }));
  const end: BackupEnd = {
    end: true,
    tables: tables.length,
    rows: total,
    sequences,
    sha256: everything.digest('hex'),
  };
  yield line(end);
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
