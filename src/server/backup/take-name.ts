import { access, link, rename, rm } from 'node:fs/promises';
import { VerveError } from '../../engine/errors.ts';

/** What a file system without hard links answers to one. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a finished file its name where the name is free, in one step: of several at once one gets it, and nothing is ever
 * overwritten. A file system without hard links is asked first and then renamed upon, which leaves a moment between the two.
 * @throws {VerveError} `already_exists`; both files stay as they are.
 */
export async function takeName(finished: string, name: string): Promise<void> {
  try {
    await link(finished, name);
  } catch (fault) {
    const { code = '' } = fault as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(name);
    if (!withoutLinks.has(code)) throw fault;
    await requireFree(name);
    await rename(finished, name);
    return;
  }
  await rm(finished);
}

/** @throws {VerveError} `already_exists`, where something has the name. */
export async function requireFree(name: string): Promise<void> {
  const isTaken = await access(name).then(
    () => true,
    () => false,
  );
  if (isTaken) throw taken(name);
}

function taken(name: string): VerveError {
  return new VerveError('already_exists', `${name} is there already, and stays as it is. Name another file.`);
}
