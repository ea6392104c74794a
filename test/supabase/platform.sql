-- What a Supabase project has before the first migration of its owner: roles, grants as generous as they were for years,
-- and stand-ins for the parts of the platform that ours mention. Run by the cluster's superuser, in an empty cluster.
-- The bodies of the auth functions equal the platform's own.

create role anon nologin inherit;
create role authenticated nologin inherit;
create role service_role nologin inherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
-- `postgres` of a project: no superuser. Here the cluster's superuser has that name, so it is called otherwise.
create role project_owner login createdb createrole bypassrls password 'project-owner';
grant anon, authenticated, service_role to project_owner with admin option;
grant all on database postgres to project_owner;

create schema auth;
create schema extensions;
create schema vault;
create schema cron;
create schema net;
create schema realtime;
grant usage on schema auth, public, extensions to anon, authenticated, service_role, project_owner;
grant usage on schema vault, cron, net, realtime to project_owner;
grant usage on schema realtime to authenticated;
grant all on schema public to project_owner;
grant create on schema realtime to project_owner;

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  email text,
  raw_app_meta_data jsonb default '{}',
  raw_user_meta_data jsonb default '{}',
  created_at timestamptz default now()
);
create function auth.jwt() returns jsonb language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $f$;
create function auth.uid() returns uuid language sql stable as $f$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $f$;

-- Everything that the owner makes, in whatever schema, is everybody's: more generous than the platform ever was.
alter default privileges for role project_owner grant all on tables to anon, authenticated, service_role;
alter default privileges for role project_owner grant all on functions to anon, authenticated, service_role;
alter default privileges for role project_owner grant all on sequences to anon, authenticated, service_role;
alter default privileges for role project_owner grant all on schemas to anon, authenticated, service_role;

create table vault.secrets (id uuid primary key default gen_random_uuid(), name text unique, description text, secret text);
create view vault.decrypted_secrets as select id, name, description, secret as decrypted_secret from vault.secrets;
create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
returns uuid language sql security definer as $f$
  insert into vault.secrets (name, description, secret) values (new_name, new_description, new_secret) returning id $f$;
grant select on vault.decrypted_secrets to project_owner;

create table cron.job (jobid serial primary key, jobname text unique, schedule text, command text, active boolean default true);
create table cron.job_run_details (jobid bigint, command text, end_time timestamptz);
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql security definer as $f$
  insert into cron.job (jobname, schedule, command) values (job_name, schedule, command)
  on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command returning jobid::bigint $f$;
grant select on cron.job to project_owner;
grant all on cron.job_run_details to project_owner;

create table net.sent (id serial primary key, url text, body jsonb, headers jsonb);
create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds int default 2000)
returns bigint language sql security definer as $f$
  insert into net.sent (url, body, headers) values ($1, $2, $4) returning id::bigint $f$;

create table realtime.messages (id uuid default gen_random_uuid(), topic text, extension text, event text, payload jsonb, private boolean);
alter table realtime.messages enable row level security;
alter table realtime.messages owner to project_owner; -- on the platform an extension lets the owner make policies here
revoke all on realtime.messages from anon, service_role;
grant select, insert on realtime.messages to authenticated;
create function realtime.topic() returns text language sql stable as $f$ select nullif(current_setting('realtime.topic', true), '') $f$;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql security definer as $f$
begin
  if current_setting('realtime.is_down', true) = 'yes' then raise exception 'realtime is down'; end if;
  insert into realtime.messages (payload, event, topic, private, extension) values ($1, $2, $3, $4, 'broadcast');
end $f$;
