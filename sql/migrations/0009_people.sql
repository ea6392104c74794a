-- What people may read. A person's transaction runs as `authenticated` with the token's claims; nothing here is writable.
--
-- peer_mentor reads own, coordinator the branches in scope with all below them, org_admin the organisation. What a mentor
-- reads about own recruits comes only through the my_* views: statuses and days, no time of day, no member, no reference,
-- and (unless the organisation chose live) as of 06:00. The base tables of recruitment show a mentor nothing.

-- 1 Who asks ---------------------------------------------------------------------------------------------------------

-- These five are asked by nearly every policy, once a statement: in plpgsql, which keeps its plans for the life of a
-- connection, whatever the statement around them asks of the planner.

-- The signed-in person, or null: without claims, and for anonymous users, who have no identity to give rights to.
create function verve_private.user_id() returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
  return case
    when coalesce(claims ->> 'is_anonymous', 'false') <> 'false' then null
    when claims ->> 'sub' ~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' then (claims ->> 'sub')::uuid
  end;
end
$$;

-- The only organisation that the person is to see, or null = every one of the person's: a session of the dashboard belongs to the
-- organisation that let the person in. A token that names one itself can only see less by it.
create function verve_private.session_org() returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
  return (claims ->> 'verve_org')::uuid;
end
$$;

-- The roles of the person: those in the table, and those that the issuer wrote into app_metadata.verve_roles, an array of
-- {"organisation": slug, "role": ..., "branch_id": ...}. user_metadata is never read: the person can write it.
create function verve_private.roles_held() returns table (org_id uuid, role text, branch_id uuid)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  person constant uuid := verve_private.user_id();
  only_org constant uuid := verve_private.session_org();
  issued constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' -> 'verve_roles';
begin
  if person is null then
    return;
  end if;
  return query
  select roles.org_id, roles.role, roles.branch_id
  from verve.roles
  join verve.organisations on organisations.id = roles.org_id and organisations.offboarded_at is null
  where roles.user_id = person and (only_org is null or roles.org_id = only_org);
  if jsonb_typeof(issued) = 'array' then
    return query
    select organisations.id, held.item ->> 'role', branches.id
    from jsonb_array_elements(issued) as held (item)
    join verve.organisations on organisations.slug = held.item ->> 'organisation' and organisations.offboarded_at is null
    left join verve.branches on branches.org_id = organisations.id and branches.id::text = held.item ->> 'branch_id'
    where jsonb_typeof(held.item) = 'object'
      and held.item ->> 'role' in ('peer_mentor', 'coordinator', 'org_admin')
      and (branches.id is not null or held.item ->> 'branch_id' is null)
      and (held.item ->> 'branch_id' is null or held.item ->> 'role' = 'coordinator')
      and (only_org is null or organisations.id = only_org)
    except
    select roles.org_id, roles.role, roles.branch_id from verve.roles where roles.user_id = person;
  end if;
end
$$;

-- The person as mentor: at most one row an organisation. Mentors and branches are always named together with their organisation:
-- a host chooses their ids, so two organisations can have the same one.
create function verve_private.own_mentors() returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = ''
as $$
  select mentors.org_id, mentors.id from verve.mentors
  join verve.organisations on organisations.id = mentors.org_id and organisations.offboarded_at is null
  where mentors.user_id = verve_private.user_id() and mentors.org_id = coalesce(verve_private.session_org(), mentors.org_id)
$$;

create function verve_private.own_branches() returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = ''
as $$
  select mentors.org_id, mentors.branch_id
  from verve_private.own_mentors() as own join verve.mentors on mentors.org_id = own.org_id and mentors.id = own.id
$$;

-- Organisations in which the person has any role, or is a mentor.
create function verve_private.own_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select held.org_id from verve_private.roles_held() as held
  union
  select own.org_id from verve_private.own_mentors() as own
$$;

create function verve_private.administered_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select distinct held.org_id from verve_private.roles_held() as held where held.role = 'org_admin' $$;

-- Organisations that the person sees whole: as administrator, or as coordinator of no branch in particular.
create function verve_private.whole_organisations() returns setof uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select distinct held.org_id from verve_private.roles_held() as held
  where held.role = 'org_admin' or (held.role = 'coordinator' and held.branch_id is null);
end
$$;

-- Organisations that the person coordinates, whole or in part.
create function verve_private.coordinated_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select distinct held.org_id from verve_private.roles_held() as held where held.role in ('org_admin', 'coordinator') $$;

-- Branches in scope: of whole organisations all, else the coordinator's own with everything below.
create function verve_private.branches_in_scope() returns table (org_id uuid, id uuid)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with recursive scope (org_id, id) as (
    select branches.org_id, branches.id from verve.branches
    where branches.org_id in (select verve_private.whole_organisations())
      or (branches.org_id, branches.id) in (
        select held.org_id, held.branch_id from verve_private.roles_held() as held where held.role = 'coordinator')
    union
    select branches.org_id, branches.id from scope
    join verve.branches on branches.org_id = scope.org_id and branches.parent_id = scope.id
  )
  select scope.org_id, scope.id from scope;
end
$$;

-- Mentors in scope, by the branch they have now (spec §2.18).
create function verve_private.mentors_in_scope() returns table (org_id uuid, id uuid)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  whole constant uuid[] := array(select verve_private.whole_organisations());
begin
  return query
  select mentors.org_id, mentors.id from verve.mentors where mentors.org_id = any (whole);
  return query
  select mentors.org_id, mentors.id from verve_private.branches_in_scope() as scope
  join verve.mentors on mentors.org_id = scope.org_id and mentors.branch_id = scope.id
  where scope.org_id <> all (whole);
end
$$;

-- For the server, right after it has checked a token: where the person belongs, and as what.
create function verve_private.memberships()
returns table (org_id uuid, slug text, name text, mentor_id uuid, roles jsonb)
language sql stable security definer set search_path = ''
as $$
  select organisations.id, organisations.slug, organisations.name, own.id,
    case when own.id is not null and not coalesce(held.roles @> '[{"role":"peer_mentor"}]', false)
      then '[{"role":"peer_mentor","branchId":null}]'::jsonb else '[]' end || coalesce(held.roles, '[]')
  from verve.organisations
  left join verve.mentors as own on own.org_id = organisations.id and own.user_id = verve_private.user_id()
  left join lateral (
    select jsonb_agg(jsonb_build_object('role', one.role, 'branchId', one.branch_id) order by one.role, one.branch_id) as roles
    from verve_private.roles_held() as one where one.org_id = organisations.id
  ) as held on true
  where organisations.id in (select verve_private.own_organisations())
$$;

-- 2 What a mentor reads about own recruits ---------------------------------------------------------------------------

-- Until when a mentor's figures go: the last 06:00 in the organisation's zone, or now where the organisation chose live.
create function verve_private.mentor_horizon(settings jsonb, time_zone text) returns timestamptz
language sql stable set search_path = ''
as $$
  select case
    when coalesce(settings -> 'mentors' ->> 'figures', 'daily') = 'live' then verve.clock()
    else (date_trunc('day', (verve.clock() at time zone time_zone) - interval '6 hours') + interval '6 hours') at time zone time_zone
  end
$$;

create function verve_private.own_horizons() returns table (org_id uuid, mentor_id uuid, as_of timestamptz)
language sql stable security definer set search_path = ''
as $$
  select mentors.org_id, mentors.id, verve_private.mentor_horizon(organisations.settings, organisations.time_zone)
  from verve_private.own_mentors() as mentors join verve.organisations on organisations.id = mentors.org_id
$$;

create function verve_private.own_recruits()
returns table (id uuid, org_id uuid, mentor_id uuid, code text, status text, review_state text, is_credited boolean, flags text[],
  channel text, clicked_day date, registered_day date, confirmed_day date, credited_day date, as_of timestamptz)
language sql stable security definer set search_path = ''
as $$
  select attributions.id, attributions.org_id, attributions.mentor_id, referral_codes.code,
    case
      when attributions.status in ('reversed', 'rejected') and attributions.updated_at <= horizon.moment then attributions.status
      when attributions.confirmation_recorded_at <= horizon.moment then 'confirmed'
      when attributions.registered_at < horizon.moment - make_interval(days => coalesce((organisations.settings -> 'rules' ->> 'pendingDays')::int, 365))
        then 'expired'
      else 'pending'
    end,
    case when attributions.updated_at <= horizon.moment then attributions.review_state
      when attributions.review_state = 'none' then 'none' else 'waiting' end,
    attributions.is_credited and attributions.updated_at <= horizon.moment,
    '{}'::text[], attributions.click_channel, attributions.clicked_day, attributions.registered_day,
    case when attributions.confirmation_recorded_at <= horizon.moment then attributions.confirmed_day end,
    case when attributions.is_credited and attributions.updated_at <= horizon.moment then attributions.credited_day end,
    horizon.moment
  from verve.referral_attributions as attributions
  join verve.referral_codes on referral_codes.org_id = attributions.org_id and referral_codes.id = attributions.code_id
  join verve.organisations on organisations.id = attributions.org_id
  cross join lateral (
    select verve_private.mentor_horizon(organisations.settings, organisations.time_zone) as moment
  ) as horizon
  where (attributions.org_id, attributions.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
    and attributions.is_counted and attributions.superseded_at is null and attributions.removed_at is null
    and attributions.registration_recorded_at <= horizon.moment
$$;

create function verve_private.own_claims()
returns table (id uuid, org_id uuid, mentor_id uuid, met_on date, channel text, status text, filed_day date, decided_day date)
language sql stable security definer set search_path = ''
as $$
  select claims.id, claims.org_id, claims.mentor_id, claims.met_on, claims.channel, claims.status,
    (claims.filed_at at time zone organisations.time_zone)::date, (claims.decided_at at time zone organisations.time_zone)::date
  from verve.claims join verve.organisations on organisations.id = claims.org_id
  where claims.claimant = 'mentor' and (claims.org_id, claims.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
$$;

create function verve_private.own_milestones() returns table (id uuid, org_id uuid, mentor_id uuid, threshold int, reached_day date)
language sql stable security definer set search_path = ''
as $$
  select milestone_awards.id, milestone_awards.org_id, milestone_awards.mentor_id, milestone_awards.threshold,
    (milestone_awards.awarded_at at time zone organisations.time_zone)::date
  from verve.milestone_awards join verve.organisations on organisations.id = milestone_awards.org_id
  where (milestone_awards.org_id, milestone_awards.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
    and milestone_awards.awarded_at <= verve_private.mentor_horizon(organisations.settings, organisations.time_zone)
$$;

create function verve_private.own_badges()
returns table (id uuid, org_id uuid, mentor_id uuid, badge_definition_id uuid, earned_day date, notification_sent boolean, awarded_by text)
language sql stable security definer set search_path = ''
as $$
  select earned_badges.id, earned_badges.org_id, earned_badges.mentor_id, earned_badges.badge_definition_id,
    (earned_badges.earned_at at time zone organisations.time_zone)::date, earned_badges.notification_sent, earned_badges.awarded_by
  from verve.earned_badges join verve.organisations on organisations.id = earned_badges.org_id
  where (earned_badges.org_id, earned_badges.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
    and earned_badges.earned_at <= verve_private.mentor_horizon(organisations.settings, organisations.time_zone)
$$;

-- Folded days and what has not been folded yet, so that live figures include the click just made.
create function verve_private.own_click_days() returns table (org_id uuid, mentor_id uuid, day date, clicks int, joins int)
language sql stable security definer set search_path = ''
as $$
  select lines.org_id, lines.mentor_id, lines.day, sum(lines.human)::int, sum(lines.joined)::int
  from (
    select days.org_id, days.mentor_id, days.day, days.human, days.joined from verve.click_mentor_days as days
    where (days.org_id, days.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
    union all
    select deltas.org_id, deltas.mentor_id, deltas.day, case when deltas.class = 'human' then deltas.hits else 0 end,
      case when deltas.class = 'join' then deltas.hits else 0 end
    from verve.click_deltas as deltas
    where (deltas.org_id, deltas.mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
  ) as lines join verve.organisations on organisations.id = lines.org_id
  where coalesce(organisations.settings -> 'mentors' ->> 'figures', 'daily') = 'live'
    or lines.day < (verve_private.mentor_horizon(organisations.settings, organisations.time_zone) at time zone organisations.time_zone)::date
  group by lines.org_id, lines.mentor_id, lines.day
$$;

-- Settings, for administrators: what tells who is looked at twice is not for everybody.
create function verve_private.administered_settings() returns table (org_id uuid, settings jsonb)
language sql stable security definer set search_path = ''
as $$
  select organisations.id, organisations.settings from verve.organisations
  where organisations.id in (select verve_private.administered_organisations())
$$;

-- 3 Policies ---------------------------------------------------------------------------------------------------------
-- What a condition asks of a function it asks once a statement. The organisations that the person sees whole come first, as an
-- array: for whom that holds no mentor in scope is ever listed, and a row costs one comparison (docs/performance.md).

create policy "people read the organisations they belong to" on verve.organisations for select to authenticated
  using (id in (select verve_private.own_organisations()));
create policy "people read the branches in scope and their own" on verve.branches for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, id) in (select scope.org_id, scope.id from verve_private.branches_in_scope() as scope)
    or (org_id, id) in (select own.org_id, own.id from verve_private.own_branches() as own));
create policy "people read themselves and the mentors in scope" on verve.mentors for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope)
    or (org_id, id) in (select own.org_id, own.id from verve_private.own_mentors() as own));
create policy "people read their own roles, administrators every role" on verve.roles for select to authenticated
  using (user_id = (select verve_private.user_id()) and org_id = coalesce((select verve_private.session_org()), org_id)
    or org_id in (select verve_private.administered_organisations()));
create policy "administrators read the keys of their organisation" on verve.api_keys for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));

create policy "people read their own codes and those in scope" on verve.referral_codes for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope)
    or (org_id, mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own));

create policy "people read their own shares and those in scope" on verve.shares for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope)
    or (org_id, mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own));

create policy "coordinators read the clicks in scope" on verve.referral_clicks for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the unfolded clicks in scope" on verve.click_deltas for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the click counts in scope" on verve.click_counts for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the click days of mentors in scope" on verve.click_mentor_days for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the click spans of mentors in scope" on verve.click_mentor_spans for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "who sees the whole organisation reads its days" on verve.click_days for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations())));
create policy "coordinators read the click days of branches in scope" on verve.click_branch_days for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, branch_id) in (select scope.org_id, scope.id from verve_private.branches_in_scope() as scope));
create policy "coordinators read the channel days of branches in scope" on verve.click_channel_days for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, branch_id) in (select scope.org_id, scope.id from verve_private.branches_in_scope() as scope));
create policy "who sees the whole organisation reads its floods" on verve.click_floods for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations())));
create policy "coordinators read since when clicks are kept" on verve.click_pruning for select to authenticated
  using (org_id in (select verve_private.coordinated_organisations()));

create policy "coordinators read the attributions in scope" on verve.referral_attributions for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the facts of attributions in scope" on verve.attribution_facts for select to authenticated
  using (exists (select from verve.referral_attributions as seen
    where seen.org_id = attribution_facts.org_id and seen.id = attribution_facts.attribution_id));
create policy "coordinators read the reviews of attributions in scope" on verve.reviews for select to authenticated
  using (exists (select from verve.referral_attributions as seen
    where seen.org_id = reviews.org_id and seen.id = reviews.attribution_id));
create policy "coordinators read the approvals of reviews in scope" on verve.review_approvals for select to authenticated
  using (exists (select from verve.reviews as seen
    where seen.org_id = review_approvals.org_id and seen.id = review_approvals.review_id));
create policy "coordinators read the inbox in scope" on verve.inbox_items for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the claims in scope" on verve.claims for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "coordinators read the totals of mentors in scope" on verve.mentor_totals for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "people read the milestones of their organisation" on verve.milestones for select to authenticated
  using (org_id in (select verve_private.own_organisations()));
create policy "coordinators read the awards of mentors in scope" on verve.milestone_awards for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));
create policy "people read the badges of their organisation" on verve.badge_definitions for select to authenticated
  using (org_id in (select verve_private.own_organisations()));
create policy "coordinators read the badges earned in scope" on verve.earned_badges for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope));

create policy "people read events in scope and what became of their own codes" on verve.referral_events for select to authenticated
  using (org_id = any (array(select verve_private.whole_organisations()))
    or (org_id, mentor_id) in (select scope.org_id, scope.id from verve_private.mentors_in_scope() as scope)
    or ((org_id, mentor_id) in (select own.org_id, own.id from verve_private.own_mentors() as own)
      and type in ('code.created', 'code.rotated', 'code.invalidated', 'share.recorded')));

create policy "administrators read the endpoints of their organisation" on verve.webhook_endpoints for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));
create policy "administrators read the deliveries of their organisation" on verve.webhook_deliveries for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));
create policy "administrators read the tries of their organisation" on verve.webhook_attempts for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));
create policy "coordinators read that messages arrived" on verve.inbound_messages for select to authenticated
  using (org_id in (select verve_private.coordinated_organisations()));
create policy "coordinators read the reconciliations" on verve.reconciliation_runs for select to authenticated
  using (org_id in (select verve_private.coordinated_organisations()));
create policy "administrators read the audit log" on verve.audit_log for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));
create policy "administrators read the audit payloads" on verve.audit_payloads for select to authenticated
  using (org_id in (select verve_private.administered_organisations()));

-- 4 Columns ----------------------------------------------------------------------------------------------------------
-- A closed list for every table: no member id or its hash, no source, no registration reference, no contact data, no
-- secret, no device or click token. What is not named here cannot be read by a person at all.

grant select (id, slug, name, locale, time_zone, terms, brand, logo_type, join_url_template, link_domains, app_ids, created_at, updated_at)
  on verve.organisations to authenticated;
grant select (id, org_id, parent_id, name, kind, created_at) on verve.branches to authenticated;
grant select (id, org_id, display_name, branch_id, status, leaderboard_opt_in, created_at, updated_at, left_at) on verve.mentors to authenticated;
grant select (id, org_id, user_id, role, branch_id, created_at) on verve.roles to authenticated;
grant select (id, org_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at) on verve.api_keys to authenticated;
grant select (id, org_id, owner_model, owner_ref, mentor_id, code, status, rotation_sequence, referral_url, created_at, expires_at,
  rotated_at, invalidated_at, invalidated_reason) on verve.referral_codes to authenticated;
grant select (id, org_id, code_id, mentor_id, channel, shared_at, day, created_at) on verve.shares to authenticated;
grant select (tableoid, ctid, created_at, occurred_at, day, org_id, code_id, mentor_id, class, channel, platform, locale) on verve.referral_clicks to authenticated;
grant select (org_id, code_id, mentor_id, day, hits, class, channel) on verve.click_deltas to authenticated;
grant select (org_id, day, code_id, mentor_id, channel, class, hits) on verve.click_counts to authenticated;
grant select (org_id, day, mentor_id, human, preview, prefetch, crawler, other, joined) on verve.click_mentor_days to authenticated;
grant select (org_id, span, mentor_id, human, joined) on verve.click_mentor_spans to authenticated;
grant select (org_id, day, human, preview, prefetch, crawler, other, joined) on verve.click_days to authenticated;
grant select (org_id, day, branch_id, human, preview, prefetch, crawler, other, joined) on verve.click_branch_days to authenticated;
grant select (org_id, day, branch_id, channel, human, joined) on verve.click_channel_days to authenticated;
grant select (org_id, code_id, minute, hits) on verve.click_floods to authenticated;
grant select (org_id, pruned_before) on verve.click_pruning to authenticated;
grant select (id, org_id, code_id, owner_model, owner_ref, mentor_id, source_model, is_counted, status, review_state, flags, linked_by,
  is_registration_implied, registered_at, registered_day, registration_recorded_at, clicked_at, clicked_day, click_channel,
  confirmed_at, confirmed_day, confirmation_recorded_at, credited_at, credited_day, branch_id, reversed_at, rejected_at,
  rejection_reason, removed_at, removal_reason, superseded_at, superseded_by, created_at, updated_at, is_credited)
  on verve.referral_attributions to authenticated;
grant select (seq, id, org_id, attribution_id, kind, code, code_id, registered_at, occurred_at, received_at, via, membership_type, reason,
  actor, outcome, is_applied) on verve.attribution_facts to authenticated;
grant select (id, org_id, attribution_id, state, flags, required_roles, reason_code, reason_text, decided_by, opened_at, decided_at)
  on verve.reviews to authenticated;
grant select (id, org_id, review_id, approver, role, approved_at) on verve.review_approvals to authenticated;
grant select (id, org_id, kind, code, subject, mentor_id, attribution_id, fact_seq, details, status, opened_at, resolved_at, resolution,
  resolution_reason, resolved_by) on verve.inbox_items to authenticated;
grant select (id, org_id, claimant, mentor_id, code, met_on, channel, status, decided_by, decision_reason, attribution_id, filed_by,
  filed_at, decided_at) on verve.claims to authenticated;
grant select (org_id, mentor_id, credited, updated_at) on verve.mentor_totals to authenticated;
grant select (org_id, threshold, created_at) on verve.milestones to authenticated;
grant select (id, org_id, mentor_id, threshold, reached_count, origin, awarded_at) on verve.milestone_awards to authenticated;
grant select (id, org_id, name, icon_key, criteria_type, criteria_value, description, created_at, updated_at, archived_at)
  on verve.badge_definitions to authenticated;
grant select (id, org_id, mentor_id, badge_definition_id, earned_at, notification_sent, awarded_by) on verve.earned_badges to authenticated;
grant select (seq, id, org_id, type, occurred_at, mentor_id, code_id, attribution_id, data, transaction_id) on verve.referral_events to authenticated;
grant select (id, org_id, kind, url, description, event_types, previous_secret_until, status, disabled_reason, disabled_at, paused_until,
  failing_since, created_by, created_at, updated_at) on verve.webhook_endpoints to authenticated;
grant select (id, org_id, endpoint_id, event_id, status, attempts, due_at, last_tried_at, last_status, last_failure, last_duration_ms,
  delivered_at, parked_at, created_at) on verve.webhook_deliveries to authenticated;
grant select (seq, org_id, delivery_id, attempt, tried_at, duration_ms, status, failure) on verve.webhook_attempts to authenticated;
grant select (id, org_id, channel, received_at, status, attempts, processed_at, error_code) on verve.inbound_messages to authenticated;
grant select (id, org_id, trigger, status, since, started_at, finished_at, watermark, seen, matched, credited, already_known, to_inbox,
  failed, error_code, error_detail) on verve.reconciliation_runs to authenticated;
grant select (seq, id, org_id, action, subject_type, subject_id, occurred_at, payload_digest, chain_position, chain_digest) on verve.audit_log to authenticated;
grant select (org_id, audit_id, payload) on verve.audit_payloads to authenticated;

-- 5 Views ------------------------------------------------------------------------------------------------------------
-- For clients of Supabase, and for the lists of the HTTP API. Each runs with the rights of whoever asks.

create view verve_api.organisations with (security_invoker = true) as
  select id, slug, name, locale, time_zone, terms, brand, logo_type, join_url_template, link_domains, app_ids, created_at, updated_at
  from verve.organisations;
create view verve_api.organisation_settings with (security_invoker = true) as
  select administered.org_id, administered.settings from verve_private.administered_settings() as administered;
create view verve_api.branches with (security_invoker = true) as
  select id, org_id, parent_id, name, kind, created_at from verve.branches;
create view verve_api.mentors with (security_invoker = true) as
  select mentors.id, mentors.org_id, mentors.display_name, mentors.branch_id, mentors.status, mentors.leaderboard_opt_in,
    mentors.created_at, mentors.updated_at, mentors.left_at
  from verve.mentors;
create view verve_api.roles with (security_invoker = true) as
  select id, org_id, user_id, role, branch_id, created_at from verve.roles;
create view verve_api.api_keys with (security_invoker = true) as
  select id, org_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at from verve.api_keys;
-- A code past its lifetime counts as rotated when it expired.
create view verve_api.referral_codes with (security_invoker = true) as
  select id, org_id, owner_model, owner_ref, mentor_id, code,
    case when status = 'active' and expires_at <= verve.clock() then 'rotated' else status end as status,
    rotation_sequence, referral_url, created_at, expires_at,
    case when status = 'active' and expires_at <= verve.clock() then expires_at else rotated_at end as rotated_at,
    invalidated_at, invalidated_reason
  from verve.referral_codes;
create view verve_api.shares with (security_invoker = true) as
  select id, org_id, code_id, mentor_id, channel, shared_at, day, created_at from verve.shares;
create view verve_api.referral_clicks with (security_invoker = true) as
  select clicks.org_id, clicks.code_id, referral_codes.code, clicks.mentor_id, clicks.class, clicks.channel, clicks.platform,
    clicks.locale, clicks.day, clicks.occurred_at, clicks.created_at
  from verve.referral_clicks as clicks
  join verve.referral_codes on referral_codes.org_id = clicks.org_id and referral_codes.id = clicks.code_id;
create view verve_api.referral_attributions with (security_invoker = true) as
  select attributions.id, attributions.org_id, attributions.code_id, referral_codes.code, attributions.owner_model, attributions.owner_ref,
    attributions.mentor_id, attributions.source_model, attributions.is_counted, attributions.status, attributions.review_state,
    attributions.flags, attributions.linked_by, attributions.is_registration_implied, attributions.registered_at,
    attributions.registered_day, attributions.clicked_at, attributions.clicked_day, attributions.click_channel,
    attributions.confirmed_at, attributions.confirmed_day, attributions.credited_at, attributions.credited_day,
    attributions.is_credited, attributions.branch_id, attributions.reversed_at, attributions.rejected_at,
    attributions.rejection_reason, attributions.removed_at, attributions.removal_reason, attributions.superseded_at,
    attributions.superseded_by, attributions.created_at, attributions.updated_at
  from verve.referral_attributions as attributions
  join verve.referral_codes on referral_codes.org_id = attributions.org_id and referral_codes.id = attributions.code_id;
create view verve_api.my_horizons with (security_invoker = true) as
  select org_id, mentor_id, as_of from verve_private.own_horizons();
create view verve_api.my_recruits with (security_invoker = true) as
  select id, org_id, mentor_id, code, status, review_state, is_credited, channel, clicked_day, registered_day, confirmed_day,
    credited_day, as_of
  from verve_private.own_recruits();
create view verve_api.my_claims with (security_invoker = true) as
  select id, org_id, mentor_id, met_on, channel, status, filed_day, decided_day from verve_private.own_claims();
create view verve_api.my_milestones with (security_invoker = true) as
  select id, org_id, mentor_id, threshold, reached_day from verve_private.own_milestones();
create view verve_api.my_badges with (security_invoker = true) as
  select id, org_id, mentor_id, badge_definition_id, earned_day, notification_sent, awarded_by from verve_private.own_badges();
create view verve_api.my_click_days with (security_invoker = true) as
  select org_id, mentor_id, day, clicks, joins from verve_private.own_click_days();
create view verve_api.attribution_facts with (security_invoker = true) as
  select id, org_id, attribution_id, kind, code, code_id, registered_at, occurred_at, received_at, via,
    membership_type, reason, actor, outcome, is_applied
  from verve.attribution_facts;
create view verve_api.reviews with (security_invoker = true) as
  select id, org_id, attribution_id, state, flags, required_roles, reason_code, reason_text, decided_by, opened_at, decided_at
  from verve.reviews;
create view verve_api.inbox_items with (security_invoker = true) as
  select id, org_id, kind, case when kind = 'claim' then subject::uuid end as claim_id, code, mentor_id, attribution_id, details, status,
    opened_at, resolved_at, resolution, resolution_reason, resolved_by
  from verve.inbox_items;
create view verve_api.claims with (security_invoker = true) as
  select id, org_id, claimant, mentor_id, code, met_on, channel, status, decided_by, decision_reason, attribution_id, filed_by,
    filed_at, decided_at
  from verve.claims;
create view verve_api.milestones with (security_invoker = true) as
  select org_id, threshold, created_at from verve.milestones;
create view verve_api.milestone_awards with (security_invoker = true) as
  select id, org_id, mentor_id, threshold, reached_count, origin, awarded_at from verve.milestone_awards;
create view verve_api.badge_definitions with (security_invoker = true) as
  select id, org_id, name, icon_key, criteria_type, criteria_value, description, created_at, updated_at, archived_at
  from verve.badge_definitions;
create view verve_api.earned_badges with (security_invoker = true) as
  select id, org_id, mentor_id, badge_definition_id, earned_at, notification_sent, awarded_by from verve.earned_badges;
create view verve_api.mentor_totals with (security_invoker = true) as
  select org_id, mentor_id, credited, updated_at from verve.mentor_totals;
create view verve_api.referral_events with (security_invoker = true) as
  select id, org_id, type, occurred_at, mentor_id, code_id, attribution_id, data from verve.referral_events;
create view verve_api.webhook_endpoints with (security_invoker = true) as
  select id, org_id, kind, url, description, event_types, previous_secret_until, status, disabled_reason, disabled_at, paused_until,
    failing_since, created_at, updated_at
  from verve.webhook_endpoints where status <> 'deleted';
create view verve_api.webhook_deliveries with (security_invoker = true) as
  select deliveries.id, deliveries.org_id, deliveries.endpoint_id, deliveries.event_id, referral_events.type as event_type,
    deliveries.status, deliveries.attempts, deliveries.due_at, deliveries.last_tried_at, deliveries.last_status, deliveries.last_failure,
    deliveries.last_duration_ms, deliveries.delivered_at, deliveries.parked_at, deliveries.created_at
  from verve.webhook_deliveries as deliveries
  left join verve.referral_events on referral_events.org_id = deliveries.org_id and referral_events.id = deliveries.event_id;
create view verve_api.inbound_messages with (security_invoker = true) as
  select id, org_id, channel, received_at, status, attempts, processed_at, error_code from verve.inbound_messages;
create view verve_api.reconciliation_runs with (security_invoker = true) as
  select id, org_id, trigger, status, since, started_at, finished_at, watermark, seen, matched, credited, already_known, to_inbox, failed,
    error_code, error_detail
  from verve.reconciliation_runs;
create view verve_api.audit_log with (security_invoker = true) as
  select audit_log.id, audit_log.org_id, audit_payloads.payload ->> 'actor' as actor, audit_log.action, audit_log.subject_type,
    audit_log.subject_id, audit_log.occurred_at, audit_payloads.payload - 'actor' as payload,
    audit_log.chain_digest is not null as is_sealed
  from verve.audit_log
  left join verve.audit_payloads on audit_payloads.org_id = audit_log.org_id and audit_payloads.audit_id = audit_log.id;

-- For operators: what waits in the whole installation. Numbers only.
create function verve_private.waiting_cases() returns table (inbox int, inbound int)
language sql stable security definer set search_path = ''
as $$
  select (select count(*) from verve.inbox_items where inbox_items.status = 'open')::int,
    (select count(*) from verve.inbound_messages where inbound_messages.status = 'received')::int
$$;

-- 6 Grants -----------------------------------------------------------------------------------------------------------
-- Said in full, also where the platform's default privileges were generous when these objects were made.

do $$
declare
  object record;
  reader name;
begin
  for reader in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
    for object in
      select oid::regclass as name from pg_catalog.pg_class
      where relnamespace in ('verve_api'::regnamespace, 'verve_private'::regnamespace) and relkind in ('v', 'm', 'r', 'p', 'S')
    loop
      execute format('revoke all on %s from public, %I', object.name, reader);
    end loop;
    for object in
      select oid::regprocedure as name from pg_catalog.pg_proc
      where pronamespace in ('verve'::regnamespace, 'verve_private'::regnamespace, 'verve_api'::regnamespace)
    loop
      execute format('revoke all on function %s from public, %I', object.name, reader);
    end loop;
    execute format('revoke create on schema verve, verve_private, verve_api from %I', reader);
    execute format('revoke all on all sequences in schema verve from %I', reader);
  end loop;
end
$$;

grant select on all tables in schema verve_api to authenticated, verve_engine;
grant execute on function verve.clock() to authenticated;
grant execute on function verve_private.current_org(), verve_private.user_id(), verve_private.session_org(), verve_private.own_mentors(),
  verve_private.own_branches(), verve_private.own_organisations(), verve_private.administered_organisations(),
  verve_private.whole_organisations(), verve_private.coordinated_organisations(), verve_private.branches_in_scope(),
  verve_private.mentors_in_scope(), verve_private.memberships(), verve_private.own_horizons(), verve_private.own_recruits(), verve_private.own_claims(),
  verve_private.own_milestones(), verve_private.own_badges(), verve_private.own_click_days(), verve_private.administered_settings()
  to authenticated;
grant execute on function verve_private.waiting_cases() to verve_app;

select verve_private.revoke_default_grants();
