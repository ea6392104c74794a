import { type Command, InvalidArgumentError, Option } from 'commander';
import { type KeyScope, scopes } from '../engine/permissions.ts';
import { loadConfig } from '../server/config.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly make?: string;
  readonly name: string;
  readonly scope: readonly KeyScope[];
  readonly expiresInDays?: number;
}

const HELP = `
The key is shown this once; only a hash of it is kept. Send it as "Authorization: Bearer vrv_…".

Scopes: ${scopes.join(', ')}

  $ verve key create --organisation lydhor --make "Lydhør" --scope codes:write --scope attributions:confirm
  $ verve key create --organisation lydhor --name Dynamics --scope attributions:confirm --expires-in-days 365
  $ KEY=$(verve key create --scope codes:read --json | jq -r .key)`;

/** `verve key create`: makes an API key, and the organisation where it is wanted. */
export function addKey(program: Command): void {
  const key = program.command('key').description('API keys').addHelpText('afterAll', HELP);
  const create = key
    .command('create')
    .description('make an API key and show it once')
    .option('--organisation <slug>', 'whose key it is; not needed where there is only one organisation')
    .option('--make <name>', 'make the organisation with this name where it is missing')
    .option('--name <name>', 'what the key is for', 'command line')
    .addOption(
      new Option('--scope <scope>', 'what it may do; may be repeated')
        .argParser(addScope)
        .default([], 'codes:write codes:read'),
    )
    .option('--expires-in-days <days>', 'ends by itself after so many days (default: never)', readDays);
  runCommand<Options>(create, (options) =>
    withEngine(async (verve) => {
      const { make, organisation } = options;
      if (make !== undefined && organisation !== undefined && !(await verve.organisations.findIdBySlug(organisation))) {
        await verve.organisations.create({ actor, slug: organisation, name: make });
      }
      const orgId = await findOrganisation(verve, options);
      const chosen: KeyScope[] = options.scope.length > 0 ? [...options.scope] : ['codes:read', 'codes:write'];
      const days = options.expiresInDays;
      const expiresAt = days === undefined ? null : new Date(Date.now() + days * 86_400_000);
      const made = await verve.apiKeys.create({ orgId, actor, name: options.name, scopes: chosen, expiresAt });
      const text = [
        made.secret,
        '',
        `Speaks for organisation ${orgId} and may: ${made.key.scopes.join(', ')}.`,
        'It is not shown again. Send it like this:',
        `  curl -H "Authorization: Bearer ${made.secret}" ${loadConfig(process.env).publicUrl}${exampleOf(chosen)}`,
      ];
      return {
        text: text.join('\n'),
        data: { key: made.secret, api_key_id: made.key.apiKeyId, organisation_id: orgId },
      };
    }),
  );
}

/** Something that a key with these scopes may read. */
function exampleOf(chosen: readonly KeyScope[]): string {
  if (chosen.includes('codes:read')) return '/api/v1/referral-codes';
  if (chosen.includes('reports:read')) return '/api/v1/reports/funnel';
  if (chosen.includes('attributions:read')) return '/api/v1/referral-attributions';
  return '/docs';
}

function addScope(given: string, before: readonly KeyScope[]): KeyScope[] {
  const scope = scopes.find((known) => known === given);
  if (scope === undefined) throw new InvalidArgumentError(`A scope is one of: ${scopes.join(', ')}.`);
  return [...before, scope];
}

function readDays(given: string): number {
  const days = Number(given);
  if (!Number.isInteger(days) || days < 1 || days > 3_650) throw new InvalidArgumentError('From 1 to 3650.');
  return days;
}
