-- Shares, clicks and their exact counts.
--
-- A click is one raw row, pruned on schedule, and one line in click_deltas. Folding turns deltas into the roll-ups that
-- reports read; a report adds what is not folded yet, so it includes the click just made. Pruning touches raw rows only.

create table verve.shares (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references verve.organisations (id),
  code_id uuid not null,
  owner_model text not null default 'mentor',
  owner_ref text not null,
  mentor_id uuid generated always as (case when owner_model = 'mentor' then owner_ref::uuid end) stored,
  channel text not null,
  shared_at timestamptz(3) not null,
  day date not null, -- in the organisation's zone, fixed when stored
  created_at timestamptz(3) not null default verve.clock(),
  constraint shares_stay_in_their_organisation unique (org_id, id),
  constraint shares_owner_is_the_codes_owner
    foreign key (org_id, code_id, owner_model, owner_ref) references verve.referral_codes (org_id, id, owner_model, owner_ref),
  constraint shares_channel_is_known check (channel in
    ('whatsapp', 'sms', 'email', 'messenger', 'facebook', 'qr', 'poster', 'copy', 'other'))
);
select verve_private.guard('verve.shares');
create index shares_by_day on verve.shares (org_id, day) include (mentor_id, channel);
create index shares_by_mentor on verve.shares (org_id, mentor_id, shared_at desc, id desc);
create index shares_newest_first on verve.shares (org_id, created_at desc, id desc);

-- One opening of a link (class 'join': a press on the join button). Written by verve_private.record_clicks alone. No foreign
-- keys: the code's own row gives organisation and mentor at the moment of writing, and partitions must drop freely.
create table verve.referral_clicks (
  created_at timestamptz(3) not null, -- when stored; the partition key
  occurred_at timestamptz(3) not null,
  day date not null, -- of occurred_at in the organisation's zone, fixed when stored
  org_id uuid not null,
  code_id uuid not null,
  mentor_id uuid, -- null = the code's owner is no mentor
  id uuid, -- null = recorded by a redirect: nobody was ever told an id
  class text not null,
  channel text not null default 'unknown',
  platform text,
  locale text,
  constraint referral_clicks_class_is_known check (class in ('human', 'preview', 'prefetch', 'crawler', 'other', 'join')),
  constraint referral_clicks_channel_is_known check (channel in
    ('unknown', 'whatsapp', 'sms', 'email', 'messenger', 'facebook', 'qr', 'poster', 'copy', 'other')),
  constraint referral_clicks_platform_is_known check (platform in ('ios', 'android', 'web', 'other')),
  constraint referral_clicks_locale_is_short check (length(locale) between 2 and 11)
) partition by range (created_at);
select verve_private.guard('verve.referral_clicks');
create index referral_clicks_newest_first on verve.referral_clicks (org_id, created_at);
create index referral_clicks_by_code on verve.referral_clicks (code_id); -- equal entries share a place: 1 µs a click less than with the moment
create index referral_clicks_by_id on verve.referral_clicks (id) where id is not null;

-- The keyed hash of a click's token, for de-duplication and for matching a registration that brings no code.
-- token_hash is the first 128 bits of HMAC-SHA256, in a uuid because that is the cheapest fixed 16 bytes.
create table verve.click_tokens (
  created_at timestamptz(3) not null, -- the partition key
  occurred_at timestamptz(3) not null,
  day date not null,
  token_hash uuid not null,
  org_id uuid not null,
  code_id uuid not null,
  click_id uuid not null, -- never leaves, but for the API's answer to a recorded click
  class text not null,
  channel text not null
) partition by range (created_at);
select verve_private.guard('verve.click_tokens');
create index click_tokens_by_token on verve.click_tokens using hash (token_hash); -- tokens are random: 2 to 4 µs less than a B-tree
comment on column verve.click_tokens.token_hash is
  'personal: pseudonym; purpose: recognises the same visitor''s registration; retention: matching window and a day';

-- What has been counted but not folded: lines are added with their clicks and taken away by folding. No index: it is short.
create table verve.click_deltas (
  org_id uuid not null,
  code_id uuid not null,
  mentor_id uuid, -- null = the code's owner is no mentor
  day date not null,
  hits int not null,
  class text not null,
  channel text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_threshold = -1, -- lines are gone within a minute: nothing to freeze,
  autovacuum_analyze_threshold = 1000000); -- and their statistics are old before they are read
select verve_private.guard('verve.click_deltas');

-- The exact counts.
create table verve.click_counts (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  code_id uuid not null,
  mentor_id uuid, -- null = the code's owner is no mentor
  channel text not null,
  class text not null,
  hits int not null,
  primary key (org_id, day, code_id, channel, class),
  constraint click_counts_code_in_same_organisation foreign key (org_id, code_id) references verve.referral_codes (org_id, id)
);
select verve_private.guard('verve.click_counts');
create index click_counts_by_code on verve.click_counts (org_id, code_id, day);

-- The same per mentor and day, classes as columns.
create table verve.click_mentor_days (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  mentor_id uuid not null,
  human int not null default 0,
  preview int not null default 0,
  prefetch int not null default 0,
  crawler int not null default 0,
  other int not null default 0,
  joined int not null default 0,
  primary key (org_id, day, mentor_id),
  constraint click_mentor_days_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id)
);
select verve_private.guard('verve.click_mentor_days');
create index click_mentor_days_by_mentor on verve.click_mentor_days (mentor_id, day);

-- The same per mentor and span of ten days (numbered from 2000-01-01): a long range reads spans and a few days at its ends.
create table verve.click_mentor_spans (
  org_id uuid not null references verve.organisations (id),
  span int not null,
  mentor_id uuid not null,
  human int not null default 0,
  joined int not null default 0,
  primary key (org_id, span, mentor_id),
  constraint click_mentor_spans_mentor_in_same_organisation foreign key (org_id, mentor_id) references verve.mentors (org_id, id)
);
select verve_private.guard('verve.click_mentor_spans');

-- The same per day, for who sees the whole organisation.
create table verve.click_days (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  human int not null default 0,
  preview int not null default 0,
  prefetch int not null default 0,
  crawler int not null default 0,
  other int not null default 0,
  joined int not null default 0,
  primary key (org_id, day)
);
select verve_private.guard('verve.click_days');

-- The same per branch and day, the branch being the mentor's branch now: a mentor who moves takes his days along.
create table verve.click_branch_days (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  branch_id uuid, -- null = of the organisation itself
  human int not null default 0,
  preview int not null default 0,
  prefetch int not null default 0,
  crawler int not null default 0,
  other int not null default 0,
  joined int not null default 0,
  constraint click_branch_days_one_per_branch unique nulls not distinct (org_id, day, branch_id),
  constraint click_branch_days_branch_in_same_organisation foreign key (org_id, branch_id) references verve.branches (org_id, id)
);
select verve_private.guard('verve.click_branch_days');
create index click_branch_days_by_branch on verve.click_branch_days (branch_id, day);

create table verve.click_channel_days (
  org_id uuid not null references verve.organisations (id),
  day date not null,
  branch_id uuid, -- null = of the organisation itself
  channel text not null,
  human int not null default 0,
  joined int not null default 0,
  constraint click_channel_days_one_per_channel unique nulls not distinct (org_id, day, branch_id, channel),
  constraint click_channel_days_branch_in_same_organisation foreign key (org_id, branch_id) references verve.branches (org_id, id)
);
select verve_private.guard('verve.click_channel_days');

-- Hits above the flood limit, per code and minute; they are counted nowhere else.
create table verve.click_floods (
  org_id uuid not null references verve.organisations (id),
  code_id uuid not null,
  minute timestamptz(0) not null,
  hits int not null,
  primary key (org_id, code_id, minute),
  constraint click_floods_code_in_same_organisation foreign key (org_id, code_id) references verve.referral_codes (org_id, id)
);
select verve_private.guard('verve.click_floods');

-- Until when an organisation's raw clicks have been pruned.
create table verve.click_pruning (
  org_id uuid primary key references verve.organisations (id),
  pruned_before timestamptz(3) not null
);
select verve_private.guard('verve.click_pruning');

-- Records one batch. Items are numbered from 1; what comes back are the items that were not recorded: 'duplicate' (the same
-- token, code and class within the organisation's window, default 5 minutes, either way in time) or 'inactive' (the code has
-- ended, whatever a cache still says). A batch names a token, code and class at most once. occurred_at null = now.
create function verve_private.record_clicks(
  code_ids uuid[], classes text[], channels text[], platforms text[], locales text[],
  occurred timestamptz[] default null, click_ids uuid[] default null, tokens uuid[] default null,
  moment timestamptz default null
) returns table (item int, outcome text)
language plpgsql security definer
set search_path = '' set plan_cache_mode = force_generic_plan
-- A plan made while a partition was empty must hold when it is full: always by index, row by row.
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  -- verve.clock() spelled out: calling it costs every batch 6 µs
  stored_at constant timestamptz(3) := coalesce(moment, nullif(current_setting('verve.now', true), '')::timestamptz, now());
  -- Tokens of this span decide: the longest window is a day, and whoever stored one while we waited came later. Known before
  -- the statement begins, so that partitions outside are not looked at.
  oldest timestamptz(3) := stored_at - interval '1 day';
  newest constant timestamptz(3) := stored_at + interval '1 hour';
begin
  if occurred is not null then
    oldest := least(stored_at, (select min(told) from unnest(occurred) as told)) - interval '1 day';
  end if;
  -- 1 The same token never passes twice at once, whatever the number of servers; in one order, so without deadlock.
  if tokens is not null then
    perform pg_advisory_xact_lock(ordered.key) from (
      select distinct uuid_hash_extended(token, 0) as key from unnest(tokens) as token where token is not null order by 1
    ) as ordered;
  end if;
  return query
  with hits as materialized (
    -- 2 what arrived, with what its code says now
    select hit.item::int as item, hit.code_id, hit.class, hit.channel, hit.platform, hit.locale, hit.click_id, hit.token,
      code.org_id, code.mentor_id, coalesce(hit.occurred_at, stored_at) as occurred_at,
      (coalesce(hit.occurred_at, stored_at) at time zone code.time_zone)::date as day,
      case
        when code.is_open is not true then 'inactive'
        when hit.token is not null and exists (
          select from (
            select coalesce(hit.occurred_at, stored_at) as moment,
              make_interval(mins => coalesce((code.settings #>> '{clicks,duplicateWindowMinutes}')::int, 5)) as span
            offset 0
          ) as near
          join verve.click_tokens on click_tokens.token_hash = hit.token
            and click_tokens.created_at > oldest and click_tokens.created_at < newest
          where click_tokens.code_id = hit.code_id and click_tokens.class = hit.class
            and click_tokens.occurred_at > near.moment - near.span and click_tokens.occurred_at < near.moment + near.span
        ) then 'duplicate'
      end as refusal
    from unnest(code_ids, classes, channels, platforms, locales, occurred, click_ids, tokens) with ordinality
      as hit (code_id, class, channel, platform, locale, occurred_at, click_id, token, item)
    left join lateral (
      select referral_codes.org_id, referral_codes.mentor_id, organisations.time_zone, organisations.settings,
        referral_codes.status = 'active' and coalesce(referral_codes.expires_at > stored_at, true)
          and organisations.offboarded_at is null as is_open
      from verve.referral_codes join verve.organisations on organisations.id = referral_codes.org_id
      where referral_codes.id = hit.code_id
    ) as code on true
  ), clicks as (
    -- 3 the raw rows
    insert into verve.referral_clicks
      (created_at, occurred_at, day, org_id, code_id, mentor_id, id, class, channel, platform, locale)
    select stored_at, hits.occurred_at, hits.day, hits.org_id, hits.code_id, hits.mentor_id, hits.click_id,
      hits.class, hits.channel, hits.platform, hits.locale
    from hits where hits.refusal is null
  ), deltas as (
    -- 4 their counts
    insert into verve.click_deltas (org_id, code_id, mentor_id, day, hits, class, channel)
    select hits.org_id, hits.code_id, hits.mentor_id, hits.day, 1, hits.class, hits.channel
    from hits where hits.refusal is null
  ), remembered as (
    -- 5 the tokens
    insert into verve.click_tokens (created_at, occurred_at, day, token_hash, org_id, code_id, click_id, class, channel)
    select stored_at, hits.occurred_at, hits.day, hits.token, hits.org_id, hits.code_id,
      coalesce(hits.click_id, gen_random_uuid()), hits.class, hits.channel
    from hits where hits.refusal is null and hits.token is not null
  )
  select hits.item, hits.refusal from hits where hits.refusal is not null;
end
$$;

-- Makes the partitions of this and the coming months and days, each behind row-level security when it is made. Rows that
-- went to the default partition meanwhile are moved. Safe to repeat and from several processes; gives how many it made.
-- Every click waits behind whoever waits to change the partitions, so nobody waits for a long reader: the next run makes it.
create function verve_private.make_click_partition(parent text, first_moment timestamptz, last_moment timestamptz, suffix text)
returns boolean
language plpgsql set search_path = '' set lock_timeout = '200ms'
as $$
declare
  partition text := parent || '_' || suffix;
begin
  if to_regclass('verve.' || partition) is not null then
    return false;
  end if;
  execute format('create table verve.%I (like verve.%I including defaults including constraints)', partition, parent);
  perform verve_private.guard(format('verve.%I', partition)::regclass);
  execute format(
    'with moved as (delete from verve.%I where created_at >= %L and created_at < %L returning *) insert into verve.%I select * from moved',
    parent || '_default', first_moment, last_moment, partition);
  execute format('alter table verve.%I attach partition verve.%I for values from (%L) to (%L)',
    parent, partition, first_moment, last_moment);
  return true;
exception when lock_not_available then
  return false;
end
$$;

create function verve_private.make_click_partitions(months_ahead int default 2, days_ahead int default 3) returns int
language plpgsql security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  today constant timestamptz := date_trunc('day', verve.clock());
  this_month constant timestamptz := date_trunc('month', verve.clock());
  start timestamptz;
  made int := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('verve.click_partitions', 0));
  for step in 0 .. months_ahead loop
    start := this_month + make_interval(months => step);
    made := made + verve_private.make_click_partition(
      'referral_clicks', start, start + interval '1 month', to_char(start, 'YYYY_MM'))::int;
  end loop;
  for step in 0 .. days_ahead loop
    start := today + make_interval(days => step);
    made := made + verve_private.make_click_partition(
      'click_tokens', start, start + interval '1 day', to_char(start, 'YYYY_MM_DD'))::int;
  end loop;
  return made;
end
$$;

create table verve.referral_clicks_default partition of verve.referral_clicks default;
select verve_private.guard('verve.referral_clicks_default');
create table verve.click_tokens_default partition of verve.click_tokens default;
select verve_private.guard('verve.click_tokens_default');

-- Takes lines out of click_deltas and adds them to the roll-ups, in one transaction: a reader sees a click in one of the two,
-- never in both. One folder at a time; gives how many lines it folded, 0 where another is at it. Safe to repeat.
create function verve_private.fold_click_deltas(most int default 100000) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  folded int;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('verve.click_roll_ups', 0)) then
    return 0;
  end if;
  with taken as materialized (
    delete from verve.click_deltas where ctid = any (array(select ctid from verve.click_deltas limit most))
    returning org_id, code_id, mentor_id, day, hits, class, channel
  ), lines as materialized (
    select taken.org_id, taken.day, taken.code_id, taken.mentor_id, mentors.branch_id, taken.channel, taken.class,
      sum(taken.hits) as hits, count(*) as lines
    from taken left join verve.mentors on mentors.org_id = taken.org_id and mentors.id = taken.mentor_id
    group by taken.org_id, taken.day, taken.code_id, taken.mentor_id, mentors.branch_id, taken.channel, taken.class
  ), counts as (
    insert into verve.click_counts as kept (org_id, day, code_id, mentor_id, channel, class, hits)
    select lines.org_id, lines.day, lines.code_id, lines.mentor_id, lines.channel, lines.class, lines.hits
    from lines
    on conflict (org_id, day, code_id, channel, class) do update set hits = kept.hits + excluded.hits
  ), mentor_days as (
    insert into verve.click_mentor_days as kept (org_id, day, mentor_id, human, preview, prefetch, crawler, other, joined)
    select lines.org_id, lines.day, lines.mentor_id,
      coalesce(sum(lines.hits) filter (where lines.class = 'human'), 0) as human,
      coalesce(sum(lines.hits) filter (where lines.class = 'preview'), 0) as preview,
      coalesce(sum(lines.hits) filter (where lines.class = 'prefetch'), 0) as prefetch,
      coalesce(sum(lines.hits) filter (where lines.class = 'crawler'), 0) as crawler,
      coalesce(sum(lines.hits) filter (where lines.class = 'other'), 0) as other,
      coalesce(sum(lines.hits) filter (where lines.class = 'join'), 0) as joined
    from lines where lines.mentor_id is not null group by lines.org_id, lines.day, lines.mentor_id
    on conflict (org_id, day, mentor_id) do update set
      human = kept.human + excluded.human,
      preview = kept.preview + excluded.preview,
      prefetch = kept.prefetch + excluded.prefetch,
      crawler = kept.crawler + excluded.crawler,
      other = kept.other + excluded.other,
      joined = kept.joined + excluded.joined
  ), mentor_spans as (
    insert into verve.click_mentor_spans as kept (org_id, span, mentor_id, human, joined)
    select lines.org_id, (lines.day - date '2000-01-01') / 10, lines.mentor_id,
      coalesce(sum(lines.hits) filter (where lines.class = 'human'), 0) as human,
      coalesce(sum(lines.hits) filter (where lines.class = 'join'), 0) as joined
    from lines where lines.mentor_id is not null and lines.class in ('human', 'join')
    group by lines.org_id, (lines.day - date '2000-01-01') / 10, lines.mentor_id
    on conflict (org_id, span, mentor_id) do update set
      human = kept.human + excluded.human, joined = kept.joined + excluded.joined
  ), days as (
    insert into verve.click_days as kept (org_id, day, human, preview, prefetch, crawler, other, joined)
    select lines.org_id, lines.day,
      coalesce(sum(lines.hits) filter (where lines.class = 'human'), 0) as human,
      coalesce(sum(lines.hits) filter (where lines.class = 'preview'), 0) as preview,
      coalesce(sum(lines.hits) filter (where lines.class = 'prefetch'), 0) as prefetch,
      coalesce(sum(lines.hits) filter (where lines.class = 'crawler'), 0) as crawler,
      coalesce(sum(lines.hits) filter (where lines.class = 'other'), 0) as other,
      coalesce(sum(lines.hits) filter (where lines.class = 'join'), 0) as joined
    from lines group by lines.org_id, lines.day
    on conflict (org_id, day) do update set
      human = kept.human + excluded.human,
      preview = kept.preview + excluded.preview,
      prefetch = kept.prefetch + excluded.prefetch,
      crawler = kept.crawler + excluded.crawler,
      other = kept.other + excluded.other,
      joined = kept.joined + excluded.joined
  ), branch_days as (
    insert into verve.click_branch_days as kept (org_id, day, branch_id, human, preview, prefetch, crawler, other, joined)
    select lines.org_id, lines.day, lines.branch_id,
      coalesce(sum(lines.hits) filter (where lines.class = 'human'), 0) as human,
      coalesce(sum(lines.hits) filter (where lines.class = 'preview'), 0) as preview,
      coalesce(sum(lines.hits) filter (where lines.class = 'prefetch'), 0) as prefetch,
      coalesce(sum(lines.hits) filter (where lines.class = 'crawler'), 0) as crawler,
      coalesce(sum(lines.hits) filter (where lines.class = 'other'), 0) as other,
      coalesce(sum(lines.hits) filter (where lines.class = 'join'), 0) as joined
    from lines group by lines.org_id, lines.day, lines.branch_id
    on conflict (org_id, day, branch_id) do update set
      human = kept.human + excluded.human,
      preview = kept.preview + excluded.preview,
      prefetch = kept.prefetch + excluded.prefetch,
      crawler = kept.crawler + excluded.crawler,
      other = kept.other + excluded.other,
      joined = kept.joined + excluded.joined
  ), channel_days as (
    insert into verve.click_channel_days as kept (org_id, day, branch_id, channel, human, joined)
    select lines.org_id, lines.day, lines.branch_id, lines.channel,
      coalesce(sum(lines.hits) filter (where lines.class = 'human'), 0) as human,
      coalesce(sum(lines.hits) filter (where lines.class = 'join'), 0) as joined
    from lines where lines.class in ('human', 'join') group by lines.org_id, lines.day, lines.branch_id, lines.channel
    on conflict (org_id, day, branch_id, channel) do update set
      human = kept.human + excluded.human, joined = kept.joined + excluded.joined
  )
  select coalesce(sum(lines.lines), 0)::int into folded from lines;
  return folded;
end
$$;

-- A mentor who moves to another branch takes his folded days along. Waits for a folding under way, so none is missed.
create function verve_private.move_click_days() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('verve.click_roll_ups', 0));
  insert into verve.click_branch_days as kept (org_id, day, branch_id, human, preview, prefetch, crawler, other, joined)
  select days.org_id, days.day, move.branch_id, days.human * move.sign, days.preview * move.sign, days.prefetch * move.sign,
    days.crawler * move.sign, days.other * move.sign, days.joined * move.sign
  from verve.click_mentor_days as days, (values (old.branch_id, -1), (new.branch_id, 1)) as move (branch_id, sign)
  where days.mentor_id = new.id
  on conflict (org_id, day, branch_id) do update set
      human = kept.human + excluded.human,
      preview = kept.preview + excluded.preview,
      prefetch = kept.prefetch + excluded.prefetch,
      crawler = kept.crawler + excluded.crawler,
      other = kept.other + excluded.other,
      joined = kept.joined + excluded.joined;
  insert into verve.click_channel_days as kept (org_id, day, branch_id, channel, human, joined)
  select counts.org_id, counts.day, move.branch_id, counts.channel,
    sum(counts.hits * move.sign) filter (where counts.class = 'human'),
    coalesce(sum(counts.hits * move.sign) filter (where counts.class = 'join'), 0)
  from verve.click_counts as counts, (values (old.branch_id, -1), (new.branch_id, 1)) as move (branch_id, sign)
  where counts.mentor_id = new.id and counts.class in ('human', 'join')
  group by counts.org_id, counts.day, move.branch_id, counts.channel
  on conflict (org_id, day, branch_id, channel) do update set
    human = kept.human + excluded.human, joined = kept.joined + excluded.joined;
  return null;
end
$$;
create trigger mentors_take_their_click_days_along after update of branch_id on verve.mentors
  for each row when (old.branch_id is distinct from new.branch_id) execute function verve_private.move_click_days();

-- Counts hits above the flood limit, per code and minute. Codes that are gone meanwhile are left out.
create function verve_private.record_flood(code_ids uuid[], minutes timestamptz[], amounts int[]) returns void
language sql security definer set search_path = ''
as $$
  insert into verve.click_floods as kept (org_id, code_id, minute, hits)
  select referral_codes.org_id, flood.code_id, date_trunc('minute', flood.minute), sum(flood.hits)
  from unnest(code_ids, minutes, amounts) as flood (code_id, minute, hits)
  join verve.referral_codes on referral_codes.id = flood.code_id
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (org_id, code_id, minute) do update set hits = kept.hits + excluded.hits
$$;

-- Drops a partition and says so; false = somebody reads its table just now, and the next run drops it.
create function verve_private.drop_click_partition(partition name) returns boolean
language plpgsql set search_path = '' set lock_timeout = '200ms'
as $$
begin
  execute format('drop table verve.%I', partition);
  return true;
exception when lock_not_available then
  return false;
end
$$;

-- Prunes raw clicks older than each organisation's retention (default 90 days) and tokens older than its matching window
-- and a day (default 72 h). No count changes: roll-ups and deltas stay. Whole partitions are dropped where nobody keeps
-- anything of them; empty ones stay while somebody reads their table. Safe to repeat; gives the number of raw clicks deleted
-- one by one and of partitions dropped.
create function verve_private.prune_clicks() returns table (deleted int, dropped int)
language plpgsql security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  moment constant timestamptz(3) := verve.clock();
  organisation record;
  child record;
  keep_clicks_from timestamptz := moment;
  keep_tokens_from timestamptz := moment;
  rows_deleted int;
begin
  perform pg_advisory_xact_lock(hashtextextended('verve.click_partitions', 0));
  deleted := 0;
  dropped := 0;
  for organisation in
    select organisations.id,
      moment - make_interval(days => coalesce((settings #>> '{retention,clickDays}')::int, 90)) as clicks_from,
      moment - make_interval(hours => coalesce((settings #>> '{clicks,matchWindowHours}')::int, 72) + 24) as tokens_from
    from verve.organisations
  loop
    keep_clicks_from := least(keep_clicks_from, organisation.clicks_from);
    keep_tokens_from := least(keep_tokens_from, organisation.tokens_from);
    insert into verve.click_pruning as kept (org_id, pruned_before) values (organisation.id, organisation.clicks_from)
    on conflict (org_id) do update set pruned_before = greatest(kept.pruned_before, excluded.pruned_before);
    delete from verve.referral_clicks where org_id = organisation.id and created_at < organisation.clicks_from;
    get diagnostics rows_deleted = row_count;
    deleted := deleted + rows_deleted;
    delete from verve.click_tokens where org_id = organisation.id and created_at < organisation.tokens_from;
  end loop;
  for child in
    select class.relname, parent.relname as parent,
      (regexp_match(pg_get_expr(class.relpartbound, class.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz as upper_bound
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as class on class.oid = inhrelid
    join pg_catalog.pg_class as parent on parent.oid = inhparent
    where inhparent in ('verve.referral_clicks'::regclass, 'verve.click_tokens'::regclass)
  loop
    if child.upper_bound <= (case when child.parent = 'referral_clicks' then keep_clicks_from else keep_tokens_from end) then
      exit when not verve_private.drop_click_partition(child.relname);
      dropped := dropped + 1;
    end if;
  end loop;
  return next;
end
$$;

-- Proves that counts = raw rows for every day that has not been pruned; what comes back are the differences, so normally nothing.
-- A day was fixed in the zone that the organisation had then; no zone is further ahead than Kiritimati's.
create function verve_private.click_count_differences()
returns table (org_id uuid, day date, code_id uuid, channel text, class text, counted int, stored int)
language sql stable security definer set search_path = ''
as $$
  with kept as (
    select organisations.id, coalesce((click_pruning.pruned_before at time zone 'Pacific/Kiritimati')::date, '-infinity') as pruned_day
    from verve.organisations left join verve.click_pruning on click_pruning.org_id = organisations.id
  ), counted as (
    select both_parts.org_id, both_parts.day, both_parts.code_id, both_parts.channel, both_parts.class, sum(both_parts.hits)::int as hits
    from (
      select org_id, day, code_id, channel, class, hits from verve.click_counts
      union all select org_id, day, code_id, channel, class, hits from verve.click_deltas
    ) as both_parts join kept on kept.id = both_parts.org_id and both_parts.day > kept.pruned_day
    group by 1, 2, 3, 4, 5 having sum(both_parts.hits) <> 0
  ), stored as (
    select clicks.org_id, clicks.day, clicks.code_id, clicks.channel, clicks.class, count(*)::int as hits
    from verve.referral_clicks as clicks join kept on kept.id = clicks.org_id and clicks.day > kept.pruned_day
    group by 1, 2, 3, 4, 5
  )
  select org_id, day, code_id, channel, class, coalesce(counted.hits, 0), coalesce(stored.hits, 0)
  from counted full join stored using (org_id, day, code_id, channel, class)
  where counted.hits is distinct from stored.hits
$$;

-- Servers that hold codes in memory let go of one at once when it, or its organisation, changes. Payload: kind and id.
create function verve_private.notify_link_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_notify('verve_links', tg_argv[0] || ':' || new.id);
  return null;
end
$$;
create trigger referral_codes_tell_of_changes after update of status, expires_at on verve.referral_codes
  for each row execute function verve_private.notify_link_change('code');
create trigger organisations_tell_of_changes
  after update of join_url_template, link_domains, time_zone, settings, offboarded_at on verve.organisations
  for each row execute function verve_private.notify_link_change('organisation');

revoke all on all functions in schema verve_private from public;
grant execute on function verve_private.record_clicks(uuid[], text[], text[], text[], text[], timestamptz[], uuid[], uuid[], timestamptz),
  verve_private.record_flood(uuid[], timestamptz[], int[]) to verve_ingest;
grant execute on function verve_private.make_click_partitions(int, int), verve_private.fold_click_deltas(int),
  verve_private.prune_clicks(), verve_private.click_count_differences() to verve_app;
