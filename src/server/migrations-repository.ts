import { type Client, escapeLiteral } from 'pg';

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

// Arbitrary; the same number for every version of Verve, so that two versions never migrate at once.
const MIGRATE_LOCK = 812_010;

/** Opens a transaction that no other migrator of this database shares, with a search path that nobody else decides. */
export async function beginMigration(client: Client): Promise<void> {
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATE_LOCK]);
  await client.query('set local search_path = pg_catalog');
}

/** Ends the transaction. */
export async function commitMigration(client: Client): Promise<void> {
  await client.query('commit');
}

/** Undoes the transaction; what failed before is what counts, so a failure here is not reported. */
export async function rollbackMigration(client: Client): Promise<void> {
  await client.query('rollback').catch(() => undefined);
}

/** Makes the table that remembers what was applied. Needs the roles. */
export const makeMigrationsTable = `
create schema if not exists verve_private;
create table verve_private.schema_migrations (
  version int primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz(3) not null default now()
);
alter table verve_private.schema_migrations enable row level security;
alter table verve_private.schema_migrations force row level security;
revoke all on table verve_private.schema_migrations from public;
do $$
declare
  reader name;
begin
  -- Where default privileges are generous, the table was everybody's when it was made.
  for reader in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    execute format('revoke all on table verve_private.schema_migrations from %I', reader);
  end loop;
end
$$;
create policy "the owner maintains every row" on verve_private.schema_migrations to current_user
  using (true) with check (true);
create policy "the server checks the version of the schema" on verve_private.schema_migrations
  for select to verve_app using (true);
grant usage on schema verve_private to verve_app;
grant select on table verve_private.schema_migrations to verve_app;
`;

/** Makes the table where it is missing. Safe to repeat. */
export async function ensureMigrationsTable(client: Client): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regclass('verve_private.schema_migrations') is not null as exists`,
  );
  if (!rows[0]?.exists) await client.query(makeMigrationsTable);
}

/** What was applied, in order. Empty where nothing ever was. */
export async function listAppliedMigrations(client: Pick<Client, 'query'>): Promise<AppliedMigration[]> {
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regclass('verve_private.schema_migrations') is not null as exists`,
  );
  if (!rows[0]?.exists) return [];
  const applied = await client.query<AppliedMigration>(
    'select version, name, sha256 from verve_private.schema_migrations order by version',
  );
  return applied.rows;
}

/** Remembers a migration before it runs: its primary key stops a second migrator even without the lock. */
export async function recordMigration(client: Client, migration: AppliedMigration): Promise<void> {
  await client.query('insert into verve_private.schema_migrations (version, name, sha256) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.sha256,
  ]);
}

/** The statement that remembers a migration, for a file that somebody else's migrator runs. */
export function recordInSql(migration: AppliedMigration): string {
  const values = `${migration.version}, ${escapeLiteral(migration.name)}, ${escapeLiteral(migration.sha256)}`;
  return `insert into verve_private.schema_migrations (version, name, sha256) values (${values});`;
}

/** Runs the text of a migration file. */
export async function runMigrationText(client: Client, text: string): Promise<void> {
  await client.query(text);
}

/** Which of these roles exist. */
export async function findRoles(client: Client, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ rolname: string }>(
    'select rolname from pg_roles where rolname = any ($1::text[])',
    [names],
  );
  return new Set(rows.map((row) => row.rolname));
}

/** Makes a role that cannot log in: something to become, not somebody. */
export async function createGroupRole(client: Client, name: string): Promise<void> {
  await createRole(client, name, 'nologin noinherit');
}

/** Makes the role that the server logs in as. `verifier` is a password or a ready scram verifier. */
export async function createLoginRole(client: Client, name: string, verifier: string): Promise<void> {
  await createRole(client, name, `login noinherit password ${escapeLiteral(verifier)}`);
}

/** Gives the login role another password. */
export async function setRolePassword(client: Client, name: string, verifier: string): Promise<void> {
  await client.query(`alter role ${name} password ${escapeLiteral(verifier)}`);
}

// Roles belong to the whole cluster: a migrator of another database may make the same one at the same time.
async function createRole(client: Client, name: string, options: string): Promise<void> {
  await client.query(`
    do $$ begin
      create role ${name} ${options};
    exception when duplicate_object or unique_violation then null;
    end $$`);
}

/** Lets `member` become each of `roles`, by an explicit `set role` only. Safe to repeat. */
export async function grantRoles(client: Client, member: string, roles: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `select wanted.role
       from unnest($2::text[]) as wanted (role)
      where not exists (
        select from pg_auth_members as membership
          join pg_roles as granted on granted.oid = membership.roleid
          join pg_roles as member on member.oid = membership.member
         where granted.rolname = wanted.role and member.rolname = $1)`,
    [member, roles],
  );
  for (const { role } of rows) {
    await client.query(`
      do $$ begin
        grant ${role} to ${member};
      exception when unique_violation then null;
      end $$`);
  }
}
