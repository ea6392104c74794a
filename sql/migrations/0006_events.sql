-- The record of every change, written in the transaction that made it. The outbox rows hang on it (0007).

create table verve.referral_events (
  seq bigint generated always as identity primary key,
  id uuid not null default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  type text not null,
  occurred_at timestamptz(3) not null default verve.clock(),
  mentor_id uuid,
  code_id uuid,
  attribution_id uuid,
  data jsonb not null default '{}',
  transaction_id xid8 not null default pg_current_xact_id(), -- readers that follow the record skip what may still be overtaken
  constraint referral_events_id_is_unique unique (org_id, id),
  constraint referral_events_type_is_named check (type ~ '^[a-z]+[:.][a-z_]+(\.[a-z_]+)*$'),
  constraint referral_events_data_is_an_object check (jsonb_typeof(data) = 'object')
);
select verve_private.guard('verve.referral_events');
create index referral_events_by_organisation on verve.referral_events (org_id, seq);
create index referral_events_by_attribution on verve.referral_events (org_id, attribution_id, seq) where attribution_id is not null;
create index referral_events_by_mentor on verve.referral_events (org_id, mentor_id, seq) where mentor_id is not null;

create trigger referral_events_are_never_changed before update or delete on verve.referral_events
  for each row execute function verve_private.refuse_change();
