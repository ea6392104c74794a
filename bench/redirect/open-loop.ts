import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchStolenTime } from '../stolen-time.ts';
import type { LoadResult } from './load-generator.ts';
import { runLoad, withServe, withTarget } from './programs.ts';
import type { Stage } from './stage.ts';

/** How the open loop is run. */
export interface OpenLoopOptions {
  seconds: number;
  perSecond: number;
  connections: number;
  /** Where the database keeps its files. */
  dataDir: string;
}

/** People behind as many addresses: the flood limit is counted and never reached. */
const addresses = 20_000;

/** Until compilers have done their work: of ten minutes it is nothing, of one it would be most of what is slow. */
const warmupSeconds = 8;

const logPage = 8_192;

/**
 * What the disk adds to every commit: a page written and synced about as often as the database does it, and nothing else.
 * Prints how long that takes.
 */
async function measureSyncs(dataDir: string, seconds: number): Promise<void> {
  const path = join(dataDir, 'bench-syncs');
  const file = await open(path, 'w');
  const page = Buffer.alloc(logPage);
  const times: number[] = [];
  await file.write(Buffer.alloc(1_024 * logPage));
  await file.sync();
  for (const until = performance.now() + seconds * 1_000; performance.now() < until; await sleep(1)) {
    const from = performance.now();
    await file.write(page, 0, logPage, (times.length % 1_024) * logPage);
    await file.datasync();
    times.push(performance.now() - from);
  }
  await file.close();
  await rm(path);
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2);
  console.log(`  bare syncs     p50 ${at(0.5)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)} ms`);
}

/**
 * The open loop against `verve serve` with its jobs, through a checkpoint in its middle; before and after it a bare
 * `node:http` 302 under the same loop and bare syncs of the disk, whose tails are what the machine adds. Prints them, and what held the server up.
 */
export async function runOpenLoop(stage: Stage, options: OpenLoopOptions): Promise<void> {
  const { seconds, perSecond, connections, dataDir } = options;
  const order = { perSecond, connections, paths: stage.paths, hasTokens: false, addresses };
  const controlSeconds = Math.max(5, seconds / 10);
  async function control(when: string): Promise<void> {
    const stolen = await watchStolenTime();
    const bare = await withTarget('bare', stage, (port) => runLoad({ ...order, port, seconds: controlSeconds }));
    print(`bare, ${when}`, bare, `; stolen ${await stolen()}`);
    await measureSyncs(dataDir, controlSeconds);
  }

  console.log(`\nopen loop, ${perSecond.toLocaleString('en')}/s for ${seconds} s`);
  await control('before');
  const storedBefore = await stage.countClicks();
  const walBefore = await stage.readWal();
  let checkpointMs = Number.NaN;
  const stolen = await watchStolenTime();
  const { result, report } = await withServe(stage, async (port, begin) => {
    const running = runLoad({ ...order, port, seconds, warmupSeconds });
    await sleep(warmupSeconds * 1_000);
    begin();
    await sleep(seconds * 500);
    const from = performance.now();
    await stage.superuser.query('checkpoint');
    checkpointMs = performance.now() - from;
    return running;
  });
  print('verve serve', result, `; stolen ${await stolen()}  (reach: p99 5, p99.9 25)`);
  const missing = result.total - result.notStored - ((await stage.countClicks()) - storedBefore);
  if (missing > 0) console.log(`  ${missing} ANSWERED AND NOT FOUND`);
  const wal = await stage.readWal();
  const { eventLoopDelayMs: delay, collections } = report;
  const inOrder = result.p99OfSeconds.toSorted((a, b) => a - b);
  console.log(
    `    server: ${report.cpuSeconds.toFixed(1)} s of processor; event loop held up p99 ${delay.p99.toFixed(1)}, p99.9 ${delay.p999.toFixed(1)}, ` +
      `max ${delay.max.toFixed(1)} ms; ${collections.count} garbage collections, ${collections.totalMs.toFixed(0)} ms, longest ${collections.longestMs.toFixed(1)} ms\n` +
      `    database: checkpoint ${checkpointMs.toFixed(0)} ms; log ${((wal.bytes - walBefore.bytes) / 1e6).toFixed(0)} MB, ` +
      `${wal.fullPages - walBefore.fullPages} full pages, ${wal.syncs - walBefore.syncs} syncs of ` +
      `${((wal.syncMs - walBefore.syncMs) / Math.max(1, wal.syncs - walBefore.syncs)).toFixed(2)} ms\n` +
      `    seconds: p99 of the median one ${(inOrder[inOrder.length >> 1] ?? 0).toFixed(2)} ms, at most 5 ms in ` +
      `${inOrder.filter((p99) => p99 <= 5).length} of ${inOrder.length}; worst ${result.worstSeconds.map(({ second, maxMs }) => `${second} s ${maxMs.toFixed(0)} ms`).join(', ')}`,
  );
  await control('after');
}

function print(name: string, result: LoadResult, note = ''): void {
  const ms = (value: number): string => value.toFixed(2).padStart(7);
  console.log(
    `  ${name.padEnd(14)} ${Math.round(result.perSecond).toLocaleString('en').padStart(6)}/s  p50 ${ms(result.p50Ms)}  p99 ${ms(result.p99Ms)}  ` +
      `p99.9 ${ms(result.p999Ms)}  max ${ms(result.maxMs)} ms; sent late p99 ${result.sentLateP99Ms.toFixed(2)}, p99.9 ${result.sentLateP999Ms.toFixed(2)}; ` +
      `${result.notStored} not stored, ${result.notRedirects} no redirects${note}`,
  );
}
