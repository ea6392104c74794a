// `npm run bench:start`: the row "embedded database" of docs/performance.md. From the start of the process to the first
// answer, on an empty folder and on one that was stopped; and the memory of server and database together, idle and under
// the closed loop of the redirect benchmark. Linux only: reads /proc.
//   --rounds 3 --seconds 20 --connections 256
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPostmaster } from '../src/server/postmaster.ts';
import { nodeFlags, runLoad } from './redirect/programs.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '256' },
  },
});

interface Serving {
  child: ChildProcess;
  url: string;
  apiKey: string | null;
  startMs: number;
}

/** Starts `verve serve` and waits until every route answers. */
async function serve(dataDir: string): Promise<Serving> {
  const from = performance.now();
  const verve = fileURLToPath(new URL('../bin/verve.js', import.meta.url));
  const child = spawn(process.execPath, [...nodeFlags, verve, 'serve', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      VERVE_DATA_DIR: dataDir,
      VERVE_TRUSTED_PROXIES: '1',
      VERVE_LOG_LEVEL: 'warn',
    },
  });
  const lines = createInterface(child.stdout);
  const line = await new Promise<string>((resolve, reject) => {
    lines.on('line', (text) => text.includes('"ready"') && resolve(text));
    child.once('exit', () => reject(new Error('The server ended before it was ready.')));
  });
  const { url, api_key: apiKey } = JSON.parse(line) as { url: string; api_key: string | null };
  const answer = await fetch(`${url}/readyz`);
  if (!answer.ok) throw new Error('The server said that it is ready and was not.');
  return { child, url, apiKey, startMs: performance.now() - from };
}

async function stop({ child }: Serving): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

async function proportionalMegabytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
}

/** Proportional set size of the server's process, and of PostgreSQL with all its processes. */
async function readMemory(serverPid: number, dataDir: string): Promise<{ server: number; database: number }> {
  const postmaster = (await readPostmaster(join(dataDir, 'postgres')))?.pid ?? 0;
  let database = await proportionalMegabytes(postmaster);
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent === postmaster) database += await proportionalMegabytes(Number(name));
  }
  return { server: await proportionalMegabytes(serverPid), database };
}

async function firstPath({ url, apiKey }: Serving): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const mentors = (await (await fetch(`${url}/api/v1/mentors`, { headers })).json()) as { data: { id: string }[] };
  const body = JSON.stringify({ mentor_id: mentors.data[0]?.id });
  const code = await fetch(`${url}/api/v1/referral-codes`, { method: 'POST', headers, body });
  return `/r/${((await code.json()) as { code: string }).code}`;
}

const median = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const megabytes = ({ server, database }: { server: number; database: number }): string =>
  `${(server + database).toFixed(0)} MB (server ${server.toFixed(0)}, database ${database.toFixed(0)})`;

const cold: number[] = [];
const warm: number[] = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-start-'));
  await chmod(dataDir, 0o711);
  try {
    let serving = await serve(dataDir);
    cold.push(serving.startMs);
    const { apiKey } = serving;
    await stop(serving);
    serving = await serve(dataDir);
    warm.push(serving.startMs);
    console.log(`round ${round}  cold ${cold.at(-1)?.toFixed(0)} ms  warm ${warm.at(-1)?.toFixed(0)} ms`);
    if (round === Number(values.rounds)) {
      const { pid = 0 } = serving.child;
      await sleep(5_000);
      const idle = await readMemory(pid, dataDir);
      const order = { perSecond: null, hasTokens: false, addresses: 20_000, seconds: Number(values.seconds) };
      const paths = [await firstPath({ ...serving, apiKey })];
      const running = runLoad({
        ...order,
        paths,
        port: Number(new URL(serving.url).port),
        connections: Number(values.connections),
      });
      let most = idle;
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          const now = await readMemory(pid, dataDir);
          if (now.server + now.database > most.server + most.database) most = now;
          await sleep(500);
        }
      })();
      const load = await running;
      isOver = true;
      await watching;
      console.log(
        `\nstart to first answer, cold   ${(median(cold) / 1_000).toFixed(2)} s   (reach: 3 s)\n` +
          `                       warm   ${(median(warm) / 1_000).toFixed(2)} s   (reach: 1 s)\n` +
          `memory, idle                  ${megabytes(idle)}   (reach: 250)\n` +
          `        under load, the most  ${megabytes(most)}   (reach: 450); ${Math.round(load.perSecond).toLocaleString('en')}/s, ` +
          `${load.notRedirects} no redirects, ${load.notStored} not stored`,
      );
    }
    await stop(serving);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
