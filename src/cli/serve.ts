import type { Command } from 'commander';
import { makeApplication } from '../server/application.ts';
import { loadConfig } from '../server/config.ts';
import { makeLogger } from '../server/logger.ts';
import { startServer } from '../server/serve.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

const HELP = `
Without DATABASE_URL, Verve brings its own PostgreSQL and keeps it in ./data:
  $ verve serve
  $ PORT=8080 VERVE_DATA_DIR=/var/lib/verve verve serve

With a PostgreSQL of your own (15 or newer), after "verve migrate":
  $ DATABASE_URL=postgres://verve_app:…@db.example.org/verve VERVE_SECRET=… verve serve

Stops cleanly on Ctrl-C or SIGTERM: running requests finish first.`;

/** `verve serve`: runs the server until it is told to stop. */
export function addServe(program: Command): void {
  const command = program.command('serve').description('run the server').addHelpText('after', HELP);
  runCommand<CommonOptions>(command, async ({ json }) => {
    const config = loadConfig(process.env);
    const stopped = Promise.withResolvers<string>();
    process.once('SIGINT', () => stopped.resolve('SIGINT'));
    process.once('SIGTERM', () => stopped.resolve('SIGTERM'));
    const server = await startServer({ config, logger: makeLogger(config.logLevel), makeApplication });
    try {
      await Promise.race([server.ready.then(() => announce(server.url, json === true)), stopped.promise]);
      await stopped.promise;
    } finally {
      await server.close();
    }
    return { text: 'Verve has stopped.', data: { event: 'stopped' } };
  });
}

function announce(url: string, isJson: boolean): void {
  process.stdout.write(isJson ? `${JSON.stringify({ event: 'ready', url })}\n` : `Verve is ready at ${url}\n`);
}
