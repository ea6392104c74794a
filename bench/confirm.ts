// `npm run bench:confirm [-- --seconds N] [-- --rounds N]`: the confirmation row of docs/performance.md. A signed webhook
// over real HTTP to `verve serve`, until the answer says that credit, milestone and two deliveries are committed.
// Open loops count from the moment at which a request was due; the closed loop is compared with PostgreSQL writing the
// same rows into the same tables, in the same run. Generator, server and database share the machine's cores.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { startVerve, waitForOutput } from '../test/programs.ts';
import { expectAllZero } from '../test/zero-list.ts';
import { arrangeBench } from './confirm/arrange.ts';
import { runBare } from './confirm/bare.ts';
import { makeDeliver } from './confirm/deliver.ts';
import { type LoadResult, runClosedLoop, runOpenLoop } from './confirm/load.ts';
import { watchStolenTime } from './stolen-time.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, rounds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const secret = randomUUID().repeat(2);

interface Row {
  readonly name: string;
  readonly target: string;
  readonly results: LoadResult[];
  readonly isReached: (result: LoadResult) => boolean;
}

const rows: Record<'many' | 'one' | 'closed', Row> = {
  many: {
    name: 'open loop, 500/s over 600 mentors',
    target: 'p99 ≤ 15 ms',
    results: [],
    isReached: ({ latencies, failures }) => failures === 0 && latencies.percentile(99) <= 15,
  },
  one: {
    name: 'open loop, 300/s on one mentor',
    target: 'p99 ≤ 40 ms',
    results: [],
    isReached: ({ latencies, failures }) => failures === 0 && latencies.percentile(99) <= 40,
  },
  closed: {
    name: 'closed loop, 32 callers',
    target: '≥ 1,000/s',
    results: [],
    isReached: ({ perSecond, failures }) => failures === 0 && perSecond >= 1000,
  },
};
const bare: LoadResult[] = [];

const dataDir = await mkdtemp(join(tmpdir(), 'verve-confirm-'));
const cluster = await startEmbeddedPostgres({ dataDir });
const pool = makePool({ connectionString: cluster.url('app') });
const ownerPool = makePool({ connectionString: cluster.url('owner'), max: 16 });
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const organisation = await arrangeBench({ pool, adminPool: ownerPool, secret, mentors: 600 });
  const other = await arrangeBench({ pool, adminPool: ownerPool, secret, mentors: 600 });
  const server = startVerve(['serve'], { PORT: '0', DATABASE_URL: cluster.url('app'), VERVE_SECRET: secret });
  const url = (await waitForOutput(server, /ready at (http:\S+)/))[1] ?? '';
  const { deliver, close } = makeDeliver({ ...organisation, url, connections: 64 });
  const { codes } = organisation;
  let member = 0;
  const confirm = (codeOf: (index: number) => string) => async (index: number) => {
    member += 1;
    await deliver(`member-${member}`, codeOf(index));
  };
  const spread = confirm((index) => codes[index % codes.length] as string);
  const hot = confirm(() => codes[0] as string);

  console.log(
    `${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}; ${rounds} rounds of ${seconds} s`,
  );
  await runClosedLoop({ callers: 16, seconds: 3, request: spread }); // warm
  const stolen = await watchStolenTime();
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`\rround ${round + 1} of ${rounds} `);
    rows.many.results.push(await runOpenLoop({ perSecond: 500, seconds, request: spread }));
    bare.push(await runBare({ ownerPool, orgId: other.orgId, codes: other.codes, callers: 16, seconds: seconds / 2 }));
    rows.closed.results.push(await runClosedLoop({ callers: 32, seconds, request: spread }));
    rows.one.results.push(await runOpenLoop({ perSecond: 300, seconds, request: hot }));
  }
  process.stderr.write('\r');
  close();
  server.process.kill('SIGTERM');
  await server.ended;
  await expectAllZero(ownerPool, organisation.orgId);
  report(await stolen());
} finally {
  await Promise.all([pool.end(), ownerPool.end()]);
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function report(stolen: string): void {
  const bareRate = median(bare.map((result) => result.perSecond));
  for (const { name, target, results, isReached } of Object.values(rows)) {
    const of = (percent: number) => median(results.map((result) => result.latencies.percentile(percent))).toFixed(1);
    const failures = results.reduce((sum, result) => sum + result.failures, 0);
    const rate = median(results.map((result) => result.perSecond));
    const isGood = results.filter(isReached).length * 2 > results.length;
    console.log(
      `${isGood ? '✓' : '✗'} ${name.padEnd(34)} ${target.padEnd(12)} p50 ${of(50)} · p99 ${of(99)} · worst ${of(100)} ms · ` +
        `${Math.round(rate)}/s · ${failures} failed`,
    );
    const failure = results.find((result) => result.firstFailure !== null)?.firstFailure;
    if (failure) console.log(`    first failure: ${failure}`);
    if (!isGood) process.exitCode = 1;
  }
  const closed = median(rows.closed.results.map((result) => result.perSecond));
  console.log(
    `  bare: the same rows, 16 connections       ${Math.round(bareRate)}/s; closed loop is ${((closed / bareRate) * 100).toFixed(0)} % of it`,
  );
  console.log(`  the host took ${stolen} of the processors meanwhile`);
  console.log('✓ zero-list after the run: all zero');
}
