// `npm run bench:reports`: reports over 1 and 10 million clicks of one organisation, as a coordinator under row-level security,
// a click recorded just before each. The two stand in databases of their own, otherwise alike, and are read in turns. Prints
// medians beside the targets of docs/performance.md: elapsed time, and the processor time of the database's backend, which
// other work on the machine distorts less. `-- --clicks 3000000` loads no more; `-- --keep` leaves the databases for a look.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { openDatabase } from '../../src/engine/database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { migrate } from '../../src/server/migrate.ts';
import { makePool } from '../../src/server/pool.ts';
import { loadClicks, loadOrganisation } from './load.ts';
import { type Measured, measure, type Site } from './measure.ts';

const { values: options } = parseArgs({
  options: {
    clicks: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '15' },
    keep: { type: 'boolean', default: false },
  },
});
const most = Number(options.clicks);
const least = Math.min(1_000_000, most);
const few = 'verve_few';

async function connect(postgres: EmbeddedPostgres, role: 'owner' | 'superuser', name?: string): Promise<Client> {
  const client = new Client({ connectionString: postgres.url(role, name) });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Fills the database up to so many clicks, and says how long that took. */
async function load(postgres: EmbeddedPostgres, from: number, to: number): Promise<void> {
  const begun = performance.now();
  const [writer, folder, superuser] = await Promise.all([
    connect(postgres, 'owner'),
    connect(postgres, 'owner'),
    connect(postgres, 'superuser', 'verve'),
  ]);
  try {
    if (from === 0) {
      await superuser.query('grant create on schema public to verve_owner');
      await loadOrganisation(writer);
    }
    await loadClicks({ writer, folder, clicks: to - from });
    console.log(
      `${from.toLocaleString('en')} → ${to.toLocaleString('en')} clicks in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    await superuser.query('vacuum (analyze)');
  } finally {
    await Promise.all([writer.end(), folder.end(), superuser.end()]);
  }
}

/** A copy of the database as it is now. */
async function copyAs(postgres: EmbeddedPostgres, name: string): Promise<void> {
  const superuser = await connect(postgres, 'superuser', 'postgres');
  try {
    await superuser.query(`create database ${name} template verve owner verve_owner`);
    await superuser.query(`grant connect on database ${name} to verve_app`);
  } finally {
    await superuser.end();
  }
}

async function openSite(
  postgres: EmbeddedPostgres,
  name: string,
  clicks: number,
): Promise<Site & { close(): Promise<void> }> {
  const owner = await connect(postgres, 'owner', name);
  const pool = makePool({ connectionString: postgres.url('app', name), max: 1 });
  return {
    clicks,
    owner,
    database: openDatabase({ pool }),
    close: async () => {
      await Promise.all([owner.end(), pool.end()]);
    },
  };
}

function print({ caller, report, targetMs, sites }: Measured): void {
  const figures = sites.map(
    ({ ms, processorMs }) => `${ms.toFixed(1).padStart(7)} ms ${processorMs.toFixed(1).padStart(6)}`,
  );
  const [first, last] = [sites[0], sites.at(-1)];
  const times =
    first !== undefined && last !== undefined && first !== last
      ? `   × ${(last.ms / first.ms).toFixed(2)}  × ${(last.processorMs / first.processorMs).toFixed(2)}`
      : '';
  const reach = targetMs === null ? '' : `   (reach: < ${targetMs} ms, × 1.2)`;
  console.log(`  ${caller.padEnd(24)} ${report.padEnd(9)}${figures.join('  ')}${times}${reach}`);
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-reports-'));
  // Fewer checkpoints while loading; what is read is in memory.
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { max_wal_size: '4GB' } });
  const sites: Awaited<ReturnType<typeof openSite>>[] = [];
  try {
    await migrate({ adminUrl: postgres.url('owner'), appPassword: postgres.passwords.app });
    await load(postgres, 0, least);
    if (most > least) {
      await copyAs(postgres, few);
      await load(postgres, least, most);
      sites.push(await openSite(postgres, few, least));
    }
    sites.push(await openSite(postgres, 'verve', most));
    const load1 = loadavg()[0]?.toFixed(1);
    console.log(
      `${cpus().length} cores, load ${load1}; elapsed ms, then processor ms, of medians of ${options.rounds} rounds:`,
    );
    console.log(
      `  ${''.padEnd(34)}${sites.map(({ clicks }) => `${clicks.toLocaleString('en')} clicks`.padStart(17)).join('  ')}`,
    );
    for (const measured of await measure(sites, Number(options.rounds))) print(measured);
    for (const { owner } of sites) {
      const { rows } = await owner.query('select count(*)::int as n from verve_private.click_count_differences()');
      console.log(`counts that are not the raw rows: ${rows[0].n}`);
    }
  } finally {
    for (const site of sites) await site.close();
    await postgres.stop();
    if (options.keep) console.log(`Kept: VERVE_DATA_DIR=${dataDir} npm run verve -- serve`);
    else await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
