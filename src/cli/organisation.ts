import { rm } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import { makePage } from '../engine/paging.ts';
import type { Verve } from '../engine/verve.ts';
import { openFileWriter } from './file-writer.ts';
import { addLinkDomains } from './link-domains.ts';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { addPaging, type PageOptions, readPage, showPage } from './pages.ts';
import { type CommonOptions, runCommand } from './run-command.ts';
import { UsageError } from './usage-error.ts';

interface CreateOptions extends CommonOptions {
  readonly slug: string;
  readonly name: string;
  readonly locale?: 'nb' | 'nn' | 'en';
  readonly timeZone?: string;
  readonly admin?: string;
}

interface ExportOptions extends CommonOptions, OrganisationOption {
  readonly to: string;
}

interface OffboardOptions extends CommonOptions, OrganisationOption {
  readonly confirm?: string;
  readonly exportTo?: string;
  readonly withoutExport?: boolean;
}

const HELP = `
  $ verve organisation list
  $ verve organisation create --slug lydhor --name "Lydhør" --admin 7d1f…        and its first administrator's account
  $ verve organisation link-domains verv.lydhor.no --organisation lydhor         where its links lead; without a host: shows them
  $ verve organisation export --organisation lydhor --to lydhor.ndjson           everything, as lines of JSON
  $ verve organisation offboard --organisation lydhor                            what would go; writes nothing
  $ verve organisation offboard --organisation lydhor --confirm lydhor --export-to lydhor.ndjson
                                                                                 everything out, then gone: cannot be undone

An off-boarding that was cut off is finished by a running server, or by: verve organisation offboard --organisation ID
docs/offboarding.md says what stays.`;

/** `verve organisation …`: the tenants of this installation, from the first day to the last. */
export function addOrganisation(program: Command): void {
  const organisation = program.command('organisation').description('organisations: make, export, off-board');
  organisation.addHelpText('afterAll', HELP);

  const list = addPaging(organisation.command('list').description('every organisation, newest first'));
  runCommand<CommonOptions & PageOptions>(list, (options) =>
    withEngine(async (verve) => {
      const { limit, after } = readPage(options);
      const orgIds = await verve.organisations.listIds({ after, limit: limit + 1 });
      const rows = await Promise.all(orgIds.map((orgId) => verve.organisations.get({ orgId, actor })));
      return showPage(
        makePage(
          rows.map((row) => ({ ...row, id: row.orgId })),
          limit,
        ),
        {
          line: ({ id, slug, name }) => `${id}  ${slug.padEnd(24)} ${name}`,
          json: ({ id, slug, name }) => ({ id, slug, name }),
          none: 'There is no organisation yet.',
        },
      );
    }),
  );

  const create = organisation
    .command('create')
    .description('make an organisation')
    .requiredOption('--slug <slug>', 'its short name in addresses: a-z, 0-9 and hyphens')
    .requiredOption('--name <name>', 'its name')
    .option('--locale <locale>', 'nb, nn or en (default: nb)')
    .option('--time-zone <zone>', 'the zone of its days (default: Europe/Oslo)')
    .option('--admin <user-id>', 'the account of its first administrator', readUserId);
  runCommand<CreateOptions>(create, ({ slug, name, locale, timeZone, admin }) =>
    withEngine(async (verve) => {
      const { orgId } = await verve.organisations.create({ actor, slug, name, locale, timeZone });
      if (admin !== undefined) await verve.roles.grant({ orgId, actor, userId: admin, role: 'org_admin' });
      return { text: `Made ${slug}: ${orgId}`, data: { id: orgId, slug } };
    }),
  );

  addLinkDomains(organisation);

  const everything = organisation
    .command('export')
    .description('write everything about an organisation to a file')
    .option('--organisation <slug>', 'whose; not needed where there is only one organisation')
    .requiredOption('--to <file>', 'where to');
  runCommand<ExportOptions>(everything, (options) =>
    withEngine(async (verve) => {
      const { rows, receipt } = await exportTo(verve, await findOrganisation(verve, options), options.to);
      return { text: `${rows} rows in ${options.to}. Receipt: ${receipt}`, data: { rows, receipt, file: options.to } };
    }),
  );

  const offboard = organisation
    .command('offboard')
    .description('everything out, then gone; without --confirm it tells what would go')
    .option('--organisation <slug>', 'whose: the slug, or the id of one that has begun to leave')
    .option('--confirm <slug>', 'the slug once more: it is meant')
    .option('--export-to <file>', 'write everything to this file first')
    .option('--without-export', 'no export is wanted');
  runCommand<OffboardOptions>(offboard, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const hasBegun = (await verve.offboarding.listLeaving()).includes(orgId);
      if (hasBegun) return finish(verve, orgId);
      if (options.confirm === undefined) return preview(verve, orgId);
      if (options.exportTo === undefined && options.withoutExport !== true) {
        throw new UsageError('Say what becomes of the data: --export-to FILE, or --without-export');
      }
      const { slug } = await verve.organisations.get({ orgId, actor });
      // Before anything is written: a misspelt name leaves no half-meant export of everybody behind.
      if (options.confirm !== slug) {
        throw new VerveError('invalid_request', `Leaving was not confirmed: --confirm must be the slug, ${slug}.`);
      }
      const receipt = options.exportTo === undefined ? null : (await exportTo(verve, orgId, options.exportTo)).receipt;
      const leaving = { orgId, actor, confirm: options.confirm, receipt };
      await verve.offboarding.begin({ ...leaving, isWithoutExport: options.withoutExport === true });
      return finish(verve, orgId);
    }),
  );
}

/** Checked before the organisation is made: it cannot be made again. */
function readUserId(given: string): string {
  if (isUuid(given)) return given;
  throw new InvalidArgumentError('An account is named by its UUID.');
}

async function preview(verve: Verve, orgId: string) {
  const { slug, rows } = await verve.offboarding.preview({ orgId, actor });
  const text = [
    ...linesOf(rows),
    '',
    `Nothing was deleted. If it is meant: --confirm ${slug} with --export-to FILE or --without-export`,
  ];
  return { text: text.join('\n'), data: { outcome: 'preview', organisation_id: orgId, rows } };
}

async function finish(verve: Verve, orgId: string) {
  const { rows } = await verve.offboarding.finish({ orgId });
  const text = [...linesOf(rows), '', `Gone: ${orgId}. Its code strings stay, with nothing that says whose they were.`];
  return { text: text.join('\n'), data: { outcome: 'gone', organisation_id: orgId, rows } };
}

function linesOf(rows: Record<string, number>): string[] {
  return Object.entries(rows).map(([table, count]) => `${String(count).padStart(9)}  ${table}`);
}

/** Writes an export. The file is nobody else's to read, and goes where the export fails. */
async function exportTo(verve: Verve, orgId: string, path: string): Promise<{ receipt: string; rows: number }> {
  const file = await openFileWriter(path, { mayReplace: false });
  try {
    const written = await verve.offboarding.export({ orgId, actor }, (line) => file.write(`${JSON.stringify(line)}\n`));
    await file.end();
    return written;
  } catch (error) {
    await file.end().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}
