import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, problem } from './problem.ts';

/** Whether the folder of the embedded PostgreSQL is there, usable, closed to others, and on a disk with room. */
export async function checkFolder(dataDir: string, leastFreeBytes: number): Promise<Problem[]> {
  const folder = await stat(dataDir).catch((error: NodeJS.ErrnoException) => error);
  if (folder instanceof Error) {
    return folder.code === 'ENOENT' ? [nothingHere(dataDir)] : [unusable(dataDir, folder.code ?? 'not readable')];
  }
  if (!folder.isDirectory()) return [unusable(dataDir, 'it is no folder')];
  const refusal = await access(dataDir, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => error);
  if (refusal instanceof Error) return [unusable(dataDir, refusal.code ?? 'not writable')];
  const problems: Problem[] = [];
  for (const name of ['secret', 'database-passwords.json']) {
    const file = await stat(join(dataDir, name)).catch(() => null);
    if (file !== null && (file.mode & 0o077) !== 0) {
      const path = join(dataDir, name);
      problems.push(problem('data_folder_open', `${path} can be read by other accounts.`, `chmod 600 ${path}`));
    }
  }
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  if (free < leastFreeBytes) {
    const what = `The disk of ${dataDir} has ${Math.round(free / 1_000_000)} MB left.`;
    problems.push(
      problem('disk_nearly_full', what, 'Make room, or move the folder to a larger disk (VERVE_DATA_DIR).'),
    );
  }
  const cluster = await stat(join(dataDir, 'postgres')).catch(() => null);
  return cluster === null ? [...problems, nothingHere(dataDir)] : problems;
}

function nothingHere(dataDir: string): Problem {
  const what = `There is no database in ${dataDir} yet.`;
  return problem('data_folder_missing', what, '"verve serve" makes it; or name the right folder in VERVE_DATA_DIR.');
}

function unusable(dataDir: string, reason: string): Problem {
  const what = `The data folder ${dataDir} cannot be used (${reason}).`;
  return problem(
    'data_folder_unusable',
    what,
    'Give a folder that this account may write in VERVE_DATA_DIR, or mend its owner with chown.',
  );
}
