import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFloodLimit } from '../../src/engine/clicks/flood-limit.ts';
import { createClicks } from '../../src/engine/clicks/service.ts';
import { openDatabase } from '../../src/engine/database.ts';
import { createKeyRing } from '../../src/engine/secrets/key-ring.ts';
import { openClickConnection } from '../../src/server/click-connection.ts';
import { makePool } from '../../src/server/pool.ts';
import { watchStolenTime } from '../stolen-time.ts';
import type { LoadResult } from './load-generator.ts';
import { runLoad, withTarget } from './programs.ts';
import { measureCopy, pgbenchScript, type Stage } from './stage.ts';

const median = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const thousands = (count: number): string => Math.round(count).toLocaleString('en').padStart(9);

/** How the rounds are run. */
export interface RoundOptions {
  rounds: number;
  seconds: number;
  connections: number;
  dataDir: string;
}

/** Clicks a second of the engine in this process, as many in flight as there are connections. */
async function measureEngine(stage: Stage, { seconds, connections }: RoundOptions): Promise<number> {
  const pool = makePool({ connectionString: stage.postgres.url('app') });
  const store = openClickConnection({ connectionString: stage.postgres.url('app') });
  const clicks = createClicks({
    database: openDatabase({ pool }),
    keyRing: createKeyRing('a secret of the benchmark, 32 characters'),
    store,
    floodLimit: createFloodLimit({}),
  });
  const opening = {
    signs: { method: 'GET', userAgent: 'Mozilla/5.0 (Linux; Android 14)' },
    address: '',
    channel: null,
    token: null,
  };
  const links = await Promise.all(stage.paths.map(async (path) => clicks.lookUp(path.slice(3))));
  const open = links.filter((link) => link !== null && 'codeId' in link);
  let stored = 0;
  const until = performance.now() + seconds * 1_000;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, worker) => {
      for (let turn = worker; performance.now() < until; turn += 7) {
        const link = open[turn % open.length];
        if (link !== undefined && (await clicks.recordOpening(link, opening)) === 'stored') stored += 1;
      }
    }),
  );
  const perSecond = (stored * 1_000) / (performance.now() - begin);
  await Promise.all([store.close(), pool.end()]);
  return perSecond;
}

/** pgbench, 32 clients, prepared statements, a click a transaction. null = pgbench is not installed. */
async function measurePgbench(stage: Stage, { seconds, dataDir }: RoundOptions): Promise<number | null> {
  const file = join(dataDir, 'click.sql');
  await writeFile(file, pgbenchScript);
  const url = stage.postgres.url('superuser', 'verve');
  const child = spawn('pgbench', [
    '-n',
    '-M',
    'prepared',
    '-c',
    '32',
    '-j',
    '1',
    '-T',
    String(seconds),
    '-f',
    file,
    url,
  ]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const found = /tps = ([\d.]+)/.exec(output)?.[1];
  return found === undefined ? null : Number(found);
}

/** Interleaved rounds of the closed loops and of the ways to write clicks; prints each, then medians and ratios. */
export async function runRounds(stage: Stage, options: RoundOptions): Promise<void> {
  const { rounds, seconds, connections } = options;
  const kinds = [
    { name: 'bare node:http 302', kind: 'bare', hasTokens: false },
    { name: 'standalone', kind: 'standalone', hasTokens: false },
    { name: 'standalone, a token each', kind: 'standalone', hasTokens: true },
    { name: 'Web-standard handler', kind: 'web', hasTokens: false },
  ] as const;
  const http = new Map<string, LoadResult[]>(kinds.map(({ name }) => [name, []]));
  const rows: Record<'engine' | 'pgbench' | 'copy', number[]> = { engine: [], pgbench: [], copy: [] };
  const hasPgbench = spawnSync('pgbench', ['--version']).status === 0;
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, kind, hasTokens } of kinds) {
      const before = await stage.countClicks();
      const order = { seconds, perSecond: null, paths: stage.paths, hasTokens };
      const stolen = await watchStolenTime();
      const result = await withTarget(kind, stage, (port) => runLoad({ ...order, port, connections }));
      http.get(name)?.push(result);
      const stored = (await stage.countClicks()) - before;
      const missing = kind === 'bare' ? 0 : result.total - result.notStored - stored;
      console.log(
        `round ${round}  ${name.padEnd(26)} ${thousands(result.perSecond)}/s  p50 ${result.p50Ms.toFixed(1)}  p99 ${result.p99Ms.toFixed(1)} ms  stolen ${await stolen()}` +
          (missing > 0 ? `  ${missing} ANSWERED AND NOT FOUND` : ''),
      );
    }
    rows.engine.push(await measureEngine(stage, options));
    if (hasPgbench) rows.pgbench.push((await measurePgbench(stage, options)) ?? Number.NaN);
    rows.copy.push(await measureCopy(stage, 200_000));
    await stage.superuser.query('select verve_private.fold_click_deltas(10000000)');
    await stage.superuser.query('vacuum verve.click_deltas');
    console.log(
      `round ${round}  clicks a second: engine ${thousands(rows.engine.at(-1) ?? 0)}  pgbench ${thousands(rows.pgbench.at(-1) ?? Number.NaN)}  COPY ${thousands(rows.copy.at(-1) ?? 0)}`,
    );
  }
  const speed = (name: string): number => median((http.get(name) ?? []).map((result) => result.perSecond));
  const percent = (name: string): string =>
    `${((100 * speed(name)) / speed('bare node:http 302')).toFixed(0)} % of bare`;
  console.log('\nmedians');
  for (const { name } of kinds) {
    const results = http.get(name) ?? [];
    const of = (pick: (result: LoadResult) => number): string => median(results.map(pick)).toFixed(1);
    console.log(
      `  ${name.padEnd(26)} ${thousands(speed(name))}/s  p50 ${of((r) => r.p50Ms)}  p99 ${of((r) => r.p99Ms)}  p99.9 ${of((r) => r.p999Ms)} ms`,
    );
  }
  console.log(`\n  standalone                 ${percent('standalone')}   (reach: 45 %)`);
  console.log(`  standalone, a token each   ${percent('standalone, a token each')}   (reach: 45 %)`);
  console.log(`  Web-standard handler       ${percent('Web-standard handler')}   (reach: 30 %)`);
  const engine = median(rows.engine);
  const beside = hasPgbench ? `${(engine / median(rows.pgbench)).toFixed(1)} × pgbench` : 'pgbench is not installed';
  console.log(`  clicks, engine in process  ${beside}   (reach: 3 ×)`);
  console.log(
    `                             ${((100 * engine) / median(rows.copy)).toFixed(0)} % of COPY   (reach: 35 %)`,
  );
}
