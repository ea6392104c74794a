import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError } from './config.ts';

type Place = Pick<Config, 'secrets' | 'dataDir'>;

/** The installation's secrets, newest first: those of the configuration, else the data directory's, made where missing. */
export async function readOrMakeSecrets(config: Place): Promise<readonly string[]> {
  return config.secrets.length > 0 ? config.secrets : [await readOrMakeSecret(config.dataDir)];
}

/** {@link readOrMakeSecrets} without making one: none may be there. */
export async function readSecrets(config: Place): Promise<readonly string[]> {
  if (config.secrets.length > 0) return config.secrets;
  const known = await readSecret(join(config.dataDir, 'secret'));
  return known === null ? [] : [known];
}

/**
 * Reads the installation's secret from `secret` in the data directory, or makes it (64 characters, mode 0600).
 * Of several processes at once, the first decides for all. Losing the file makes everything sealed unreadable.
 */
async function readOrMakeSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'secret');
  const known = await readSecret(file);
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
  return (await readSecret(file)) ?? '';
}

/** null = there is no such file. */
function readSecret(file: string): Promise<string | null> {
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
}
