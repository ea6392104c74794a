import type { Session } from '../database.ts';

/** A table that holds rows of organisations, as the catalogue knows it. */
export interface TenantTable {
  name: string;
  /** Columns that can be read outside: not those that hold sealed values or keyed hashes. */
  columns: string[];
  /** Tables that must be emptied before this one, for their rows point here. */
  referencedBy: string[];
  /** Whether its rows point at each other: then they go in one statement. */
  isSelfReferencing: boolean;
}

/**
 * Every table with an organisation's rows: a table that is added later is exported and deleted without anybody thinking of
 * it. Not `code_directory`: its strings stay for ever, and lose their organisation when the organisation's own row goes.
 */
export function listTenantTables(session: Session): Promise<TenantTable[]> {
  return session.query<TenantTable>(
    `select tables.relname as name,
      array(
        select columns.attname::text from pg_catalog.pg_attribute as columns
        where columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
          and columns.atttypid <> 'bytea'::regtype and columns.attname !~ '_hash$' and columns.attname <> 'org_id'
        order by columns.attnum) as columns,
      array(
        select distinct referencing.relname::text from pg_catalog.pg_constraint as keys
        join pg_catalog.pg_class as referencing on referencing.oid = keys.conrelid and not referencing.relispartition
        where keys.contype = 'f' and keys.confrelid = tables.oid and keys.conrelid <> tables.oid) as "referencedBy",
      exists (select from pg_catalog.pg_constraint as keys
        where keys.contype = 'f' and keys.confrelid = tables.oid and keys.conrelid = tables.oid) as "isSelfReferencing"
    from pg_catalog.pg_class as tables
    where tables.relnamespace = 'verve'::regnamespace and tables.relkind in ('r', 'p') and not tables.relispartition
      and tables.relname not in ('organisations', 'code_directory')
      and exists (select from pg_catalog.pg_attribute as columns
        where columns.attrelid = tables.oid and columns.attname = 'org_id' and not columns.attisdropped)
    order by tables.relname`,
  );
}

/** One row of an export. `sealed` only of contacts, which are opened before they leave. */
export interface ExportedRow {
  table: string;
  row: Record<string, unknown>;
  sealed: Uint8Array | null;
}

/** Opens a cursor over every row of the organisation at one moment; read it with {@link fetchExport}. */
export async function openExport(session: Session, tables: readonly TenantTable[]): Promise<void> {
  const parts = tables.map(({ name, columns }) => {
    const listed = columns.map((column) => `exported."${column}"`).join(', ');
    const sealed = name === 'registration_contacts' ? 'exported.sealed' : 'null::bytea';
    return `select '${name}' as "table", to_jsonb(named) as row, ${sealed} as sealed
      from verve."${name}" as exported cross join lateral (select ${listed}) as named
      where exported.org_id = verve_private.current_org()`;
  });
  await session.query(
    `declare everything no scroll cursor for
      select 'organisations' as "table", to_jsonb(organisations) as row, null::bytea as sealed
      from verve.organisations where organisations.id = verve_private.current_org()
      union all ${parts.join('\nunion all\n')}`,
  );
}

/** The next rows of the export; empty = it has ended. */
export function fetchExport(session: Session): Promise<ExportedRow[]> {
  return session.query<ExportedRow>('fetch 500 from everything');
}

/** How many rows of the organisation a table holds. */
export async function countRows(session: Session, table: TenantTable): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `select count(*)::int as count from verve."${table.name}" as counted where counted.org_id = $1`,
    [session.orgId],
  );
  return rows[0]?.count ?? 0;
}

/** Whether an export was read to its end under this receipt, within the last seven days. */
export async function hasReceipt(session: Session, receipt: string): Promise<boolean> {
  const rows = await session.query(
    `select from verve.audit_log join verve.audit_payloads on audit_payloads.org_id = $1 and audit_payloads.audit_id = audit_log.id
    where audit_log.org_id = $1 and audit_log.id = $2 and audit_log.action = 'organisation.export'
      and audit_payloads.payload -> 'is_complete' = 'true' and audit_log.occurred_at > verve.clock() - interval '7 days'`,
    [session.orgId, receipt],
  );
  return rows.length > 0;
}

/** Marks the organisation as leaving: keys, roles, codes, links and addresses end with the commit. Gives since when. */
export async function markLeaving(session: Session): Promise<Date> {
  const rows = await session.query<{ at: Date }>(
    `update verve.organisations set offboarded_at = coalesce(offboarded_at, verve.clock()) where organisations.id = $1
    returning offboarded_at as at`,
    [session.orgId],
  );
  return (rows[0] as { at: Date }).at;
}

/** Deletes rows of the organisation from a table, at most `limit`; gives how many. null = all in one statement. */
export async function deleteRows(session: Session, table: TenantTable, limit: number | null): Promise<number> {
  // A partition may hold another row at the same place: it is the organisation's too, or left alone.
  const rows = await session.query<{ count: number }>(
    `with gone as (
      delete from verve."${table.name}" as leaving
      where leaving.org_id = $1 and ($2::int is null or leaving.ctid = any (array(
        select chosen.ctid from verve."${table.name}" as chosen where chosen.org_id = $1 limit $2)))
      returning 1
    ) select count(*)::int as count from gone`,
    [session.orgId, limit],
  );
  return rows[0]?.count ?? 0;
}

/** Deletes the organisation's own row; refused by foreign keys while anything still points at it. */
export async function deleteOrganisation(session: Session): Promise<void> {
  await session.query(
    'delete from verve.organisations where organisations.id = $1 and organisations.offboarded_at is not null',
    [session.orgId],
  );
}

/** The organisations that have left and whose rows are still to be deleted. */
export async function listLeaving(session: Session): Promise<string[]> {
  const rows = await session.query<{ id: string }>('select verve_private.leaving_organisation_ids() as id');
  return rows.map(({ id }) => id);
}
