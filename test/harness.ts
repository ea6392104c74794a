import { randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, inject } from 'vitest';
import { type Database, openDatabase } from '../src/engine/database.ts';
import { makePool } from '../src/server/pool.ts';
import { TEMPLATE } from './cluster.ts';

/** A migrated database of the test file's own. Everything in it is closed and dropped after the file. */
export interface TestDatabase {
  readonly name: string;
  /** The owner, who migrates. */
  readonly adminUrl: string;
  /** `verve_app`, as which the server connects. */
  readonly appUrl: string;
  readonly superuserUrl: string;
  /** Connections of `verve_app`. */
  readonly pool: Pool;
  /** Connections of the owner: sees every row, for arranging and for looking behind the curtain. */
  readonly adminPool: Pool;
  /** The engine's door over `pool`, on the database's own clock. */
  readonly database: Database;
}

let own: Promise<TestDatabase> | undefined;

/** The database of this test file: made at the first call, the same one afterwards. */
export function testDatabase(): Promise<TestDatabase> {
  own ??= makeTestDatabase({ template: TEMPLATE });
  return own;
}

/** Another database for tests that need more than one, or (template null) one without any table. */
export async function makeTestDatabase(options: { template: string | null }): Promise<TestDatabase> {
  const cluster = inject('cluster');
  const name = `verve_test_${randomBytes(6).toString('hex')}`;
  await runAsSuperuser(
    `create database ${name} owner verve_owner${options.template === null ? '' : ` template ${options.template}`}`,
  );
  const at = (url: string): string => url.replace(/\/postgres$/, `/${name}`);
  const appUrl = at(cluster.appUrl);
  const adminUrl = at(cluster.ownerUrl);
  const pool = makePool({ connectionString: appUrl, max: 16, applicationName: 'verve test' });
  const adminPool = makePool({ connectionString: adminUrl, max: 4, applicationName: 'verve test owner' });
  afterAll(async () => {
    await Promise.all([pool.end(), adminPool.end()]);
    await runAsSuperuser(`drop database if exists ${name} with (force)`);
  });
  const superuserUrl = at(cluster.superuserUrl);
  return { name, adminUrl, appUrl, superuserUrl, pool, adminPool, database: openDatabase({ pool }) };
}

/** An organisation that no other test knows. */
export async function freshOrganisation(
  options: { name?: string; settings?: Record<string, unknown>; linkDomains?: string[] } = {},
): Promise<{ orgId: string; slug: string }> {
  const { adminPool } = await testDatabase();
  const orgId = randomUUID();
  const slug = `org-${orgId.slice(0, 13)}`;
  await adminPool.query(
    'insert into verve.organisations (id, slug, name, settings, link_domains) values ($1, $2, $3, $4, $5)',
    [orgId, slug, options.name ?? 'Lydhør', options.settings ?? {}, options.linkDomains ?? []],
  );
  return { orgId, slug };
}

async function runAsSuperuser(statement: string): Promise<void> {
  const pool = makePool({ connectionString: inject('cluster').superuserUrl, max: 1 });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}
