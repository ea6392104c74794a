import { VerveError } from '../../engine/errors.ts';
import { createKeyRing } from '../../engine/secrets/key-ring.ts';
import { readMigrationFiles } from '../migrate.ts';
import type { BackupEnd, BackupHeader } from './backup-form.ts';
import { readBackup } from './read-backup.ts';

/** What a whole backup says of itself. */
export interface CheckedBackup {
  readonly header: BackupHeader;
  readonly end: BackupEnd;
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * Reads a backup from its first byte to its last, and writes nothing.
 * @throws {VerveError} when it is damaged, cut off or no backup.
 */
export async function checkBackup(path: string, onBytes?: (bytes: number) => void): Promise<CheckedBackup> {
  const rows = new Map<string, number>();
  let header: BackupHeader | null = null;
  for await (const part of readBackup(path, onBytes)) {
    if (part.part === 'header') header = part.header;
    if (part.part === 'tableEnd') rows.set(part.end.end_of, part.end.rows);
    if (part.part === 'end' && header !== null) return { header, end: part.end, rows };
  }
  throw new Error('a backup was read without its end');
}

/** @throws {VerveError} saying which Verve to take, when the backup is not of the schema that this program makes. */
export async function requireOurSchema(header: BackupHeader): Promise<void> {
  const ours = await readMigrationFiles();
  const theirs = header.migrations;
  const isSame = ours.length === theirs.length && ours.every((file, place) => file.sha256 === theirs[place]?.sha256);
  if (isSame) return;
  const isNewer = (theirs.at(-1)?.version ?? 0) > (ours.at(-1)?.version ?? 0);
  throw new VerveError(
    'conflict',
    isNewer
      ? `The backup was made by a newer Verve (${header.verve}). Install that version and restore with it. Nothing was written.`
      : `The backup was made by Verve ${header.verve} with another schema. Install that version, restore with it, then install ` +
          'this one and run "verve migrate". Nothing was written.',
  );
}

/** @throws {VerveError} saying what to do, when sealed values of the backup could not be opened with these secrets. */
export async function requireItsSecrets(header: BackupHeader, secrets: readonly string[]): Promise<void> {
  const known = secrets.length === 0 ? [] : await createKeyRing(secrets).keyIds();
  const missing = header.secrets.filter((id) => !known.includes(id));
  if (missing.length === 0) return;
  throw new VerveError(
    'conflict',
    `The backup needs the secret ${missing.join(', ')} (an id that tells nothing of it), which is not ` +
      `${secrets.length === 0 ? 'here' : 'among those given'}: nothing sealed could be opened, and nobody erased would be recognised. ` +
      'Put the file "secret" of the old data folder into the new one, or set VERVE_SECRET. Nothing was written.',
  );
}
