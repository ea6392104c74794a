// `npm run bench:redirect`: a bare node:http 302, the redirect of the standalone server and of the Web-standard handler, each
// click committed before the answer; then clicks of the engine in process, pgbench with the same row, and COPY. Interleaved
// rounds; medians, ratios and targets (docs/performance.md). Everything shares the machine's cores.
//   --seconds 4 --rounds 3 --connections 256 --rate 5000
//   --open-loop-seconds 600    the open loop alone, for so long (after the rounds: 20 s)
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOpenLoop } from './open-loop.ts';
import { runRounds } from './rounds.ts';
import { setStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '256' },
    'open-loop-seconds': { type: 'string' },
    rate: { type: 'string', default: '5000' },
  },
});
const connections = Number(values.connections);
const openLoopSeconds = values['open-loop-seconds'];

const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-redirect-'));
await chmod(dataDir, 0o711);
const stage = await setStage(dataDir);
try {
  if (openLoopSeconds === undefined) {
    await runRounds(stage, { rounds: Number(values.rounds), seconds: Number(values.seconds), connections, dataDir });
  }
  const seconds = Number(openLoopSeconds ?? 20);
  await runOpenLoop(stage, { seconds, perSecond: Number(values.rate), connections, dataDir });
  const wrong = await stage.superuser.query('select count(*)::int as n from verve_private.click_count_differences()');
  console.log(`counts that are not the raw rows: ${wrong.rows[0].n}`);
} finally {
  await stage.superuser.end();
  await stage.postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
