import type { Pool } from 'pg';
import { listUnguardedTables } from '../catalog-repository.ts';
import type { Config } from '../config.ts';
import { readSecrets } from '../data-secret.ts';
import { hasJobTables } from '../jobs-repository.ts';
import { findSecretProblems } from '../known-secrets.ts';
import { openPostgres } from '../open-postgres.ts';
import { makePool } from '../pool.ts';
import { findPlatformProblems } from '../supabase/platform-problems.ts';
import { readPlatformStanding } from '../supabase/platform-repository.ts';
import { checkMail, checkPort, checkPublicUrl } from './check-address.ts';
import { checkFolder } from './check-folder.ts';
import { checkJobs } from './check-jobs.ts';
import { checkOrganisations } from './check-organisations.ts';
import { checkClock, checkPooler, checkRole, checkSettings, explainConnection } from './check-postgres.ts';
import { checkDrift, checkMigrations } from './check-schema.ts';
import { checkWork } from './check-work.ts';
import { type Problem, problem, problemOf } from './problem.ts';

/** One thing that was looked at. `problems` is empty when it is as it should be. */
export interface Finding {
  readonly check: string;
  readonly problems: readonly Problem[];
}

/** What `examine` may be told. */
export interface ExamineOptions {
  /** This machine's clock. (Default: Date.now) */
  readonly now?: () => number;
  /** Bytes below which a disk counts as nearly full. (Default: 1 GB) */
  readonly leastFreeBytes?: number;
}

type Look = (check: string, work: () => Promise<readonly Problem[]>) => Promise<boolean>;

/**
 * Examines an installation as its server would see it: the address, the port, the data folder, the database and its role,
 * migrations, differences between the live schema and sql/schema.sql, row-level security, secrets, jobs, stuck work,
 * every organisation's settings, and in a Supabase project what of the platform is used. Changes nothing; a database
 * that is not running is started for the while, where it is the embedded one.
 */
export async function examine(config: Config, options: ExamineOptions = {}): Promise<Finding[]> {
  const { now = Date.now, leastFreeBytes = 1_000_000_000 } = options;
  const findings: Finding[] = [];
  const look: Look = async (check, work) => {
    const problems = await work().catch((error: unknown) => [explainConnection(error)]);
    findings.push({ check, problems });
    return problems.every(({ level }) => level === 'notice');
  };
  if (config.mail !== null) await look('mail', () => checkMail(config.mail));
  const isEmbedded = config.databaseUrl === null;
  if (isEmbedded) {
    const isUsable = await look('data folder', () => checkFolder(config.dataDir, leastFreeBytes));
    const hasNothing = findings.some(({ problems }) => problems.some(({ code }) => code === 'data_folder_missing'));
    if (!isUsable || hasNothing) return findings;
  }
  const postgres = await openPostgres(config, { use: 'guest' }).catch((error: Error) => {
    const mend = `See the end of ${config.dataDir}/postgres.log.`;
    findings.push({ check: 'database', problems: [problem('database_does_not_start', error.message, mend)] });
    return null;
  });
  if (postgres === null) return findings;
  const pool = makePool({ connectionString: postgres.appUrl, max: 2, applicationName: 'verve doctor' });
  try {
    await examineDatabase({ config, pool, look, now, appUrl: postgres.appUrl });
    return findings;
  } finally {
    await pool.end();
    await postgres.close();
  }
}

async function examineDatabase(given: {
  config: Config;
  pool: Pool;
  look: Look;
  now: () => number;
  appUrl: string;
}): Promise<void> {
  const { config, pool, look, now, appUrl } = given;
  if (!(await look('the server’s role', () => checkRole(pool)))) return;
  await look('PostgreSQL’s settings', () => checkSettings(pool, config.poolSize));
  await look('connection', () => checkPooler(appUrl));
  await look('clocks', () => checkClock(pool, now));
  const secrets = await readSecrets(config);
  if (await look('migrations', () => checkMigrations(pool))) {
    await look('schema as in sql/schema.sql', () => checkDrift(pool));
    await look('secrets', async () =>
      (await findSecretProblems(pool, secrets)).map((text) => problemOf('secret_unknown', text)),
    );
    const platform = await readPlatformStanding(pool);
    const hasJobs = await hasJobTables(pool);
    await look('jobs', () => checkJobs(pool, { hasJobs, isOnPlatform: platform !== null }));
    await look('deliveries and messages', () => checkWork(pool));
    await look('organisations', () => checkOrganisations(pool, { now, hasMail: config.mail !== null }));
    if (platform !== null) {
      await look('Vault, pg_cron and Realtime', async () =>
        findPlatformProblems(platform, hasJobs).map((text) => problemOf('platform', text)),
      );
    }
    const here = { config, pool, secrets, hasProof: platform === null };
    await look('public address', () => checkPublicUrl(here));
    await look('port', () => checkPort(here));
  }
  await look('row-level security on every table and partition', async () =>
    (await listUnguardedTables(pool)).map((name) =>
      problem(
        'table_unguarded',
        `${name} has no forced row-level security.`,
        `As the owner: select verve_private.guard('${name}');`,
      ),
    ),
  );
}
