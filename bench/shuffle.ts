// `npm run soak:shuffle [-- --soak] [-- --histories N] [-- --seed N] [-- --plant]`: the shuffle row of docs/performance.md.
// Members are confirmed, reversed, confirmed again, 5 % of them under two mentors' codes; every delivery comes 1–20 times,
// all shuffled, over 8 connections. The result is compared with the in-order model, and the zero-list is printed.
// With --plant each line of the list is shown to notice a damage of its own. Exits 1 unless everything is zero.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { zeroes } from '../test/zero-list.ts';
import { findBlindChecks, judge, shuffle } from './shuffle/run.ts';

const { values } = parseArgs({
  options: {
    soak: { type: 'boolean', default: false },
    plant: { type: 'boolean', default: false },
    histories: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const histories = Number(values.histories ?? (values.soak ? 100_000 : 10_000));
const seed = Number(values.seed);

const dataDir = await mkdtemp(join(tmpdir(), 'verve-shuffle-'));
const cluster = await startEmbeddedPostgres({ dataDir });
const appPool = makePool({ connectionString: cluster.url('app') });
const adminPool = makePool({ connectionString: cluster.url('owner'), max: 2 });
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  console.log(`${cpus().length} cores, Node ${process.version}; ${histories} histories, seed ${seed}`);
  const bar = new SingleBar(
    { format: '{bar} {percentage} % · {value}/{total} deliveries · {eta_formatted} left' },
    Presets.shades_classic,
  );
  let isStarted = false;
  const shuffled = await shuffle({
    appUrl: cluster.url('app'),
    appPool,
    adminPool,
    histories,
    seed,
    onProgress: (done, of) => {
      if (!isStarted) bar.start(of, 0);
      isStarted = true;
      bar.update(done);
    },
  });
  bar.stop();
  const { acknowledged, seconds } = shuffled;
  console.log(
    `${acknowledged.length} deliveries in ${seconds.toFixed(1)} s (${Math.round(acknowledged.length / seconds)}/s)\n`,
  );
  const { counts, differences } = await judge(adminPool, shuffled);
  const meanings = new Map(zeroes.map((zero) => [zero.name, zero.meaning]));
  meanings.set('Z1', 'an acknowledged fact that is not in the database').set('differences', 'from the in-order model');
  for (const [name, count] of Object.entries(counts)) {
    console.log(
      `${count === 0 ? '✓' : '✗'} ${name.padEnd(11)} ${String(count).padStart(6)}  ${meanings.get(name) ?? ''}`,
    );
    if (count > 0) process.exitCode = 1;
  }
  for (const one of differences.slice(0, 20))
    console.log(`  ${one.subject}: expected ${one.expected}, found ${one.found}`);
  if (values.plant) {
    const blind = await findBlindChecks(adminPool, shuffled);
    console.log(blind.length === 0 ? '\n✓ every line notices its planted damage' : `\n✗ blind: ${blind.join(', ')}`);
    if (blind.length > 0) process.exitCode = 1;
  }
} finally {
  await Promise.all([appPool.end(), adminPool.end()]);
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}
