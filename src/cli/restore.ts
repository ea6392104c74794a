import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { VerveError } from '../engine/errors.ts';
import { type Verification, verify } from '../engine/verification/service.ts';
import { type CheckedBackup, checkBackup, requireItsSecrets, requireOurSchema } from '../server/backup/check-backup.ts';
import { type RestoredBackup, requireEmptyDatabase, restoreBackup } from '../server/backup/restore-backup.ts';
import { type Config, loadConfig } from '../server/config.ts';
import { readSecrets } from '../server/data-secret.ts';
import { migrate } from '../server/migrate.ts';
import { openPostgres } from '../server/open-postgres.ts';
import { requireOwner } from './backup.ts';
import { eraseAgainFrom, tellErasedAgain } from './erase-again.ts';
import { EXIT } from './exit-codes.ts';
import { withEngine } from './open-engine.ts';
import { type CommandResult, type CommonOptions, runCommand } from './run-command.ts';
import { showBar } from './show-progress.ts';

interface Options extends CommonOptions {
  readonly dryRun?: boolean;
  readonly parkDeliveries?: boolean;
  readonly erasuresFrom?: string;
}

const HELP = `
  $ verve restore verve.backup --dry-run           is it whole, does this version take it, is the secret here? writes nothing
  $ VERVE_DATA_DIR=./new verve restore verve.backup
  $ verve restore monday.backup --erasures-from today.backup --park-deliveries

Into an empty database only: a new folder in VERVE_DATA_DIR, or a new database with VERVE_ADMIN_DATABASE_URL. No server may run
on it. Put the secret there first: the file "secret" of the old data folder into the new one, or VERVE_SECRET. All of it is
written or nothing. Afterwards it is verified as by "verve verify"; exit code 4 when something differs.

Three things need a person:
  Erasures. Whoever was erased after the backup was made is back. --erasures-from takes a later backup and erases them again;
  where there is none, erase them by hand (verve privacy erase).
  What was taken away. API keys that were revoked since, roles, organisations that left: they are back. Look through them.
  Webhooks. What waited to be sent is sent when a server starts, also what was sent after the backup was made: receivers know it
  by its id. --park-deliveries holds it for you to look at.

docs/backup.md has a drill.`;

/** `verve restore`: a backup into an empty database. */
export function addRestore(program: Command): void {
  const command = program
    .command('restore <file>')
    .description('write a backup into an empty database, and verify it')
    .option('--dry-run', 'read it to its end and say whether it can be restored here; write nothing')
    .option('--park-deliveries', 'hold the webhooks that waited instead of sending them')
    .option('--erasures-from <backup>', 'a later backup: erase again who was erased since')
    .addHelpText('after', HELP);
  runCommand<Options>(command, async (options, file = '') => {
    const config = loadConfig(process.env);
    const secrets = await readSecrets(config);
    const checked = await withBar(file, 'checked', options, (show) => checkBackup(file, show));
    await requireOurSchema(checked.header);
    await requireItsSecrets(checked.header, secrets);
    if (options.erasuresFrom !== undefined) await requireLater(checked, options.erasuresFrom, secrets);
    if (options.dryRun === true) return tellWhole(checked);
    return restore(config, file, options);
  });
}

async function withBar<Result>(
  file: string,
  note: string,
  { json }: CommonOptions,
  work: (show: (bytes: number) => void) => Promise<Result>,
): Promise<Result> {
  const { size } = await stat(file).catch(() => {
    throw new VerveError('not_found', `There is no file ${file}.`);
  });
  const bar = showBar(size, json === true, () => note);
  return work(bar.show).finally(bar.end);
}

async function requireLater(checked: CheckedBackup, path: string, secrets: readonly string[]): Promise<void> {
  const later = await checkBackup(path);
  await requireItsSecrets(later.header, secrets);
  if (later.header.made_at > checked.header.made_at) return;
  throw new VerveError('conflict', '--erasures-from takes a backup that was made later. Nothing was written.');
}

async function restore(config: Config, file: string, options: Options): Promise<CommandResult> {
  // As a server: no other may run on this folder meanwhile.
  const postgres = await openPostgres(config, { use: 'server' });
  try {
    const adminUrl = requireOwner(postgres.adminUrl);
    await requireEmptyDatabase(adminUrl);
    await migrate({ adminUrl, appPassword: postgres.appPassword });
    const restored = await withBar(file, 'restored', options, (onBytes) =>
      restoreBackup({ path: file, adminUrl, mustPark: options.parkDeliveries === true, onBytes }),
    );
    return await withEngine(async (verve) => {
      const erased = options.erasuresFrom === undefined ? null : await eraseAgainFrom(verve, options.erasuresFrom);
      const verifications: Verification[] = [];
      for (const orgId of await verve.organisations.listIds())
        verifications.push(await verify(verve.parts.database, orgId));
      return tellRestored(restored, verifications, erased);
    });
  } finally {
    await postgres.close();
  }
}

function tellWhole({ header, end, rows }: CheckedBackup): CommandResult {
  const filled = [...rows].filter(([, count]) => count > 0);
  const text = [
    ...filled.map(([table, count]) => `${String(count).padStart(9)}  ${table}`),
    `Whole: ${end.rows.toLocaleString('en')} rows as of ${header.made_at}, by Verve ${header.verve}. Nothing was written.`,
  ].join('\n');
  return {
    text,
    data: { outcome: 'whole', made_at: header.made_at, verve: header.verve, rows: Object.fromEntries(rows) },
  };
}

function tellRestored(
  restored: RestoredBackup,
  verifications: readonly Verification[],
  erased: Awaited<ReturnType<typeof eraseAgainFrom>> | null,
): CommandResult {
  const differences = verifications.reduce((count, one) => count + one.total, 0);
  const { tables, rows, pendingDeliveries, parkedDeliveries, isAnalyzed } = restored;
  const lines = [
    `Restored ${rows.toLocaleString('en')} rows of ${tables} tables; each table holds as many as the backup.`,
    differences === 0
      ? `Verified ${verifications.length === 1 ? 'the organisation' : `${verifications.length} organisations`}: totals, states, awards, deliveries and the audit chain agree with the record.`
      : `${differences} differences between what is stored and the record: see "verve verify".`,
  ];
  if (!isAnalyzed)
    lines.push('PostgreSQL has not counted the rows for its plans: it is slow until then. As the owner, run: analyze');
  if (parkedDeliveries > 0)
    lines.push(`${parkedDeliveries} webhooks that waited are parked, and are sent by hand only.`);
  if (pendingDeliveries > 0) lines.push(`${pendingDeliveries} webhooks that waited are sent when a server starts.`);
  lines.push(
    erased === null
      ? 'Whoever was erased after the backup was made is back: erase them again. docs/backup.md tells what else is back.'
      : tellErasedAgain(erased),
  );
  return {
    text: lines.join('\n'),
    data: {
      outcome: 'restored',
      tables,
      rows,
      pending_deliveries: pendingDeliveries,
      parked_deliveries: parkedDeliveries,
      organisations: verifications.length,
      differences,
      erased_again: erased?.erased ?? null,
    },
    exitCode: differences === 0 ? EXIT.done : EXIT.findings,
  };
}
