// `npm run bench:codes`: the row "code generation" of docs/performance.md. Pure generation, then a thousand mentors whose
// codes are stored in bulk, then the same again (every one an early exit). Medians of rounds; a database of its own.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '../src/engine/actor.ts';
import { generateCodes, importCodeKey } from '../src/engine/codes/generate-code.ts';
import { createVerve } from '../src/engine/verve.ts';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';

const rounds = Number(process.argv[2] ?? 5);
const actor: Actor = { kind: 'system', name: 'bench' };

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-'));
const cluster = await startEmbeddedPostgres({ dataDir });
const results: Record<'pure' | 'stored' | 'again', number[]> = { pure: [], stored: [], again: [] };
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const pool = makePool({ connectionString: cluster.url('app') });
  const verve = await createVerve({ database: pool, secret: randomUUID().repeat(2) });
  const { orgId } = await verve.organisations.create({ actor, slug: 'bench', name: 'Lydhør' });
  const key = await importCodeKey(new TextEncoder().encode('org-secret-test'));
  for (let round = 0; round < rounds; round += 1) {
    const inputs = Array.from({ length: 100_000 }, (_, i) => ({
      ownerModel: 'mentor',
      ownerRef: randomUUID(),
      orgId,
      rotationSequence: i,
      attempt: 0,
    }));
    results.pure.push(await timed(() => generateCodes(key, inputs)));
    const mentors = Array.from({ length: 1_000 }, () => ({ mentorId: randomUUID(), displayName: 'Kari Fjell' }));
    await verve.mentors.createMany({ orgId, actor, mentors });
    const mentorIds = mentors.map((mentor) => mentor.mentorId);
    results.stored.push(await timed(() => verve.codes.getOrCreateMany({ orgId, actor, mentorIds })));
    results.again.push(await timed(() => verve.codes.getOrCreateMany({ orgId, actor, mentorIds })));
  }
  await pool.end();
} finally {
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}

const rows = [
  { what: '100,000 codes, pure', limitMs: 3_000, times: results.pure },
  { what: '1,000 mentors stored in bulk', limitMs: 500, times: results.stored },
  { what: 'the same again, early exits', limitMs: 100, times: results.again },
];
for (const { what, limitMs, times } of rows) {
  const ms = median(times);
  console.log(
    `${what.padEnd(30)} ${ms.toFixed(0).padStart(5)} ms  (< ${limitMs}; rounds ${times.map((time) => time.toFixed(0)).join(' ')})`,
  );
  if (!(ms < limitMs)) process.exitCode = 1;
}
