-- Schemas, the clock, and the guard that puts every table behind the tenant boundary.
-- Roles (verve_app, verve_engine, verve_ingest, authenticated, anon) are made by the migrator before this file runs.

create schema if not exists verve;
create schema if not exists verve_private;
create schema if not exists verve_api;

revoke all on schema verve, verve_private, verve_api from public;
grant usage on schema verve, verve_private to verve_app, verve_engine, verve_ingest, authenticated;
grant usage on schema verve_api to authenticated, verve_engine;

-- The present moment: the clock that a host gave to createVerve, else the database's own. Milliseconds, like every stored time.
create function verve.clock() returns timestamptz(3)
language sql stable set search_path = ''
as $$ select coalesce(nullif(current_setting('verve.now', true), '')::timestamptz, now())::timestamptz(3) $$;

-- The organisation of the running transaction; null outside one.
create function verve_private.current_org() returns uuid
language sql stable set search_path = ''
as $$ select nullif(current_setting('verve.org', true), '')::uuid $$;

-- Puts one table (or partition) behind row-level security: on and forced, the owner with an explicit policy so that data
-- migrations are no silent no-ops, the engine within one organisation, and nothing for anybody else.
-- organisation_column is the column that holds the organisation's id. The sub-select reads the setting once a statement.
create function verve_private.guard(target regclass, organisation_column name default 'org_id') returns void
language plpgsql set search_path = ''
as $$
declare
  owner name;
  reader name;
  stamped name;
begin
  select pg_get_userbyid(relowner) into owner from pg_catalog.pg_class where oid = target;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('revoke all on table %s from public', target);
  for reader in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    execute format('revoke all on table %s from %I', target, reader);
  end loop;
  execute format('create policy "the owner maintains every row" on %s to %I using (true) with check (true)', target, owner);
  execute format(
    'create policy "the engine works within one organisation" on %s to verve_engine '
    'using (%2$I = nullif((select current_setting(''verve.org'', true)), '''')::uuid) '
    'with check (%2$I = nullif((select current_setting(''verve.org'', true)), '''')::uuid)', target, organisation_column);
  execute format('grant select, insert, update, delete on table %s to verve_engine', target);
  -- A default that asks the clock is evaluated for every row: spelled out it takes 0.15 µs, called 2.2, and a confirmation
  -- has fifteen of them.
  for stamped in
    select attname from pg_catalog.pg_attribute join pg_catalog.pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid = target and pg_get_expr(adbin, adrelid) like '%verve.clock()%'
  loop
    execute format('alter table %s alter column %I set default '
      'coalesce(nullif(current_setting(''verve.now'', true), '''')::timestamptz, now())::timestamptz(3)', target, stamped);
  end loop;
end
$$;

-- Rows that stay as they were written: any change is refused, also for the engine. They go only with their organisation,
-- once it has left.
create function verve_private.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and exists (
    select from verve.organisations where organisations.id = old.org_id and organisations.offboarded_at is not null) then
    return old;
  end if;
  raise exception '% rows are never changed', tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_are_never_changed';
end
$$;

-- Takes back what a platform's default privileges gave when our objects were made: anonymous clients and the platform's
-- service role have nothing here, and no function is everybody's. The last word of every file that makes something.
create function verve_private.revoke_default_grants() returns void
language plpgsql set search_path = ''
as $$
declare
  stranger text;
begin
  for stranger in
    select 'public' union all select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'service_role')
  loop
    execute format('revoke all on schema verve, verve_private, verve_api from %s', stranger);
    execute format('revoke all on all functions in schema verve, verve_private, verve_api from %s', stranger);
    continue when stranger = 'public';
    execute format('revoke all on all tables in schema verve, verve_private, verve_api from %s', stranger);
    execute format('revoke all on all sequences in schema verve, verve_private, verve_api from %s', stranger);
  end loop;
end
$$;

select verve_private.revoke_default_grants();
grant execute on function verve.clock() to verve_app, verve_engine, verve_ingest, authenticated;
grant execute on function verve_private.current_org() to verve_engine, verve_ingest, authenticated;
