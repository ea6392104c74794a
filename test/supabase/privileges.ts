import type { Pool } from 'pg';

/**
 * What the roles of clients may do in our schemas: each right as a line, sorted. Rights to columns are left out where the
 * whole table is granted.
 */
export async function readPrivileges(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    with ours as (
      select oid, nspname from pg_namespace where nspname in ('verve', 'verve_private', 'verve_api')
    ), granted as (
      select 'schema ' || nspname as object, acl.grantee, acl.privilege_type
        from pg_namespace cross join lateral aclexplode(nspacl) as acl where oid in (select oid from ours)
      union all
      select 'relation ' || ours.nspname || '.' || relname, acl.grantee, acl.privilege_type
        from pg_class join ours on ours.oid = relnamespace cross join lateral aclexplode(relacl) as acl
      union all
      select 'column ' || ours.nspname || '.' || relname || '.' || attname, acl.grantee, acl.privilege_type
        from pg_attribute join pg_class on pg_class.oid = attrelid join ours on ours.oid = relnamespace
        cross join lateral aclexplode(attacl) as acl
      union all
      select 'function ' || ours.nspname || '.' || proname, acl.grantee, acl.privilege_type
        from pg_proc join ours on ours.oid = pronamespace
        cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
    )
    select object || ' ' || privilege_type || ' ' || case when grantee = 0 then 'public' else pg_get_userbyid(grantee) end as line
    from granted
    where grantee = 0 or pg_get_userbyid(grantee) in ('anon', 'authenticated', 'service_role')
    order by 1`);
  return rows.map((row) => row.line);
}
