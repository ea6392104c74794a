import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApiKey } from '../engine/api-keys/service.ts';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import type { Page, Position } from '../engine/paging.ts';
import { type KeyScope, scopes } from '../engine/permissions.ts';
import type { Verve } from '../engine/verve.ts';
import { snakeCase } from '../http/wire.ts';
import { loadConfig } from '../server/config.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { addPaging, type PageOptions, readPage, showPage } from './pages.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly make?: string;
  readonly name: string;
  readonly scope: readonly KeyScope[];
  readonly expiresInDays?: number;
}

const HELP = `
A key is shown once, when it is made; only a hash of it is kept. Send it as "Authorization: Bearer vrv_…".

Scopes: ${scopes.join(', ')}

  $ verve key create --organisation lydhor --make "Lydhør" --scope codes:write --scope attributions:confirm
  $ verve key create --organisation lydhor --name Dynamics --scope attributions:confirm --expires-in-days 365
  $ KEY=$(verve key create --scope codes:read --json | jq -r .key)
  $ verve key list                     name, beginning and scopes of each
  $ verve key revoke vrv_UPes5TsE      ends the key that begins so, at once and on every server`;

/** `verve key …`: makes an API key, and the organisation where it is wanted; shows which there are, and ends one. */
export function addKey(program: Command): void {
  const key = program.command('key').description('API keys').addHelpText('afterAll', HELP);
  const add = (name: string, description: string) =>
    key
      .command(name)
      .description(description)
      .option('--organisation <slug>', 'whose key it is; not needed where there is only one organisation');

  const create = add('create', 'make an API key and show it once')
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

  const list = addPaging(add('list', 'the organisation’s keys, newest first'));
  runCommand<OrganisationOption & CommonOptions & PageOptions>(list, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const found = await verve.apiKeys.list({ orgId, actor, page: readPage(options) });
      return showPage(found, { line: describe, json: toJson });
    }),
  );

  const revoke = add('revoke <key>', 'end a key, by its id or its beginning as listed');
  runCommand<OrganisationOption & CommonOptions>(revoke, (options, given = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const apiKeyId = isUuid(given) ? given : await findByBeginning(verve, orgId, given);
      const { outcome, key: ended } = await verve.apiKeys.revoke({ orgId, actor, apiKeyId });
      const text = outcome === 'revoked' ? describe(ended) : `It had ended already.\n${describe(ended)}`;
      return { text, data: { outcome: snakeCase(outcome), ...toJson(ended) } };
    }),
  );
}

async function listKeys(verve: Verve, orgId: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  for (let after: Position | null = null; ; ) {
    const page: Page<ApiKey> = await verve.apiKeys.list({ orgId, actor, page: { limit: 200, after } });
    keys.push(...page.items);
    if (page.next === null) return keys;
    after = page.next;
  }
}

/** The one key that begins so. @throws VerveError `not_found`, and `conflict` where several do */
async function findByBeginning(verve: Verve, orgId: string, beginning: string): Promise<string> {
  const [found, ...others] = (await listKeys(verve, orgId)).filter((key) => key.prefix === beginning);
  if (found === undefined) throw new VerveError('not_found', 'No key begins so. They are shown by: verve key list');
  if (others.length > 0)
    throw new VerveError('conflict', 'Several keys begin so. Say which by its id: verve key list --json');
  return found.apiKeyId;
}

function describe(key: ApiKey): string {
  const day = (time: Date | null) => time?.toISOString().slice(0, 10) ?? 'never';
  const ended = key.revokedAt === null ? '' : `  revoked ${day(key.revokedAt)}`;
  const ends = key.expiresAt === null ? '' : `  ends ${day(key.expiresAt)}`;
  return `${key.prefix}  ${key.name.padEnd(24)}  last used ${day(key.lastUsedAt)}${ends}${ended}  ${key.scopes.join(' ')}`;
}

function toJson(key: ApiKey): Record<string, unknown> {
  const { apiKeyId, name, prefix, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = key;
  const times = { created_at: createdAt, expires_at: expiresAt, last_used_at: lastUsedAt, revoked_at: revokedAt };
  return { id: apiKeyId, name, prefix, scopes, ...times };
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
