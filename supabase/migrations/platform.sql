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

do $$
begin
  if to_regclass('vault.decrypted_secrets') is not null then
    perform vault.create_secret(
      replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), one.name, 'Made by Verve; keep it')
    from (values ('verve_secret'), ('verve_work_key')) as one (name)
    where not exists (select from vault.decrypted_secrets as known where known.name = one.name);
  end if;

  if to_regclass('cron.job') is not null then
    perform cron.schedule('verve-partitions', '20 1 * * *', 'select verve_private.make_click_partitions()');
    perform cron.schedule('verve-fold', '*/5 * * * *', 'select verve_private.fold_click_deltas()');
    perform cron.schedule('verve-prune', '40 1 * * *', 'select verve_private.prune_clicks()');
    if to_regnamespace('net') is not null then
      -- Times of pg_cron are GMT. The names after the dash are those of docs/supabase.md.
      perform cron.schedule('verve-' || task.name, task.times, format('select verve_supabase.poke(%L)', task.name))
      from (values
        ('deliver', '* * * * *'),
        ('inbound-sweep', '* * * * *'),
        ('code-expiry', '15 * * * *'),
        ('audit-seal', '*/10 * * * *'),
        ('reconciliation', '10 2 * * *'),
        ('retention', '20 3 * * *'),
        ('inbox-digest', '0 6 * * 1-5')
      ) as task (name, times);
    end if;
  end if;

  if to_regprocedure('realtime.send(jsonb,text,text,boolean)') is not null then
    execute 'create trigger broadcast_events after insert on verve.referral_events '
      'referencing new table as added for each statement execute function verve_supabase.broadcast_events()';
    execute 'create policy "mentors hear their own topic" on realtime.messages for select to authenticated '
      'using (extension = ''broadcast'' and (select realtime.topic()) = ''mentor:'' || (select verve_private.user_id())::text)';
  end if;
end
$$;

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
grant execute on function verve_supabase.secret(text) to verve_app;
