// `npm run soak:faults [-- --server-kills N] [-- --postgres-kills N]`: kill -9 of the server and of PostgreSQL while
// deliveries stream in. Every acknowledged one must be found, none twice. The control runs PostgreSQL with
// synchronous_commit off and must lose acknowledged ones, else the test proves nothing. Exits 1 unless all of it is so.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { killPostgresRepeatedly } from './faults/postgres-kills.ts';
import { type FaultResult, killServerRepeatedly } from './faults/server-kills.ts';

const { values } = parseArgs({
  options: {
    'server-kills': { type: 'string', default: '200' },
    'postgres-kills': { type: 'string', default: '50' },
  },
});

async function inFolder<Result>(work: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'verve-faults-'));
  try {
    return await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

const progress = (what: string, of: number) => (count: number) =>
  process.stderr.write(`\r${what}: ${count} of ${of} kills `);

function report(what: string, result: FaultResult, mustLose = false): void {
  const { acknowledged, retries, kills, lost, doubled, faults } = result;
  const isClean = doubled === 0 && (mustLose || Object.keys(faults).length === 0);
  const isGood = isClean && (mustLose ? lost.length > 0 : lost.length === 0);
  console.log(
    `\r${isGood ? '✓' : '✗'} ${what}: ${kills} kills, ${acknowledged} acknowledged, ${retries} sent again, ${lost.length} lost, ` +
      `${doubled} doubled, zero-list ${JSON.stringify(faults)}`,
  );
  if (!isGood) process.exitCode = 1;
}

const serverKills = Number(values['server-kills']);
const server = await inFolder(async (dataDir) => {
  const cluster = await startEmbeddedPostgres({ dataDir });
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const appUrl = cluster.url('app');
  const pool = makePool({ connectionString: appUrl });
  const adminPool = makePool({ connectionString: cluster.url('owner'), max: 2 });
  const secret = randomUUID().repeat(2);
  const onKill = progress('server', serverKills);
  const result = await killServerRepeatedly({
    appUrl,
    pool,
    adminPool,
    secret,
    kills: serverKills,
    senders: 8,
    onKill,
  });
  await Promise.all([pool.end(), adminPool.end()]);
  await cluster.stop();
  return result;
});
report('kill -9 of the server', server);

const kills = Number(values['postgres-kills']);
const durable = await inFolder((dataDir) =>
  killPostgresRepeatedly({ dataDir, kills, senders: 8, onKill: progress('PostgreSQL', kills) }),
);
report('kill -9 of PostgreSQL', durable);

const settings = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };
const careless = await inFolder((dataDir) =>
  killPostgresRepeatedly({
    dataDir,
    kills: Math.min(kills, 10),
    senders: 8,
    settings,
    onKill: progress('control', Math.min(kills, 10)),
  }),
);
report('control, synchronous_commit off: must lose', careless, true);
