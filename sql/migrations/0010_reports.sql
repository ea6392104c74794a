-- Reports: the funnel, mentors, branches, channels and days. Each is one statement over roll-ups, and adds what has not been
-- folded yet, so it includes the click just made. They run with the rights of whoever asks: row-level security decides what
-- is counted. Ranges are the organisation's own days, half-open, at most 366.
--
-- Stages are counted by their own day (specification §10): shared; clicked (people); registered (also implied ones);
-- confirmed and not reversed since; credited. Removed and superseded attributions, and source models that the organisation
-- does not count, are in none of them.

create function verve_private.report_range(from_day date, to_day date) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if from_day is null or to_day is null or to_day <= from_day or to_day - from_day > 366 then
    raise exception 'the range is empty, reversed or longer than 366 days' using errcode = 'invalid_parameter_value';
  end if;
end
$$;

-- The given branches with everything below them.
create function verve_private.report_branches(org uuid, branches uuid[]) returns setof uuid
language sql stable set search_path = ''
as $$
  with recursive below (id) as (
    select branches.id from verve.branches where branches.org_id = org and branches.id = any (report_branches.branches)
    union
    select branches.id from below join verve.branches on branches.org_id = org and branches.parent_id = below.id
  )
  select below.id from below
$$;

-- The branches and mentors of whom a report is; both null = of all. Who sees less than all has the rows of the branches and
-- mentors that he sees looked up, instead of every row looked up in a list of them.
create function verve_private.report_narrowing(
  org uuid, only_mentor uuid, only_branches uuid[], out branch_ids uuid[], out mentor_ids uuid[]
)
language plpgsql stable set search_path = ''
as $$
declare
  sees_all boolean := true;
begin
  if current_user = 'authenticated' then
    sees_all := org in (select verve_private.whole_organisations());
  end if;
  branch_ids := case
    when only_branches is not null then array(select verve_private.report_branches(org, only_branches))
    when not sees_all then array(select id from verve.branches where org_id = org)
  end;
  mentor_ids := case
    when only_mentor is not null then array[only_mentor]
    when only_branches is not null then array(select id from verve.mentors where org_id = org and branch_id = any (branch_ids))
    when not sees_all then array(select id from verve.mentors where org_id = org)
  end;
end
$$;

-- Share of human clicks that became credits: 0 without clicks, at most 1.
create function verve_private.report_rate(credited bigint, clicked bigint) returns numeric
language sql immutable set search_path = ''
as $$ select case when clicked > 0 then least(1, round(credited::numeric / clicked, 4)) else 0 end $$;

-- The funnel of a range. only_mentor and only_branches (with everything below them) narrow it. What is not narrowed sums whole
-- ranges of an index, whatever the range, and keeps its plan: making it anew was half of the cost.
create function verve_api.get_conversion_funnel(
  org uuid, from_day date, to_day date, only_mentor uuid default null, only_branches uuid[] default null
) returns table (
  shared int, clicked int, joined int, registered int, confirmed int, credited int, credited_without_click int,
  median_clicked_to_registered_seconds int, median_registered_to_confirmed_seconds int,
  previews int, prefetches int, crawlers int, others int
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  branch_ids uuid[];
  mentor_ids uuid[];
begin
  perform verve_private.report_range(from_day, to_day);
  select narrowing.branch_ids, narrowing.mentor_ids into branch_ids, mentor_ids
  from verve_private.report_narrowing(org, only_mentor, only_branches) as narrowing;
  perform set_config('plan_cache_mode', case when mentor_ids is null then 'force_generic_plan' else 'force_custom_plan' end, true);
  return query
  with folded as (
    -- 1 clicks that are folded: of all by day, of a mentor by mentor, else by the branches that the caller sees
    select sum(days.human) as human, sum(days.joined) as joined, sum(days.preview) as preview,
      sum(days.prefetch) as prefetch, sum(days.crawler) as crawler, sum(days.other) as other
    from verve.click_days as days
    where mentor_ids is null and days.org_id = org and days.day >= from_day and days.day < to_day
    union all
    select sum(days.human) as human, sum(days.joined) as joined, sum(days.preview) as preview,
      sum(days.prefetch) as prefetch, sum(days.crawler) as crawler, sum(days.other) as other
    from verve.click_branch_days as days
    where only_mentor is null and days.branch_id = any (branch_ids) and days.org_id = org
      and days.day >= from_day and days.day < to_day
    union all
    select sum(days.human), sum(days.joined), sum(days.preview), sum(days.prefetch), sum(days.crawler), sum(days.other)
    from verve.click_mentor_days as days
    where only_mentor is not null and days.mentor_id = only_mentor and days.org_id = org
      and days.day >= from_day and days.day < to_day
    union all
    -- 2 and those that are not
    select sum(deltas.hits) filter (where deltas.class = 'human'), sum(deltas.hits) filter (where deltas.class = 'join'),
      sum(deltas.hits) filter (where deltas.class = 'preview'), sum(deltas.hits) filter (where deltas.class = 'prefetch'),
      sum(deltas.hits) filter (where deltas.class = 'crawler'), sum(deltas.hits) filter (where deltas.class = 'other')
    from verve.click_deltas as deltas
    where deltas.org_id = org and deltas.day >= from_day and deltas.day < to_day
      and (mentor_ids is null or deltas.mentor_id = any (mentor_ids))
  ), clicks as (
    select sum(human) as human, sum(folded.joined) as joined, sum(preview) as preview, sum(prefetch) as prefetch,
      sum(crawler) as crawler, sum(other) as other
    from folded
  ), registrations as (
    -- 3 the later stages, each by its own day
    select count(*) as registered,
      percentile_cont(0.5) within group (order by date_part('epoch', attributions.registered_at - attributions.clicked_at))
        filter (where not attributions.is_registration_implied and attributions.clicked_at <= attributions.registered_at) as median
    from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.registered_day >= from_day and attributions.registered_day < to_day
      and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids))
  ), confirmations as (
    select count(*) as confirmed,
      percentile_cont(0.5) within group (order by date_part('epoch', attributions.confirmed_at - attributions.registered_at))
        filter (where not attributions.is_registration_implied and attributions.registered_at <= attributions.confirmed_at) as median
    from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.confirmed_day >= from_day and attributions.confirmed_day < to_day
      and attributions.status = 'confirmed' and attributions.is_counted
      and attributions.superseded_at is null and attributions.removed_at is null
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids))
  ), credits as (
    select count(*) as credited, count(*) filter (where attributions.clicked_at is null) as without_click
    from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.credited_day >= from_day and attributions.credited_day < to_day
      and attributions.is_credited and attributions.is_counted
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids))
  )
  select
    (select count(*)::int from verve.shares
      where shares.org_id = org and shares.day >= from_day and shares.day < to_day
        and (mentor_ids is null or shares.mentor_id = any (mentor_ids))),
    coalesce(clicks.human, 0)::int, coalesce(clicks.joined, 0)::int, registrations.registered::int, confirmations.confirmed::int,
    credits.credited::int, credits.without_click::int, round(registrations.median)::int, round(confirmations.median)::int,
    coalesce(clicks.preview, 0)::int, coalesce(clicks.prefetch, 0)::int, coalesce(clicks.crawler, 0)::int, coalesce(clicks.other, 0)::int
  from clicks, registrations, confirmations, credits;
end
$$;

-- One row for every mentor whom the caller may see, also those without any figure.
create function verve_api.get_mentor_conversion_totals(
  org uuid, from_day date, to_day date, only_mentor uuid default null, only_branches uuid[] default null
) returns table (
  mentor_id uuid, display_name text, branch_id uuid, status text, shared int, clicked int, joined int, registered int,
  confirmed int, credited int, credited_without_click int, conversion_rate numeric, last_shared_at timestamptz
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  branch_ids constant uuid[] := case when only_branches is not null
    then array(select verve_private.report_branches(org, only_branches)) end;
  -- Whole spans of ten days between the boundaries nearest to the range's ends; the days from there to the ends are added, or
  -- taken away again where the boundary lies outside.
  first_span constant int := (from_day - date '2000-01-01' + 5) / 10;
  last_span constant int := (to_day - date '2000-01-01' + 5) / 10;
  spans_from constant date := date '2000-01-01' + first_span * 10;
  spans_to constant date := date '2000-01-01' + last_span * 10;
begin
  perform verve_private.report_range(from_day, to_day);
  return query
  with parts as (
    select spans.mentor_id, sum(spans.human) as human, sum(spans.joined) as joined from verve.click_mentor_spans as spans
    where spans.org_id = org and spans.span >= first_span and spans.span < last_span
      and (only_mentor is null or spans.mentor_id = only_mentor)
    group by spans.mentor_id
    union all
    select days.mentor_id, sum(days.human * ends.sign), sum(days.joined * ends.sign)
    from (values (1, from_day, spans_from), (-1, spans_from, from_day), (1, spans_to, to_day), (-1, to_day, spans_to))
      as ends (sign, first_day, last_day)
    join verve.click_mentor_days as days on days.day >= ends.first_day and days.day < ends.last_day
    where days.org_id = org and (only_mentor is null or days.mentor_id = only_mentor)
    group by days.mentor_id
  ), clicks as (
    select parts.mentor_id, sum(parts.human) as human, sum(parts.joined) as joined from parts group by parts.mentor_id
  ), fresh_clicks as (
    select deltas.mentor_id, coalesce(sum(deltas.hits) filter (where deltas.class = 'human'), 0) as human,
      coalesce(sum(deltas.hits) filter (where deltas.class = 'join'), 0) as joined
    from verve.click_deltas as deltas
    where deltas.org_id = org and deltas.day >= from_day and deltas.day < to_day group by deltas.mentor_id
  ), shares as (
    select shares.mentor_id, count(*) as shared from verve.shares
    where shares.org_id = org and shares.day >= from_day and shares.day < to_day group by shares.mentor_id
  ), registrations as (
    select attributions.mentor_id, count(*) as registered from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.registered_day >= from_day and attributions.registered_day < to_day
      and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null
    group by attributions.mentor_id
  ), confirmations as (
    select attributions.mentor_id, count(*) as confirmed from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.confirmed_day >= from_day and attributions.confirmed_day < to_day
      and attributions.status = 'confirmed' and attributions.is_counted
      and attributions.superseded_at is null and attributions.removed_at is null
    group by attributions.mentor_id
  ), credits as (
    select attributions.mentor_id, count(*) as credited, count(*) filter (where attributions.clicked_at is null) as without_click
    from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.credited_day >= from_day and attributions.credited_day < to_day
      and attributions.is_credited and attributions.is_counted
    group by attributions.mentor_id
  )
  select mentors.id, mentors.display_name, mentors.branch_id, mentors.status, coalesce(shares.shared, 0)::int,
    (coalesce(clicks.human, 0) + coalesce(fresh_clicks.human, 0))::int,
    (coalesce(clicks.joined, 0) + coalesce(fresh_clicks.joined, 0))::int,
    coalesce(registrations.registered, 0)::int, coalesce(confirmations.confirmed, 0)::int,
    coalesce(credits.credited, 0)::int, coalesce(credits.without_click, 0)::int,
    -- report_rate in place: 2,000 calls are a third of the cost of the table
    case when coalesce(clicks.human, 0) + coalesce(fresh_clicks.human, 0) > 0
      then least(1, round(coalesce(credits.credited, 0)::numeric / (coalesce(clicks.human, 0) + coalesce(fresh_clicks.human, 0)), 4)) else 0 end,
    -- whenever it was, also outside the range: one step into an index for each mentor
    (select latest.shared_at::timestamptz from verve.shares as latest
      where latest.org_id = org and latest.mentor_id = mentors.id order by latest.shared_at desc, latest.id desc limit 1)
  from verve.mentors
  left join clicks on clicks.mentor_id = mentors.id
  left join fresh_clicks on fresh_clicks.mentor_id = mentors.id
  left join shares on shares.mentor_id = mentors.id
  left join registrations on registrations.mentor_id = mentors.id
  left join confirmations on confirmations.mentor_id = mentors.id
  left join credits on credits.mentor_id = mentors.id
  where mentors.org_id = org and (only_mentor is null or mentors.id = only_mentor)
    and (branch_ids is null or mentors.branch_id = any (branch_ids));
end
$$;

-- Counts over all time, for one mentor or for all whom the caller sees: a registration still open counts as pending.
create function verve_api.get_attribution_counts(org uuid, only_mentor uuid default null) returns table (
  total_clicks int, pending_count int, confirmed_count int, conversion_rate numeric, credited_without_click int, total_shares int
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  with clicks as (
    select (
      coalesce((select sum(days.human) from verve.click_mentor_days as days
        where only_mentor is not null and days.mentor_id = only_mentor and days.org_id = org), 0)
      + coalesce((select sum(days.human) from verve.click_branch_days as days where only_mentor is null and days.org_id = org), 0)
      + coalesce((select sum(deltas.hits) from verve.click_deltas as deltas
        where deltas.org_id = org and deltas.class = 'human' and (only_mentor is null or deltas.mentor_id = only_mentor)), 0)
    )::int as total
  ), counts as (
    select count(*) filter (where attributions.status = 'pending'
        and attributions.registered_at > (select verve.clock() - make_interval(days => verve_private.report_pending_days(org)))) as pending,
      count(*) filter (where attributions.is_credited) as credited,
      count(*) filter (where attributions.is_credited and attributions.clicked_at is null) as without_click
    from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.is_counted and attributions.superseded_at is null
      and attributions.removed_at is null and (only_mentor is null or attributions.mentor_id = only_mentor)
  )
  select clicks.total, counts.pending::int, counts.credited::int, verve_private.report_rate(counts.credited, clicks.total),
    counts.without_click::int,
    (select count(*)::int from verve.shares where shares.org_id = org and (only_mentor is null or shares.mentor_id = only_mentor))
  from clicks, counts;
end
$$;

-- After how many days an organisation shows a registration that nothing confirmed as expired. No other setting gets out.
create function verve_private.report_pending_days(org uuid) returns int
language sql stable security definer set search_path = ''
as $$
  select coalesce((organisations.settings #>> '{rules,pendingDays}')::int, 365)
  from verve.organisations
  where organisations.id = org and (org = verve_private.current_org() or org in (select verve_private.own_organisations()))
$$;

-- One row for every branch whom the caller may see, and one (branch null) for the organisation itself. Clicks, shares,
-- registrations and confirmations stand with the mentor's branch now, credits with his branch at credit.
create function verve_api.get_branch_totals(org uuid, from_day date, to_day date, only_branches uuid[] default null) returns table (
  branch_id uuid, name text, parent_id uuid, kind text, mentors int, shared int, clicked int, joined int, registered int,
  confirmed int, credited int, conversion_rate numeric
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  branch_ids constant uuid[] := case when only_branches is not null
    then array(select verve_private.report_branches(org, only_branches)) end;
begin
  perform verve_private.report_range(from_day, to_day);
  return query
  with members as (
    select mentors.id, mentors.branch_id from verve.mentors where mentors.org_id = org
  ), lines (branch_id, mentors, shared, clicked, joined, registered, confirmed, credited) as (
    select members.branch_id, count(*), 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
    from members group by 1
    union all
    select days.branch_id, 0, 0, sum(days.human), sum(days.joined), 0, 0, 0 from verve.click_branch_days as days
    where days.org_id = org and days.day >= from_day and days.day < to_day group by 1
    union all
    select members.branch_id, 0, 0, coalesce(sum(deltas.hits) filter (where deltas.class = 'human'), 0),
      coalesce(sum(deltas.hits) filter (where deltas.class = 'join'), 0), 0, 0, 0
    from verve.click_deltas as deltas left join members on members.id = deltas.mentor_id
    where deltas.org_id = org and deltas.day >= from_day and deltas.day < to_day group by 1
    union all
    select members.branch_id, 0, count(*), 0, 0, 0, 0, 0 from verve.shares left join members on members.id = shares.mentor_id
    where shares.org_id = org and shares.day >= from_day and shares.day < to_day group by 1
    union all
    select members.branch_id, 0, 0, 0, 0, count(*), 0, 0
    from verve.referral_attributions as attributions left join members on members.id = attributions.mentor_id
    where attributions.org_id = org and attributions.registered_day >= from_day and attributions.registered_day < to_day
      and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null group by 1
    union all
    select members.branch_id, 0, 0, 0, 0, 0, count(*), 0
    from verve.referral_attributions as attributions left join members on members.id = attributions.mentor_id
    where attributions.org_id = org and attributions.confirmed_day >= from_day and attributions.confirmed_day < to_day
      and attributions.status = 'confirmed' and attributions.is_counted
      and attributions.superseded_at is null and attributions.removed_at is null group by 1
    union all
    select attributions.branch_id, 0, 0, 0, 0, 0, 0, count(*) from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.credited_day >= from_day and attributions.credited_day < to_day
      and attributions.is_credited and attributions.is_counted group by 1
  ), totals as (
    select lines.branch_id, sum(lines.mentors) as mentors, sum(lines.shared) as shared, sum(lines.clicked) as clicked,
      sum(lines.joined) as joined, sum(lines.registered) as registered, sum(lines.confirmed) as confirmed, sum(lines.credited) as credited
    from lines group by lines.branch_id
  )
  select coalesce(branches.id, totals.branch_id), branches.name, branches.parent_id, branches.kind, coalesce(totals.mentors, 0)::int,
    coalesce(totals.shared, 0)::int, coalesce(totals.clicked, 0)::int, coalesce(totals.joined, 0)::int, coalesce(totals.registered, 0)::int,
    coalesce(totals.confirmed, 0)::int, coalesce(totals.credited, 0)::int,
    verve_private.report_rate(coalesce(totals.credited, 0)::bigint, coalesce(totals.clicked, 0)::bigint)
  from (select * from verve.branches where branches.org_id = org) as branches
  full join totals on totals.branch_id = branches.id
  where branch_ids is null or coalesce(branches.id, totals.branch_id) = any (branch_ids);
end
$$;

-- Shares, clicks, registrations and credits by channel; 'unknown' is a link that named none.
create function verve_api.get_channel_totals(org uuid, from_day date, to_day date, only_branches uuid[] default null) returns table (
  channel text, shared int, clicked int, joined int, registered int, credited int
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  branch_ids constant uuid[] := case when only_branches is not null
    then array(select verve_private.report_branches(org, only_branches)) end;
  mentor_ids constant uuid[] := case when branch_ids is not null
    then array(select id from verve.mentors where org_id = org and branch_id = any (branch_ids)) end;
begin
  perform verve_private.report_range(from_day, to_day);
  return query
  select lines.channel, sum(lines.shared)::int, sum(lines.clicked)::int, sum(lines.joined)::int, sum(lines.registered)::int,
    sum(lines.credited)::int
  from (
    select shares.channel, count(*) as shared, 0::bigint as clicked, 0::bigint as joined, 0::bigint as registered, 0::bigint as credited
    from verve.shares
    where shares.org_id = org and shares.day >= from_day and shares.day < to_day
      and (mentor_ids is null or shares.mentor_id = any (mentor_ids)) group by 1
    union all
    select days.channel, 0, sum(days.human), sum(days.joined), 0, 0 from verve.click_channel_days as days
    where days.org_id = org and days.day >= from_day and days.day < to_day
      and (branch_ids is null or days.branch_id = any (branch_ids)) group by 1
    union all
    select deltas.channel, 0, coalesce(sum(deltas.hits) filter (where deltas.class = 'human'), 0),
      coalesce(sum(deltas.hits) filter (where deltas.class = 'join'), 0), 0, 0
    from verve.click_deltas as deltas
    where deltas.org_id = org and deltas.day >= from_day and deltas.day < to_day and deltas.class in ('human', 'join')
      and (mentor_ids is null or deltas.mentor_id = any (mentor_ids)) group by 1
    union all
    select coalesce(attributions.click_channel, 'unknown'), 0, 0, 0, count(*), 0 from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.registered_day >= from_day and attributions.registered_day < to_day
      and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids)) group by 1
    union all
    select coalesce(attributions.click_channel, 'unknown'), 0, 0, 0, 0, count(*) from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.credited_day >= from_day and attributions.credited_day < to_day
      and attributions.is_credited and attributions.is_counted
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids)) group by 1
  ) as lines
  group by lines.channel;
end
$$;

-- One row for every day of the range, also days without any figure; their sums are the funnel's stages.
create function verve_api.get_timeline(
  org uuid, from_day date, to_day date, only_mentor uuid default null, only_branches uuid[] default null
) returns table (day date, shared int, clicked int, joined int, registered int, confirmed int, credited int)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  branch_ids uuid[];
  mentor_ids uuid[];
begin
  perform verve_private.report_range(from_day, to_day);
  select narrowing.branch_ids, narrowing.mentor_ids into branch_ids, mentor_ids
  from verve_private.report_narrowing(org, only_mentor, only_branches) as narrowing;
  perform set_config('plan_cache_mode', case when mentor_ids is null then 'force_generic_plan' else 'force_custom_plan' end, true);
  return query
  select lines.day, sum(lines.shared)::int, sum(lines.clicked)::int, sum(lines.joined)::int, sum(lines.registered)::int,
    sum(lines.confirmed)::int, sum(lines.credited)::int
  from (
    select (from_day + step) as day, 0::bigint as shared, 0::bigint as clicked, 0::bigint as joined, 0::bigint as registered,
      0::bigint as confirmed, 0::bigint as credited
    from generate_series(0, to_day - from_day - 1) as step
    union all
    select shares.day, count(*), 0, 0, 0, 0, 0 from verve.shares
    where shares.org_id = org and shares.day >= from_day and shares.day < to_day
      and (mentor_ids is null or shares.mentor_id = any (mentor_ids)) group by 1
    union all
    select days.day, 0, days.human, days.joined, 0, 0, 0 from verve.click_days as days
    where mentor_ids is null and days.org_id = org and days.day >= from_day and days.day < to_day
    union all
    select days.day, 0, sum(days.human), sum(days.joined), 0, 0, 0
    from verve.click_branch_days as days
    where only_mentor is null and days.branch_id = any (branch_ids) and days.org_id = org
      and days.day >= from_day and days.day < to_day group by 1
    union all
    select days.day, 0, days.human, days.joined, 0, 0, 0 from verve.click_mentor_days as days
    where only_mentor is not null and days.mentor_id = only_mentor and days.org_id = org
      and days.day >= from_day and days.day < to_day
    union all
    select deltas.day, 0, coalesce(sum(deltas.hits) filter (where deltas.class = 'human'), 0),
      coalesce(sum(deltas.hits) filter (where deltas.class = 'join'), 0), 0, 0, 0
    from verve.click_deltas as deltas
    where deltas.org_id = org and deltas.day >= from_day and deltas.day < to_day
      and (mentor_ids is null or deltas.mentor_id = any (mentor_ids)) group by 1
    union all
    select attributions.registered_day, 0, 0, 0, count(*), 0, 0 from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.registered_day >= from_day and attributions.registered_day < to_day
      and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids)) group by 1
    union all
    select attributions.confirmed_day, 0, 0, 0, 0, count(*), 0 from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.confirmed_day >= from_day and attributions.confirmed_day < to_day
      and attributions.status = 'confirmed' and attributions.is_counted
      and attributions.superseded_at is null and attributions.removed_at is null
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids)) group by 1
    union all
    select attributions.credited_day, 0, 0, 0, 0, 0, count(*) from verve.referral_attributions as attributions
    where attributions.org_id = org and attributions.credited_day >= from_day and attributions.credited_day < to_day
      and attributions.is_credited and attributions.is_counted
      and (mentor_ids is null or attributions.mentor_id = any (mentor_ids)) group by 1
  ) as lines
  group by lines.day;
end
$$;

-- A coordinator or administrator of an organisation may read, and the engine may for a key; row-level security does the rest.
do $$
declare
  report record;
  reader name;
begin
  for report in
    select oid::regprocedure as name from pg_catalog.pg_proc
    where pronamespace = 'verve_api'::regnamespace and proname like 'get\_%'
      or pronamespace = 'verve_private'::regnamespace and proname like 'report\_%'
  loop
    execute format('revoke all on function %s from public', report.name);
    -- Supabase projects give these roles everything by default.
    for reader in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
      execute format('revoke all on function %s from %I', report.name, reader);
    end loop;
    execute format('grant execute on function %s to authenticated, verve_engine', report.name);
  end loop;
end
$$;
