import type { Tombstone } from '../../engine/privacy/erase-again.ts';
import { readBackup } from './read-backup.ts';

const TABLE = 'verve.erasures';

/** The tombstones that a backup holds, with their organisations. @throws {VerveError} when it is damaged. */
export async function readTombstones(path: string): Promise<(Tombstone & { orgId: string })[]> {
  let columns: readonly string[] | null = null;
  const pieces: Buffer[] = [];
  for await (const part of readBackup(path)) {
    if (part.part === 'table') columns = part.name === TABLE ? part.columns : null;
    if (part.part === 'rows' && columns !== null) pieces.push(Buffer.from(part.bytes));
    if (part.part === 'tableEnd' && columns !== null) return readRows(Buffer.concat(pieces).toString('utf8'), columns);
  }
  return [];
}

function readRows(text: string, columns: readonly string[]): (Tombstone & { orgId: string })[] {
  const place = (name: string): number => columns.indexOf(name);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const values = line.split('\t');
      const value = (name: string): string => values[place(name)] ?? '';
      return {
        orgId: value('org_id'),
        kind: value('subject_kind') === 'mentor' ? 'mentor' : 'member',
        // COPY writes a backslash twice: \\x5f…
        hash: value('subject_hash').replace(/^\\\\x/, ''),
        keyId: value('key_id'),
        erasedAt: new Date(value('erased_at')),
      };
    });
}
