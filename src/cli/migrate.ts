import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../server/config.ts';
import { migrate } from '../server/migrate.ts';
import { openPostgres } from '../server/open-postgres.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions {
  readonly setPassword?: boolean;
}

const HELP = `
Needs the owner of the database, who may make roles and need not be superuser:
  $ VERVE_ADMIN_DATABASE_URL=postgres://owner:…@db.example.org/verve \\
    DATABASE_URL=postgres://verve_app:…@db.example.org/verve VERVE_SECRET=… verve migrate

Where the role verve_app is missing it is made, with the password in DATABASE_URL. Without DATABASE_URL the embedded
PostgreSQL is migrated, as "serve" does by itself. Safe to repeat, and from several machines at once.`;

/** `verve migrate`: brings the database to the newest version. */
export function addMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('bring the database to the newest version')
    .option('--set-password', 'give the existing role verve_app the password in DATABASE_URL')
    .addHelpText('after', HELP);
  runCommand<Options>(command, async (options) => {
    const config = loadConfig(process.env);
    const postgres = await openPostgres(config, { use: 'guest' });
    try {
      if (postgres.adminUrl === null) {
        throw new ConfigError(['VERVE_ADMIN_DATABASE_URL is required to migrate: the same database as its owner.']);
      }
      const result = await migrate({
        adminUrl: postgres.adminUrl,
        appPassword: postgres.appPassword,
        mustSetPassword: options.setPassword === true,
      });
      const done = result.applied.map((name) => `applied ${name}`);
      return { text: [...done, `The database is at version ${result.version}.`].join('\n'), data: result };
    } finally {
      await postgres.close();
    }
  });
}
