import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate, readMigrationFiles } from '../src/server/migrate.ts';
import { makeScramVerifier } from '../src/server/scram-verifier.ts';
import { makeTestDatabase, testDatabase } from './harness.ts';

const appPassword = 'not-used-because-the-role-exists';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verve-migrations-'));
  await writeFile(join(directory, '0001_first.sql'), 'create table verve_private.first (id int primary key);');
  await writeFile(join(directory, '0002_second.sql'), 'create table verve_private.second (id int primary key);');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('migrating', () => {
  test('applies every file once, in order, and a second run changes nothing', async () => {
    const { adminUrl } = await makeTestDatabase({ template: null });
    const names: string[] = [];
    const first = await migrate({ adminUrl, appPassword, directory, onApplied: (name) => names.push(name) });
    expect(first).toEqual({ applied: ['0001_first.sql', '0002_second.sql'], version: 2 });
    expect(names).toEqual(first.applied);
    expect(await migrate({ adminUrl, appPassword, directory })).toEqual({ applied: [], version: 2 });
  });

  test('from four processes at once applies every file exactly once', async () => {
    const { adminUrl, adminPool } = await makeTestDatabase({ template: null });
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate({ adminUrl, appPassword, directory })));
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_first.sql', '0002_second.sql']);
    const { rows } = await adminPool.query('select count(*) as applied from verve_private.schema_migrations');
    expect(rows).toEqual([{ applied: 2 }]);
  });

  test('keeps what came before a failing file, leaves nothing of it, and names file and line', async () => {
    const { adminUrl, adminPool } = await makeTestDatabase({ template: null });
    await writeFile(join(directory, '0002_second.sql'), 'create table verve_private.half (id int);\nselect nonsense;');
    await expect(migrate({ adminUrl, appPassword, directory })).rejects.toThrow(/0002_second\.sql failed at line 2/);
    const { rows } = await adminPool.query(
      `select to_regclass('verve_private.first') is not null as first, to_regclass('verve_private.half') is not null as half`,
    );
    expect(rows).toEqual([{ first: true, half: false }]);
  });

  test('refuses an applied file that was changed, and says what to do', async () => {
    const { adminUrl } = await makeTestDatabase({ template: null });
    await migrate({ adminUrl, appPassword, directory });
    await writeFile(join(directory, '0001_first.sql'), 'select 1;');
    await expect(migrate({ adminUrl, appPassword, directory })).rejects.toThrow(
      /0001_first\.sql was changed after it was applied.*write the change as a new migration/,
    );
  });

  test('does not mind line ends of another system', async () => {
    const { adminUrl } = await makeTestDatabase({ template: null });
    await writeFile(join(directory, '0001_first.sql'), 'select 1;\nselect 2;\n');
    await migrate({ adminUrl, appPassword, directory });
    await writeFile(join(directory, '0001_first.sql'), 'select 1;\r\nselect 2;\r\n');
    expect(await migrate({ adminUrl, appPassword, directory })).toMatchObject({ applied: [] });
  });

  test('refuses a database that is newer than the program', async () => {
    const { adminUrl } = await makeTestDatabase({ template: null });
    await migrate({ adminUrl, appPassword, directory });
    await rm(join(directory, '0002_second.sql'));
    await expect(migrate({ adminUrl, appPassword, directory })).rejects.toThrow(/newer than this program.*0002_second/);
  });

  test('refuses two files with one number and a badly named file', async () => {
    await writeFile(join(directory, '0002_again.sql'), 'select 1;');
    await expect(readMigrationFiles(directory)).rejects.toThrow(/number 2 is already taken/);
    await rm(join(directory, '0002_again.sql'));
    await writeFile(join(directory, 'third.sql'), 'select 1;');
    await expect(readMigrationFiles(directory)).rejects.toThrow(/third\.sql: a migration is named/);
  });

  test('of the product brings an empty database to where the template is', async () => {
    const { adminUrl, adminPool } = await makeTestDatabase({ template: null });
    const shipped = fileURLToPath(new URL('../sql/migrations', import.meta.url));
    const files = await readMigrationFiles(shipped);
    const result = await migrate({ adminUrl, appPassword });
    expect(result.applied).toEqual(files.map((file) => file.name));
    const { rows } = await adminPool.query(`select to_regclass('verve.organisations') is not null as made`);
    expect(rows).toEqual([{ made: true }]);
  });
});

describe('the roles', () => {
  test('are no superusers, cannot bypass row-level security, and the server inherits nothing', async () => {
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      `select rolname, rolsuper, rolbypassrls, rolinherit, rolcanlogin from pg_roles
        where rolname like 'verve\\_%' or rolname = 'authenticated' order by rolname`,
    );
    const role = { rolsuper: false, rolbypassrls: false, rolinherit: false, rolcanlogin: false };
    expect(rows).toEqual([
      { ...role, rolname: 'authenticated' },
      { ...role, rolname: 'verve_app', rolcanlogin: true },
      { ...role, rolname: 'verve_engine' },
      { ...role, rolname: 'verve_ingest' },
      { ...role, rolname: 'verve_owner', rolinherit: true, rolcanlogin: true },
    ]);
  });

  test('get a password on request, which PostgreSQL takes', async () => {
    const { adminUrl, adminPool, appUrl } = await makeTestDatabase({ template: null });
    await adminPool.query(`create role verve_scram_test login password '${makeScramVerifier('correct horse')}'`);
    const url = new URL(appUrl);
    url.username = 'verve_scram_test';
    url.password = encodeURIComponent('correct horse');
    const client = new Client({ connectionString: url.toString() });
    await client.connect();
    await client.end();
    await adminPool.query('drop role verve_scram_test');
    expect(() => makeScramVerifier('blåbær')).toThrow(/ASCII/);
    await expect(migrate({ adminUrl, appPassword: null, directory })).resolves.toMatchObject({ version: 2 });
  });
});
