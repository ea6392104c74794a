import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { VerveError } from '../engine/errors.ts';

/** A file that a command writes piece by piece. */
export interface FileWriter {
  /** Writes on; a promise is to be waited for, because the disk is slower. Fails when an earlier piece could not be written. */
  write(text: string): Promise<void> | undefined;
  /** Resolves once all of it is written. */
  end(): Promise<void>;
}

/**
 * Opens a file that only its owner may read.
 *
 * @param mayReplace whether a file of this name is written over
 * @throws {VerveError} `already_exists`; `not_found` where its folder is missing
 */
export async function openFileWriter(path: string, { mayReplace }: { mayReplace: boolean }): Promise<FileWriter> {
  const stream = createWriteStream(path, { mode: 0o600, flags: mayReplace ? 'w' : 'wx' });
  await once(stream, 'open').catch((fault: NodeJS.ErrnoException) => {
    throw cannotWrite(fault, path);
  });
  stream.on('error', () => undefined); // the next piece or the end tells of it
  return {
    write(text) {
      if (stream.errored !== null) throw stream.errored;
      return stream.write(text) ? undefined : once(stream, 'drain').then(() => undefined);
    },
    async end() {
      stream.end();
      await finished(stream);
    },
  };
}

function cannotWrite(fault: NodeJS.ErrnoException, path: string): Error {
  if (fault.code === 'EEXIST') {
    return new VerveError('already_exists', `${path} is there already, and stays as it is. Name another file.`);
  }
  if (fault.code === 'ENOENT') return new VerveError('not_found', `The folder of ${path} is not there. Make it first.`);
  return fault;
}
