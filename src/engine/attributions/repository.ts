import type { Session } from '../database.ts';
import type { Attribution } from './attribution.ts';
import type { FactKind } from './fact.ts';
import type { FactRecord, Ledger, LockedSource } from './ledger.ts';

/** Reads and locks what a batch of facts needs, and writes what the rules made of it. Locks: sources, codes, attributions, totals. */

/** A source as a fact names it. */
export interface WantedSource {
  model: string;
  ref: string;
  memberIdHash: string; // hexadecimal
}

interface SourceRow {
  sourceId: string;
  model: string;
  ref: string;
  mergedInto: string | null;
  newestAt: Date | null;
  newestRank: number | null;
  erasedAt: Date | null;
}

// A source that was erased is not made again by what is dated at or before the erasure: the caller says the newest date
// it has for each reference, and learns when it was erased. The update changes nothing; it takes the row's lock.
const lockSourcesSql = `
with wanted as (
  select model, ref, decode(hash, 'hex') as hash, newest_date
  from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as w (model, ref, hash, newest_date)
), erased as (
  select wanted.model, wanted.ref, wanted.newest_date, max(erasures.erased_at) as erased_at
  from wanted left join verve.erasures
    on erasures.org_id = $1 and erasures.subject_kind = 'member' and erasures.subject_hash = wanted.hash
  group by wanted.model, wanted.ref, wanted.newest_date
)
insert into verve.sources as sources (org_id, model, ref)
select $1, erased.model, erased.ref from erased
where erased.erased_at is null or erased.newest_date > erased.erased_at
order by erased.model, erased.ref
on conflict on constraint sources_one_per_reference do update set newest_fact_rank = sources.newest_fact_rank
returning sources.id as "sourceId", sources.model, sources.ref, sources.merged_into as "mergedInto",
  sources.newest_fact_at as "newestAt", sources.newest_fact_rank as "newestRank",
  (select erased.erased_at from erased where erased.model = sources.model and erased.ref = sources.ref) as "erasedAt"`;

const lockMergedSql = `
select sources.id as "sourceId", sources.model, sources.ref, sources.newest_fact_at as "newestAt", sources.newest_fact_rank as "newestRank"
from verve.sources where sources.org_id = $1 and sources.id = any($2::uuid[]) order by sources.id for update`;

/** Makes the missing sources and locks all of them; a merged one is followed to the one that it was merged into. */
export async function lockSources(
  session: Session,
  wanted: readonly (WantedSource & { newestDate: Date })[],
): Promise<Map<string, { source: LockedSource; erasedAt: Date | null }>> {
  const found = new Map<string, { source: LockedSource; erasedAt: Date | null }>();
  if (wanted.length === 0) return found;
  const rows = await session.query<SourceRow>(
    lockSourcesSql,
    [
      session.orgId,
      wanted.map((one) => one.model),
      wanted.map((one) => one.ref),
      wanted.map((one) => one.memberIdHash),
      wanted.map((one) => one.newestDate),
    ],
    'attributions_lock_sources',
  );
  const hashes = new Map(wanted.map((one) => [`${one.model}|${one.ref}`, one.memberIdHash]));
  const mergedIds = [...new Set(rows.flatMap((row) => row.mergedInto ?? []))];
  const merged = new Map<string, LockedSource>();
  const direct = new Map<string, LockedSource>();
  const toSource = (row: Omit<SourceRow, 'mergedInto' | 'erasedAt'>, memberIdHash: string): LockedSource => ({
    sourceId: row.sourceId,
    model: row.model,
    ref: row.ref,
    memberIdHash,
    newest: row.newestAt === null ? null : { occurredAt: row.newestAt, rank: row.newestRank ?? 1 },
  });
  for (const row of rows) direct.set(row.sourceId, toSource(row, hashes.get(`${row.model}|${row.ref}`) ?? ''));
  if (mergedIds.length > 0) {
    for (const row of await session.query<SourceRow>(lockMergedSql, [session.orgId, mergedIds])) {
      merged.set(row.sourceId, direct.get(row.sourceId) ?? toSource(row, hashes.get(`${row.model}|${row.ref}`) ?? ''));
    }
  }
  for (const row of rows) {
    const source = (row.mergedInto === null ? direct.get(row.sourceId) : merged.get(row.mergedInto)) as LockedSource;
    found.set(`${row.model}|${row.ref}`, { source, erasedAt: row.erasedAt });
  }
  return found;
}

const attributionColumns = `
  a.id as "attributionId", a.code_id as "codeId", a.owner_model as "ownerModel", a.owner_ref as "ownerRef",
  a.mentor_id as "mentorId", a.source_model as "sourceModel", a.source_id as "sourceId", a.is_counted as "isCounted",
  a.status, a.review_state as "reviewState", a.flags, a.linked_by as "linkedBy", a.registration_ref as "registrationRef",
  a.is_registration_implied as "isRegistrationImplied", a.registered_at as "registeredAt", a.click_id as "clickId",
  a.clicked_at as "clickedAt", a.click_channel as "clickChannel", a.confirmed_at as "confirmedAt",
  a.credited_at as "creditedAt", a.branch_id as "branchId", a.reversed_at as "reversedAt", a.rejected_at as "rejectedAt",
  a.rejection_reason as "rejectionReason", a.removed_at as "removedAt", a.removal_reason as "removalReason", a.superseded_at as "supersededAt",
  a.superseded_by as "supersededBy"`;

// 1 the current attributions of the sources and those with the references and clicks, locked; 2 the codes named by text
// and the attributions' own; 3 their mentors with what arrived in the last hour, counted no further than the rule needs;
// 4 the kept facts; 5 which texts are another organisation's codes.
const loadSql = `
with organisation as materialized (
  select organisations.settings, organisations.time_zone from verve.organisations where organisations.id = $1
), attributions as materialized (
  select ${attributionColumns} from verve.referral_attributions a
  where a.org_id = $1 and (a.id in (
    select current.id from verve.referral_attributions current
      where current.org_id = $1 and current.source_id = any($2::uuid[]) and current.superseded_at is null
    union all select referenced.id from verve.referral_attributions referenced
      where referenced.org_id = $1 and referenced.registration_ref = any($3::text[])
    union all select clicked.id from verve.referral_attributions clicked
      where clicked.org_id = $1 and clicked.click_id = any($5::uuid[]) and clicked.superseded_at is null
    union all select unnest($7::uuid[])))
  order by a.id for update
), codes as materialized (
  select codes.id as "codeId", codes.code, codes.owner_model as "ownerModel", codes.owner_ref as "ownerRef",
    codes.mentor_id as "mentorId",
    codes.expires_at as "expiresAt", codes.rotated_at as "rotatedAt", codes.invalidated_at as "invalidatedAt",
    exists (select from verve.referral_attributions p where p.org_id = $1 and p.code_id = codes.id
      and p.status = 'pending' and p.source_id is null and p.removed_at is null and p.superseded_at is null) as "hasPending"
  from verve.referral_codes codes
  where codes.org_id = $1 and (codes.code = any($4::text[]) or codes.id in (select attributions."codeId" from attributions))
), mentors as materialized (
  select mentors.id as "mentorId", mentors.user_id as "userId", encode(mentors.member_id_hash, 'hex') as "memberIdHash",
    encode(mentors.device_token_hash, 'hex') as "deviceTokenHash", mentors.branch_id as "branchId",
    (select count(*)::int from (select from verve.referral_attributions r where r.org_id = $1 and r.mentor_id = mentors.id
      and not r.is_registration_implied and r.registration_recorded_at > verve.clock() - interval '1 hour' limit $6) counted) as "recentRegistrations",
    (select count(*)::int from (select from verve.referral_attributions r where r.org_id = $1 and r.mentor_id = mentors.id
      and r.confirmation_recorded_at > verve.clock() - interval '1 hour' limit $6) counted) as "recentConfirmations"
  from verve.mentors where mentors.org_id = $1 and mentors.id in (select codes."mentorId" from codes)
)
select verve.clock() as now,
  (select organisation.settings from organisation) as settings,
  (select organisation.time_zone from organisation) as "timeZone",
  (select coalesce(json_agg(attributions), '[]') from attributions) as attributions,
  (select coalesce(json_agg(codes), '[]') from codes) as codes,
  (select coalesce(json_agg(mentors), '[]') from mentors) as mentors,
  (select coalesce(json_agg(json_build_object('seq', facts.seq, 'sourceId', facts.source_id, 'kind', facts.kind, 'code', facts.code,
      'occurredAt', facts.occurred_at, 'membershipType', facts.membership_type) order by facts.seq), '[]')
    from verve.attribution_facts facts
    where facts.org_id = $1 and facts.source_id = any($2::uuid[]) and facts.attribution_id is null and facts.kind <> 'registered') as kept,
  (select coalesce(json_agg(distinct items.source_id), '[]') from verve.inbox_items items
    where items.org_id = $1 and items.source_id = any($2::uuid[]) and items.status = 'open'
      and items.kind in ('unknown_code', 'foreign_code', 'code_ended')) as "openItems",
  (select coalesce(json_agg(texts.code), '[]') from unnest($4::text[]) as texts (code)
    where not exists (select from codes where codes.code = texts.code)
      and exists (select from verve_private.find_code(texts.code))) as "foreignCodes",
  (select coalesce(json_agg(milestones.threshold order by milestones.threshold), '[]')
    from verve.milestones where milestones.org_id = $1) as thresholds`;

const findWaitingSql = `
select distinct facts.source_model as model, sources.ref, facts.registration_ref as "registrationRef"
from verve.attribution_facts facts join verve.sources on sources.org_id = facts.org_id and sources.id = facts.source_id
where facts.org_id = $1 and facts.registration_ref = any($2::text[]) and facts.attribution_id is null and sources.ref is not null`;

/** The sources of waiting facts that name registration references which have not arrived until now. */
export function findWaitingSources(
  session: Session,
  registrationRefs: readonly string[],
): Promise<{ model: string; ref: string; registrationRef: string }[]> {
  return session.query(findWaitingSql, [session.orgId, registrationRefs], 'attributions_find_waiting');
}

/** What `load` reads; times inside the lists are still text. */
export interface Loaded {
  now: Date;
  settings: unknown;
  timeZone: string;
  attributions: Record<string, unknown>[];
  codes: {
    codeId: string;
    code: string;
    ownerModel: string;
    ownerRef: string;
    mentorId: string | null;
    expiresAt: string | null;
    rotatedAt: string | null;
    invalidatedAt: string | null;
    hasPending: boolean;
  }[];
  mentors: {
    mentorId: string;
    userId: string | null;
    memberIdHash: string | null;
    deviceTokenHash: string | null;
    branchId: string | null;
    recentRegistrations: number;
    recentConfirmations: number;
  }[];
  kept: {
    seq: number;
    sourceId: string;
    kind: FactKind;
    code: string | null;
    occurredAt: string;
    membershipType: string | null;
  }[];
  openItems: string[];
  foreignCodes: string[];
  thresholds: number[];
}

export async function load(
  session: Session,
  wanted: {
    sourceIds: string[];
    registrationRefs: string[];
    codes: string[];
    clickIds: string[];
    countUpTo: number;
    attributionIds: string[];
  },
): Promise<Loaded> {
  const rows = await session.query<Loaded>(
    loadSql,
    [
      session.orgId,
      wanted.sourceIds,
      wanted.registrationRefs,
      wanted.codes,
      wanted.clickIds,
      wanted.countUpTo,
      wanted.attributionIds,
    ],
    'attributions_load',
  );
  return rows[0] as Loaded;
}

/** An attribution as it was read inside a list, with its times made dates. */
export function toAttribution(row: Record<string, unknown>): Attribution {
  const date = (name: string) => (row[name] === null || row[name] === undefined ? null : new Date(row[name] as string));
  return {
    ...(row as unknown as Attribution),
    registeredAt: date('registeredAt') as Date,
    clickedAt: date('clickedAt'),
    confirmedAt: date('confirmedAt'),
    creditedAt: date('creditedAt'),
    reversedAt: date('reversedAt'),
    rejectedAt: date('rejectedAt'),
    removedAt: date('removedAt'),
    supersededAt: date('supersededAt'),
    isConfirmedNow: false,
  };
}

const lockCodesSql = `
select codes.id from verve.referral_codes codes
where codes.org_id = $1 and codes.id = any($2::uuid[]) order by codes.id for no key update`;

const loadPendingSql = `
select pending.* from unnest($2::uuid[]) as wanted (code_id) cross join unnest($3::text[]) as models (model)
cross join lateral (
  select ${attributionColumns} from verve.referral_attributions a
  where a.org_id = $1 and a.code_id = wanted.code_id and a.source_model = models.model and a.status = 'pending'
    and a.source_id is null and a.removed_at is null and a.superseded_at is null
    and a.registered_at > verve.clock() - make_interval(days => $4)
  order by a.registered_at, a.id limit $5 for update
) pending`;

/**
 * Reads the oldest pending attributions of codes. The codes are locked first and read in a second statement, so that two
 * confirmations by code never take the same pending, and neither misses one that the other left.
 */
export async function loadOldestPending(
  session: Session,
  wanted: { codeIds: string[]; sourceModels: string[]; pendingDays: number; most: number },
): Promise<Attribution[]> {
  await session.query(lockCodesSql, [session.orgId, wanted.codeIds], 'attributions_lock_codes');
  const rows = await session.query<Record<string, unknown>>(
    loadPendingSql,
    [session.orgId, wanted.codeIds, wanted.sourceModels, wanted.pendingDays, wanted.most],
    'attributions_load_pending',
  );
  return rows.map(toAttribution);
}

const endFirstSql = `
with withdrawn as (
  update verve.reviews set state = 'withdrawn', decided_at = verve.clock(), decided_by = 'system:reversal'
  where reviews.org_id = $1 and reviews.attribution_id = any($2::uuid[]) and reviews.state = 'waiting'
)
update verve.referral_attributions a
set superseded_at = verve.clock(), superseded_by = ended.successor, updated_at = verve.clock()
from unnest($3::uuid[], $4::uuid[]) as ended (id, successor)
where a.org_id = $1 and a.id = ended.id`;

const writtenColumns = `
  id uuid, code_id uuid, owner_model text, owner_ref text, source_model text, source_id uuid, is_counted boolean, status text,
  review_state text, flags text[], linked_by text, registration_ref text, is_registration_implied boolean,
  registered_at timestamptz, click_id uuid, clicked_at timestamptz, click_channel text, confirmed_at timestamptz,
  is_confirmed_now boolean, credited_at timestamptz, branch_id uuid, reversed_at timestamptz, rejected_at timestamptz,
  rejection_reason text, removed_at timestamptz, removal_reason text, superseded_at timestamptz, superseded_by uuid`;

// One statement for everything but totals: 1 sources' newest facts; 2 new attributions; 3 changed ones; 4 reviews; 5 the
// facts in their order of arrival; 6 kept facts that now act; 7 inbox items, once per case; 8 cases that settled themselves.
const writeSql = `
with moved as (
  update verve.sources set newest_fact_at = m.at, newest_fact_rank = m.rank
  from jsonb_to_recordset($3::jsonb) as m (id uuid, at timestamptz, rank smallint)
  where sources.org_id = $1 and sources.id = m.id
), made as (
  insert into verve.referral_attributions (id, org_id, code_id, owner_model, owner_ref, source_model, source_id, is_counted,
    status, review_state, flags, linked_by, registration_ref, is_registration_implied, registered_at, registered_day,
    click_id, clicked_at, clicked_day, click_channel, confirmed_at, confirmed_day, confirmation_recorded_at,
    credited_at, credited_day, branch_id, reversed_at, rejected_at, rejection_reason, superseded_at, superseded_by)
  select n.id, $1, n.code_id, n.owner_model, n.owner_ref, n.source_model, n.source_id, n.is_counted, n.status, n.review_state,
    n.flags, n.linked_by, n.registration_ref, n.is_registration_implied, n.registered_at, (n.registered_at at time zone $2)::date,
    n.click_id, n.clicked_at, (n.clicked_at at time zone $2)::date, n.click_channel, n.confirmed_at, (n.confirmed_at at time zone $2)::date,
    case when n.is_confirmed_now then verve.clock() end, n.credited_at, (n.credited_at at time zone $2)::date,
    n.branch_id, n.reversed_at, n.rejected_at, n.rejection_reason, n.superseded_at, n.superseded_by
  from jsonb_to_recordset($4::jsonb) as n (${writtenColumns})
), changed as (
  update verve.referral_attributions a set source_id = n.source_id, status = n.status, review_state = n.review_state,
    flags = n.flags, linked_by = n.linked_by, confirmed_at = n.confirmed_at, confirmed_day = (n.confirmed_at at time zone $2)::date,
    confirmation_recorded_at = case when n.is_confirmed_now then verve.clock() else a.confirmation_recorded_at end,
    credited_at = n.credited_at, credited_day = (n.credited_at at time zone $2)::date, branch_id = n.branch_id,
    reversed_at = n.reversed_at, rejected_at = n.rejected_at, rejection_reason = n.rejection_reason, removed_at = n.removed_at,
    removal_reason = n.removal_reason, updated_at = verve.clock()
  from jsonb_to_recordset($5::jsonb) as n (${writtenColumns})
  where a.org_id = $1 and a.id = n.id
), reviewed as (
  insert into verve.reviews (org_id, attribution_id, flags, state, required_roles, decided_at, decided_by)
  select $1, r.attribution_id, r.flags, r.state, r.required_roles,
    case when r.state = 'withdrawn' then verve.clock() end, case when r.state = 'withdrawn' then 'system:reversal' end
  from jsonb_to_recordset($6::jsonb) as r (attribution_id uuid, flags text[], state text, required_roles text[])
), recorded as (
  insert into verve.attribution_facts (org_id, source_id, source_model, attribution_id, kind, code, code_id, registration_ref,
    registered_at, occurred_at, via, source_ref, membership_type, reason, actor, outcome, is_applied)
  select $1, f.source_id, f.source_model, f.attribution_id, f.kind, f.code, f.code_id, f.registration_ref, f.registered_at,
    f.occurred_at, f.via, f.source_ref, f.membership_type, f.reason, f.actor, f.outcome, f.is_applied
  from jsonb_to_recordset($7::jsonb) as f (place int, source_id uuid, source_model text, attribution_id uuid, kind text, code text,
    code_id uuid, registration_ref text, registered_at timestamptz, occurred_at timestamptz, via text, source_ref text,
    membership_type text, reason text, actor text, outcome text, is_applied boolean)
  order by f.place
  returning seq
), applied as (
  update verve.attribution_facts set attribution_id = k.attribution_id, is_applied = true
  from jsonb_to_recordset($8::jsonb) as k (seq bigint, attribution_id uuid)
  where attribution_facts.org_id = $1 and attribution_facts.seq = k.seq
), opened as (
  insert into verve.inbox_items (org_id, kind, source_id, source_model, code, mentor_id, attribution_id, details)
  select $1, i.kind, i.source_id, i.source_model, i.code, i.mentor_id, i.attribution_id, i.details
  from jsonb_to_recordset($9::jsonb) as i (kind text, source_id uuid, source_model text, code text, mentor_id uuid,
    attribution_id uuid, details jsonb)
  on conflict on constraint inbox_items_one_per_case do nothing
  returning inbox_items.id, inbox_items.kind, inbox_items.mentor_id, inbox_items.attribution_id
), settled as (
  update verve.inbox_items set status = 'resolved', resolution = 'settled', resolved_at = verve.clock(), resolved_by = 'system:facts'
  where inbox_items.org_id = $1 and inbox_items.source_id = any($10::uuid[]) and inbox_items.status = 'open'
    and inbox_items.kind in ('unknown_code', 'foreign_code', 'code_ended')
  returning inbox_items.id, inbox_items.kind, inbox_items.mentor_id, inbox_items.attribution_id
)
select 'inbox.opened' as type, opened.id as "inboxItemId", opened.kind, opened.mentor_id as "mentorId", opened.attribution_id as "attributionId" from opened
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
  if (ended.length > 0 || ledger.withdrawnReviews.size > 0) {
    const successors = ended.map((attribution) => attribution.supersededBy);
    await session.query(endFirstSql, [
      session.orgId,
      [...ledger.withdrawnReviews],
      ended.map((one) => one.attributionId),
      successors,
    ]);
  }
  return session.query<InboxChange>(
    writeSql,
    [
      session.orgId,
      more.timeZone,
      JSON.stringify(
        [...ledger.movedSources].map((s) => ({ id: s.sourceId, at: s.newest?.occurredAt, rank: s.newest?.rank })),
      ),
      JSON.stringify(ledger.made.map(toRow)),
      JSON.stringify(changed.map(toRow)),
      JSON.stringify(
        ledger.reviews.map((r) => ({
          attribution_id: r.attributionId,
          flags: r.flags,
          state: r.state,
          required_roles: ledger.rules.reviewRoles,
        })),
      ),
      JSON.stringify(
        ledger.records.map((record, place) => toFactRow({ ...record, actor: more.actors[place] ?? 'system' }, place)),
      ),
      JSON.stringify(ledger.appliedKept.map((kept) => ({ seq: kept.seq, attribution_id: kept.attributionId }))),
      JSON.stringify(
        ledger.inbox.map((item) => ({
          kind: item.kind,
          source_id: item.source.sourceId,
          source_model: item.source.model,
          code: item.code,
          mentor_id: item.mentorId,
          attribution_id: item.attributionId,
          details: { suggestions: item.suggestions },
        })),
      ),
      [...ledger.settledSources],
    ],
    'attributions_write',
  );
}

const suggestionsSql = `
select code from verve.referral_codes where org_id = $1 and mentor_id is not null order by created_at desc limit 5000`;

/** The codes that could be meant by an unknown one. */
export function listCodesForSuggestions(session: Session): Promise<{ code: string }[]> {
  return session.query(suggestionsSql, [session.orgId]);
}
