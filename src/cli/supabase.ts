import { resolve } from 'node:path';
import type { Command } from 'commander';
import { toWire } from '../http/wire.ts';
import { type InitResult, initProject } from '../server/supabase/init-project.ts';
import { readPackageVersion } from './package-version.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions {
  readonly directory: string;
}

const HELP = `
Writes migrations, the edge function "verve", tests of who sees what, and configuration. Overwrites nothing, safe to repeat;
after an upgrade of Verve it adds the new migrations:
  $ verve supabase init
  $ verve supabase init --directory ../our-app`;

/** `verve supabase init`: puts Verve into a Supabase project. */
export function addSupabase(program: Command): void {
  const group = program.command('supabase').description('Verve in a Supabase project').addHelpText('afterAll', HELP);
  group.copyInheritedSettings(program);
  const command = group
    .command('init')
    .description('write migrations, edge function, tests and configuration into a project')
    .option('--directory <path>', 'the project, which holds (or gets) the folder supabase', '.');
  command.copyInheritedSettings(program);
  runCommand<Options>(command, async (options) => {
    const result = await initProject({ directory: resolve(options.directory), version: readPackageVersion() });
    return { text: describe(result), data: toWire(result) };
  });
}

function describe(result: InitResult): string {
  const lines = [
    ...result.written.map((path) => `wrote ${path}`),
    ...result.left.map((path) => `left as it is ${path}`),
    ...(result.kept.length > 0 ? [`${result.kept.length} files were there already`] : []),
  ];
  const steps = [
    ...(result.exposesViews
      ? ['Where the project is hosted, add verve_api to its exposed schemas too (settings, Data API).']
      : [
          'Add "verve_api" to schemas under [api] in supabase/config.toml, and to the exposed schemas of the hosted project.',
        ]),
    'supabase db push, and supabase test db to see that everybody sees only what is theirs',
    "In the SQL editor: alter role verve_app password '…';",
    'supabase secrets set VERVE_DATABASE_URL=postgres://verve_app.<ref>:…@<pooler>:6543/postgres',
    'supabase functions deploy verve',
    "In the SQL editor: select vault.create_secret('https://<ref>.supabase.co/functions/v1/verve', 'verve_function_url');",
  ];
  return [
    ...lines,
    '',
    'Next:',
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    '  docs/supabase.md explains each.',
  ].join('\n');
}
