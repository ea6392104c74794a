import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { enlistDatabase, openDatabase } from '../src/engine/database.ts';
import { makePool } from '../src/server/pool.ts';
import { testDatabase } from './harness.ts';

/** Cuts the connections of one application, as a restart of PostgreSQL does. */
async function cut(applicationName: string): Promise<void> {
  const { superuserUrl } = await testDatabase();
  const superuser = makePool({ connectionString: superuserUrl, max: 1 });
  await superuser.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    applicationName,
  ]);
  await superuser.end();
}

test.each([
  ['ours', (url: string, name: string) => makePool({ connectionString: url, applicationName: name })],
  [
    'a host’s own',
    (url: string, name: string) => {
      const pool = new Pool({ connectionString: url, application_name: name });
      pool.on('error', () => undefined);
      return pool;
    },
  ],
])(
  'a connection of a pool (%s) that is cut in mid-transaction fails that transaction and nothing else',
  async (whose, open) => {
    const { appUrl } = await testDatabase();
    const name = `cut ${whose === 'ours' ? 1 : 2}`;
    const pool = open(appUrl, name);
    const database = openDatabase({ pool });
    const failing = database.transaction({ role: 'none' }, async (session) => {
      await session.query('select 1');
      await cut(name);
      await new Promise((resolve) => setTimeout(resolve, 50)); // idle within the transaction
      await session.query('select 2');
    });
    await expect(failing).rejects.toThrow('database_unavailable');
    expect(await database.transaction({ role: 'none' }, (session) => session.query('select 3 as three'))).toEqual([
      { three: 3 },
    ]);
    await pool.end();
  },
);

/** What a connection says that is lost while statements are on their way. */
const lost = async () => {
  throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
};

test('work that throws at once fails by itself, also where the connection is lost meanwhile', async () => {
  const database = openDatabase({ pool: { connect: async () => ({ query: lost, release: () => {} }) } });
  const failing = database.transaction({ role: 'none' }, () => {
    throw new Error('refused before anything was asked');
  });
  await expect(failing).rejects.toThrow('database_unavailable');
});

test('a host’s connection that is lost before the first statement is told as the database being away', async () => {
  const database = enlistDatabase({ connection: { query: lost } });
  const failing = database.transaction({ role: 'none' }, (session) => session.query('select 1'));
  await expect(failing).rejects.toMatchObject({ code: 'database_unavailable' });
});
