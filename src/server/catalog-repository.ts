import type { Client } from 'pg';

/** The part of a client or pool that reading the catalog needs. */
export type CatalogReader = Pick<Client, 'query'>;

/** The schemas that belong to Verve. */
const SCHEMAS = ['verve', 'verve_private', 'verve_api'] as const;

/** A table or view with what belongs to it. Definitions are PostgreSQL's own text; lists are sorted. */
export interface CatalogRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialised view';
  /** null = not partitioned. */
  readonly partitionKey: string | null;
  readonly isGuarded: boolean;
  /** The query of a view; null = a table. */
  readonly definition: string | null;
  readonly options: readonly string[];
  readonly comment: string | null;
  readonly columns: readonly CatalogColumn[];
  readonly constraints: readonly { name: string; definition: string }[];
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
  readonly policies: readonly CatalogPolicy[];
  readonly grants: readonly CatalogGrant[];
}

export interface CatalogColumn {
  readonly name: string;
  /** As SQL writes it, for example `timestamp(3) with time zone`. */
  readonly type: string;
  /** Name in pg_type, for example `timestamptz` or `_text`. */
  readonly typeName: string;
  readonly isNullable: boolean;
  /** Expression; null = no default. */
  readonly default: string | null;
  readonly generation: 'stored' | 'always as identity' | 'by default as identity' | null;
  readonly comment: string | null;
}

export interface CatalogPolicy {
  readonly name: string;
  readonly command: string;
  readonly isPermissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface CatalogGrant {
  readonly role: string;
  /** null = the whole object. */
  readonly column: string | null;
  readonly privileges: readonly string[];
}

export interface CatalogFunction {
  readonly schema: string;
  readonly signature: string;
  readonly definition: string;
  readonly comment: string | null;
  readonly grants: readonly CatalogGrant[];
}

/** Reads every table and view, without partitions: those come and go with the calendar. */
export async function readRelations(reader: CatalogReader): Promise<CatalogRelation[]> {
  // 1 the relations · 2 columns · 3 constraints · 4 indexes that no constraint made · 5 triggers · 6 policies · 7 grants
  const { rows } = await reader.query<CatalogRelation>(
    `
    select
      namespace.nspname::text as schema,
      relation.relname::text as name,
      case relation.relkind when 'v' then 'view' when 'm' then 'materialised view' else 'table' end as kind,
      pg_get_partkeydef(relation.oid) as "partitionKey",
      relation.relrowsecurity and relation.relforcerowsecurity as "isGuarded",
      case when relation.relkind in ('v', 'm') then pg_get_viewdef(relation.oid) end as definition,
      coalesce(relation.reloptions, '{}') as options,
      obj_description(relation.oid, 'pg_class') as comment,
      (
        select coalesce(json_agg(json_build_object(
          'name', attribute.attname,
          'type', format_type(attribute.atttypid, attribute.atttypmod),
          'typeName', type.typname,
          'isNullable', not attribute.attnotnull,
          'default', pg_get_expr(attribute_default.adbin, attribute_default.adrelid),
          'generation', case when attribute.attgenerated <> '' then 'stored' when attribute.attidentity = 'a' then 'always as identity'
            when attribute.attidentity = 'd' then 'by default as identity' end,
          'comment', col_description(relation.oid, attribute.attnum)
        ) order by attribute.attnum), '[]')
        from pg_attribute as attribute
        join pg_type as type on type.oid = attribute.atttypid
        left join pg_attrdef as attribute_default
          on attribute_default.adrelid = attribute.attrelid and attribute_default.adnum = attribute.attnum
        where attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
      ) as columns,
      (
        select coalesce(json_agg(json_build_object(
          'name', con.conname, 'definition', pg_get_constraintdef(con.oid)
        ) order by con.contype = 'p' desc, con.conname), '[]')
        from pg_constraint as con
        -- PostgreSQL 18 lists "not null" here, 15 does not; foreign keys to a partition double the one to its parent.
        where con.conrelid = relation.oid and con.contype <> 'n' and con.contype <> 't' and con.conparentid = 0
      ) as constraints,
      (
        select coalesce(json_agg(pg_get_indexdef(index.indexrelid) order by index.indexrelid::regclass::text), '[]')
        from pg_index as index
        where index.indrelid = relation.oid
          and not exists (select from pg_constraint as con where con.conindid = index.indexrelid and con.contype in ('p', 'u', 'x'))
      ) as indexes,
      (
        select coalesce(json_agg(pg_get_triggerdef(trigger.oid) order by trigger.tgname), '[]')
        from pg_trigger as trigger
        where trigger.tgrelid = relation.oid and not trigger.tgisinternal
          -- What tells Realtime of a Supabase project is that platform's part, and made where it is present.
          and not exists (select from pg_proc where pg_proc.oid = trigger.tgfoid and pg_proc.pronamespace = to_regnamespace('verve_supabase'))
      ) as triggers,
      (
        select coalesce(json_agg(json_build_object(
          'name', policy.polname,
          'command', case policy.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
          'isPermissive', policy.polpermissive,
          'roles', (select json_agg(case
              when member = 0 then 'public' when member = relation.relowner then '<owner>' else pg_get_userbyid(member) end order by 1)
            from unnest(policy.polroles) as member),
          'using', pg_get_expr(policy.polqual, policy.polrelid),
          'check', pg_get_expr(policy.polwithcheck, policy.polrelid)
        ) order by policy.polname), '[]')
        from pg_policy as policy where policy.polrelid = relation.oid
      ) as policies,
      (
        select coalesce(json_agg(entry order by entry.role collate "C", entry.column collate "C" nulls first), '[]')
        from (
          select role, "column", array_agg(lower(privilege) order by privilege collate "C") as privileges
          from (
            select case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee)::text end as role,
                   null::text as "column", acl.privilege_type as privilege
              from aclexplode(relation.relacl) as acl where acl.grantee <> relation.relowner
            union all
            select case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee)::text end,
                   attribute.attname::text, acl.privilege_type
              from pg_attribute as attribute, aclexplode(attribute.attacl) as acl
             where attribute.attrelid = relation.oid and acl.grantee <> relation.relowner
          ) as every_grant
          -- The roles of a managed service beside ours get no place in the dump.
          where role in ('public', 'anon', 'authenticated', 'verve_app', 'verve_engine', 'verve_ingest')
          group by role, "column"
        ) as entry
      ) as grants
    from pg_class as relation
    join pg_namespace as namespace on namespace.oid = relation.relnamespace
    where namespace.nspname = any ($1::text[]) and relation.relkind in ('r', 'p', 'v', 'm') and not relation.relispartition
    order by namespace.nspname collate "C", relation.relname collate "C"`,
    [SCHEMAS],
  );
  return rows;
}

/** Reads every function. */
export async function readFunctions(reader: CatalogReader): Promise<CatalogFunction[]> {
  const { rows } = await reader.query<CatalogFunction>(
    `
    select
      namespace.nspname::text as schema,
      format('%I.%I(%s)', namespace.nspname, function.proname, pg_get_function_identity_arguments(function.oid)) as signature,
      pg_get_functiondef(function.oid) as definition,
      obj_description(function.oid, 'pg_proc') as comment,
      (
        select coalesce(json_agg(entry order by entry.role collate "C"), '[]')
        from (
          select case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee)::text end as role,
                 null::text as "column", array['execute'] as privileges
            from aclexplode(coalesce(function.proacl, acldefault('f', function.proowner))) as acl
           where acl.grantee <> function.proowner
        ) as entry
        where entry.role in ('public', 'anon', 'authenticated', 'verve_app', 'verve_engine', 'verve_ingest')
      ) as grants
    from pg_proc as function
    join pg_namespace as namespace on namespace.oid = function.pronamespace
    where namespace.nspname = any ($1::text[]) and function.prokind in ('f', 'p')
    order by namespace.nspname collate "C", function.proname collate "C", pg_get_function_identity_arguments(function.oid) collate "C"`,
    [SCHEMAS],
  );
  return rows;
}

/** Partitions (of any depth) without forced row-level security: each is a way around the tenant boundary. */
export async function listUnguardedTables(reader: CatalogReader): Promise<string[]> {
  const { rows } = await reader.query<{ name: string }>(
    `select format('%I.%I', namespace.nspname, relation.relname) as name
       from pg_class as relation
       join pg_namespace as namespace on namespace.oid = relation.relnamespace
      where namespace.nspname = any ($1::text[]) and relation.relkind in ('r', 'p')
        and not (relation.relrowsecurity and relation.relforcerowsecurity)
      order by 1`,
    [SCHEMAS],
  );
  return rows.map((row) => row.name);
}
