// `npm run bench:import [-- rows]`: imports 100,000 memberships into a fresh embedded PostgreSQL, the way `verve import`
// does, and then the same file again. Prints times and what became of the rows.
import { randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImportReport, importMemberships } from '../src/connectors/csv/import-memberships.ts';
import { createBulkIntake } from '../src/engine/attributions/bulk-intake.ts';
import { createFactIntake } from '../src/engine/attributions/fact-intake.ts';
import { openDatabase } from '../src/engine/database.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';

const rows = Number(process.argv[2] ?? 100_000);
const mentors = 600;
const limitSeconds = 60;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const now = new Date();

const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-import-'));
const cluster = await startEmbeddedPostgres({ dataDir });
const adminPool = makePool({ connectionString: cluster.url('owner'), max: 1 });
const pool = makePool({ connectionString: cluster.url('app') });
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const orgId = randomUUID();
  const codes = await prepare(orgId);
  const database = openDatabase({ pool });
  const keys = await createKeyRing('the secret of a bench that is long enough');
  const bulk = createBulkIntake({ database, intake: createFactIntake({ database, keys }) });
  const run = async (title: string, isPreview: boolean): Promise<{ seconds: number; report: ImportReport }> => {
    const startedAt = performance.now();
    const report = await importMemberships(bulk, {
      orgId,
      actor: { kind: 'system', name: 'import' },
      source: file(codes),
      options: { timeZone: 'Europe/Oslo', now, sourceRef: 'bench' },
      isPreview,
      onProgress: ({ seen }) => process.stderr.write(`\r${title}: ${seen} rows`),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    process.stderr.write('\r');
    console.log(
      `${title}: ${rows} rows in ${seconds.toFixed(1)} s (${Math.round(rows / seconds)}/s)`,
      JSON.stringify(report.counts),
    );
    return { seconds, report };
  };
  console.log(`${cpus().length} cores, Node ${process.version}, ${mentors} mentors`);
  const first = await run('import', false);
  const again = await run('the same file again', false);
  const preview = await run('preview', true);
  const isGood =
    Math.max(first.seconds, again.seconds, preview.seconds) < limitSeconds && again.report.counts.credited === 0;
  console.log(isGood ? `good: each under ${limitSeconds} s, nothing credited twice` : 'NOT as it should be');
  process.exitCode = isGood ? 0 : 1;
} finally {
  await Promise.all([pool.end(), adminPool.end()]);
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** An organisation with mentors, codes and milestones. */
async function prepare(orgId: string): Promise<string[]> {
  await adminPool.query(`insert into verve.organisations (id, slug, name) values ($1, 'bench', 'Lydhør')`, [orgId]);
  await adminPool.query('insert into verve.milestones (org_id, threshold) select $1, unnest(array[1, 5, 10, 25, 50])', [
    orgId,
  ]);
  const made = Array.from({ length: mentors }, () => ({
    mentorId: randomUUID(),
    code: Array.from({ length: 10 }, () => alphabet[randomInt(32)]).join(''),
  }));
  const columns = [orgId, made.map((one) => one.mentorId), made.map((one) => one.code)];
  await adminPool.query(
    `insert into verve.mentors (id, org_id, display_name) select id, $1, 'Mentor' from unnest($2::uuid[]) as m (id)`,
    columns.slice(0, 2),
  );
  await adminPool.query('insert into verve.code_directory (code, org_id) select unnest($2::text[]), $1', [
    orgId,
    columns[2],
  ]);
  await adminPool.query(
    `insert into verve.referral_codes (org_id, owner_ref, code, rotation_sequence, created_at)
     select $1, id, code, 0, now() - interval '900 days' from unnest($2::uuid[], $3::text[]) as m (id, code)`,
    columns,
  );
  return made.map((one) => one.code);
}

/** A year of memberships: nine of ten confirmed, some registered, reversed, without code, with a mistyped one, unreadable. */
async function* file(codes: readonly string[]): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  let text = 'medlemsnummer;vervekode;status;dato;innmeldt\r\n';
  for (let row = 0; row < rows; row += 1) {
    const code = codes[(row * 7919) % codes.length] ?? '';
    const date = new Date(now.getTime() - (1 + (row % 365)) * 86_400_000).toISOString().slice(0, 10);
    const [year, month, day] = date.split('-');
    const shown = row % 50 === 7 ? `${code.slice(0, 9)}U` : row % 50 === 11 ? '' : code;
    const status = row % 50 === 3 ? 'innmeldt' : row % 50 === 5 ? 'omgjort' : row % 1000 === 9 ? '?' : 'bekreftet';
    text += `${100_000 + row};${shown};${status};${day}.${month}.${year} 13:45;${day}.${month}.${year}\r\n`;
    if (text.length < 65_536) continue;
    yield encoder.encode(text);
    text = '';
  }
  yield encoder.encode(text);
}
