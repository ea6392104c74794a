import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { isAlive, readPostmaster } from '../src/server/postmaster.ts';
import { fromRoot } from './generated-files.ts';
import { makeDataDir, type Program, startProgram, waitForOutput } from './programs.ts';

let dataDir: string;
let remove: () => Promise<void>;

beforeEach(() => {
  ({ dataDir, remove } = makeDataDir());
});

afterEach(() => remove());

async function ask<Row>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** A process of its own that holds the data directory like a server and can be killed. */
function startHolder(): Program {
  const text = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(fromRoot('src/server/embedded-postgres.ts'))});
    const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log('holding ' + postgres.pid);
    setInterval(() => undefined, 1000);`;
  return startProgram(['--input-type=module', '--eval', text]);
}

describe('the embedded PostgreSQL', () => {
  test('starts durable, with checksums, UTF-8, on loopback only, for an owner who is no superuser', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding'];
    const settings = await ask(
      postgres.url('owner'),
      `select name, setting from pg_settings where name in ('${names.join("', '")}', 'listen_addresses', 'unix_socket_directories', 'log_error_verbosity') order by name`,
    );
    expect(Object.fromEntries(settings.map((row) => Object.values(row as object)))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      log_error_verbosity: 'terse',
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
    });
    const owner = await ask(
      postgres.url('owner'),
      `select current_user, rolsuper, rolcreaterole, pg_get_userbyid(datdba) as "databaseOwner"
         from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
    );
    expect(owner).toEqual([
      { current_user: 'verve_owner', rolsuper: false, rolcreaterole: true, databaseOwner: 'verve_owner' },
    ]);
    await postgres.stop();
  });

  test('takes nobody without the password, which lies in a file that only we can read', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: false });
    const wrong = postgres.url('owner').replace(postgres.passwords.owner, 'wrong');
    await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(dataDir, 'database-passwords.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    const rules = await ask<{ auth_method: string }>(
      postgres.url('superuser'),
      'select auth_method from pg_hba_file_rules',
    );
    expect(new Set(rules.map((rule) => rule.auth_method))).toEqual(new Set(['scram-sha-256']));
    await postgres.stop();
  });

  test('keeps its data, stops completely, and starts warm within a second', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first.url('owner'), "create table kept as select 'still here' as word");
    await first.stop();
    await expect.poll(() => isAlive(first.pid)).toBe(false);
    const begun = performance.now();
    const second = await startEmbeddedPostgres({ dataDir });
    expect(await ask(second.url('owner'), 'select word from kept')).toEqual([{ word: 'still here' }]);
    expect(performance.now() - begun).toBeLessThan(3000); // 60 ms on an idle machine; tests share theirs.
    await second.stop();
  });

  test('starts below a folder that only we may enter', async () => {
    const closed = join(dataDir, 'closed');
    await mkdir(closed, { recursive: true });
    await chmod(closed, 0o700);
    const postgres = await startEmbeddedPostgres({ dataDir: join(closed, 'data'), isDurable: false });
    expect(await ask(postgres.url('owner'), 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  test('is taken over after its server was killed', async () => {
    const holder = startHolder();
    const [, pid] = await waitForOutput(holder, /holding (\d+)/);
    holder.process.kill('SIGKILL');
    await holder.ended;
    expect(isAlive(Number(pid))).toBe(true);
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect({ pid: postgres.pid, wasRunning: postgres.wasRunning }).toEqual({ pid: Number(pid), wasRunning: true });
    await postgres.stop();
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('keeps every committed row when PostgreSQL itself is killed', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first.url('owner'), 'create table kept as select generate_series(1, 1000) as n');
    process.kill(first.pid, 'SIGKILL');
    while (isAlive(first.pid) && (await readPostmaster(join(dataDir, 'postgres')))) await new Promise(setImmediate);
    const second = await startEmbeddedPostgres({ dataDir });
    expect(await ask(second.url('owner'), 'select count(*)::int from kept')).toEqual([{ count: 1000 }]);
    await second.stop();
    await first.stop();
  });

  test('refuses a second server plainly, takes guests, and the last one out stops it', async () => {
    const holder = startHolder();
    const [, pid] = await waitForOutput(holder, /holding (\d+)/);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      `Another Verve server (process ${holder.process.pid}) already uses the data folder ${dataDir}.`,
    );
    const guest = await startEmbeddedPostgres({ dataDir, use: 'guest' });
    holder.process.kill('SIGKILL');
    await holder.ended;
    expect(await ask(guest.url('owner'), 'select 1 as one')).toEqual([{ one: 1 }]);
    const another = await startEmbeddedPostgres({ dataDir, use: 'guest' });
    await guest.stop();
    expect(isAlive(Number(pid))).toBe(true);
    await another.stop();
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('stops completely while its lost place is being taken again', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: false });
    const other = new Client({ connectionString: postgres.url('superuser', 'postgres') });
    await other.connect();
    const places = `from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and pid <> pg_backend_pid()`;
    const { rows } = await other.query<{ key: number }>(
      `select objid::int as key, pg_terminate_backend(pid) ${places} and granted`,
    );
    // Whoever takes the place again waits for this one, and is told to leave meanwhile.
    await other.query('select pg_advisory_lock($1)', [rows[0]?.key]);
    const countWaiting = async () => (await other.query(`select ${places} and not granted`)).rowCount;
    await expect.poll(countWaiting, { timeout: 10_000 }).toBe(1);
    const stopped = postgres.stop();
    await other.end();
    await stopped;
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('stops completely where the connection that holds its place is lost while it is given up', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: false });
    const [holder] = await ask<{ pid: number }>(
      postgres.url('superuser', 'postgres'),
      `select pid from pg_locks where locktype = 'advisory' and mode = 'ShareLock'`,
    );
    const pid = holder?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await ask(postgres.url('superuser', 'postgres'), `select pg_terminate_backend(${pid})`);
    const stopped = postgres.stop();
    await sleep(200); // the question whether we are the last is on its way
    process.kill(pid, 'SIGCONT');
    await stopped;
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('stops completely in a process that has nothing else to do when its place has just been lost', async () => {
    const text = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(fromRoot('src/server/embedded-postgres.ts'))});
      const { makePool } = await import(${JSON.stringify(fromRoot('src/server/pool.ts'))});
      const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, isDurable: false });
      const pool = makePool({ connectionString: postgres.url('superuser', 'postgres'), max: 1 });
      await pool.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and mode = 'ShareLock'");
      await pool.end();
      setTimeout(() => postgres.stop().then(() => console.log('stopped')), 50);`;
    const program = startProgram(['--input-type=module', '--eval', text]);
    await program.ended;
    expect(program.errors()).toBe('');
    expect(program.output()).toContain('stopped');
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('starts anew where the one before is still being stopped', async () => {
    const clusterDir = join(dataDir, 'postgres');
    const first = await startEmbeddedPostgres({ dataDir, isDurable: false });
    const client = new Client({ connectionString: first.url('owner') });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    // PostgreSQL waits for this session, which cannot end.
    process.kill(rows[0]?.pid ?? 0, 'SIGSTOP');
    const stopped = first.stop();
    await expect.poll(async () => (await readPostmaster(clusterDir))?.isReady, { timeout: 10_000 }).toBe(false);
    const starting = startEmbeddedPostgres({ dataDir, isDurable: false });
    await sleep(300);
    process.kill(rows[0]?.pid ?? 0, 'SIGCONT');
    await stopped;
    const second = await starting;
    expect(second.pid).not.toBe(first.pid);
    expect(await ask(second.url('owner'), 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
    expect(await readPostmaster(clusterDir)).toBeNull();
  }, 30_000);

  test('is made once by several processes that start at the same time', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, () => startEmbeddedPostgres({ dataDir, use: 'guest', isDurable: false })),
    );
    expect(new Set(all.map((postgres) => postgres.pid)).size).toBe(1);
    await Promise.all(all.map((postgres) => postgres.stop()));
    expect((await readdir(dataDir)).sort()).toEqual(['database-passwords.json', 'postgres', 'postgres.log']);
  });

  test('starts where the process id in a left-over file belongs to somebody else now', async () => {
    const first = await startEmbeddedPostgres({ dataDir, isDurable: false });
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await first.stop();
    await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'));
    const second = await startEmbeddedPostgres({ dataDir, isDurable: false });
    expect(await ask(second.url('owner'), 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  test('says what to do about a lost password file and a cluster of another version', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: false });
    await postgres.stop();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/made by PostgreSQL 17; this is PostgreSQL 18/);
    await rm(join(dataDir, 'database-passwords.json'));
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/database-passwords\.json is missing.*Restore/);
    expect(existsSync(join(dataDir, 'database-passwords.json'))).toBe(false);
  });
});
