import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from './config.ts';

/**
 * Reads the installation's secret from `secret` in the data directory, or makes it (64 characters, mode 0600).
 * Of several processes at once, the first decides for all. Losing the file makes everything sealed unreadable.
 */
export async function readOrMakeSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'secret');
  const read = async (): Promise<string | null> =>
    readFile(file, 'utf8').then(
      (text) => text.trim(),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      },
    );
  const known = await read();
  if (known !== null) {
    if (known.length >= 32) return known;
    throw new ConfigError([`${file} is damaged: it holds fewer than 32 characters. Restore it from a backup.`]);
  }
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flush: true });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return (await read()) ?? '';
}
