import { randomUUID } from 'node:crypto';
import { createVerve, type Verve } from '../src/engine/verve.ts';
import { TEMPLATE } from './cluster.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';
import { newMentor, system } from './harness-verve.ts';

/** The secret of the installations that are backed up in tests. */
export const installationSecret = 'an-invented-secret-of-an-installation-that-is-backed-up';

/** A database of its own with an engine over it, for tests that take a whole installation from one place to another. */
export interface Installation {
  readonly db: TestDatabase;
  readonly verve: Verve;
  /** What `verve …` needs in its environment to work on it. */
  readonly environment: Record<string, string>;
}

export async function newInstallation(template: string | null = TEMPLATE): Promise<Installation> {
  const db = await makeTestDatabase({ template });
  const environment = {
    DATABASE_URL: db.appUrl,
    VERVE_ADMIN_DATABASE_URL: db.adminUrl,
    VERVE_SECRET: installationSecret,
  };
  return { db, verve: createVerve({ database: db.pool, secret: installationSecret }), environment };
}

/** An organisation with a mentor, a code and a webhook endpoint. */
export async function fillOrganisation({ verve }: Pick<Installation, 'verve'>) {
  const { orgId } = await verve.organisations.create({ actor: system, slug: `t-${randomUUID()}`, name: 'Lydhør' });
  const mentorId = await newMentor(verve, orgId);
  const given = await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
  if (!('code' in given)) throw new Error(given.outcome);
  await verve.webhookEndpoints.create({ orgId, actor: system }, { url: 'https://merker.example.no/' });
  return { orgId, mentorId, code: given.code.code };
}

/** What every table holds, as one digest each; without what belongs to a cluster. */
export async function digestTables({ db }: Pick<Installation, 'db'>): Promise<Record<string, string>> {
  const { rows } = await db.adminPool.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and (nspname = 'verve' or nspname = 'verve_jobs' and relname = 'job')`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of rows) {
    const found = await db.adminPool.query<{ digest: string; count: number }>(
      `select count(*)::int as count, coalesce(md5(string_agg(line, chr(10) order by line)), '') as digest
       from (select (to_jsonb(t) - 'transaction_id')::text as line from ${name} as t) as lines`,
    );
    digests[name] = `${found.rows[0]?.count} ${found.rows[0]?.digest}`;
  }
  return digests;
}
