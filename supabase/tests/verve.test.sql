-- That Verve shows everybody what is theirs in this project, and nobody else's: for "supabase test db". Keeps nothing.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(31);

-- 1 Who may what -----------------------------------------------------------------------------------------------------

select is_empty(
  $$ select oid::regclass from pg_class where relnamespace = 'verve'::regnamespace and relkind in ('r', 'p')
    and not (relrowsecurity and relforcerowsecurity) $$,
  'every table and partition is behind forced row-level security');
select is_empty(
  $$ select policyname from pg_policies where schemaname = 'verve' and 'public' = any (roles) $$,
  'every policy says for whom it is');
select is_empty(
  $$ select nspname, reader from pg_namespace cross join unnest(array['anon', 'service_role']) as reader
    where nspname ~ '^verve' and has_schema_privilege(reader, pg_namespace.oid, 'usage, create') $$,
  'neither anonymous clients nor the secret key enter a schema of Verve');
select is_empty(
  $$ select oid::regclass, reader from pg_class cross join unnest(array['anon', 'service_role']) as reader
    where relnamespace::regnamespace::text ~ '^verve' and relkind in ('r', 'p', 'v', 'm')
      and has_any_column_privilege(reader, oid, 'select, insert, update') $$,
  'neither of them reads or writes anything there');
select is_empty(
  $$ select oid::regclass from pg_class where relnamespace::regnamespace::text ~ '^verve' and relkind in ('r', 'p', 'v', 'm')
    and (has_any_column_privilege('authenticated', oid, 'insert, update')
      or has_table_privilege('authenticated', oid, 'delete, truncate, trigger')) $$,
  'a signed-in person writes nothing');
select is_empty(
  $$ select oid::regclass from pg_class where relnamespace = 'verve_api'::regnamespace and relkind = 'v'
    and not coalesce('security_invoker=true' = any (reloptions), false) $$,
  'every view runs with the rights of whoever asks');
select is_empty(
  $$ select oid::regprocedure from pg_proc where pronamespace::regnamespace::text ~ '^verve'
    and not coalesce('search_path=""' = any (proconfig), false) $$,
  'every function has an empty search path');
select is_empty(
  $$ select oid::regprocedure from pg_proc where pronamespace = to_regnamespace('verve_supabase')
    and has_function_privilege('authenticated', oid, 'execute') $$,
  'what reads the Vault is nobody''s but the server''s');
select is_empty(
  $$ select rolname from pg_roles where rolname in ('verve_app', 'verve_engine', 'verve_ingest') and (rolsuper or rolbypassrls) $$,
  'the server''s roles bypass nothing');
select is_empty(
  $$ select oid::regclass from pg_class where relnamespace::regnamespace::text ~ '^verve' and pg_get_userbyid(relowner) ~ '^verve_(app|engine|ingest)$' $$,
  'the server''s roles own nothing');

-- 2 Two organisations: one with two branches and a mentor in each, one with a mentor ----------------------------------

insert into verve.organisations (id, slug, name, settings) values
  ('a0000000-0000-4000-8000-00000000000a', 'verve-pgtap-ours', 'Ours', '{"mentors": {"figures": "live"}}'),
  ('b0000000-0000-4000-8000-00000000000b', 'verve-pgtap-others', 'Others', '{"mentors": {"figures": "live"}}');
insert into verve.branches (id, org_id, name) values
  ('a0000000-0000-4000-8000-0000000000b1', 'a0000000-0000-4000-8000-00000000000a', 'North'),
  ('a0000000-0000-4000-8000-0000000000b2', 'a0000000-0000-4000-8000-00000000000a', 'South');
insert into verve.mentors (id, org_id, user_id, display_name, branch_id) values
  ('a0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 'North', 'a0000000-0000-4000-8000-0000000000b1'),
  ('a0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a2', 'South', 'a0000000-0000-4000-8000-0000000000b2'),
  ('b0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-0000000000b1', 'Other', null);
insert into verve.code_directory (code, org_id) values
  ('00000000A1', 'a0000000-0000-4000-8000-00000000000a'),
  ('00000000A2', 'a0000000-0000-4000-8000-00000000000a'),
  ('00000000B1', 'b0000000-0000-4000-8000-00000000000b');
insert into verve.referral_codes (id, org_id, owner_ref, code, rotation_sequence) values
  ('a0000000-0000-4000-8000-0000000000c1', 'a0000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000001', '00000000A1', 0),
  ('a0000000-0000-4000-8000-0000000000c2', 'a0000000-0000-4000-8000-00000000000a', 'a0000000-0000-4000-8000-000000000002', '00000000A2', 0),
  ('b0000000-0000-4000-8000-0000000000c1', 'b0000000-0000-4000-8000-00000000000b', 'b0000000-0000-4000-8000-000000000001', '00000000B1', 0);
insert into verve.referral_attributions (id, org_id, code_id, owner_model, owner_ref, is_counted, status, registered_at, registered_day)
select codes.id, codes.org_id, codes.id, codes.owner_model, codes.owner_ref, true, 'pending', now() - interval '1 hour', current_date
from verve.referral_codes as codes where codes.code in ('00000000A1', '00000000A2', '00000000B1');
insert into verve.roles (org_id, user_id, role, branch_id) values
  ('a0000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000ac', 'coordinator', 'a0000000-0000-4000-8000-0000000000b1'),
  ('a0000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000ad', 'org_admin', null);

-- From its call on, the transaction is somebody's, as the platform's API makes it: role and claims.
create function pg_temp.act_as(role text, person text default null, more jsonb default '{}') returns void language sql as $$
  select set_config('role', role, true), set_config('request.jwt.claims', coalesce((jsonb_build_object(
    'sub', '00000000-0000-4000-8000-0000000000' || person, 'role', role, 'is_anonymous', false) || more)::text, ''), true)
$$;

-- 3 A mentor ---------------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', 'a1');
select results_eq('select code from verve_api.referral_codes', array['00000000A1'], 'a mentor reads the own code only');
select results_eq('select display_name from verve_api.mentors', array['North'], 'a mentor reads the own row only');
select results_eq('select name from verve_api.branches', array['North'], 'a mentor reads the own branch only');
select results_eq('select code from verve_api.my_recruits', array['00000000A1'], 'a mentor reads the own recruits');
select is_empty('select id from verve.referral_attributions', 'the table of recruitment itself shows a mentor nothing');
select throws_ok('select ref from verve.sources', '42501', null, 'nobody reads a member id');
select throws_ok('select registration_ref from verve.referral_attributions', '42501', null, 'nobody reads a registration''s reference');
select throws_ok('select member_id_hash from verve.mentors', '42501', null, 'nobody reads a mentor''s hash');
select throws_ok('update verve.mentors set display_name = ''x''', '42501', null, 'a mentor changes nothing');
select throws_ok('insert into verve.shares default values', '42501', null, 'a mentor adds nothing');
select throws_ok('delete from verve.referral_codes', '42501', null, 'a mentor deletes nothing');

select pg_temp.act_as('authenticated', 'b1');
select results_eq('select code from verve_api.referral_codes', array['00000000B1'], 'a mentor elsewhere reads nothing of ours');

-- 4 Coordinator and administrator ------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', 'ac');
select results_eq('select code from verve_api.referral_attributions', array['00000000A1'], 'a coordinator reads the branch in scope');
select is_empty('select id from verve_api.api_keys', 'a coordinator reads no keys');
select pg_temp.act_as('authenticated', 'ad');
select results_eq('select code from verve_api.referral_attributions order by 1', array['00000000A1', '00000000A2'],
  'an administrator reads the whole organisation, and no other');
select pg_temp.act_as('authenticated', 'af', '{"app_metadata": {"verve_roles": [{"organisation": "verve-pgtap-others", "role": "org_admin"}]}}');
select results_eq('select code from verve_api.referral_codes', array['00000000B1'], 'a role may stand in what the issuer wrote into the token');

-- 5 Everybody else ---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', 'af', '{"user_metadata": {"verve_roles": [{"organisation": "verve-pgtap-ours", "role": "org_admin"}]}}');
select is_empty('select id from verve_api.organisations', 'what a person writes into the own token gives nothing');
select pg_temp.act_as('authenticated', 'a1', '{"is_anonymous": true}');
select is_empty('select id from verve_api.referral_codes', 'an anonymous user is nobody, even under a mentor''s id');
select pg_temp.act_as('anon');
select throws_ok('select * from verve_api.referral_codes', '42501', null, 'without signing in nothing is read');
select pg_temp.act_as('service_role');
select throws_ok('select * from verve_api.referral_codes', '42501', null, 'with the secret key nothing is read');
select throws_ok('select * from verve.referral_codes', '42501', null, 'with the secret key no table is read, though it bypasses policies');

select * from finish();
rollback;
