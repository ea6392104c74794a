/** What the zero-list needs of a pool that sees every row (the owner's). */
export interface Reader {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

/** One thing that must never be: the statement returns a row for each time it is. $1 is the organisation. */
export interface Zero {
  readonly name: string;
  readonly meaning: string;
  readonly sql: string;
}

/** A member whose confirmation was acknowledged to the sender. */
export interface Acknowledged {
  readonly memberId: string;
  readonly sourceRef: string;
}

/**
 * Z1–Z12 of the hard cases. Z1 (an acknowledged fact that is not in the database) needs the acknowledgements and is
 * asked by `lostFacts`; Z9 speaks of the earned badges, which is where a second application would show.
 */
export const zeroes: readonly Zero[] = [
  {
    name: 'Z2',
    meaning: 'a source with two current attributions, or with two credits',
    sql: `
      select attributions.source_id
      from verve.referral_attributions as attributions
      where attributions.org_id = $1 and attributions.source_id is not null
        and (attributions.superseded_at is null or attributions.is_credited)
      group by attributions.source_id
      having count(*) > 1`,
  },
  {
    name: 'Z3',
    meaning: 'an owner with more than one active code',
    sql: `
      select codes.owner_model, codes.owner_ref
      from verve.referral_codes as codes
      where codes.org_id = $1 and codes.status = 'active'
      group by codes.owner_model, codes.owner_ref
      having count(*) > 1`,
  },
  {
    name: 'Z4',
    meaning: 'a code string that stands twice, or is not in the directory',
    sql: `
      select codes.code
      from verve.referral_codes as codes
      left join verve.code_directory as directory on directory.code = codes.code and directory.org_id = codes.org_id
      where codes.org_id = $1
      group by codes.code
      having count(*) > 1 or count(directory.code) = 0`,
  },
  {
    name: 'Z5',
    meaning: 'a total that is not the number of credited attributions',
    sql: `
      select mentors.id, coalesce(totals.credited, 0) as total, count(attributions.id) as credited
      from verve.mentors
      left join verve.mentor_totals as totals on totals.org_id = mentors.org_id and totals.mentor_id = mentors.id
      left join verve.referral_attributions as attributions on attributions.org_id = mentors.org_id
        and attributions.mentor_id = mentors.id and attributions.is_counted and attributions.status = 'confirmed'
        and attributions.review_state in ('none', 'approved') and attributions.removed_at is null
        and attributions.superseded_at is null
      where mentors.org_id = $1
      group by mentors.id, totals.credited
      having coalesce(totals.credited, 0) <> count(attributions.id)`,
  },
  {
    name: 'Z6',
    meaning: 'a threshold reached without an award, or awarded twice',
    sql: `
      select totals.mentor_id, milestones.threshold
      from verve.mentor_totals as totals
      join verve.milestones on milestones.org_id = totals.org_id and milestones.threshold <= totals.credited
      left join verve.milestone_awards as awards on awards.org_id = totals.org_id
        and awards.mentor_id = totals.mentor_id and awards.threshold = milestones.threshold
      where totals.org_id = $1
      group by totals.mentor_id, milestones.threshold
      having count(awards.id) <> 1`,
  },
  {
    name: 'Z7',
    meaning: 'an award without exactly one event, or an event without its delivery to an endpoint that wants it',
    sql: `
      select awards.id
      from verve.milestone_awards as awards
      left join verve.referral_events as events on events.org_id = awards.org_id and events.type = 'milestone.reached'
        and events.mentor_id = awards.mentor_id and events.data ->> 'threshold' = awards.threshold::text
      where awards.org_id = $1
      group by awards.id
      having count(events.id) <> 1
      union all
      select events.id
      from verve.referral_events as events
      join verve.webhook_endpoints as endpoints on endpoints.org_id = events.org_id
        and endpoints.created_at < events.occurred_at and endpoints.status = 'enabled'
        and (endpoints.event_types is null or events.type = any (endpoints.event_types)
          or split_part(events.type, '.', 1) || '.*' = any (endpoints.event_types))
      left join verve.webhook_deliveries as deliveries on deliveries.org_id = events.org_id
        and deliveries.endpoint_id = endpoints.id and deliveries.event_id = events.id
      where events.org_id = $1 and deliveries.id is null`,
  },
  {
    name: 'Z8',
    meaning: 'a parked delivery that nobody is shown',
    sql: `
      select deliveries.id
      from verve.webhook_deliveries as deliveries
      where deliveries.org_id = $1 and deliveries.status = 'parked'
        and not exists (
          select 1 from verve.inbox_items
          where inbox_items.org_id = deliveries.org_id and inbox_items.kind = 'stuck_delivery')`,
  },
  {
    name: 'Z9',
    meaning: 'a badge earned twice, or an award told to one receiver twice',
    sql: `
      select badges.mentor_id
      from verve.earned_badges as badges
      where badges.org_id = $1
      group by badges.mentor_id, badges.badge_definition_id
      having count(*) > 1
      union all
      select deliveries.event_id
      from verve.webhook_deliveries as deliveries
      where deliveries.org_id = $1 and deliveries.event_id is not null
      group by deliveries.endpoint_id, deliveries.event_id
      having count(*) > 1`,
  },
  {
    name: 'Z10',
    meaning: "an attribution whose organisation or owner is not its code's",
    sql: `
      select attributions.id
      from verve.referral_attributions as attributions
      join verve.referral_codes as codes on codes.id = attributions.code_id
      left join verve.sources on sources.id = attributions.source_id
      where (attributions.org_id = $1 or codes.org_id = $1)
        and (attributions.org_id <> codes.org_id or attributions.owner_ref <> codes.owner_ref
          or attributions.owner_model <> codes.owner_model or coalesce(sources.org_id, codes.org_id) <> codes.org_id)`,
  },
  {
    name: 'Z11',
    meaning: 'a state that the recorded facts do not lead to',
    sql: `
      select attributions.id, attributions.status, newest.kind
      from verve.referral_attributions as attributions
      cross join lateral (
        select case when facts.outcome = 'notEligible' then 'rejected' else facts.kind end as kind
        from (
          select attributions.source_id as id
          union all
          select merged.id from verve.sources as merged
          where merged.org_id = attributions.org_id and merged.merged_into = attributions.source_id
            and not exists (
              select 1 from verve.referral_attributions as own
              where own.org_id = merged.org_id and own.source_id = merged.id and own.superseded_at is null)) as members
        cross join lateral (
          select * from verve.attribution_facts
          where attribution_facts.org_id = attributions.org_id and attribution_facts.source_id = members.id offset 0) as facts
        where facts.is_applied and facts.kind <> 'registered'
        order by facts.occurred_at desc, (facts.kind in ('reversed', 'rejected')) desc, facts.seq desc
        limit 1) as newest
      where attributions.org_id = $1 and attributions.superseded_at is null and attributions.review_state <> 'rejected'
        and case newest.kind
          when 'confirmed' then attributions.status <> 'confirmed'
          else attributions.status not in ('reversed', 'rejected')
        end`,
  },
  {
    name: 'Z12',
    meaning: 'days that do not sum to the total, or a credit without a day',
    sql: `
      select mentors.id
      from verve.mentors
      left join verve.mentor_totals as totals on totals.org_id = mentors.org_id and totals.mentor_id = mentors.id
      left join lateral (
        select sum(days.credits)::int as credits
        from (
          select attributions.credited_day, count(*) as credits
          from verve.referral_attributions as attributions
          where attributions.org_id = mentors.org_id and attributions.mentor_id = mentors.id
            and attributions.is_credited and attributions.is_counted and attributions.credited_day is not null
          group by attributions.credited_day) as days) as summed on true
      where mentors.org_id = $1 and coalesce(totals.credited, 0) <> coalesce(summed.credits, 0)`,
  },
];

/** Z1: acknowledged confirmations that no recorded fact of that member carries. */
export async function lostFacts(
  pool: Reader,
  orgId: string,
  acknowledged: readonly Acknowledged[],
): Promise<unknown[]> {
  const found = await pool.query(
    `select wanted.member_id, wanted.source_ref
     from unnest($2::text[], $3::text[]) as wanted (member_id, source_ref)
     where not exists (
       select 1
       from verve.attribution_facts as facts
       join verve.sources on sources.id = facts.source_id
       where facts.org_id = $1 and sources.ref = wanted.member_id and facts.source_ref = wanted.source_ref)`,
    [orgId, acknowledged.map((one) => one.memberId), acknowledged.map((one) => one.sourceRef)],
  );
  return found.rows;
}

/** How many rows each statement of the list returns for one organisation, Z1 included when acknowledgements are given. */
export async function readZeroList(
  pool: Reader,
  orgId: string,
  acknowledged: readonly Acknowledged[] = [],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = { Z1: (await lostFacts(pool, orgId, acknowledged)).length };
  for (const zero of zeroes) counts[zero.name] = (await pool.query(zero.sql, [orgId])).rows.length;
  return counts;
}

/** Fails unless every line of the list is zero. */
export async function expectAllZero(
  pool: Reader,
  orgId: string,
  acknowledged: readonly Acknowledged[] = [],
): Promise<void> {
  const counts = await readZeroList(pool, orgId, acknowledged);
  const faults = Object.entries(counts).filter(([, count]) => count > 0);
  if (faults.length > 0) throw new Error(`Not zero: ${faults.map(([name, count]) => `${name} ${count}`).join(', ')}`);
}
