// `npm run bench:reports`: reports over 1, 3 and 10 million clicks of one organisation, as a coordinator under row-level
// security, a click recorded just before each. Prints medians beside the targets of docs/performance.md.
// `-- --clicks 1000000` stops there; `--keep` leaves the database for a look.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { openDatabase } from '../../src/engine/database.ts';
import { startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { migrate } from '../../src/server/migrate.ts';
import { makePool } from '../../src/server/pool.ts';
import { bench, loadClicks, loadOrganisation } from './load.ts';

const { values: options } = parseArgs({
  options: { clicks: { type: 'string', default: '10000000' }, rounds: { type: 'string', default: '15' } },
});
const most = Number(options.clicks);
const rounds = Number(options.rounds);

const reports = [
  { name: 'funnel', targetMs: 10, text: 'select * from verve_api.get_conversion_funnel($1, $2, $3)' },
  { name: 'mentors', targetMs: 80, text: 'select * from verve_api.get_mentor_conversion_totals($1, $2, $3)' },
  { name: 'branches', targetMs: null, text: 'select * from verve_api.get_branch_totals($1, $2, $3)' },
  { name: 'channels', targetMs: null, text: 'select * from verve_api.get_channel_totals($1, $2, $3)' },
  { name: 'timeline', targetMs: null, text: 'select * from verve_api.get_timeline($1, $2, $3)' },
] as const;

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-reports-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    await migrate({ adminUrl: postgres.url('owner'), appPassword: postgres.passwords.app });
    const owner = new Client({ connectionString: postgres.url('owner') });
    const superuser = new Client({ connectionString: postgres.url('superuser', 'verve') });
    for (const client of [owner, superuser]) client.on('error', () => {});
    await Promise.all([owner.connect(), superuser.connect()]);
    await superuser.query('grant create on schema public to verve_owner');
    await loadOrganisation(owner);
    const pool = makePool({ connectionString: postgres.url('app') });
    const database = openDatabase({ pool });
    const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    const range = [bench.orgId, day(89), day(-1)];
    let loaded = 0;
    for (const clicks of [1_000_000, 3_000_000, 10_000_000].filter((step) => step <= most || step === 1_000_000)) {
      const begun = performance.now();
      await loadClicks(owner, Math.min(clicks, most) - loaded);
      loaded = Math.min(clicks, most);
      await superuser.query(
        'vacuum (analyze) verve.referral_clicks, verve.click_deltas, verve.click_counts, verve.click_mentor_days, verve.click_branch_days, verve.click_channel_days, verve.referral_attributions, verve.shares, verve.mentors',
      );
      console.log(
        `${loaded.toLocaleString('en')} clicks (loaded in ${((performance.now() - begun) / 1000).toFixed(0)} s)`,
      );
      for (const [who, sub] of [
        ['coordinator of all', bench.coordinatorId],
        ['coordinator of a county', bench.countyCoordinatorId],
      ] as const) {
        for (const report of reports) {
          const times: number[] = [];
          for (let round = 0; round < rounds; round += 1) {
            await owner.query(
              `select verve_private.record_clicks(array[code_id], array['human'], array['sms'], array[null], array[null])
               from public.bench_codes where number = $1`,
              [1 + round],
            );
            const claims = { sub, role: 'authenticated' };
            await database.transaction({ role: 'authenticated', claims }, async (session) => {
              const start = performance.now();
              await session.query(report.text, range);
              times.push(performance.now() - start);
            });
          }
          const target =
            report.targetMs === null || who !== 'coordinator of all' ? '' : `  (reach: < ${report.targetMs} ms)`;
          console.log(
            `  ${who.padEnd(24)} ${report.name.padEnd(9)} ${median(times).toFixed(1).padStart(7)} ms${target}`,
          );
        }
      }
    }
    const differences = await owner.query('select count(*)::int as n from verve_private.click_count_differences()');
    console.log(`counts that are not the raw rows: ${differences.rows[0].n}`);
    await Promise.all([owner.end(), superuser.end(), pool.end()]);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
