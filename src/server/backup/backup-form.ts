import { z } from 'zod';
import type { StoredTable } from './backup-repository.ts';

/**
 * The form of a backup: gzip over lines of text. First a header; then for each table a line that names it, its rows as
 * PostgreSQL's COPY writes them, the line `\.`, and a line with their number and digest; last a line with the digest of
 * everything before it. `gunzip -c FILE | head -1` shows what it is.
 */
export const FORM_VERSION = 1;

/** The line behind the rows of a table. No row begins like this: COPY doubles every backslash. */
export const END_OF_ROWS = '\\.\n';

const migration = z.object({ version: z.int(), name: z.string(), sha256: z.string() });

export const headerSchema = z.object({
  verve_backup: z.literal(FORM_VERSION),
  /** The version of Verve that wrote it. */
  verve: z.string(),
  postgres: z.string(),
  /** The one moment that everything in it is of. */
  made_at: z.iso.datetime(),
  migrations: z.array(migration),
  jobs_version: z.int().nullable(),
  /** The ids of the secrets without which sealed values cannot be opened. They tell nothing of the secrets. */
  secrets: z.array(z.string()),
  partitions: z.array(
    z.object({
      parent: z.string(),
      suffix: z.string().regex(/^\d{4}(_\d{2}){1,2}$/),
      from: z.string(),
      to: z.string(),
    }),
  ),
});

export const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()) });

export const tableEndSchema = z.object({ end_of: z.string(), rows: z.int(), sha256: z.string() });

export const endSchema = z.object({
  end: z.literal(true),
  tables: z.int(),
  rows: z.int(),
  sequences: z.array(z.object({ name: z.string(), last_value: z.string().nullable() })),
  sha256: z.string(),
});

export type BackupHeader = z.output<typeof headerSchema>;
export type BackupEnd = z.output<typeof endSchema>;
export type TableEnd = z.output<typeof tableEndSchema>;

/** Tables that others point at come before those. @throws {Error} when tables point at each other in a circle. */
export function inWritingOrder(tables: readonly StoredTable[]): StoredTable[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const ordered = new Set<StoredTable>();
  const visit = (table: StoredTable, way: readonly string[]): void => {
    if (way.includes(table.name)) throw new Error(`Tables point at each other in a circle: ${way.join(' → ')}`);
    for (const name of table.references) {
      const referenced = byName.get(name);
      if (referenced !== undefined && !ordered.has(referenced)) visit(referenced, [...way, table.name]);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...ordered];
}
