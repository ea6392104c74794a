import type { Command } from 'commander';
import { VerveError } from '../engine/errors.ts';
import { DataFolderInUse } from '../server/cluster-use.ts';
import { ConfigError } from '../server/config.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/** What a command gives back: `text` for people, `data` for `--json`. */
export interface CommandResult {
  readonly text: string;
  readonly data: unknown;
  /** (Default: done) */
  readonly exitCode?: ExitCode;
  /** Standard output holds the command's work already: what is told goes to standard error. (Default: false) */
  readonly isOutputTaken?: boolean;
}

/** The options every command has. */
export interface CommonOptions {
  readonly json?: boolean;
}

/**
 * Gives a command its `--json` and its action: prints the result on standard output, errors on standard error, and
 * sets the exit code. Every command is added through this, so that all of them behave alike.
 */
export function runCommand<Options extends CommonOptions, Argument extends string | string[] = string>(
  command: Command,
  work: (options: Options, ...args: Argument[]) => Promise<CommandResult>,
): Command {
  return command.option('--json', 'print one JSON object instead of text').action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as Argument[];
    const options = given.at(-2) as Options;
    try {
      const result = await work(options, ...args);
      const text = options.json ? JSON.stringify(result.data) : result.text;
      const stream = result.isOutputTaken ? process.stderr : process.stdout;
      if (text !== '') stream.write(`${text}\n`);
      process.exitCode = result.exitCode ?? EXIT.done;
    } catch (error) {
      const { code, message, exitCode } = explain(error);
      process.stderr.write(options.json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`);
      process.exitCode = exitCode;
    }
  });
}

function explain(error: unknown): { code: string; message: string; exitCode: ExitCode } {
  if (error instanceof ConfigError) return { code: 'configuration', message: error.message, exitCode: EXIT.usage };
  if (error instanceof UsageError) return { code: 'usage', message: error.message, exitCode: EXIT.usage };
  if (error instanceof DataFolderInUse)
    return { code: 'data_folder_in_use', message: error.message, exitCode: EXIT.refused };
  if (error instanceof VerveError) {
    const fields = error.fields.map((field) => `\n  - ${field.field} ${field.message}`).join('');
    return { code: error.code, message: `${error.detail}${fields}`, exitCode: EXIT.refused };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'failed', message: explainConnection(error) ?? message, exitCode: EXIT.failed };
}

/** How pg and its pool say that nobody answered in time: they give no code. */
const connectionTimeout =
  /^(?:timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)$/;

/** Node gathers the failures of each address of a host in an error whose own message is empty. */
function explainConnection(error: unknown): string | null {
  const { code } = error as { code?: unknown };
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
    return `The database does not answer (${code}). Is PostgreSQL running, and are host and port in DATABASE_URL right?`;
  }
  if (error instanceof Error && connectionTimeout.test(error.message)) {
    return 'The database takes connections and says nothing. Is it still starting, or stuck? Its log tells; then try again.';
  }
  if (code === '28P01') return 'The database refuses the password. Mend it in the connection string.';
  return null;
}
