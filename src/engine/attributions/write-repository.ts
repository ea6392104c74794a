import type { Session } from '../database.ts';
import type { Attribution } from './attribution.ts';
import type { FactRecord, Ledger } from './ledger.ts';

/** Writes what the rules made of a batch of facts. */

const endFirstSql = `
with withdrawn as (
  update verve.reviews set state = 'withdrawn', decided_at = verve.clock(), decided_by = 'system:reversal'
  where reviews.org_id = $1 and reviews.attribution_id = any($2::uuid[]) and reviews.state = 'waiting'
)
update verve.referral_attributions a
set superseded_at = verve.clock(), superseded_by = ended.successor, updated_at = verve.clock()
from unnest($3::uuid[], $4::uuid[]) as ended (id, successor)
where a.org_id = $1 and a.id = ended.id`;

// A day is fixed when it is stored: it stays while its time does, also where the organisation moves to another zone.
const keepDay = (step: string): string =>
  `case when a.${step}_at = n.${step}_at then a.${step}_day else (n.${step}_at at time zone $2)::date end`;

// The row that takes another's place is of the same days.
const inheritDaysSql = `
update verve.referral_attributions n
set registered_day = ${keepDay('registered')}, clicked_day = ${keepDay('clicked')}, confirmed_day = ${keepDay('confirmed')}
from verve.referral_attributions a
where a.org_id = $1 and a.id = any($3::uuid[]) and n.org_id = $1 and n.id = a.superseded_by`;

const writtenColumns = `
  id uuid, code_id uuid, owner_model text, owner_ref text, source_model text, source_id uuid, is_counted boolean, status text,
  review_state text, flags text[], linked_by text, registration_ref text, is_registration_implied boolean,
  registered_at timestamptz, click_id uuid, clicked_at timestamptz, click_channel text, confirmed_at timestamptz,
  is_confirmed_now boolean, credited_at timestamptz, branch_id uuid, reversed_at timestamptz, rejected_at timestamptz,
  rejection_reason text, removed_at timestamptz, removal_reason text, superseded_at timestamptz, superseded_by uuid`;

// One statement for everything but totals: 1 sources' newest facts; 2 new attributions; 3 the facts in their order of
// arrival; and what most batches have nothing of, 4 changed attributions; 5 reviews; 6 kept facts that now act; 7 inbox
// items, once per case; 8 cases that settled themselves.
const writeNewSql = `
with moved as (
  update verve.sources set newest_fact_at = m.at, newest_fact_rank = m.rank
  from jsonb_to_recordset($3::jsonb) as m (id uuid, at timestamptz, rank smallint)
  where sources.org_id = $1 and sources.id = m.id
), made as (
  insert into verve.referral_attributions (id, org_id, code_id, owner_model, owner_ref, source_model, source_id, is_counted,
    status, review_state, flags, linked_by, registration_ref, is_registration_implied, registered_at, registered_day,
    click_id, clicked_at, clicked_day, click_channel, confirmed_at, confirmed_day, confirmation_recorded_at,
    credited_at, credited_day, branch_id, reversed_at, rejected_at, rejection_reason, removed_at, removal_reason,
    superseded_at, superseded_by)
  select n.id, $1, n.code_id, n.owner_model, n.owner_ref, n.source_model, n.source_id, n.is_counted, n.status, n.review_state,
    n.flags, n.linked_by, n.registration_ref, n.is_registration_implied, n.registered_at, (n.registered_at at time zone $2)::date,
    n.click_id, n.clicked_at, (n.clicked_at at time zone $2)::date, n.click_channel, n.confirmed_at, (n.confirmed_at at time zone $2)::date,
    case when n.is_confirmed_now then verve.clock() end, n.credited_at, (n.credited_at at time zone $2)::date,
    n.branch_id, n.reversed_at, n.rejected_at, n.rejection_reason, n.removed_at, n.removal_reason, n.superseded_at, n.superseded_by
  from jsonb_to_recordset($4::jsonb) as n (${writtenColumns})
), recorded as (
  insert into verve.attribution_facts (org_id, source_id, source_model, attribution_id, kind, code, code_id, registration_ref,
    registered_at, occurred_at, via, source_ref, membership_type, reason, actor, outcome, is_applied)
  select $1, f.source_id, f.source_model, f.attribution_id, f.kind, f.code, f.code_id, f.registration_ref, f.registered_at,
    f.occurred_at, f.via, f.source_ref, f.membership_type, f.reason, f.actor, f.outcome, f.is_applied
  from jsonb_to_recordset($5::jsonb) as f (place int, source_id uuid, source_model text, attribution_id uuid, kind text, code text,
    code_id uuid, registration_ref text, registered_at timestamptz, occurred_at timestamptz, via text, source_ref text,
    membership_type text, reason text, actor text, outcome text, is_applied boolean)
  order by f.place
)`;

const writeSql = `${writeNewSql}, changed as (
  update verve.referral_attributions a set source_id = n.source_id, status = n.status, review_state = n.review_state,
    flags = n.flags, linked_by = n.linked_by, confirmed_at = n.confirmed_at, confirmed_day = ${keepDay('confirmed')},
    confirmation_recorded_at = case when n.is_confirmed_now then verve.clock() else a.confirmation_recorded_at end,
    credited_at = n.credited_at, credited_day = ${keepDay('credited')}, branch_id = n.branch_id,
    reversed_at = n.reversed_at, rejected_at = n.rejected_at, rejection_reason = n.rejection_reason, removed_at = n.removed_at,
    removal_reason = n.removal_reason, updated_at = verve.clock()
  from jsonb_to_recordset($6::jsonb) as n (${writtenColumns})
  where a.org_id = $1 and a.id = n.id
), reviewed as (
  insert into verve.reviews (org_id, attribution_id, flags, state, required_roles, decided_at, decided_by)
  select $1, r.attribution_id, r.flags, r.state, r.required_roles,
    case when r.state = 'withdrawn' then verve.clock() end, case when r.state = 'withdrawn' then 'system:reversal' end
  from jsonb_to_recordset($7::jsonb) as r (attribution_id uuid, flags text[], state text, required_roles text[])
), applied as (
  update verve.attribution_facts set attribution_id = k.attribution_id, is_applied = k.is_applied,
    outcome = case
      when kind = 'confirmed' and not k.is_eligible then 'notEligible' when outcome = 'notEligible' then 'confirmed' else outcome end
  from jsonb_to_recordset($8::jsonb) as k (seq bigint, attribution_id uuid, is_applied boolean, is_eligible boolean)
  where attribution_facts.org_id = $1 and attribution_facts.seq = k.seq
), opened as (
  insert into verve.inbox_items (org_id, kind, source_id, source_model, code, mentor_id, attribution_id, details,
    status, resolution, resolved_at, resolved_by)
  select $1, i.kind, i.source_id, i.source_model, i.code, i.mentor_id, i.attribution_id, i.details,
    case when i.is_settled then 'resolved' else 'open' end, case when i.is_settled then 'settled' end,
    case when i.is_settled then verve.clock() end, case when i.is_settled then 'system:facts' end
  from jsonb_to_recordset($9::jsonb) as i (kind text, source_id uuid, source_model text, code text, mentor_id uuid,
    attribution_id uuid, details jsonb, is_settled boolean)
  on conflict on constraint inbox_items_one_per_case do nothing
  returning inbox_items.id, inbox_items.kind, inbox_items.mentor_id, inbox_items.attribution_id, inbox_items.status
), settled as (
  update verve.inbox_items set status = 'resolved', resolution = 'settled', resolved_at = verve.clock(), resolved_by = 'system:facts'
  where inbox_items.org_id = $1 and inbox_items.source_id = any($10::uuid[]) and inbox_items.status = 'open'
    and inbox_items.kind in ('unknown_code', 'foreign_code', 'code_ended')
  returning inbox_items.id, inbox_items.kind, inbox_items.mentor_id, inbox_items.attribution_id
)
select 'inbox.opened' as type, opened.id as "inboxItemId", opened.kind, opened.mentor_id as "mentorId", opened.attribution_id as "attributionId" from opened
union all
select 'inbox.resolved', opened.id, opened.kind, opened.mentor_id, opened.attribution_id from opened where opened.status = 'resolved'
union all
select 'inbox.resolved', settled.id, settled.kind, settled.mentor_id, settled.attribution_id from settled`;

/** An inbox item that was opened or settled by a write. */
export interface InboxChange {
  type: 'inbox.opened' | 'inbox.resolved';
  inboxItemId: string;
  kind: string;
  mentorId: string | null;
  attributionId: string | null;
}

function toRow(attribution: Attribution): Record<string, unknown> {
  return {
    id: attribution.attributionId,
    code_id: attribution.codeId,
    owner_model: attribution.ownerModel,
    owner_ref: attribution.ownerRef,
    source_model: attribution.sourceModel,
    source_id: attribution.sourceId,
    is_counted: attribution.isCounted,
    status: attribution.status,
    review_state: attribution.reviewState,
    flags: attribution.flags,
    linked_by: attribution.linkedBy,
    registration_ref: attribution.registrationRef,
    is_registration_implied: attribution.isRegistrationImplied,
    registered_at: attribution.registeredAt,
    click_id: attribution.clickId,
    clicked_at: attribution.clickedAt,
    click_channel: attribution.clickChannel,
    confirmed_at: attribution.confirmedAt,
    is_confirmed_now: attribution.isConfirmedNow,
    credited_at: attribution.creditedAt,
    branch_id: attribution.branchId,
    reversed_at: attribution.reversedAt,
    rejected_at: attribution.rejectedAt,
    rejection_reason: attribution.rejectionReason,
    removed_at: attribution.removedAt,
    removal_reason: attribution.removalReason,
    superseded_at: attribution.supersededAt,
    superseded_by: attribution.supersededBy,
  };
}

function toFactRow(record: FactRecord & { actor: string }, place: number): Record<string, unknown> {
  const { read } = record;
  return {
    place,
    source_id: read.source?.sourceId ?? null,
    source_model: read.sourceModel,
    attribution_id: record.attributionId,
    kind: read.fact.kind,
    code: read.codeText === '' ? null : read.codeText,
    code_id: record.codeId,
    registration_ref: read.fact.registrationRef ?? null,
    registered_at: read.fact.registeredAt ?? null,
    occurred_at: read.occurredAt,
    via: read.fact.source,
    source_ref: read.fact.sourceRef ?? null,
    membership_type: read.fact.membershipType ?? null,
    reason: read.fact.reason ?? null,
    actor: record.actor,
    outcome: record.outcome,
    is_applied: record.isApplied,
  };
}

/** Writes everything a batch decided, but for the totals. Gives the inbox items it opened or settled. */
export async function write(
  session: Session,
  ledger: Ledger,
  more: { timeZone: string; actors: readonly string[] },
): Promise<InboxChange[]> {
  const made = new Set(ledger.made);
  const changed = [...ledger.changed].filter((attribution) => !made.has(attribution));
  const ended = changed.filter((attribution) => attribution.supersededAt !== null);
  const endedIds = ended.map((attribution) => attribution.attributionId);
  const statements: Promise<unknown>[] = []; // sent in this order, without waiting for answers in between
  if (ended.length > 0 || ledger.withdrawnReviews.size > 0) {
    const successors = ended.map((attribution) => attribution.supersededBy);
    const values = [session.orgId, [...ledger.withdrawnReviews], endedIds, successors];
    statements.push(session.query(endFirstSql, values));
  }
  const newRows = [
    [...ledger.movedSources].map((s) => ({ id: s.sourceId, at: s.newest?.occurredAt, rank: s.newest?.rank })),
    ledger.made.map(toRow),
    ledger.records.map((record, place) => toFactRow({ ...record, actor: more.actors[place] ?? 'system' }, place)),
  ];
  const otherRows = [
    changed.map(toRow),
    ledger.reviews.map((r) => ({
      attribution_id: r.attributionId,
      flags: r.flags,
      state: r.state,
      required_roles: ledger.rules.reviewRoles,
    })),
    ledger.appliedKept.map(({ seq, attributionId, isApplied, isEligible }) => ({
      seq,
      attribution_id: attributionId,
      is_applied: isApplied,
      is_eligible: isEligible,
    })),
    ledger.inbox.map((item) => ({
      kind: item.kind,
      source_id: item.source.sourceId,
      source_model: item.source.model,
      code: item.code,
      mentor_id: item.mentorId,
      attribution_id: item.attributionId,
      details: { suggestions: item.suggestions },
      is_settled: item.isSettled ?? false,
    })),
  ];
  const settled = [...ledger.settledSources];
  const isOnlyNew = settled.length === 0 && otherRows.every((rows) => rows.length === 0);
  const inJson = (lists: readonly unknown[][]) => lists.map((rows) => JSON.stringify(rows));
  const values = [session.orgId, more.timeZone, ...inJson(newRows)];
  const writing = isOnlyNew
    ? session.query<InboxChange>(`${writeNewSql} select where false`, values, 'attributions_write_new')
    : session.query<InboxChange>(writeSql, [...values, ...inJson(otherRows), settled], 'attributions_write');
  statements.push(writing);
  if (ended.length > 0) statements.push(session.query(inheritDaysSql, [session.orgId, more.timeZone, endedIds]));
  await Promise.all(statements);
  return writing;
}
