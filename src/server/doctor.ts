import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { listUnguardedTables } from './catalog-repository.ts';
import type { Config } from './config.ts';
import { readSecrets } from './data-secret.ts';
import { describeSchema } from './describe-schema.ts';
import { hasJobTables } from './jobs-repository.ts';
import { findSecretProblems } from './known-secrets.ts';
import { findPendingMigrations, readMigrationFiles } from './migrate.ts';
import { listAppliedMigrations } from './migrations-repository.ts';
import { openPostgres } from './open-postgres.ts';
import { makePool } from './pool.ts';
import { findRoleProblems } from './server-role.ts';
import { findPlatformProblems } from './supabase/platform-problems.ts';
import { readPlatformStanding } from './supabase/platform-repository.ts';
import { findWorkProblems } from './work-problems.ts';

/** One thing that was looked at. `problems` is empty when it is as it should be; each says what to do. */
export interface Finding {
  readonly check: string;
  readonly problems: readonly string[];
}

const MOST_LINES = 20;

/**
 * Examines an installation as the server would see it: connection, role, migrations, differences between the live
 * schema and sql/schema.sql, row-level security on every table and partition, work that is stuck, and in a Supabase
 * project what of the platform is used. Changes nothing.
 */
export async function examine(config: Config): Promise<Finding[]> {
  const postgres = await openPostgres(config, { use: 'guest' });
  const pool = makePool({ connectionString: postgres.appUrl, max: 1, applicationName: 'verve doctor' });
  try {
    const findings: Finding[] = [];
    const look = async (check: string, work: () => Promise<readonly string[]>): Promise<boolean> => {
      const problems = await work().catch((error: unknown) => [explain(error)]);
      findings.push({ check, problems });
      return problems.length === 0;
    };
    if (!(await look('the server’s role', () => findRoleProblems(pool)))) return findings;
    const isCurrent = await look('migrations', async () => {
      const pending = findPendingMigrations(await readMigrationFiles(), await listAppliedMigrations(pool));
      return pending.map((name) => `${name} is not applied. Run "verve migrate".`);
    });
    if (isCurrent) {
      await look('schema as in sql/schema.sql', async () => findDrift(await describeSchema(pool)));
      await look('secrets', async () => findSecretProblems(pool, await readSecrets(config)));
      const platform = await readPlatformStanding(pool);
      const hasJobs = await hasJobTables(pool);
      await look('deliveries, messages and jobs', () =>
        findWorkProblems(pool, { hasJobs, isOnPlatform: platform !== null }),
      );
      if (platform !== null)
        await look('Vault, pg_cron and Realtime', async () => findPlatformProblems(platform, hasJobs));
    }
    await look('row-level security on every table and partition', async () =>
      (await listUnguardedTables(pool)).map(
        (name) => `${name} has no forced row-level security. Run verve_private.guard on it.`,
      ),
    );
    return findings;
  } finally {
    await pool.end();
    await postgres.close();
  }
}

async function findDrift(live: string): Promise<string[]> {
  const expected = await readFile(fileURLToPath(new URL('../../sql/schema.sql', import.meta.url)), 'utf8');
  if (live === expected) return [];
  const expectedLines = comparableLines(expected);
  const liveLines = comparableLines(live);
  const missing = subtract(expectedLines, liveLines).map((line) => `missing here: ${line}`);
  const surplus = subtract(liveLines, expectedLines).map((line) => `only here: ${line}`);
  const lines = [...missing, ...surplus];
  const rest = lines.length > MOST_LINES ? [`and ${lines.length - MOST_LINES} more lines`] : [];
  return [...lines.slice(0, MOST_LINES), ...rest];
}

/** Lines without what PostgreSQL's versions write differently: the table in front of a column's name. */
function comparableLines(schema: string): string[] {
  return schema
    .split('\n')
    .map((line) => line.replaceAll(/\b(?!verve|auth\.)[a-z_][a-z0-9_]*\.(?=[a-z_"])/g, '').trim());
}

/** The lines of `from` that `other` has fewer times. */
function subtract(from: readonly string[], other: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  return from.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: unknown; message: string };
  if (code === '28P01') {
    return 'The database refuses the role or its password. Run "verve migrate", which makes the role; mend DATABASE_URL.';
  }
  if (code === '28000' || code === '3D000') return `${message}. Run "verve migrate" as the owner.`;
  return code === undefined ? message : `The database does not answer: ${message || String(code)}.`;
}
