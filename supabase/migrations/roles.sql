-- The roles of Verve and the table that remembers its migrations, for "verve doctor" and "verve serve" to read.
-- verve_app gets no password here: set one yourself before anything can connect as it.

do $$
declare
  wanted name;
begin
  foreach wanted in array array['verve_engine', 'verve_ingest', 'authenticated', 'anon'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      execute format('create role %I nologin noinherit', wanted);
    end if;
  end loop;
  if not exists (select from pg_catalog.pg_roles where rolname = 'verve_app') then
    create role verve_app login noinherit;
  end if;
end
$$;

grant verve_engine, verve_ingest, authenticated to verve_app;
