import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import { checkDataverse } from '../connectors/dataverse/check.ts';
import { dataverseConfigurationSchema } from '../connectors/dataverse/configuration.ts';
import { createDataverseConnections } from '../connectors/dataverse/connections.ts';
import { VerveError } from '../engine/errors.ts';
import { loadConfig } from '../server/config.ts';
import { EXIT } from './exit-codes.ts';
import {
  commandActor as actor,
  findOrganisation,
  type OrganisationOption,
  timeZoneOf,
  withEngine,
} from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

type Options = CommonOptions & OrganisationOption;

const SET_UP = `
From nothing to the first reconciled month (docs/dataverse.md):
  $ verve dataverse set dataverse.json
  $ verve dataverse secret < client-secret.txt
  $ verve dataverse check
  $ verve dataverse key                    what to enter in the Plug-in Registration Tool
  $ verve reconcile

Each takes --organisation SLUG and --json.`;

const HELP = `
Tries, in order: the credentials, the organisation behind the environment, the table, its columns, and one page of rows.
Says what is wrong and what to do; stops at the first thing that is. Reads only. Exit code 4 when something was found.

  $ verve dataverse check --organisation lydhor
  $ verve dataverse check --json | jq '.steps[] | select(.ok | not)'

How to set it up: docs/dataverse.md`;

/** `verve dataverse …`: sets up an organisation's Dataverse, and tells whether it can be read. */
export function addDataverse(program: Command): void {
  const dataverse = program
    .command('dataverse')
    .description('the membership system Dataverse / Dynamics 365')
    .addHelpText('afterAll', SET_UP);
  addSet(dataverse);
  addSecret(dataverse);
  addKey(dataverse);
  addCheck(dataverse);
}

function addSet(dataverse: Command): void {
  const set = dataverse
    .command('set <file>')
    .description('store where memberships are and what their columns mean (a JSON file; see docs/dataverse.md)')
    .option('--organisation <slug>', 'whose Dataverse; not needed where there is only one organisation');
  runCommand<Options>(set, (options, path = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { dataverseHosts } = loadConfig(process.env);
      const checked = dataverseConfigurationSchema(dataverseHosts).safeParse(await readJson(path));
      if (!checked.success) {
        const fields = checked.error.issues.map(({ path: at, message }) => ({
          field: at.join('.') || 'file',
          message,
        }));
        throw new VerveError('invalid_request', 'The file cannot be used:', { fields });
      }
      const change = { settings: { dataverse: checked.data } };
      await verve.organisations.update({ orgId, actor, change, replacesSections: true });
      return { text: 'Stored. Next: verve dataverse secret', data: { dataverse: checked.data } };
    }),
  );
}

function addSecret(dataverse: Command): void {
  const secret = dataverse
    .command('secret')
    .description('store the client secret of the app registration, read from standard input')
    .option('--organisation <slug>', 'whose Dataverse; not needed where there is only one organisation');
  runCommand<Options>(secret, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const value = (await readStream(process.stdin)).trim();
      await verve.secrets.setClientSecret({ orgId, actor, value });
      return { text: 'Stored, encrypted. Next: verve dataverse check', data: { stored: true } };
    }),
  );
}

function addKey(dataverse: Command): void {
  const key = dataverse
    .command('key')
    .description('make the key that the webhook sends, and show it once; the key before stays valid for a while')
    .option('--organisation <slug>', 'whose Dataverse; not needed where there is only one organisation')
    .option('--overlap-hours <hours>', 'how long the key before stays valid', readHours, 72);
  runCommand<Options & { overlapHours: number }>(key, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { overlapHours } = options;
      const made = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_key', overlapHours });
      const slug = (await verve.organisations.recent(orgId))?.slug ?? '';
      const { publicUrl } = loadConfig(process.env);
      const url = `${publicUrl}/api/v1/webhooks/membership/${slug}/dataverse`;
      const lines = [
        `Endpoint URL    ${url}`,
        'Authentication  HttpHeader',
        'Key             x-referral-key',
        `Value           ${made.value}`,
      ];
      const data = { url, header: 'x-referral-key', value: made.value, previous_expires_at: made.previousExpiresAt };
      return { text: [...lines, '', 'The value is not shown again.'].join('\n'), data };
    }),
  );
}

async function readJson(path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new VerveError('not_found', `There is no file ${path}.`);
  });
  try {
    return JSON.parse(content);
  } catch {
    throw new VerveError('invalid_json', `${path} is not JSON.`);
  }
}

function readHours(given: string): number {
  const hours = Number(given);
  if (!Number.isInteger(hours) || hours < 0 || hours > 720) throw new InvalidArgumentError('From 0 to 720.');
  return hours;
}

function addCheck(dataverse: Command): void {
  const check = dataverse
    .command('check')
    .description('try credentials, table, columns and one page')
    .option('--organisation <slug>', 'whose Dataverse; not needed where there is only one organisation')
    .addHelpText('after', HELP);
  runCommand<Options>(check, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { dataverseHosts } = loadConfig(process.env);
      const connection = await createDataverseConnections(verve, { trustedHosts: dataverseHosts }).get(orgId);
      if (connection === null) throw notConfigured();
      const { client, configuration } = connection;
      if (client === null) throw noCredentials();
      const timeZone = await timeZoneOf(verve, orgId);
      const steps = await checkDataverse({ client, configuration, timeZone, now: new Date() });
      const isGood = steps.every((step) => step.ok);
      return {
        text: steps.map(({ step, ok, message }) => `${ok ? '✓' : '✗'} ${step.padEnd(12)} ${message}`).join('\n'),
        data: { ok: isGood, steps },
        exitCode: isGood ? EXIT.done : EXIT.findings,
      };
    }),
  );
}

/** The refusal where an organisation has no Dataverse. */
export function notConfigured(): VerveError {
  return new VerveError('not_found', 'The organisation has no Dataverse. docs/dataverse.md tells how to set it up.');
}

/** The refusal where rows cannot be read for want of credentials. */
export function noCredentials(): VerveError {
  const message =
    'Reading needs tenantId, clientId and the client secret. docs/dataverse.md tells where they come from.';
  return new VerveError('unprocessable', message);
}
