-- What arrives: deliveries stored before they are understood, reconciliation, idempotency, contacts, audit, erasures.

create table verve.inbound_messages (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  channel text not null,
  message_id text not null, -- the sender's delivery id, or a keyed digest of the body where there is none
  body_digest bytea not null,
  sealed_body bytea, -- null = deleted on schedule
  signed_at timestamptz(3), -- null = the sender cannot sign a time
  received_at timestamptz(3) not null default verve.clock(),
  status text not null default 'received',
  attempts int not null default 0,
  claimed_until timestamptz(3),
  processed_at timestamptz(3),
  results jsonb not null default '[]', -- one outcome per fact, with our own ids only
  error_code text,
  constraint inbound_messages_one_per_delivery unique (org_id, channel, message_id),
  constraint inbound_messages_channel_is_known check (channel in ('neutral', 'dataverse', 'odata_record')),
  constraint inbound_messages_status_is_known check (status in ('received', 'processed', 'failed', 'ignored')),
  constraint inbound_messages_processed_have_a_time check (status <> 'processed' or processed_at is not null)
);
select verve_private.guard('verve.inbound_messages');
create index inbound_messages_unprocessed on verve.inbound_messages (org_id, received_at) where status = 'received';
create index inbound_messages_newest_first on verve.inbound_messages (org_id, received_at desc, id desc);
create index inbound_messages_with_body on verve.inbound_messages (org_id, received_at) where sealed_body is not null;

create function verve_private.organisations_with_unprocessed_messages(before timestamptz) returns setof uuid
language sql stable security definer set search_path = ''
as $$ select distinct inbound_messages.org_id from verve.inbound_messages
  where inbound_messages.status = 'received' and inbound_messages.received_at < before $$;
revoke all on function verve_private.organisations_with_unprocessed_messages(timestamptz) from public;
grant execute on function verve_private.organisations_with_unprocessed_messages(timestamptz) to verve_app, verve_engine;

-- For operators: what the whole installation has yet to understand. A number and one time only.
create function verve_private.inbound_health() returns table (unprocessed int, oldest_received_at timestamptz)
language sql stable security definer set search_path = ''
as $$ select count(*)::int, min(inbound_messages.received_at) from verve.inbound_messages where inbound_messages.status = 'received' $$;
revoke all on function verve_private.inbound_health() from public;
grant execute on function verve_private.inbound_health() to verve_app, verve_engine;

create table verve.reconciliation_runs (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  trigger text not null,
  status text not null default 'running',
  since timestamptz(3), -- null = from the beginning
  started_at timestamptz(3) not null default verve.clock(),
  finished_at timestamptz(3),
  watermark timestamptz(3), -- set only when the run succeeded
  is_gapless boolean not null default true, -- false = begun later than due: moves neither watermark nor resume_from
  resume_from timestamptz(3), -- changes up to here are dealt with; a run that was cut off goes on from here. null = none
  heartbeat_at timestamptz(3) not null default verve.clock(), -- a running run that is silent for three minutes was cut off
  pages int not null default 0,
  seen int not null default 0,
  matched int not null default 0,
  credited int not null default 0,
  already_known int not null default 0,
  to_inbox int not null default 0,
  failed int not null default 0,
  error_code text,
  error_detail text,
  constraint reconciliation_runs_stay_in_their_organisation unique (org_id, id),
  constraint reconciliation_runs_trigger_is_known check (trigger in ('schedule', 'person', 'command')),
  constraint reconciliation_runs_status_is_known check (status in ('running', 'succeeded', 'failed')),
  constraint reconciliation_runs_ended_have_a_time check ((status = 'running') = (finished_at is null)),
  constraint reconciliation_runs_watermark_only_on_success check (watermark is null or status = 'succeeded')
);
select verve_private.guard('verve.reconciliation_runs');
create unique index reconciliation_runs_one_at_a_time on verve.reconciliation_runs (org_id) where status = 'running';
create index reconciliation_runs_newest_first on verve.reconciliation_runs (org_id, started_at desc, id desc);

-- Files that are worked through in the background. How far one is, is written in the transactions that do it.
create table verve.imports (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  status text not null default 'waiting',
  is_preview boolean not null,
  actor text not null,
  reading jsonb not null, -- how the file is to be read
  sealed_file bytea, -- null = done
  total_lines int not null,
  lines_done int not null default 0,
  parts_done int[] not null default '{0,0,0}', -- by lane: a member's lines all go the same
  report jsonb not null, -- counts, results, and the first lines that need a look; no member ids
  attempts int not null default 0, -- since something was last done
  claimed_until timestamptz(3), -- null = nobody is at it
  created_at timestamptz(3) not null default verve.clock(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  error_code text,
  error_detail text,
  constraint imports_status_is_known check (status in ('waiting', 'running', 'succeeded', 'failed')),
  constraint imports_running_are_claimed check ((status = 'running') = (claimed_until is not null)),
  constraint imports_ended_have_a_time check ((status in ('succeeded', 'failed')) = (finished_at is not null)),
  constraint imports_keep_their_file_until_done check ((status in ('waiting', 'running')) = (sealed_file is not null)),
  constraint imports_failed_say_why check ((status = 'failed') = (error_code is not null))
);
select verve_private.guard('verve.imports');
create index imports_newest_first on verve.imports (org_id, created_at desc, id desc);
create index imports_to_do on verve.imports (org_id, created_at) where status in ('waiting', 'running');

-- Fresh statistics while tables grow from nothing, and during and after a bulk load: plans that were made while the tables
-- were empty (foreign-key checks keep theirs for the whole connection) read every row of the organisation. Measured: a
-- check takes 900 µs before, 10 µs after.
create function verve_private.refresh_statistics() returns void
language sql volatile security definer set search_path = ''
as $$
  analyze verve.referral_codes; analyze verve.mentors; analyze verve.sources; analyze verve.referral_attributions; analyze verve.attribution_facts; analyze verve.inbox_items;
  analyze verve.mentor_totals; analyze verve.milestone_awards; analyze verve.referral_events;
  analyze verve.webhook_deliveries; analyze verve.inbound_messages
$$;
revoke all on function verve_private.refresh_statistics() from public;
grant execute on function verve_private.refresh_statistics() to verve_engine;

create table verve.idempotency_keys (
  org_id uuid not null references verve.organisations (id),
  caller text not null,
  key text not null,
  request_digest bytea not null, -- of method, path and body
  response_status int, -- null = nothing is kept: a request that runs each time, or one whose transaction is open
  sealed_response bytea,
  created_at timestamptz(3) not null default verve.clock(),
  primary key (org_id, caller, key),
  constraint idempotency_keys_are_short check (length(key) between 1 and 255)
);
select verve_private.guard('verve.idempotency_keys');
create index idempotency_keys_by_age on verve.idempotency_keys (org_id, created_at);

-- Contact data from the sign-up form, apart from the attribution, sealed, and short-lived.
create table verve.registration_contacts (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  attribution_id uuid, -- null = joined without a code
  code_id uuid, -- null = joined without a code
  sealed bytea not null,
  phone_index bytea, -- keyed blind index; null = not given
  email_index bytea,
  consent_version text,
  created_at timestamptz(3) not null default verve.clock(),
  delete_after timestamptz(3) not null,
  constraint registration_contacts_one_per_attribution unique (org_id, attribution_id),
  constraint registration_contacts_attribution_in_same_organisation
    foreign key (org_id, attribution_id) references verve.referral_attributions (org_id, id),
  constraint registration_contacts_code_and_attribution_together check ((code_id is null) = (attribution_id is null)),
  constraint registration_contacts_code_in_same_organisation
    foreign key (org_id, code_id) references verve.referral_codes (org_id, id),
  constraint registration_contacts_phone_once_per_code unique (org_id, code_id, phone_index),
  constraint registration_contacts_email_once_per_code unique (org_id, code_id, email_index)
);
select verve_private.guard('verve.registration_contacts');
create unique index registration_contacts_phone_once_without_code on verve.registration_contacts (org_id, phone_index)
  where code_id is null;
create unique index registration_contacts_email_once_without_code on verve.registration_contacts (org_id, email_index)
  where code_id is null;
create index registration_contacts_by_deadline on verve.registration_contacts (org_id, delete_after);

-- The audit record: who did what, and to what. What may name a person, the actor too, lies apart in a payload that can be
-- erased; the entry keeps sha256(salt || payload). Entries are chained in the background, by one worker at a time.
create table verve.audit_log (
  seq bigint generated always as identity primary key,
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  action text not null,
  subject_type text not null,
  subject_id text, -- our own id; null = the act has no single subject
  occurred_at timestamptz(3) not null default verve.clock(),
  payload_digest bytea not null, -- sha256(salt || payload)
  chain_position bigint, -- counts from 1 in the order of sealing; null = not sealed yet
  chain_digest bytea, -- sha256(the previous one's || what the entry says); null = not sealed yet
  constraint audit_log_id_is_unique unique (org_id, id),
  constraint audit_log_chain_does_not_fork unique (org_id, chain_position),
  constraint audit_log_sealed_have_a_place check ((chain_position is null) = (chain_digest is null))
);
select verve_private.guard('verve.audit_log');
create index audit_log_newest_first on verve.audit_log (org_id, occurred_at desc, id desc);
create index audit_log_unsealed on verve.audit_log (org_id, seq) where chain_digest is null;

-- An entry changes once, when it is sealed.
create trigger audit_log_entries_are_sealed_once before update on verve.audit_log
  for each row when (old.chain_digest is not null or row (old.seq, old.id, old.org_id, old.action, old.subject_type, old.subject_id,
    old.occurred_at, old.payload_digest) is distinct from row (new.seq, new.id, new.org_id, new.action, new.subject_type,
    new.subject_id, new.occurred_at, new.payload_digest))
  execute function verve_private.refuse_change();
create trigger audit_log_entries_stay before delete on verve.audit_log
  for each row execute function verve_private.refuse_change();

create table verve.audit_payloads (
  org_id uuid not null references verve.organisations (id),
  audit_id uuid not null,
  salt bytea not null,
  payload jsonb not null,
  primary key (org_id, audit_id),
  constraint audit_payloads_entry_in_same_organisation foreign key (org_id, audit_id) references verve.audit_log (org_id, id),
  constraint audit_payloads_name_an_actor check (payload ? 'actor')
);
select verve_private.guard('verve.audit_payloads');

-- Writes an entry in the running transaction, so that the act and its record are committed together. Gives its id.
create function verve_private.record_action(actor text, action text, subject_type text, subject_id text, details jsonb) returns uuid
language sql volatile set search_path = ''
as $$
  with written as materialized (
    select uuid_send(gen_random_uuid()) as salt, jsonb_build_object('actor', actor) || details as payload
  ), entry as (
    insert into verve.audit_log (org_id, action, subject_type, subject_id, payload_digest)
    select verve_private.current_org(), action, subject_type, subject_id, sha256(written.salt || convert_to(written.payload::text, 'UTF8'))
    from written
    returning audit_log.org_id, audit_log.id
  )
  insert into verve.audit_payloads (org_id, audit_id, salt, payload)
  select entry.org_id, entry.id, written.salt, written.payload from entry cross join written
  returning audit_payloads.audit_id
$$;
revoke all on function verve_private.record_action(text, text, text, text, jsonb) from public;
grant execute on function verve_private.record_action(text, text, text, text, jsonb) to verve_engine;

-- What the chain holds of an entry, beside the digest of the one before.
create function verve_private.audit_entry_digest(previous bytea, entry verve.audit_log, place bigint) returns bytea
language sql stable set search_path = ''
as $$
  select sha256(previous || entry.payload_digest || convert_to(concat_ws(chr(31), place, entry.id, entry.action, entry.subject_type,
    coalesce(entry.subject_id, ''), round(extract(epoch from entry.occurred_at) * 1000)), 'UTF8'))
$$;
revoke all on function verve_private.audit_entry_digest(bytea, verve.audit_log, bigint) from public;
grant execute on function verve_private.audit_entry_digest(bytea, verve.audit_log, bigint) to verve_engine;

-- Tombstones: a keyed hash of an erased member id, so that late facts do not bring the person back.
create table verve.erasures (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  subject_kind text not null,
  subject_hash bytea not null,
  key_id text not null, -- of the secret that made the hash: without that secret the erased are no longer recognised
  erased_at timestamptz(3) not null default verve.clock(),
  actor text not null,
  constraint erasures_subject_kind_is_known check (subject_kind in ('member', 'mentor'))
);
select verve_private.guard('verve.erasures');
create index erasures_by_subject on verve.erasures (org_id, subject_kind, subject_hash);

comment on column verve.inbound_messages.sealed_body is 'personal: raw delivery, encrypted; purpose: proof and repair; retention: settings processedBodyDays and otherBodyDays';
comment on column verve.imports.sealed_file is 'personal: uploaded file, encrypted; purpose: import; retention: until done, at most 30 days';
comment on column verve.inbound_messages.message_id is 'personal: sender''s reference; purpose: recognises repeats; retention: setting deliveryDays';
comment on column verve.registration_contacts.sealed is 'personal: contact data, encrypted; purpose: hand-over to the organisation; retention: until handed over, at most setting contactDays';
comment on column verve.registration_contacts.phone_index is 'personal: blind index; purpose: already registered; retention: as the contact';
comment on column verve.registration_contacts.email_index is 'personal: blind index; purpose: already registered; retention: as the contact';
comment on column verve.audit_payloads.payload is 'personal: who acted, may name persons; purpose: audit; retention: setting auditPayloadDays';
comment on column verve.erasures.subject_hash is 'personal: pseudonym; purpose: keeps the erased erased; retention: permanent';
