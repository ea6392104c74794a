import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopPostmaster } from '../src/server/postmaster.ts';
import { fromRoot } from './generated-files.ts';

/** A program under test, its output so far, and its end. */
export interface Program {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** null = ended by a signal. */
  readonly ended: Promise<number | null>;
}

/** Variables of whoever runs the tests must not decide them. */
function cleanEnvironment(environment: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(VERVE_|DATABASE_URL|PORT$|HOST$|NODE_OPTIONS$|PG)/.test(name),
  );
  return { ...(Object.fromEntries(inherited) as Record<string, string>), ...environment };
}

/** Starts Node with a file of the repository. `node` is another Node than ours, for the test of old ones. */
export function startProgram(
  args: readonly string[],
  environment: Record<string, string> = {},
  node = process.execPath,
): Program {
  const child = spawn(node, [...args], { env: cleanEnvironment(environment), cwd: tmpdir() });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', (code) => resolve(code));
  return { process: child, output: () => output, errors: () => errors, ended: promise };
}

/** Starts `verve …` as a user would. */
export function startVerve(args: readonly string[], environment: Record<string, string> = {}): Program {
  return startProgram([fromRoot('bin/verve.js'), ...args], environment);
}

/** Runs `verve …` to its end. */
export async function runVerve(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; output: string; errors: string }> {
  const program = startVerve(args, environment);
  const code = await program.ended;
  return { code, output: program.output(), errors: program.errors() };
}

/** Waits until what the program printed holds the pattern. @throws {Error} with its output when it ends or 45 s pass. */
export async function waitForOutput(program: Program, pattern: RegExp): Promise<RegExpExecArray> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const found = pattern.exec(program.output()) ?? pattern.exec(program.errors());
    if (found) return found;
    if (program.process.exitCode !== null || program.process.signalCode !== null || Date.now() > deadline) {
      throw new Error(`The program did not say ${pattern}:\n${program.output()}\n${program.errors()}`);
    }
    await sleep(10);
  }
}

/** A data directory of its own, and what removes it together with a PostgreSQL that still runs in it. */
export function makeDataDir(): { dataDir: string; remove: () => Promise<void> } {
  // The name tells a later run that this one is gone, so that it can clean up (test/cluster.ts).
  const dataDir = join(tmpdir(), `verve-test-${process.pid}-${randomBytes(4).toString('hex')}`);
  return {
    dataDir,
    remove: async () => {
      await stopPostmaster(join(dataDir, 'postgres'));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
