import type { Client } from 'pg';
import { type CopyStreamQuery, type CopyToStreamQuery, from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** A table as the catalogue knows it. */
export interface StoredTable {
  /** With its schema, for example `verve.sources`. */
  name: string;
  /**
   * What a backup holds of it: not what the database computes, nor transaction ids, which mean something in one cluster
   * only.
   */
  columns: string[];
  /** Tables whose rows must be there before this one's. */
  references: string[];
  /** Whether we act for its owner: for everybody else row-level security would leave rows out without a word. */
  isOurs: boolean;
  isForced: boolean;
}

/** A partition for a stretch of time. */
export interface StoredPartition {
  /** Without its schema, for example `referral_clicks`. */
  parent: string;
  /** What its name has behind the parent's, for example `2026_11`. */
  suffix: string;
  from: string;
  to: string;
}

export interface StoredSequence {
  name: string;
  /** null = never used. */
  lastValue: string | null;
}

// Values leave and come back as the same text, whatever the server's settings are.
const plainText = `
  set local search_path = pg_catalog;
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local extra_float_digits = 1;
  set local bytea_output = 'hex';
  set local timezone = 'UTC';
  set local statement_timeout = 0;
  set local idle_in_transaction_session_timeout = 0;`;

/**
 * Opens a transaction that sees one moment and changes nothing. Whoever drops months of clicks waits for the end of the
 * connection before he locks anything, so that new clicks do not wait behind him.
 */
export async function openSnapshot(client: Client): Promise<void> {
  await client.query(`select pg_advisory_lock_shared(hashtextextended('verve.click_partitions', 0))`);
  await client.query('begin isolation level repeatable read read only');
  await client.query(plainText);
}

/** Opens the one transaction of a restore, which excludes every migrator. */
export async function openRestore(client: Client): Promise<void> {
  await client.query(plainText);
}

/** Every table that a backup holds, in the order of their names. Of the scheduler only its jobs: all else is made anew. */
export async function listTables(client: Client): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable>(
    `select format('%I.%I', namespace.nspname, tables.relname) as name,
      array(
        select quote_ident(columns.attname) from pg_attribute as columns
        where columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
          and columns.attgenerated = '' and columns.atttypid <> 'xid8'::regtype
        order by columns.attnum) as columns,
      array(
        select distinct format('%I.%I', other.nspname, referenced.relname) from pg_constraint as keys
        join pg_class as referenced on referenced.oid = keys.confrelid
        join pg_namespace as other on other.oid = referenced.relnamespace
        where keys.contype = 'f' and keys.conrelid = tables.oid and keys.confrelid <> tables.oid
          and not referenced.relispartition) as references,
      pg_has_role(tables.relowner, 'usage') as "isOurs",
      tables.relforcerowsecurity as "isForced"
    from pg_class as tables
    join pg_namespace as namespace on namespace.oid = tables.relnamespace
    where tables.relkind in ('r', 'p') and not tables.relispartition
      and (namespace.nspname = 'verve' or namespace.nspname = 'verve_jobs' and tables.relname = 'job')
    order by 1`,
  );
  return rows;
}

/** The partitions of tables that are divided by time. */
export async function listPartitions(client: Client): Promise<StoredPartition[]> {
  const { rows } = await client.query<StoredPartition>(
    `with bounds as (
      select parents.relname::text as parent, substr(partitions.relname, length(parents.relname) + 2) as suffix,
        regexp_match(pg_get_expr(partitions.relpartbound, partitions.oid), '^FOR VALUES FROM \\(''(.+)''\\) TO \\(''(.+)''\\)$') as bound
      from pg_inherits
      join pg_class as partitions on partitions.oid = pg_inherits.inhrelid
      join pg_class as parents on parents.oid = pg_inherits.inhparent and parents.relkind = 'p'
      where parents.relnamespace = to_regnamespace('verve')
    )
    select parent, suffix, bound[1] as "from", bound[2] as "to" from bounds where bound is not null order by 1, 2`,
  );
  return rows;
}

/** Makes a partition where it is missing, behind row-level security like all others. */
export async function makePartition(client: Client, { parent, suffix, from, to }: StoredPartition): Promise<void> {
  await client.query('select verve_private.make_click_partition($1, $2, $3, $4)', [parent, from, to, suffix]);
}

/** Where the numbering of rows stands. */
export async function listSequences(client: Client): Promise<StoredSequence[]> {
  const { rows } = await client.query<StoredSequence>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as "lastValue"
     from pg_sequences where schemaname = 'verve' order by 1`,
  );
  return rows;
}

/** Lets the numbering go on where it stood. Not undone by a rollback: in an empty database that only leaves a gap. */
export async function moveSequence(client: Client, name: string, lastValue: string): Promise<void> {
  await client.query('select setval($1::regclass, $2::bigint)', [name, lastValue]);
}

/** The ids of the secrets without which what is stored can no longer be opened or recognised. */
export async function listSecretIds(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('select id from verve_private.secrets_in_use() as id order by 1');
  return rows.map(({ id }) => id);
}

/** The version of the scheduler's tables; null = there are none. */
export async function readJobsVersion(client: Client): Promise<number | null> {
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regclass('verve_jobs.version') is not null as exists`,
  );
  if (!rows[0]?.exists) return null;
  const found = await client.query<{ version: number }>(`select version from verve_jobs.version`);
  return found.rows[0]?.version ?? null;
}

/** The database's time and version. */
export async function readMoment(client: Client): Promise<{ at: Date; postgres: string }> {
  const { rows } = await client.query<{ at: Date; postgres: string }>(
    `select now() as at, current_setting('server_version') as postgres`,
  );
  return rows[0] as { at: Date; postgres: string };
}

/** Keeps tables from being changed in form (`reading`) or used at all (`alone`) until the transaction ends. */
export async function lockTables(client: Client, tables: readonly StoredTable[], how: 'reading' | 'alone') {
  const mode = how === 'reading' ? 'access share' : 'access exclusive';
  await client.query(`lock table ${tables.map(({ name }) => name).join(', ')} in ${mode} mode`);
}

/** The first tables that hold a row. */
export async function listFilledTables(client: Client, tables: readonly StoredTable[]): Promise<string[]> {
  const asked = tables.map(({ name }) => `select '${name}' as name where exists (select from ${name})`);
  const { rows } = await client.query<{ name: string }>(`${asked.join(' union all ')} limit 5`);
  return rows.map(({ name }) => name);
}

export async function countRows(client: Client, table: StoredTable): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${table.name}`);
  return Number(rows[0]?.count);
}

// The scheduler notes each tick of its clock as a job of a queue of its own, which a server makes when it starts.
const notTicks = ` where name not like '\\_\\_pgboss\\_\\_%'`;

/** Every row of a table as lines of text; of jobs only our own. */
export function readRows(client: Client, table: StoredTable): CopyToStreamQuery {
  const which = table.name === 'verve_jobs.job' ? notTicks : '';
  return client.query(copyTo(`copy (select ${table.columns.join(', ')} from ${table.name}${which}) to stdout`));
}

/** Takes lines of text as rows of a table; `columns` in the order of the lines. */
export function writeRows(client: Client, table: StoredTable, columns: readonly string[]): CopyStreamQuery {
  return client.query(copyFrom(`copy ${table.name} (${columns.join(', ')}) from stdin`));
}

/**
 * Lets rows come in as they were: no trigger makes deliveries of old events, and the owner may copy (PostgreSQL refuses that
 * where row-level security is forced). Within the transaction, so that nobody ever sees a table without its guard.
 */
export async function openForRows(client: Client, table: StoredTable): Promise<void> {
  await client.query(`alter table ${table.name} disable trigger user`);
  if (table.isForced) await client.query(`alter table ${table.name} no force row level security`);
}

/** Puts back what {@link openForRows} took away. */
export async function closeForRows(client: Client, table: StoredTable): Promise<void> {
  await client.query(`alter table ${table.name} enable trigger user`);
  if (table.isForced) await client.query(`alter table ${table.name} force row level security`);
}

/** Checks what was put off until the end of the transaction. */
export async function checkConstraints(client: Client): Promise<void> {
  await client.query('set constraints all immediate');
}

/** Holds every delivery that waits: parked ones are shown, and sent by hand. Gives how many. */
export async function parkDeliveries(client: Client): Promise<number> {
  const { rowCount } = await client.query(
    `update verve.webhook_deliveries set status = 'parked', parked_at = verve.clock(), claim = null where status = 'pending'`,
  );
  return rowCount ?? 0;
}

export async function countPendingDeliveries(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from verve.webhook_deliveries where status = 'pending'`,
  );
  return rows[0]?.count ?? 0;
}

/** Tells the planner what came in: plans made for empty tables read whole tables. */
export async function analyzeTables(client: Client, tables: readonly StoredTable[]): Promise<void> {
  await client.query(`analyze ${tables.map(({ name }) => name).join(', ')}`);
}
