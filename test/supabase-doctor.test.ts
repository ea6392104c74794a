import { beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/server/config.ts';
import { examine } from '../src/server/doctor/examine.ts';
import { migrate } from '../src/server/migrate.ts';
import { testSecret } from './harness-verve.ts';
import { startVerve, waitForOutput } from './programs.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { startSupabaseProject } from './supabase/project.ts';

const project = await startSupabaseProject();
const DATABASE_URL = await applyMigrations(project);
const environment = { DATABASE_URL, VERVE_SECRET: testSecret, VERVE_PUBLIC_URL: 'https://verve.example.org' };

/** True of these tests themselves: their cluster keeps nothing through a power cut, and nobody serves the address. */
const ofTheTests = ['commits_not_durable', 'public_url_unreachable'];

/** What the doctor finds, in one list. */
async function findProblems(DATABASE_URL = environment.DATABASE_URL): Promise<string[]> {
  const findings = await examine(loadConfig({ ...environment, DATABASE_URL }));
  const problems = findings.flatMap((finding) => finding.problems);
  return problems.filter(({ code }) => !ofTheTests.includes(code)).map(({ what, mend }) => `${what} ${mend}`);
}

describe('verve doctor in a Supabase project', () => {
  beforeEach(async () => {
    await project.platform.query(`
      delete from vault.secrets where name = 'verve_function_url';
      select vault.create_secret('https://ref.example/functions/v1/verve', 'verve_function_url');
      alter role authenticator reset all`);
    await project.owner.query('select verve_supabase.use_platform()');
  });

  test('finds nothing where everything is in its place', async () => {
    expect(await findProblems()).toEqual([]);
  });

  test('says that nobody sends webhooks before pg_cron knows the function', async () => {
    await project.platform.query(`delete from vault.secrets where name = 'verve_function_url'`);
    expect(await findProblems()).toEqual([
      expect.stringContaining('Nobody sends webhooks: pg_cron does not know the function'),
    ]);
  });

  test('names the jobs that pg_cron lacks or does not run', async () => {
    await project.platform.query(`
      delete from cron.job where jobname = 'verve-fold';
      update cron.job set active = false where jobname = 'verve-deliver'`);
    expect(await findProblems()).toEqual([
      expect.stringContaining('verve-deliver, verve-fold. Call verve_supabase.use_platform()'),
    ]);
    await project.platform.query('update cron.job set active = true');
  });

  test('tells when the API exposes our tables, or not our views', async () => {
    await project.platform.query(`alter role authenticator set pgrst.db_schemas = 'public, verve'`);
    expect(await findProblems()).toEqual([
      expect.stringContaining('The API exposes verve. Expose verve_api alone'),
      expect.stringContaining('The API does not expose verve_api'),
    ]);
    await project.platform.query(`alter role authenticator set pgrst.db_schemas = 'public, graphql_public, verve_api'`);
    expect(await findProblems()).toEqual([]);
  });

  test('tells when Realtime is there and nobody is told', async () => {
    await project.owner.query('drop trigger broadcast_events on verve.referral_events');
    expect(await findProblems()).toEqual([expect.stringContaining('mentors’ apps are told nothing')]);
  });

  test('finds a difference in our tables as anywhere', async () => {
    await project.owner.query('create index planted on verve.shares (channel)');
    expect(await findProblems()).toEqual([expect.stringContaining('only here: CREATE INDEX planted')]);
    await project.owner.query('drop index verve.planted');
  });
});

test('where neither pg_cron nor a server works, the doctor says who could; "verve serve" waits until "verve migrate" made its tables', async () => {
  const plain = await startSupabaseProject({ hasExtensions: false });
  const plainEnvironment = { ...environment, DATABASE_URL: await applyMigrations(plain) };
  const problems = () => findProblems(plainEnvironment.DATABASE_URL);
  expect(await problems()).toEqual([expect.stringContaining('Nobody does recurring work')]);

  const server = startVerve(['serve'], { ...plainEnvironment, PORT: '0' });
  try {
    await waitForOutput(server, /lacks the scheduler’s tables/);
    await migrate({ adminUrl: plain.ownerUrl, appPassword: null });
    await waitForOutput(server, /http:\/\/127\.0\.0\.1:\d+/);
  } finally {
    server.process.kill('SIGTERM');
    await server.ended;
  }
  expect(await problems()).toEqual([]);
  const mutable = await plain.platform.query(`
    select proname from pg_proc where pronamespace = 'verve_jobs'::regnamespace and not coalesce('search_path=""' = any (proconfig), false)`);
  expect(mutable.rows).toEqual([]);
});
