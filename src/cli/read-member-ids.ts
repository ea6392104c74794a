import { UsageError } from './usage-error.ts';

/** How a command's help explains `-`. */
export const DASH_EXPLAINED = `A member id on a command line stays in the shell's history and shows in the list of processes. Write - in its place, and it
is read from standard input.`;

/**
 * The member ids of a command line, with each `-` replaced by the next line of standard input.
 * @throws {UsageError} when standard input holds fewer or more lines than there are dashes.
 */
export async function readMemberIds(given: readonly string[]): Promise<string[]> {
  const dashes = given.filter((one) => one === '-').length;
  if (dashes === 0) return [...given];
  const lines = (await readStandardInput()).split('\n').map((line) => line.trim());
  const named = lines.filter((line) => line !== '');
  if (named.length !== dashes) {
    throw new UsageError(
      `Standard input must hold ${dashes === 1 ? 'one member id' : `${dashes} member ids, one a line`}; it held ${named.length}.`,
    );
  }
  return given.map((one) => (one === '-' ? (named.shift() as string) : one));
}

async function readStandardInput(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const part of process.stdin) text += part;
  return text;
}
