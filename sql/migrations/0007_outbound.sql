-- Events out: endpoints, the deliveries that hang on each event, and the log of every try.

create table verve.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  kind text not null default 'generic',
  url text not null,
  description text not null default '',
  event_types text[], -- exact types or 'noun.*'; null = every type
  sealed_secret bytea not null,
  previous_sealed_secret bytea, -- null = no rotation is under way
  previous_secret_until timestamptz(3), -- until then both secrets sign
  status text not null default 'enabled',
  disabled_reason text,
  disabled_at timestamptz(3),
  paused_until timestamptz(3), -- null = not told to slow down
  failing_since timestamptz(3), -- null = the last try succeeded, or there was none
  created_by text not null,
  created_at timestamptz(3) not null default verve.clock(),
  updated_at timestamptz(3) not null default verve.clock(),
  constraint webhook_endpoints_stay_in_their_organisation unique (org_id, id),
  constraint webhook_endpoints_kind_is_known check (kind in ('generic', 'badge_service')),
  constraint webhook_endpoints_status_is_known check (status in ('enabled', 'disabled', 'deleted')),
  constraint webhook_endpoints_disabled_reason_is_known check (disabled_reason in ('by_hand', 'gone')),
  constraint webhook_endpoints_disabled_say_why check ((status = 'disabled') = (disabled_reason is not null)),
  constraint webhook_endpoints_filter_names_a_type check (cardinality(event_types) between 1 and 50),
  constraint webhook_endpoints_rotation_has_a_deadline check ((previous_sealed_secret is null) = (previous_secret_until is null)),
  constraint webhook_endpoints_url_is_short check (length(url) between 1 and 2048)
);
select verve_private.guard('verve.webhook_endpoints');
create index webhook_endpoints_enabled on verve.webhook_endpoints (org_id) where status = 'enabled';

-- One event for one endpoint, or a test event. Its webhook-id is the event's id (a test event's: its own).
create table verve.webhook_deliveries (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null,
  endpoint_id uuid not null,
  event_id uuid, -- null = a test event
  status text not null default 'pending',
  attempts int not null default 0, -- tries on the schedule; a replay begins again at 0
  due_at timestamptz(3) not null default verve.clock(), -- when it may be claimed: the next try, or the end of a claim
  claim uuid, -- null = nobody is sending it
  body text, -- the exact text that is signed and sent, kept from the first try; null = not tried yet
  last_tried_at timestamptz(3),
  last_status int, -- null = no answer came
  last_failure text,
  last_duration_ms int,
  delivered_at timestamptz(3),
  parked_at timestamptz(3),
  created_at timestamptz(3) not null default verve.clock(),
  primary key (org_id, id),
  constraint webhook_deliveries_endpoint_in_same_organisation
    foreign key (org_id, endpoint_id) references verve.webhook_endpoints (org_id, id),
  constraint webhook_deliveries_event_in_same_organisation
    foreign key (org_id, event_id) references verve.referral_events (org_id, id),
  constraint webhook_deliveries_one_per_event_and_endpoint unique (org_id, event_id, endpoint_id),
  constraint webhook_deliveries_status_is_known check (status in ('pending', 'delivered', 'parked', 'cancelled')),
  constraint webhook_deliveries_delivered_have_a_time check ((status = 'delivered') = (delivered_at is not null)),
  constraint webhook_deliveries_parked_have_a_time check ((status = 'parked') = (parked_at is not null)),
  constraint webhook_deliveries_only_pending_are_claimed check (claim is null or status = 'pending'),
  constraint webhook_deliveries_attempts_are_not_negative check (attempts >= 0)
);
select verve_private.guard('verve.webhook_deliveries');
create index webhook_deliveries_due on verve.webhook_deliveries (org_id, endpoint_id, due_at) where status = 'pending';
create index webhook_deliveries_parked on verve.webhook_deliveries (org_id, endpoint_id, parked_at) where status = 'parked';
create index webhook_deliveries_newest_first on verve.webhook_deliveries (org_id, endpoint_id, created_at desc, id desc);

-- Every try that got as far as an outcome. What a receiver writes in its answer is not kept.
create table verve.webhook_attempts (
  seq bigint generated always as identity primary key,
  org_id uuid not null,
  delivery_id uuid not null,
  attempt int not null,
  tried_at timestamptz(3) not null,
  duration_ms int not null,
  status int, -- null = no answer came
  failure text, -- null = delivered
  constraint webhook_attempts_delivery_in_same_organisation
    foreign key (org_id, delivery_id) references verve.webhook_deliveries (org_id, id) on delete cascade,
  constraint webhook_attempts_failure_is_known check (failure in ('http_status', 'redirect', 'gone', 'throttled', 'timeout',
    'address_refused', 'name_not_found', 'connection_failed', 'tls_failed'))
);
select verve_private.guard('verve.webhook_attempts');
create index webhook_attempts_by_delivery on verve.webhook_attempts (org_id, delivery_id, seq);

-- The deliveries of an event are made by the statement that makes the event, so they commit or roll back with it.
create function verve_private.make_deliveries() returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into verve.webhook_deliveries (org_id, endpoint_id, event_id)
  select new_events.org_id, webhook_endpoints.id, new_events.id
  from new_events
  join verve.webhook_endpoints on webhook_endpoints.org_id = new_events.org_id and webhook_endpoints.status = 'enabled'
  where webhook_endpoints.event_types is null
    or new_events.type = any (webhook_endpoints.event_types)
    or split_part(new_events.type, '.', 1) || '.*' = any (webhook_endpoints.event_types)
  order by new_events.seq, webhook_endpoints.id;
  return null;
end
$$;
revoke all on function verve_private.make_deliveries() from public;
create trigger referral_events_make_deliveries after insert on verve.referral_events
  referencing new table as new_events
  for each statement execute function verve_private.make_deliveries();

-- For the sender: which organisations have something to send now. Ids only.
create function verve_private.organisations_with_due_deliveries() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select distinct webhook_endpoints.org_id
  from verve.webhook_endpoints
  where webhook_endpoints.status = 'enabled'
    and (webhook_endpoints.paused_until is null or webhook_endpoints.paused_until <= verve.clock())
    and exists (
      select 1 from verve.webhook_deliveries
      where webhook_deliveries.org_id = webhook_endpoints.org_id and webhook_deliveries.endpoint_id = webhook_endpoints.id
        and webhook_deliveries.status = 'pending' and webhook_deliveries.due_at <= verve.clock())
$$;

-- For operators: the outbox of the whole installation. Numbers and one time only.
create function verve_private.outbox_health()
returns table (pending int, due int, oldest_due_at timestamptz, parked int, failing_endpoints int, gone_endpoints int)
language sql stable security definer set search_path = ''
as $$
  select
    (count(*) filter (where webhook_deliveries.status = 'pending'))::int,
    (count(*) filter (where webhook_deliveries.status = 'pending' and webhook_deliveries.due_at <= verve.clock()))::int,
    min(webhook_deliveries.due_at) filter (where webhook_deliveries.status = 'pending' and webhook_deliveries.due_at <= verve.clock()),
    (count(*) filter (where webhook_deliveries.status = 'parked'))::int,
    (select count(*) from verve.webhook_endpoints where status = 'enabled' and failing_since is not null)::int,
    (select count(*) from verve.webhook_endpoints where status = 'disabled' and disabled_reason = 'gone')::int
  from verve.webhook_deliveries
  join verve.webhook_endpoints on webhook_endpoints.org_id = webhook_deliveries.org_id
    and webhook_endpoints.id = webhook_deliveries.endpoint_id and webhook_endpoints.status = 'enabled'
  where webhook_deliveries.status in ('pending', 'parked')
$$;
revoke all on function verve_private.organisations_with_due_deliveries(), verve_private.outbox_health() from public;
grant execute on function verve_private.organisations_with_due_deliveries(), verve_private.outbox_health() to verve_app, verve_engine;

-- A replay of a range finds its events by time; BRIN costs the crediting transaction next to nothing.
create index referral_events_by_time on verve.referral_events using brin (occurred_at);

-- The morning's digest of the inbox: one row an organisation and day, so that whoever is told is told once. Letters are
-- numbered by the list of addresses as it stood; a letter is taken before it goes, so that none goes twice.
create table verve.inbox_digests (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  list_as_of timestamptz(3) not null, -- the organisation's updated_at: with another list, nobody more is told that day
  letters_taken int not null default 0,
  created_at timestamptz(3) not null default verve.clock(),
  constraint inbox_digests_one_a_day primary key (org_id, day)
);
select verve_private.guard('verve.inbox_digests');
