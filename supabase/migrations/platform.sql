-- What Verve does with the platform's own parts: Vault, pg_cron with pg_net, Realtime. Each is used where it is present
-- when this runs, and left out where it is not, so that plain PostgreSQL takes this file too.

create schema if not exists verve_supabase;
revoke all on schema verve_supabase from public;
grant usage on schema verve_supabase to verve_app;

-- The value of one of our own secrets in the Vault; null = no Vault, or no such secret.
create function verve_supabase.secret(wanted text) returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
  found text;
begin
  if wanted not in ('verve_secret', 'verve_work_key', 'verve_function_url') then return null; end if;
  if to_regclass('vault.decrypted_secrets') is null then return null; end if;
  execute 'select decrypted_secret from vault.decrypted_secrets where name = $1' into found using wanted;
  return found;
end
$$;

-- Asks the edge function to do waiting work. Lost pokes cost nothing: the work stands in tables, and the next poke comes.
create function verve_supabase.poke(work text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  function_url text := verve_supabase.secret('verve_function_url');
  work_key text := verve_supabase.secret('verve_work_key');
begin
  if function_url is null or work_key is null or to_regnamespace('net') is null then return; end if;
  execute 'select net.http_post(url := $1, body := ''{}''::jsonb, headers := $2, timeout_milliseconds := 5000)'
    using function_url || '/work/' || work,
      jsonb_build_object('content-type', 'application/json', 'verve-work-key', work_key);
end
$$;

-- Tells the mentor's app that something of the mentor's own changed: what to fetch again, and nothing about anybody.
-- Credits are told at once only where the organisation chose live figures. Whatever fails here, the change stands.
create function verve_supabase.broadcast_events() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  change record;
begin
  for change in
    select added.id, added.type, organisations.slug, mentors.user_id
    from added
    join verve.organisations on organisations.id = added.org_id
    join verve.mentors on mentors.org_id = added.org_id and mentors.id = added.mentor_id
    where mentors.user_id is not null
      and (added.type in ('code.created', 'code.rotated', 'code.invalidated')
        or (added.type in ('registration.recorded', 'recruitment.confirmed', 'recruitment.credited', 'recruitment.reversed',
              'recruitment.reinstated', 'milestone.reached', 'badge.awarded')
          and organisations.settings -> 'mentors' ->> 'figures' = 'live'))
  loop
    execute 'select realtime.send($1, $2, $3, true)' using
      jsonb_build_object('id', change.id, 'organisation', change.slug),
      replace(change.type, '.', '_'), 'mentor:' || change.user_id::text;
  end loop;
  return null;
exception when others then
  return null;
end
$$;

-- What pg_cron starts. Times are GMT. What pokes needs pg_net as well; the rest is done in the database.
create function verve_supabase.planned_jobs() returns table (name text, times text, command text)
language sql stable set search_path = ''
as $$
  select planned.name, planned.times, planned.command
  from (values
    ('verve-partitions', '20 1 * * *', 'select verve_private.make_click_partitions()'),
    ('verve-fold', '*/5 * * * *', 'select verve_private.fold_click_deltas()'),
    ('verve-prune', '40 1 * * *', 'select verve_private.prune_clicks()'),
    ('verve-cron-history', '50 1 * * *', 'select verve_supabase.forget_runs()'),
    ('verve-deliver', '* * * * *', 'select verve_supabase.poke(''deliver'')'),
    ('verve-inbound-sweep', '* * * * *', 'select verve_supabase.poke(''inbound-sweep'')'),
    ('verve-code-expiry', '15 * * * *', 'select verve_supabase.poke(''code-expiry'')'),
    ('verve-audit-seal', '*/10 * * * *', 'select verve_supabase.poke(''audit-seal'')'),
    ('verve-offboarding', '* * * * *', 'select verve_supabase.poke(''offboarding'')'),
    ('verve-reconciliation', '10 2 * * *', 'select verve_supabase.poke(''reconciliation'')'),
    ('verve-retention', '20 3 * * *', 'select verve_supabase.poke(''retention'')'),
    ('verve-inbox-digest', '0 6 * * 1-5', 'select verve_supabase.poke(''inbox-digest'')')
  ) as planned (name, times, command)
  where planned.command not like '%poke%' or to_regnamespace('net') is not null
$$;

-- pg_cron keeps a row of every run for ever; ours are kept for a week.
create function verve_supabase.forget_runs() returns void
language plpgsql set search_path = ''
as $$
begin
  execute 'delete from cron.job_run_details as run using cron.job '
    'where job.jobid = run.jobid and job.jobname like ''verve-%'' and run.end_time < now() - interval ''7 days''';
end
$$;

create function verve_supabase.use_vault() returns void
language plpgsql set search_path = ''
as $$
begin
  if to_regclass('vault.decrypted_secrets') is null then return; end if;
  perform vault.create_secret(
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), one.name, 'Made by Verve; keep it')
  from (values ('verve_secret'), ('verve_work_key')) as one (name)
  where not exists (select from vault.decrypted_secrets as known where known.name = one.name);
end
$$;

create function verve_supabase.use_cron() returns void
language plpgsql set search_path = ''
as $$
begin
  if to_regclass('cron.job') is null then return; end if;
  perform cron.schedule(planned.name, planned.times, planned.command) from verve_supabase.planned_jobs() as planned;
end
$$;

create function verve_supabase.use_realtime() returns void
language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null then return; end if;
  if not exists (select from pg_catalog.pg_policy where polname = 'mentors hear their own topic') then
    create policy "mentors hear their own topic" on realtime.messages for select to authenticated
      using (extension = 'broadcast' and (select realtime.topic()) = 'mentor:' || (select verve_private.user_id())::text);
  end if;
  if not exists (select from pg_catalog.pg_trigger where tgname = 'broadcast_events') then
    create trigger broadcast_events after insert on verve.referral_events
      referencing new table as added for each statement execute function verve_supabase.broadcast_events();
  end if;
end
$$;

-- Takes up the platform's parts. For its owner to run again when a part was added later. Safe to repeat; a part that the
-- owner may not use is left out with a warning, for everything else works without it.
create function verve_supabase.use_platform() returns void
language plpgsql set search_path = ''
as $$
declare
  part text;
begin
  foreach part in array array['vault', 'cron', 'realtime'] loop
    begin
      execute format('select verve_supabase.%I()', 'use_' || part);
    exception when insufficient_privilege then
      raise warning 'Verve does without %: %. Mend that, then: select verve_supabase.use_platform()', part, sqlerrm;
    end;
  end loop;
end
$$;

-- For "verve doctor": what is there of the platform, and what of ours is missing in it. No value of a secret.
create function verve_supabase.standing()
returns table (has_work_key boolean, has_function_url boolean, has_cron boolean, has_net boolean, missing_jobs text[],
  is_broadcasting boolean, exposed_schemas text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  has_work_key := verve_supabase.secret('verve_work_key') is not null;
  has_function_url := verve_supabase.secret('verve_function_url') is not null;
  has_cron := to_regclass('cron.job') is not null;
  has_net := to_regnamespace('net') is not null;
  missing_jobs := '{}';
  if has_cron then
    execute 'select coalesce(array_agg(planned.name order by planned.name), ''{}'') from verve_supabase.planned_jobs() as planned '
      'where not exists (select from cron.job where job.jobname = planned.name and job.command = planned.command and job.active)'
    into missing_jobs;
  end if;
  is_broadcasting := to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
    or exists (select from pg_catalog.pg_trigger where tgname = 'broadcast_events');
  select substring(setting from '^pgrst\.db_schemas=(.*)$') into exposed_schemas
  from pg_catalog.pg_db_role_setting as kept cross join lateral unnest(kept.setconfig) as setting
  where kept.setrole = to_regrole('authenticator') and setting like 'pgrst.db\_schemas=%';
  return next;
end
$$;

select verve_supabase.use_platform();

-- Said in full, also where the platform's default privileges were generous when these objects were made.
do $$
declare
  reader name;
begin
  revoke all on all functions in schema verve_supabase from public;
  for reader in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    execute format('revoke all on schema verve_supabase from %I', reader);
    execute format('revoke all on all functions in schema verve_supabase from %I', reader);
  end loop;
end
$$;
grant execute on function verve_supabase.secret(text), verve_supabase.standing() to verve_app;
