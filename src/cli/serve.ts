import type { Command } from 'commander';
import { makeApplication } from '../server/application.ts';
import { loadConfig } from '../server/config.ts';
import type { FirstSteps } from '../server/first-steps.ts';
import { makeLogger } from '../server/logger.ts';
import { startServer } from '../server/serve.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

const HELP = `
Without DATABASE_URL, Verve brings its own PostgreSQL and keeps it in ./data:
  $ verve serve
  $ PORT=8080 VERVE_DATA_DIR=/var/lib/verve verve serve

With a PostgreSQL of your own (15 or newer), after "verve migrate":
  $ DATABASE_URL=postgres://verve_app:…@db.example.org/verve VERVE_SECRET=… verve serve

Stops cleanly on Ctrl-C or SIGTERM, also when npm runs it: running requests finish first.`;

/** `verve serve`: runs the server until it is told to stop. */
export function addServe(program: Command): void {
  const command = program.command('serve').description('run the server').addHelpText('after', HELP);
  runCommand<CommonOptions>(command, async ({ json }) => {
    const config = loadConfig(process.env);
    const stopped = Promise.withResolvers<string>();
    process.once('SIGINT', () => stopped.resolve('SIGINT'));
    process.once('SIGTERM', () => stopped.resolve('SIGTERM'));
    if (process.env.npm_lifecycle_event !== undefined) whenLeftBehind(() => stopped.resolve('left behind'));
    const server = await startServer({ config, logger: makeLogger(config.logLevel), makeApplication });
    try {
      await Promise.race([
        server.ready.then(() => announce(server.url, server.firstSteps(), json === true)),
        stopped.promise,
      ]);
      await stopped.promise;
    } finally {
      await server.close();
    }
    return { text: 'Verve has stopped.', data: { event: 'stopped' } };
  });
}

/**
 * Notices that the shell is gone in which npm runs its scripts: `npm start` passes SIGTERM to that shell, which ends without
 * passing it on, and the server would go on by itself and keep the port.
 */
function whenLeftBehind(act: () => void): void {
  const shell = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(look);
    act();
  }, 500);
  look.unref();
}

/** Says where the server is and, at the very first start, what to do next. */
function announce(url: string, first: FirstSteps | null, isJson: boolean): void {
  if (isJson) {
    const organisation = first?.organisation ?? null;
    process.stdout.write(`${JSON.stringify({ event: 'ready', url, organisation, api_key: first?.apiKey ?? null })}\n`);
    return;
  }
  process.stdout.write(`Verve is ready at ${url}\n`);
  const next = first === null ? laterSteps(url) : firstSteps(url, first);
  process.stdout.write(`${next}\n`);
}

function firstSteps(url: string, { apiKey, organisation, signInUrl, scriptPath, script }: FirstSteps): string {
  return `
This is the first start, so there is an organisation to try things in (${organisation}), with one mentor and a key:

  Dashboard ${signInUrl}
            signs you in as its administrator: once, within 15 minutes; more: npm run verve -- sign-in-link
  API key   ${apiKey}
  Docs      ${url}/docs

The main job, from a mentor's code to a credited member and the reason why, in another terminal:

  sh ${scriptPath}

or paste it from here:

${script.replace(/^(?=.)/gm, '  ')}
More: a year of history to look at (npm run verve -- demo), every command explained (npm run verve -- --help).`;
}

function laterSteps(url: string): string {
  return `\n  Dashboard ${url}/app\n  Docs      ${url}/docs\n  A key     npm run verve -- key create --help`;
}
