import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CsvError } from '../connectors/csv/csv-error.ts';
import { type ImportReport, importMemberships } from '../connectors/csv/import-memberships.ts';
import { resultHeading, resultLine } from '../connectors/csv/result-file.ts';
import type { FactKind } from '../engine/attributions/fact.ts';
import { VerveError } from '../engine/errors.ts';
import { toWire } from '../http/wire.ts';
import { EXIT } from './exit-codes.ts';
import { openFileWriter } from './file-writer.ts';
import { commandActor, findOrganisation, type OrganisationOption, timeZoneOf, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';
import { showBar } from './show-progress.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly dryRun?: boolean;
  readonly status?: FactKind;
  readonly map: Readonly<Record<string, FactKind>>;
  readonly ignoreUnknownColumns?: boolean;
  readonly result?: string;
}

/** How a result file is written, whatever the imported file's own delimiter is. */
const form = { delimiter: ';' } as const;
const KINDS = ['registered', 'confirmed', 'rejected', 'reversed'] as const;

const HELP = `
The first line names the columns: medlemsnummer, vervekode, status, dato (or external_member_id, referral_code, status,
occurred_at); also innmeldt, medlemstype, årsak, registreringsreferanse. Comma, semicolon or tab; UTF-8 or Windows-1252.
Uploading a file again is safe: what is known changes nothing.

  $ verve import medlemmer.csv --dry-run
  $ verve import medlemmer.csv --result result.csv
  $ verve import betalt.csv --status confirmed
  $ verve import eksport.csv --map aktiv=confirmed --map utgått=reversed --ignore-unknown-columns

More: docs/import.md`;

/** `verve import`: reads a file of memberships. */
export function addImport(program: Command): void {
  const command = program
    .command('import <file>')
    .description('import a CSV file of memberships')
    .option('--organisation <slug>', 'whose members; not needed where there is only one organisation')
    .option('--dry-run', 'tell what would happen and write nothing')
    .option('--result <file>', 'write what became of each line into a CSV file')
    .addOption(new Option('--status <status>', 'for lines without a status').choices(KINDS))
    .addOption(
      new Option('--map <word=status>', 'what a status word of the file means; may be repeated')
        .argParser(addMapping)
        .default({}, 'none'),
    )
    .option('--ignore-unknown-columns', 'leave out columns that are not known instead of refusing the file')
    .addHelpText('after', HELP);
  runCommand<Options>(command, (options, path = '') =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const timeZone = await timeZoneOf(verve, orgId);
      const found = await stat(path).catch(() => {
        throw new VerveError('not_found', `There is no file ${path}.`);
      });
      if (found.isDirectory()) throw new VerveError('not_found', `${path} is a folder: name the file in it.`);
      const { size } = found;
      const lines = options.result === undefined ? null : await openFileWriter(options.result, { mayReplace: true });
      await lines?.write(resultHeading(form));
      const tally = new Map<string, number>();
      let rows = 0;
      let bytes = 0;
      const bar = showBar(size, options.json === true, () => `${rows.toLocaleString('en')} lines`);
      async function* source() {
        for await (const chunk of createReadStream(path)) {
          bytes += (chunk as Buffer).length;
          yield chunk as Buffer;
        }
      }
      try {
        const report = await importMemberships(verve.bulk, {
          orgId,
          actor: commandActor,
          source: source(),
          isPreview: options.dryRun === true,
          options: {
            timeZone,
            now: new Date(),
            statusMap: options.map,
            defaultStatus: options.status ?? null,
            ignoreUnknownColumns: options.ignoreUnknownColumns === true,
            sourceRef: `import:${crypto.randomUUID()}`,
          },
          onRow(row) {
            tally.set(row.result, (tally.get(row.result) ?? 0) + 1);
            return lines?.write(resultLine(row, form));
          },
          onProgress(counts) {
            rows = counts.seen;
            bar.show(bytes);
          },
        });
        return summarise(report, tally, options.result);
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
        const done =
          rows === 0 || options.dryRun
            ? ''
            : ` ${rows} lines before it were imported; mend the file and import it again.`;
        throw new VerveError('unprocessable', `${error.message}${done}`);
      } finally {
        bar.end();
        await lines?.end();
      }
    }),
  );
}

function summarise(report: ImportReport, tally: ReadonlyMap<string, number>, result: string | undefined) {
  const { counts, isPreview, ignoredColumns } = report;
  const outcomes = [...tally].sort(([, one], [, other]) => other - one);
  const text = [
    `${isPreview ? 'Dry run: nothing was written. ' : ''}${counts.seen} lines, ${counts.credited} credited, ${counts.alreadyKnown} known already, ${counts.toInbox} to the inbox, ${counts.failed} not read.`,
    ...outcomes.map(([outcome, count]) => `  ${String(count).padStart(7)}  ${outcome}`),
    ...(ignoredColumns.length === 0 ? [] : [`Left out: ${ignoredColumns.join(', ')}`]),
    ...(result === undefined ? [] : [`What became of each line: ${result}`]),
  ].join('\n');
  const exitCode = counts.failed > 0 ? EXIT.findings : EXIT.done;
  return { text, data: toWire({ ...report, results: Object.fromEntries(outcomes) }), exitCode };
}

function addMapping(given: string, before: Record<string, FactKind>): Record<string, FactKind> {
  const at = given.lastIndexOf('=');
  const kind = KINDS.find((known) => known === given.slice(at + 1));
  if (at < 1 || kind === undefined)
    throw new InvalidArgumentError(`Write word=status; a status is ${KINDS.join(', ')}.`);
  return { ...before, [given.slice(0, at)]: kind };
}
