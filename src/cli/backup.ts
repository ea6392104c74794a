import { createWriteStream, rmSync } from 'node:fs';
import { access, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import type { Command } from 'commander';
import { requireFree, takeName } from '../server/backup/take-name.ts';
import { type WrittenBackup, writeBackup } from '../server/backup/write-backup.ts';
import { type Config, ConfigError, loadConfig } from '../server/config.ts';
import { openPostgres } from '../server/open-postgres.ts';
import { readPackageVersion } from './package-version.ts';
import { type CommandResult, type CommonOptions, runCommand } from './run-command.ts';
import { showCount } from './show-progress.ts';
import { UsageError } from './usage-error.ts';

const HELP = `
  $ verve backup                                   into verve-2026-11-21T020000Z.backup in this folder
  $ verve backup /var/backups/verve.backup
  $ verve backup - | age -r age1… > verve.age      encrypted on its way, never in the clear on a disk
  $ verve restore verve.backup --dry-run           reads it to its end: is it whole?

Everything of every organisation at one moment, while the server runs. The file holds member ids and names: only its owner may
read it, and whoever copies it away must encrypt it. It does not hold the installation's secret: keep that apart, or nothing
sealed in the backup can ever be opened.

A PostgreSQL of your own needs VERVE_ADMIN_DATABASE_URL, the owner: nobody else sees every row.
docs/backup.md: what is in it and what is not, a line for cron, a drill of restoring.`;

/** `verve backup`: everything at one moment, in one file. */
export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .description('write everything into one file, while the server runs')
    .argument('[file]', 'where to; - is standard output (default: a name with the time, in this folder)')
    .addHelpText('after', HELP);
  runCommand<CommonOptions>(command, async (options, given) => {
    const config = loadConfig(process.env);
    await requireDatabase(config);
    if (given === '-') return backUpToOutput(config, options);
    const file = given ?? `verve-${new Date().toISOString().replaceAll(':', '').slice(0, 17)}Z.backup`;
    return backUpToFile(config, file, options);
  });
}

async function backUpToOutput(config: Config, options: CommonOptions): Promise<CommandResult> {
  if (process.stdout.isTTY) throw new UsageError('A backup is not for reading: verve backup - | … , or name a file.');
  // Standard output itself stays open; where its reader leaves, the backup ends too.
  const out = new PassThrough();
  process.stdout.once('error', (error) => out.destroy(error));
  out.pipe(process.stdout, { end: false });
  const written = await run(config, out, options);
  return { ...tell(config, written, null), isOutputTaken: true };
}

/** A file of its name is always a whole backup: it gets the name when it is. */
async function backUpToFile(config: Config, file: string, options: CommonOptions): Promise<CommandResult> {
  await requireFree(file);
  const unfinished = `${file}.${process.pid}.unfinished`;
  const clean = removeWhenInterrupted(unfinished);
  try {
    const written = await run(
      config,
      createWriteStream(unfinished, { mode: 0o600, flags: 'wx', flush: true }),
      options,
    );
    await takeName(unfinished, file);
    return tell(config, written, { file, bytes: (await stat(file)).size });
  } finally {
    clean();
    await rm(unfinished, { force: true });
  }
}

const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Leaves no half of a backup behind where somebody stops it. Gives what takes this back. */
function removeWhenInterrupted(unfinished: string): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    takeBack();
    rmSync(unfinished, { force: true });
    process.kill(process.pid, signal); // as without us
  };
  const takeBack = (): void => {
    for (const signal of interruptions) process.removeListener(signal, stop);
  };
  for (const signal of interruptions) process.on(signal, stop);
  return takeBack;
}

async function run(config: Config, out: Writable, options: CommonOptions): Promise<WrittenBackup> {
  const postgres = await openPostgres(config, { use: 'guest' });
  const progress = showCount('rows', options.json === true);
  try {
    return await writeBackup({
      adminUrl: requireOwner(postgres.adminUrl),
      version: readPackageVersion(),
      out,
      onProgress: progress.show,
    });
  } finally {
    progress.end();
    await postgres.close();
  }
}

/** @throws {ConfigError} where the owner was not given. */
export function requireOwner(adminUrl: string | null): string {
  if (adminUrl !== null) return adminUrl;
  throw new ConfigError(['VERVE_ADMIN_DATABASE_URL is required: the same database as its owner, who sees every row.']);
}

/** A wrong folder must not become an empty database that is then backed up. */
async function requireDatabase(config: Config): Promise<void> {
  if (config.databaseUrl !== null) return;
  await access(join(config.dataDir, 'postgres')).catch(() => {
    throw new ConfigError([`There is no database in ${config.dataDir}. Say where it is: VERVE_DATA_DIR`]);
  });
}

function tell(
  config: Config,
  { madeAt, rows, tables, secrets }: WrittenBackup,
  target: { file: string; bytes: number } | null,
): CommandResult {
  const secretPlace = config.secrets.length > 0 ? 'VERVE_SECRET' : join(config.dataDir, 'secret');
  const size = target === null ? '' : ` in ${target.file} (${target.bytes.toLocaleString('en')} bytes)`;
  const text = [
    `${rows.toLocaleString('en')} rows of ${tables} tables${size}, as of ${madeAt.toISOString()}.`,
    `The secret is not in it. Keep a copy of it apart: ${secretPlace}`,
  ].join('\n');
  const data = {
    file: target?.file ?? null,
    bytes: target?.bytes ?? null,
    made_at: madeAt,
    tables,
    rows,
    secret_ids: secrets,
    secret_place: secretPlace,
  };
  return { text, data };
}
