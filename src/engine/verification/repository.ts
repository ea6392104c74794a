import type { Session } from '../database.ts';
import type { CheckName, Difference, FoundDifferences } from './difference.ts';

// Days up to this one have lost raw clicks to retention, in whatever zone they were fixed: no zone is further ahead.
const prunedDay = `
  select coalesce(max((click_pruning.pruned_before at time zone 'Pacific/Kiritimati')::date), '-infinity'::date)
  from verve.click_pruning where click_pruning.org_id = $1`;

/**
 * One statement per check. Each recounts something that is stored from what it was made of, and returns a row for every
 * disagreement: whose, what is stored, what the recount says, and the rows that the recount is made of.
 * $1 is the organisation. They read only.
 */
const statements: Record<CheckName, string> = {
  // A mentor's total beside his credited attributions, read by their parts rather than by the generated column.
  totals: `
    select mentors.id::text as subject, coalesce(totals.credited, 0)::text as stored, count(credited.id)::text as recounted,
      'mentor_totals' as "storedIn", coalesce(json_agg(credited.id order by credited.id) filter (where credited.id is not null), '[]'::json) as rows
    from verve.mentors
    left join verve.mentor_totals as totals on totals.org_id = mentors.org_id and totals.mentor_id = mentors.id
    left join verve.referral_attributions as credited on credited.org_id = mentors.org_id and credited.mentor_id = mentors.id
      and credited.is_counted and credited.status = 'confirmed' and credited.review_state in ('none', 'approved')
      and credited.removed_at is null and credited.superseded_at is null
    where mentors.org_id = $1
    group by mentors.id, totals.credited
    having coalesce(totals.credited, 0) <> count(credited.id)`,

  // An attribution's status beside the newest decision among the facts applied to its member, also under an id that was
  // merged into his (spec §2.16). A confirmation of a type that never credits ended what was pending.
  states: `
    select attributions.id::text as subject, attributions.status as stored, newest.kind as recounted,
      'referral_attributions' as "storedIn", newest.rows
    from verve.referral_attributions as attributions
    cross join lateral (
      select (array_agg(case when facts.outcome = 'notEligible' then 'rejected' else facts.kind end order by facts.occurred_at desc, facts.kind = 'confirmed', facts.seq desc))[1] as kind,
        json_agg(facts.id order by facts.seq) as rows
      from (
        select attributions.source_id as id
        union all
        select merged.id from verve.sources as merged
        where merged.org_id = attributions.org_id and merged.merged_into = attributions.source_id
          and not exists (
            select from verve.referral_attributions as own
            where own.org_id = merged.org_id and own.source_id = merged.id and own.superseded_at is null)) as members
      cross join lateral (
        select * from verve.attribution_facts
        where attribution_facts.org_id = attributions.org_id and attribution_facts.source_id = members.id offset 0) as facts
      where facts.is_applied and facts.kind <> 'registered') as newest
    where attributions.org_id = $1 and attributions.superseded_at is null and newest.kind is not null
      and attributions.review_state <> 'rejected'
      and (newest.kind = 'confirmed') <> (attributions.status = 'confirmed')`,

  // Every member has at most one current attribution.
  members: `
    select sources.id::text as subject, count(*)::text as stored, '1' as recounted, 'sources' as "storedIn",
      json_agg(attributions.id order by attributions.created_at) as rows
    from verve.referral_attributions as attributions
    join verve.sources on sources.org_id = attributions.org_id and sources.id = attributions.source_id
    where attributions.org_id = $1 and attributions.superseded_at is null
    group by sources.id
    having count(*) > 1`,

  // An attribution's review beside the record of its reviews.
  reviews: `
    select attributions.id::text as subject, attributions.review_state as stored, coalesce(latest.state, 'none') as recounted,
      'referral_attributions' as "storedIn", coalesce(latest.rows, '[]'::json) as rows
    from verve.referral_attributions as attributions
    left join lateral (
      select (array_agg(reviews.state order by (reviews.state = 'waiting') desc, reviews.opened_at desc, reviews.decided_at desc))[1] as state,
        json_agg(reviews.id order by reviews.opened_at) as rows
      from verve.reviews
      where reviews.org_id = attributions.org_id and reviews.attribution_id = attributions.id) as latest on true
    where attributions.org_id = $1 and attributions.superseded_at is null
      and (attributions.review_state = 'waiting') <> (coalesce(latest.state, 'none') = 'waiting')`,

  // The day of each step beside its time: a day is fixed when stored, so a later change of zone moves it by one at most.
  days: `
    select attributions.id::text as subject, stamps.day::text as stored, (stamps.at at time zone organisations.time_zone)::date::text as recounted,
      'referral_attributions' as "storedIn", json_build_array(attributions.id) as rows
    from verve.referral_attributions as attributions
    join verve.organisations on organisations.id = attributions.org_id
    cross join lateral (values (attributions.registered_at, attributions.registered_day),
      (attributions.confirmed_at, attributions.confirmed_day), (attributions.credited_at, attributions.credited_day),
      (attributions.clicked_at, attributions.clicked_day)) as stamps (at, day)
    where attributions.org_id = $1
      and ((stamps.at is null) <> (stamps.day is null)
        or abs((stamps.at at time zone organisations.time_zone)::date - stamps.day) > 1)`,

  // The days on which credits were made sum to the totals.
  'credited days': `
    select 'organisation' as subject, totals.credited::text as stored, days.credits::text as recounted, 'mentor_totals' as "storedIn",
      days.rows
    from (select coalesce(sum(mentor_totals.credited), 0)::int as credited from verve.mentor_totals where mentor_totals.org_id = $1) as totals
    cross join (
      select coalesce(sum(by_day.credits), 0)::int as credits, coalesce(json_agg(by_day.credited_day order by by_day.credited_day), '[]'::json) as rows
      from (
        select attributions.credited_day, count(*) as credits
        from verve.referral_attributions as attributions
        where attributions.org_id = $1 and attributions.is_credited and attributions.is_counted
          and attributions.credited_day is not null and attributions.mentor_id is not null
        group by attributions.credited_day) as by_day) as days
    where totals.credited <> days.credits`,

  // Each award has its event, once; each event its award.
  awards: `
    select coalesce(awards.mentor_id, told.mentor_id)::text || ' at ' || coalesce(awards.threshold, told.threshold)::text as subject,
      (case when awards.id is null then 0 else 1 end)::text as stored, coalesce(told.times, 0)::text as recounted,
      'milestone_awards' as "storedIn", coalesce(told.rows, json_build_array(awards.id)) as rows
    from (select * from verve.milestone_awards where milestone_awards.org_id = $1) as awards
    full join (
      select events.mentor_id, (events.data ->> 'threshold')::int as threshold, count(*) as times, json_agg(events.id order by events.seq) as rows
      from verve.referral_events as events
      where events.org_id = $1 and events.type = 'milestone.reached'
      group by events.mentor_id, events.data ->> 'threshold') as told
      on told.mentor_id = awards.mentor_id and told.threshold = awards.threshold
    where awards.id is null or coalesce(told.times, 0) <> 1`,

  // A total at or above a threshold that existed before the newest credit has its award.
  milestones: `
    select totals.mentor_id::text || ' at ' || milestones.threshold::text as subject, 'not awarded' as stored,
      totals.credited::text || ' credited' as recounted, 'milestone_awards' as "storedIn", credited.rows
    from verve.mentor_totals as totals
    join verve.milestones on milestones.org_id = totals.org_id and milestones.threshold <= totals.credited
    cross join lateral (
      select json_agg(attributions.id order by attributions.credited_at) as rows,
        count(*) filter (where attributions.updated_at < milestones.created_at) as before
      from verve.referral_attributions as attributions
      where attributions.org_id = totals.org_id and attributions.mentor_id = totals.mentor_id
        and attributions.is_credited and attributions.is_counted) as credited
    where totals.org_id = $1 and credited.before < milestones.threshold
      and not exists (
        select from verve.milestone_awards as awards
        where awards.org_id = totals.org_id and awards.mentor_id = totals.mentor_id and awards.threshold = milestones.threshold)`,

  // Counted clicks beside the raw rows, for every day whose rows have not been pruned.
  clicks: `
    select coalesce(counted.code_id, kept.code_id)::text || ' on ' || coalesce(counted.day, kept.day)::text as subject,
      coalesce(counted.hits, 0)::text || ' ' || coalesce(counted.class, kept.class) as stored, coalesce(kept.hits, 0)::text as recounted,
      'click_counts' as "storedIn", json_build_array(coalesce(counted.code_id, kept.code_id)) as rows
    from (
      select parts.day, parts.code_id, parts.class, sum(parts.hits)::int as hits
      from (
        select click_counts.day, click_counts.code_id, click_counts.class, click_counts.hits from verve.click_counts where click_counts.org_id = $1
        union all
        select click_deltas.day, click_deltas.code_id, click_deltas.class, click_deltas.hits from verve.click_deltas where click_deltas.org_id = $1
      ) as parts
      where parts.day > (${prunedDay})
      group by parts.day, parts.code_id, parts.class
      having sum(parts.hits) <> 0) as counted
    full join (
      select clicks.day, clicks.code_id, clicks.class, count(*)::int as hits
      from verve.referral_clicks as clicks
      where clicks.org_id = $1 and clicks.day > (${prunedDay})
      group by clicks.day, clicks.code_id, clicks.class) as kept
      on kept.day = counted.day and kept.code_id = counted.code_id and kept.class = counted.class
    where counted.hits is distinct from kept.hits`,

  // The days by mentor beside the counts by code from which they were folded.
  'click days': `
    select coalesce(days.mentor_id, counts.mentor_id)::text || ' on ' || coalesce(days.day, counts.day)::text as subject,
      coalesce(days.human, 0)::text as stored, coalesce(counts.human, 0)::text as recounted, 'click_mentor_days' as "storedIn",
      coalesce(counts.codes, '[]'::json) as rows
    from (select * from verve.click_mentor_days where click_mentor_days.org_id = $1) as days
    full join (
      select click_counts.day, click_counts.mentor_id, sum(click_counts.hits) filter (where click_counts.class = 'human') as human,
        json_agg(distinct click_counts.code_id::text) as codes
      from verve.click_counts
      where click_counts.org_id = $1 and click_counts.mentor_id is not null
      group by click_counts.day, click_counts.mentor_id) as counts
      on counts.day = days.day and counts.mentor_id = days.mentor_id
    where coalesce(days.human, 0) <> coalesce(counts.human, 0)`,

  // Every event has a delivery for every endpoint that was there and wanted it. Finished deliveries may go after 30 days.
  deliveries: `
    select events.id::text as subject, 'no delivery' as stored, endpoints.id::text as recounted, 'webhook_deliveries' as "storedIn",
      json_build_array(events.id) as rows
    from verve.referral_events as events
    join verve.webhook_endpoints as endpoints on endpoints.org_id = events.org_id and endpoints.status = 'enabled'
      and endpoints.updated_at < events.occurred_at
      and (endpoints.event_types is null or events.type = any (endpoints.event_types)
        or split_part(events.type, '.', 1) || '.*' = any (endpoints.event_types))
    where events.org_id = $1 and events.occurred_at > verve.clock() - interval '30 days'
      and not exists (
        select from verve.webhook_deliveries as deliveries
        where deliveries.org_id = events.org_id and deliveries.endpoint_id = endpoints.id and deliveries.event_id = events.id)`,

  // Every entry of the audit log follows the one before it and says what it said when it was sealed; a payload that is still
  // there is the one that was written.
  audit: `
    select links.id::text as subject, links.stored, links.recounted, links."storedIn", json_build_array(links.id) as rows
    from (
      select chained.id, 'chain ' || chained.chain_position || ' ' || encode(chained.chain_digest, 'hex') as stored,
        'chain ' || chained.place || ' ' || encode(chained.recounted, 'hex') as recounted, 'audit_log' as "storedIn"
      from (
        select ordered.id, ordered.chain_position, ordered.chain_digest, ordered.place,
          verve_private.audit_entry_digest(
            coalesce(lag(ordered.chain_digest) over (order by ordered.chain_position), convert_to($1::text, 'UTF8')),
            ordered.entry, ordered.place) as recounted
        from (
          select entry, entry.id, entry.chain_position, entry.chain_digest, row_number() over (order by entry.chain_position) as place
          from verve.audit_log as entry where entry.org_id = $1 and entry.chain_position is not null) as ordered) as chained
      where chained.chain_digest <> chained.recounted or chained.chain_position <> chained.place
      union all
      select entry.id, 'payload ' || encode(entry.payload_digest, 'hex'),
        'payload ' || encode(sha256(payloads.salt || convert_to(payloads.payload::text, 'UTF8')), 'hex'), 'audit_payloads'
      from verve.audit_log as entry
      join verve.audit_payloads as payloads on payloads.org_id = entry.org_id and payloads.audit_id = entry.id
      where entry.org_id = $1 and entry.payload_digest <> sha256(payloads.salt || convert_to(payloads.payload::text, 'UTF8'))
    ) as links`,
};

/** The names of all checks, in the order in which they run. */
export const checkNames = Object.keys(statements) as CheckName[];

/** Differences of one check that are shown; all are counted. */
const mostShown = 100;

// One statement, so that all checks see the same moment. Of each check only the first by subject leave the database: after a
// great damage there are millions.
const everything = checkNames
  .map(
    (check) =>
      `(select '${check}' as "check", found.*, count(*) over () as total from (${statements[check]}) as found
        order by found.subject limit ${mostShown})`,
  )
  .join('\nunion all\n');

/** Runs all checks at one moment. Reads only; safe to repeat. */
export async function findDifferences(session: Pick<Session, 'orgId' | 'query'>): Promise<FoundDifferences> {
  const rows = await session.query<Difference & { total: string }>(everything, [session.orgId]);
  const counts = new Map(rows.map(({ check, total }) => [check, Number(total)]));
  return { counts, differences: rows.map(({ total: _, ...difference }) => difference) };
}
