import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/server/config.ts';
import { type ExamineOptions, examine } from '../src/server/doctor/examine.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../src/server/doctor/problem.ts';
import { makePool } from '../src/server/pool.ts';
import { fromRoot } from './generated-files.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';
import { organisationWithMentor, system, testSecret, testVerve } from './harness-verve.ts';
import { startMailServer } from './mail-server.ts';
import { findPgbouncer, startPgbouncer } from './pgbouncer.ts';
import { makeDataDir, type Program, runVerve, startVerve, waitForOutput } from './programs.ts';

const VERVE_SECRET = testSecret;
/** True of the tests' own cluster, whose data may be lost, and of a set-up without an address. */
const ofTheTests: readonly ProblemCode[] = ['commits_not_durable', 'public_url_missing'];
const seen = new Set<ProblemCode>();
const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

/** What the doctor finds, and by what it is known in the tables. */
async function problemsOf(environment: Record<string, string>, options?: ExamineOptions): Promise<Problem[]> {
  const findings = await examine(loadConfig({ PORT: '0', VERVE_SECRET, ...environment }), options);
  const problems = findings.flatMap((finding) => finding.problems);
  for (const { code } of problems) seen.add(code);
  for (const { what, mend } of problems) expect([what.length, mend.length].every((length) => length > 3)).toBe(true);
  return problems;
}

async function codesOf(environment: Record<string, string>, options?: ExamineOptions): Promise<ProblemCode[]> {
  const codes = (await problemsOf(environment, options)).map(({ code }) => code);
  return codes.filter((code) => !ofTheTests.includes(code));
}

async function migrated(): Promise<TestDatabase & { env: { DATABASE_URL: string } }> {
  const database = await makeTestDatabase({ template: 'verve_template' });
  return { ...database, env: { DATABASE_URL: database.appUrl } };
}

async function asSuperuser(database: TestDatabase, ...statements: string[]): Promise<void> {
  const pool = makePool({ connectionString: database.superuserUrl, max: 1 });
  try {
    for (const statement of statements) await pool.query(statement);
  } finally {
    await pool.end();
  }
}

/** A program that answers everything with its own page. */
async function stranger(): Promise<{ url: string; port: number }> {
  const server = createServer((_, response) => void response.end('{"status":"ready"}'));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => resolve());
  await promise;
  undo.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

async function serve(environment: Record<string, string>): Promise<{ program: Program; port: string }> {
  const program = startVerve(['serve'], { PORT: '0', VERVE_LOG_LEVEL: 'silent', ...environment });
  undo.push(async () => {
    program.process.kill('SIGTERM');
    await program.ended;
  });
  const [, port = ''] = await waitForOutput(program, /ready at http:\/\/[^:]+:(\d+)/);
  return { program, port };
}

describe('an embedded installation', () => {
  const { dataDir, remove } = makeDataDir();
  let port = '';
  let program: Program;

  beforeAll(async () => {
    program = startVerve(['serve'], { PORT: '0', VERVE_DATA_DIR: dataDir, VERVE_LOG_LEVEL: 'silent' });
    [, port = ''] = await waitForOutput(program, /ready at http:\/\/127\.0\.0\.1:(\d+)/);
  }, 60_000);
  afterAll(async () => {
    program.process.kill('SIGTERM');
    await program.ended;
    await remove();
  });

  async function asItsSuperuser() {
    const read = (name: string) => readFile(join(dataDir, name), 'utf8');
    const { superuser } = JSON.parse(await read('database-passwords.json')) as { superuser: string };
    const clusterPort = (await read('postgres/postmaster.pid')).split('\n')[3];
    const url = `postgres://postgres:${superuser}@127.0.0.1:${clusterPort}/verve`;
    const pool = makePool({ connectionString: url, max: 1 });
    undo.push(() => pool.end());
    return pool;
  }

  const here = () => ({
    PORT: port,
    VERVE_DATA_DIR: dataDir,
    VERVE_SECRET: '',
    VERVE_PUBLIC_URL: `http://127.0.0.1:${port}`,
  });

  test('that runs has nothing to mend: its address and its port are its own', async () => {
    const problems = await problemsOf(here());
    expect(problems.map(({ code }) => code)).toEqual(['organisation_without_link_domain']);
    const { code, output } = await runVerve(['doctor', '--json'], here());
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ healthy: true });
  });

  test('is told when the address is answered by another installation, or another server', async () => {
    const other = await migrated();
    const away = await serve({ DATABASE_URL: other.appUrl, VERVE_SECRET });
    const told = await codesOf({ ...here(), VERVE_PUBLIC_URL: `http://127.0.0.1:${away.port}` });
    expect(told).toContain('public_url_answers_other');
    expect(await codesOf({ ...here(), VERVE_PUBLIC_URL: (await stranger()).url })).toContain(
      'public_url_answers_other',
    );
  });

  test('is told when its disk is nearly full, or its secret open to others', async () => {
    const full = await codesOf(here(), { leastFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(full).toContain('disk_nearly_full');
    await chmod(join(dataDir, 'secret'), 0o644);
    undo.push(() => chmod(join(dataDir, 'secret'), 0o600));
    expect(await codesOf(here())).toContain('data_folder_open');
  });

  test('is told when PostgreSQL was set to lose what it has said it keeps', async () => {
    const superuser = await asItsSuperuser();
    expect(await codesOf(here())).not.toContain('commits_not_durable');
    await superuser.query('alter role verve_app in database verve set synchronous_commit = off');
    undo.push(() => superuser.query('alter role verve_app in database verve reset synchronous_commit'));
    const problems = await problemsOf(here());
    expect(problems.find(({ code }) => code === 'commits_not_durable')?.what).toContain('synchronous_commit');
  });

  test('is told when its role lost what it works with', async () => {
    const superuser = await asItsSuperuser();
    await superuser.query('revoke verve_engine from verve_app granted by verve_owner cascade');
    undo.push(() => superuser.query('grant verve_engine to verve_app granted by verve_owner'));
    expect(await codesOf(here())).toEqual(['role_too_weak']);
  });
});

describe('the data folder', () => {
  test('that is not there, or no folder, or of another PostgreSQL, is said to be so, and nothing is made', async () => {
    const { dataDir, remove } = makeDataDir();
    undo.push(remove);
    const env = { VERVE_DATA_DIR: dataDir, VERVE_SECRET: '' };
    expect(await codesOf(env)).toEqual(['data_folder_missing']);
    expect(await codesOf(env)).toEqual(['data_folder_missing']); // the first look made none
    await writeFile(dataDir, 'no folder');
    expect(await codesOf(env)).toEqual(['data_folder_unusable']);
    await rm(dataDir);
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres/PG_VERSION'), '14\n');
    await writeFile(join(dataDir, 'database-passwords.json'), '{"superuser":"a","owner":"b","app":"c"}', {
      mode: 0o600,
    });
    const [problem] = await problemsOf(env);
    expect(problem).toMatchObject({ code: 'database_does_not_start', what: expect.stringContaining('PostgreSQL 14') });
    await rm(join(dataDir, 'database-passwords.json'));
    expect(await codesOf(env)).toEqual(['database_does_not_start']);
  });
});

describe('the address', () => {
  test('that nobody answers, or that is not https, is told', async () => {
    const { env } = await migrated();
    expect(await codesOf({ ...env, VERVE_PUBLIC_URL: 'http://127.0.0.1:1' })).toEqual(['public_url_unreachable']);
    expect(await codesOf({ ...env, VERVE_PUBLIC_URL: 'http://verve.invalid' })).toEqual([
      'public_url_not_https',
      'public_url_unreachable',
    ]);
    expect((await problemsOf(env)).find(({ code }) => code === 'public_url_missing')?.level).toBe('notice');
    const whatOf = async (given: typeof env & { PORT?: string }) =>
      (await problemsOf(given)).find(({ code }) => code === 'public_url_missing')?.what;
    expect(await whatOf({ ...env, PORT: '' })).toMatch(/:3000\. PORT is not set here/);
    expect(await whatOf({ ...env, PORT: '8080' })).toMatch(/:8080\.$/);
  });

  test('whose port another program has is told with its number', async () => {
    const { env } = await migrated();
    const { port } = await stranger();
    const problems = await problemsOf({ ...env, PORT: String(port) });
    expect(problems.find(({ code }) => code === 'port_taken')?.what).toBe(`Port ${port} is taken.`);
  });

  test('whose clock goes wrong is told by how much', async () => {
    const { env } = await migrated();
    const told = async (ms: number) =>
      (await problemsOf(env, { now: () => Date.now() + ms })).find(({ code }) => code === 'clocks_differ')?.what;
    expect(await told(90_000)).toMatch(/9\d seconds ahead of/);
    expect(await told(-90_000)).toMatch(/\d\d seconds behind/);
    expect(await told(1_000)).toBeUndefined();
  });

  test('of the mail server is tried with its name and password', async () => {
    const { env } = await migrated();
    const server = await startMailServer({ onAuth: (_auth, _session, done) => done(new Error('no')) });
    undo.push(server.close);
    const mail = { VERVE_MAIL_FROM: 'verve@example.org', VERVE_SMTP_URL: server.url.replace('//', '//verve:hunter2@') };
    const problems = await problemsOf({ ...env, ...mail });
    expect(problems.find(({ code }) => code === 'mail_refused')?.what).toMatch(/^(?!.*hunter2).*\(535\)/);
    const open = await startMailServer();
    undo.push(open.close);
    expect(await codesOf({ ...env, ...mail, VERVE_SMTP_URL: open.url })).toEqual([]);
  });
});

describe('the database', () => {
  test('that is down, unknown, or refuses the password is told', async () => {
    const { appUrl } = await migrated();
    const wrongPassword = appUrl.replace(/:[^:@]+@/, ':hunter2@');
    const unknown = appUrl.replace(/\/verve_test_\w+$/, '/nowhere');
    const codes = [];
    for (const url of ['postgres://verve_app:x@127.0.0.1:1/verve', wrongPassword, unknown]) {
      codes.push(...(await codesOf({ DATABASE_URL: url })));
    }
    expect(codes).toEqual(['database_unreachable', 'database_refuses', 'database_refuses']);
  });

  test('is not asked as superuser or owner', async () => {
    const { superuserUrl, adminUrl } = await migrated();
    expect(await codesOf({ DATABASE_URL: superuserUrl })).toEqual(['role_too_strong']);
    expect(await codesOf({ DATABASE_URL: adminUrl })).toContain('role_too_strong');
  });

  test('that is read-only, or too small, or writes values into its log, is told', async () => {
    const database = await migrated();
    const { name, env } = database;
    await asSuperuser(database, `alter database ${name} set log_statement = 'all'`);
    expect(await codesOf(env)).toEqual(['log_holds_values']);
    await asSuperuser(database, `alter database ${name} set log_parameter_max_length = 0`);
    expect(await codesOf(env)).toEqual([]);
    expect(await codesOf({ ...env, VERVE_POOL_SIZE: '400' })).toEqual(['too_few_connections']);
    await asSuperuser(database, `alter database ${name} set default_transaction_read_only = on`);
    expect(await codesOf(env)).toEqual(['database_is_a_copy']);
  });

  test('that holds no UTF-8 is told', async () => {
    const { superuserUrl, name } = await makeTestDatabase({ template: null });
    const superuser = makePool({ connectionString: superuserUrl, max: 1 });
    await superuser.query(
      `create database ${name}_ascii template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
    );
    undo.push(async () => {
      await superuser.query(`drop database ${name}_ascii with (force)`);
      await superuser.end();
    });
    const { appUrl } = await migrated();
    expect(await codesOf({ DATABASE_URL: appUrl.replace(/[^/]+$/, `${name}_ascii`) })).toContain('encoding_not_utf8');
  });

  test.skipIf(findPgbouncer() === null)(
    'behind a pooler in transaction mode is told; the server says so and stops',
    async () => {
      const { appUrl, env } = await migrated();
      const pooler = await startPgbouncer(findPgbouncer() ?? '', appUrl);
      undo.push(pooler.close);
      expect(await codesOf(env)).not.toContain('pooler_in_transaction_mode');
      expect(await codesOf({ DATABASE_URL: pooler.url })).toContain('pooler_in_transaction_mode');
      const server = await runVerve(['serve'], { DATABASE_URL: pooler.url, VERVE_SECRET, PORT: '0' });
      expect(server.code).not.toBe(0);
      expect(server.errors).toContain('pooler in transaction mode');
    },
  );
});

describe('the schema', () => {
  test('that is behind, half-way, ahead, or changed afterwards is told', async () => {
    const empty = await makeTestDatabase({ template: null });
    expect(new Set(await codesOf({ DATABASE_URL: empty.appUrl }))).toEqual(new Set(['migrations_behind']));
    const { env, adminPool } = await migrated();
    await adminPool.query('delete from verve_private.schema_migrations where version = 9');
    expect((await problemsOf(env)).map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^0009_\w+\.sql is not applied/),
    );
    await adminPool.query(`insert into verve_private.schema_migrations values (9, '0009_people.sql', 'x')`);
    expect(await codesOf(env)).toEqual(['migrations_unusable']);
    await adminPool.query(`insert into verve_private.schema_migrations values (9999, '9999_later.sql', 'x')`);
    expect((await problemsOf(env)).map(({ what }) => what)).toContainEqual(
      expect.stringContaining('newer than this program'),
    );
  });

  test.each([
    ['a constraint', 'alter table verve.mentors drop constraint mentors_status_is_known', 'mentors_status_is_known'],
    [
      'a policy',
      `drop policy "the engine works within one organisation" on verve.shares`,
      'the engine works within one',
    ],
    ['an index', 'drop index verve.referral_codes_one_active_per_owner', 'one_active'],
    ['a grant', 'revoke update on verve.reviews from verve_engine', 'select, update on verve.reviews'],
    ['a trigger', 'drop trigger audit_log_entries_stay on verve.audit_log', 'audit_log_entries_stay'],
  ])('that lacks %s is told by its name', async (_, statement, name) => {
    const { env, adminPool } = await migrated();
    await adminPool.query(statement);
    const problems = (await problemsOf(env)).filter(({ code }) => code === 'schema_differs');
    expect(problems.map(({ what }) => what)).toContainEqual(expect.stringContaining(name));
  });

  test('with a table that anybody may read is told', async () => {
    const { env, adminPool } = await migrated();
    await adminPool.query('alter table verve.mentors no force row level security');
    expect(await codesOf(env)).toContain('table_unguarded');
  });

  test('without its scheduler, or with half of it, is told', async () => {
    const statements = {
      'drop schema verve_jobs cascade': 'jobs_missing',
      'drop table verve_jobs.schedule cascade': 'jobs_half_installed',
      'revoke all on all tables in schema verve_jobs from verve_app': 'jobs_half_installed',
      'revoke usage on schema verve_jobs from verve_app': 'jobs_half_installed',
      "delete from verve_jobs.queue where name = 'organisation'": 'jobs_half_installed',
    };
    for (const [statement, code] of Object.entries(statements)) {
      const { env, adminPool } = await migrated();
      await adminPool.query(statement);
      expect([statement, await codesOf(env)]).toEqual([statement, [code]]);
    }
  }, 60_000);

  test('of another secret is told by the secret’s id, and never by the secret', async () => {
    const { env, pool } = await migrated();
    await organisationWithMentor(await testVerve({ pool }));
    const problems = await problemsOf({ ...env, VERVE_SECRET: 'another secret of which nothing must be told' });
    const told = problems.find(({ code }) => code === 'secret_unknown');
    expect(told?.what).toMatch(/uses the secret [0-9a-f]{8}/);
    expect(JSON.stringify(problems)).not.toMatch(/nothing must be told|exists in tests only/);
  });
});

describe('the work', () => {
  test('that stands still is told: parked, gone, failing, late, and tasks that fail', async () => {
    const { env, adminPool, pool } = await migrated();
    const { orgId } = await organisationWithMentor(await testVerve({ pool }));
    await adminPool.query(
      `with endpoints as (
         insert into verve.webhook_endpoints (org_id, url, sealed_secret, created_by, status, disabled_reason, failing_since)
         values ($1, 'https://a.example.no/', '\\x00', 'test', 'enabled', null, now()),
           ($1, 'https://b.example.no/', '\\x00', 'test', 'disabled', 'gone', null) returning id, status)
       insert into verve.webhook_deliveries (org_id, endpoint_id, status, parked_at, due_at)
       select $1, id, 'parked', now(), now() from endpoints where status = 'enabled'
       union all select $1, id, 'pending', null, now() - interval '10 minutes' from endpoints where status = 'enabled'`,
      [orgId],
    );
    await adminPool.query(
      `insert into verve_jobs.job (name, data, state, completed_on) values ('recurring', '{"task":"click-counts"}', 'failed', now())`,
    );
    expect(new Set(await codesOf(env))).toEqual(
      new Set(['task_failing', 'nobody_at_work', 'deliveries_parked', 'endpoint_gone', 'endpoint_failing']),
    );
  });
});

describe('an organisation', () => {
  const dataverse = {
    environmentUrl: 'https://contoso.crm4.dynamics.com',
    tenantId: 'contoso.example',
    clientId: '0a0a0a0a-0000-4000-8000-000000000001',
    table: 'new_membership',
    entitySet: 'new_memberships',
    id: 'new_membershipid',
    referralCode: 'new_code',
    memberLookup: 'new_member',
    status: 'statuscode',
    statusMap: { '1': 'confirmed' as const },
  };

  test('without link domain, join page or readable settings is told by its slug', async () => {
    const { env, adminPool, pool } = await migrated();
    const verve = await testVerve({ pool });
    const { orgId } = await organisationWithMentor(verve);
    expect(await codesOf(env)).toEqual([]);
    const set = (assignment: string) =>
      adminPool.query(`update verve.organisations set ${assignment} where id = $1`, [orgId]);
    await set(`join_url_template = 'http://verv.example.no/{code}'`);
    expect(await codesOf(env)).toEqual(['join_page_refused']);
    await set(`join_url_template = null, settings = '{"joinForm": {"isShown": false}}'`);
    expect(await codesOf(env)).toEqual(['nowhere_to_join']);
    await set(`settings = '{}', link_domains = '{}'`);
    expect(await codesOf(env)).toEqual(['organisation_without_link_domain']);
    await set(`settings = '{"clicks": {"matchWindowHours": "soon"}}'`);
    expect(await codesOf(env)).toEqual(['settings_unreadable']);
  });

  test('that wants letters where no mail server is configured is told', async () => {
    const { env, pool } = await migrated();
    const verve = await testVerve({ pool });
    const { orgId } = await organisationWithMentor(verve);
    const change = { settings: { digest: { mailTo: ['solveig@example.org'] } } };
    await verve.organisations.update({ orgId, actor: system, change });
    const problems = await problemsOf(env);
    expect(problems.map(({ code }) => code)).toContain('digest_without_mail');
    expect(JSON.stringify(problems)).not.toContain('solveig');
    const server = await startMailServer();
    undo.push(server.close);
    const mail = { VERVE_SMTP_URL: server.url, VERVE_MAIL_FROM: 'verve@example.org' };
    expect(await codesOf({ ...env, ...mail })).toEqual([]);
  });

  test('whose Dataverse has no secret, or one that ends soon, or failed last time, is told', async () => {
    const { env, adminPool, pool } = await migrated();
    const verve = await testVerve({ pool });
    const { orgId } = await organisationWithMentor(verve);
    await verve.organisations.update({ orgId, actor: system, change: { settings: { dataverse } } });
    expect(await codesOf(env)).toEqual(['dataverse_secret_missing']);
    await adminPool.query(
      `insert into verve.organisation_secrets (org_id, purpose, version, sealed, expires_at)
       values ($1, 'dataverse_client', 1, '\\x00', now() + interval '5 days')`,
      [orgId],
    );
    expect(await codesOf(env)).toEqual(['dataverse_secret_expires']);
    await adminPool.query(
      `update verve.organisation_secrets set expires_at = now() - interval '1 day' where purpose = 'dataverse_client'`,
    );
    expect(await codesOf(env)).toEqual(['dataverse_secret_missing']);
    await adminPool.query(`update verve.organisation_secrets set expires_at = null where purpose = 'dataverse_client'`);
    await adminPool.query(
      `insert into verve.reconciliation_runs (org_id, trigger, status, finished_at, error_code)
       values ($1, 'schedule', 'failed', now(), 'credentials_refused')`,
      [orgId],
    );
    const problems = await problemsOf(env);
    expect(problems.find(({ code }) => code === 'reconciliation_failed')?.what).toContain('credentials_refused');
  });
});

test('everything that the doctor can say was said here', () => {
  // PostgreSQL 14 is on no machine of ours; the platform's are in supabase-doctor.test.ts; /metrics in metrics.test.ts.
  const elsewhere = ['postgres_too_old', 'platform', 'metrics_are_public'];
  if (findPgbouncer() === null) elsewhere.push('pooler_in_transaction_mode');
  const unsaid = Object.keys(PROBLEMS).filter((code) => !seen.has(code as ProblemCode) && !elsewhere.includes(code));
  expect(unsaid).toEqual([]);
});

test('docs/doctor.md has a row for each, and names the notices', async () => {
  const page = await readFile(fromRoot('docs/doctor.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9_]+)`/gm)].map((match) => match[1]);
  expect(rows).toEqual(Object.keys(PROBLEMS));
  const said = page.slice(page.indexOf('Notices are'), page.indexOf('the rest are faults'));
  const notices = Object.entries(PROBLEMS).filter(([, { level }]) => level === 'notice');
  expect([...said.matchAll(/`([a-z0-9_]+)`/g)].map((match) => match[1])).toEqual(notices.map(([code]) => code));
});
