import type { CatalogReader } from './catalog-repository.ts';

/** What the role of a connection may do beyond what the server's role should. */
export interface ServerRoleFacts {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly bypassesRowSecurity: boolean;
  /** Owns a table of ours, or inherits the privileges of a role that does. */
  readonly ownsTables: boolean;
  /** Of the roles asked for, those that a transaction may become. */
  readonly mayBecome: readonly string[];
  readonly serverVersion: number;
}

/** Asks the database about the connection's own role. */
export async function readServerRole(reader: CatalogReader, scopeRoles: readonly string[]): Promise<ServerRoleFacts> {
  const { rows } = await reader.query<ServerRoleFacts>(
    `select
       session_user::text as name,
       own.rolsuper as "isSuperuser",
       own.rolbypassrls as "bypassesRowSecurity",
       exists (
         select from pg_class as relation
           join pg_namespace as namespace on namespace.oid = relation.relnamespace
          where namespace.nspname in ('verve', 'verve_private', 'verve_api')
            and pg_has_role(own.oid, relation.relowner, 'usage')
       ) as "ownsTables",
       array(
         select wanted.role from unnest($1::text[]) as wanted (role)
           join pg_roles as role on role.rolname = wanted.role
          where pg_has_role(own.oid, role.oid, 'member')
          order by 1
       ) as "mayBecome",
       current_setting('server_version_num')::int as "serverVersion"
     from pg_roles as own where own.rolname = session_user`,
    [scopeRoles],
  );
  const facts = rows[0];
  if (!facts) throw new Error('The database does not know the role of this connection.');
  return facts;
}
