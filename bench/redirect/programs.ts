import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load-generator.ts';
import type { Stage } from './stage.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

function firstLine(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  if (child.stdout === null) throw new Error('no output to read');
  createInterface(child.stdout).once('line', resolve);
  child.once('exit', () => reject(new Error('The process ended before it said anything.')));
  return promise;
}

/** What `npm start` gives Node (package.json): a young generation of at most 3 × 16 MB. */
export const nodeFlags = ['--max-semi-space-size=16'];

/** Runs the load generator, a process of its own. */
export async function runLoad({
  warmupSeconds = 1.5,
  ...order
}: Omit<LoadOrder, 'warmupSeconds'> & { warmupSeconds?: number }): Promise<LoadResult> {
  const child = spawn(process.execPath, [here('load-generator.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin?.write(`${JSON.stringify({ ...order, warmupSeconds })}\n`);
  return JSON.parse(await firstLine(child)) as LoadResult;
}

/** Works against a server of this kind (target-server.ts), which ends afterwards. */
export async function withTarget<Result>(
  kind: string,
  stage: Stage,
  work: (port: number) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [here('target-server.ts'), kind, stage.postgres.url('app')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    return await work(Number(await firstLine(child)));
  } finally {
    child.stdin?.end();
  }
}

/** What a server's process says of itself when it ends (watch-process.ts). */
export interface ProcessReport {
  eventLoopDelayMs: { p99: number; p999: number; max: number };
  collections: { count: number; longestMs: number; totalMs: number };
  cpuSeconds: number;
}

/**
 * Works against `verve serve`, jobs and all, behind one proxy that is believed; gives what
 * its process says of the time since `begin` was called, too.
 */
export async function withServe<Result>(
  stage: Stage,
  work: (port: number, begin: () => void) => Promise<Result>,
): Promise<{ result: Result; report: ProcessReport }> {
  const child = spawn(
    process.execPath,
    [...nodeFlags, '--import', here('watch-process.ts'), here('../../bin/verve.js'), 'serve', '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        DATABASE_URL: stage.postgres.url('app'),
        VERVE_SECRET: 'an-invented-secret-of-the-benchmark',
        VERVE_PUBLIC_URL: 'https://verv.example.no',
        VERVE_TRUSTED_PROXIES: '1',
        VERVE_LOG_LEVEL: 'warn',
      },
    },
  );
  const report = new Promise<ProcessReport>((resolve) =>
    child.once('message', (said) => resolve(said as ProcessReport)),
  );
  try {
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    const result = await work(Number(new URL(url).port), () => void child.send('begin'));
    child.send('report');
    return { result, report: await report };
  } finally {
    child.kill('SIGTERM');
  }
}
