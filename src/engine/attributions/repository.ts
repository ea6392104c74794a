import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import type { Attribution } from './attribution.ts';
import type { FactKind } from './fact.ts';

/** Reads and locks what a batch of facts needs. Locks are taken in one order: sources, codes, attributions, totals. */

const attributionColumns = `
  a.id as "attributionId", a.code_id as "codeId", a.owner_model as "ownerModel", a.owner_ref as "ownerRef",
  a.mentor_id as "mentorId", a.source_model as "sourceModel", a.source_id as "sourceId", a.is_counted as "isCounted",
  a.status, a.review_state as "reviewState", a.flags, a.linked_by as "linkedBy", a.registration_ref as "registrationRef",
  a.is_registration_implied as "isRegistrationImplied", a.registered_at as "registeredAt", a.click_id as "clickId",
  a.clicked_at as "clickedAt", a.click_channel as "clickChannel", a.confirmed_at as "confirmedAt",
  a.credited_at as "creditedAt", a.branch_id as "branchId", a.reversed_at as "reversedAt", a.rejected_at as "rejectedAt",
  a.rejection_reason as "rejectionReason", a.removed_at as "removedAt", a.removal_reason as "removalReason", a.superseded_at as "supersededAt",
  a.superseded_by as "supersededBy", a.linked_by is distinct from 'reassigned' and not a.is_registration_implied
    and a.registration_recorded_at > verve.clock() - interval '1 hour' as "hasRegisteredLately",
  a.linked_by is distinct from 'reassigned' and a.confirmation_recorded_at > verve.clock() - interval '1 hour' as "hasConfirmedLately"`;

// 1 the sources, named by their ids or references; 2 their current attributions and those with the registrations' references
// and clicks, locked in id order; 3 the codes named by text and the attributions' own; 4 their mentors with what arrived in
// the last hour, no further than the rule needs; 5 the kept facts; 6 which texts are another organisation's codes.
const loadSql = `
with organisation as materialized (
  select organisations.settings, organisations.time_zone, verve.clock() as now,
    coalesce((organisations.settings #>> '{rules,velocityPerHour}')::int, 20) + 1 as velocity
  from verve.organisations where organisations.id = $1 and organisations.offboarded_at is null
), named_sources as materialized (
  select found.id from unnest($7::text[], $8::text[]) as named (model, ref) cross join lateral (
    select s.id from verve.sources s where s.org_id = $1 and s.model = named.model and s.ref = named.ref limit 1) found
  union all select unnest($2::uuid[])
), wanted as materialized (
  select found.id from named_sources as named (source_id) cross join lateral (
    select a.id from verve.referral_attributions a
    where a.org_id = $1 and a.source_id = named.source_id and a.superseded_at is null limit 1) found
  union select found.id from unnest($3::text[]) as named (registration_ref) cross join lateral (
    select a.id from verve.referral_attributions a
    where a.org_id = $1 and a.registration_ref = named.registration_ref limit 1) found
  union select found.id from unnest($5::uuid[]) as named (click_id) cross join lateral (
    select a.id from verve.referral_attributions a
    where a.org_id = $1 and a.click_id = named.click_id and a.superseded_at is null limit 1) found
  union select unnest($6::uuid[])
), attributions as materialized (
  select locked.* from (select wanted.id from wanted order by wanted.id) ordered cross join lateral (
    select ${attributionColumns} from verve.referral_attributions a where a.org_id = $1 and a.id = ordered.id for update) locked
), codes as materialized (
  select codes.id as "codeId", codes.code, codes.owner_model as "ownerModel", codes.owner_ref as "ownerRef",
    codes.mentor_id as "mentorId",
    codes.expires_at as "expiresAt", codes.rotated_at as "rotatedAt", codes.invalidated_at as "invalidatedAt"
  from (
    select found.id from unnest($4::text[]) as named (code) cross join lateral (
      select own.id from verve.referral_codes own where own.code = named.code and own.org_id = $1 limit 1) found
    union select attributions."codeId" from attributions
    union select kept.code_id from verve.attribution_facts kept
      where kept.org_id = $1 and kept.source_id = any(array(select named_sources.id from named_sources)) and kept.attribution_id is null and kept.code_id is not null
  ) chosen cross join lateral (
    select * from verve.referral_codes own where own.id = chosen.id and own.org_id = $1 limit 1) codes
), mentors as materialized (
  select mentors.id as "mentorId", mentors.user_id as "userId", encode(mentors.member_id_hash, 'hex') as "memberIdHash",
    encode(mentors.device_token_hash, 'hex') as "deviceTokenHash", mentors.branch_id as "branchId",
    (select count(*)::int from (
      select r.registration_recorded_at as at from verve.referral_attributions r
      where r.org_id = $1 and r.mentor_id = mentors.id and not r.is_registration_implied
        and r.linked_by is distinct from 'reassigned'
      order by r.registration_recorded_at desc limit organisation.velocity) latest
      where latest.at > organisation.now - interval '1 hour') as "recentRegistrations",
    (select count(*)::int from (
      select r.confirmation_recorded_at as at from verve.referral_attributions r
      where r.org_id = $1 and r.mentor_id = mentors.id and r.confirmation_recorded_at is not null
        and r.linked_by is distinct from 'reassigned'
      order by r.confirmation_recorded_at desc limit organisation.velocity) latest
      where latest.at > organisation.now - interval '1 hour') as "recentConfirmations"
  from organisation
  cross join (select distinct codes."mentorId" as id from codes where codes."mentorId" is not null) chosen
  cross join lateral (select * from verve.mentors own where own.id = chosen.id and own.org_id = $1 limit 1) mentors
)
select organisation.now, organisation.settings, organisation.time_zone as "timeZone",
  (select coalesce(json_agg(attributions), '[]') from attributions) as attributions,
  (select coalesce(json_agg(codes), '[]') from codes) as codes,
  (select coalesce(json_agg(mentors), '[]') from mentors) as mentors,
  (select coalesce(json_agg(json_build_object('seq', facts.seq, 'sourceId', facts.source_id, 'kind', facts.kind, 'code', facts.code,
      'occurredAt', facts.occurred_at, 'membershipType', facts.membership_type) order by facts.seq), '[]')
    from named_sources as named (source_id) cross join lateral (
      select * from verve.attribution_facts waiting where waiting.org_id = $1 and waiting.source_id = named.source_id
        and waiting.attribution_id is null and waiting.kind <> 'registered' offset 0) facts) as kept,
  (select coalesce(json_agg(named.source_id), '[]') from named_sources as named (source_id)
    where exists (select from verve.inbox_items items where items.org_id = $1 and items.source_id = named.source_id
      and items.status = 'open' and items.kind in ('unknown_code', 'foreign_code', 'code_ended') offset 0)) as "openItems",
  (select coalesce(json_agg(texts.code), '[]') from unnest($4::text[]) as texts (code)
    where not exists (select from codes where codes.code = texts.code)
      and exists (select from verve_private.find_code(texts.code))) as "foreignCodes",
  (select coalesce(json_agg(milestones.threshold order by milestones.threshold), '[]')
    from verve.milestones where milestones.org_id = $1) as thresholds
from organisation`;

const lockReferencesSql = `
select pg_advisory_xact_lock(hashtextextended($1::text || ' ' || named.reference, 2026))
from (select distinct unnest($2::text[]) as reference order by 1) as named`;

/**
 * Lets one transaction at a time speak of a registration reference, before anything is read: a registration and the fact
 * that names it beside a member have no row in common yet, and would otherwise miss one another.
 */
export async function lockReferences(session: Session, registrationRefs: readonly string[]): Promise<void> {
  await session.query(lockReferencesSql, [session.orgId, registrationRefs], 'attributions_lock_references');
}

const findWaitingSql = `
select facts.seq::float8 as seq, facts.kind, facts.source_model as model, sources.ref, facts.registration_ref as "registrationRef"
from verve.attribution_facts facts join verve.sources on sources.org_id = facts.org_id and sources.id = facts.source_id
where facts.org_id = $1 and facts.registration_ref = any($2::text[]) and facts.attribution_id is null and sources.ref is not null
order by facts.seq`;

/** A fact without an attribution that named a member beside a registration reference. */
export interface WaitingFact {
  seq: number;
  kind: FactKind;
  model: string;
  ref: string;
  registrationRef: string;
}

/** The facts that named registration references which have not arrived until now, in order of arrival. */
export function findWaitingFacts(session: Session, registrationRefs: readonly string[]): Promise<WaitingFact[]> {
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

/** Everything that deciding these facts needs. Refuses with `not_found` where the organisation has left. */
export async function load(
  session: Session,
  wanted: {
    sourceIds: string[];
    /** Sources by reference, where their ids are not known yet. (Default: none) */
    sources?: readonly { model: string; ref: string }[];
    registrationRefs: string[];
    codes: string[];
    clickIds: string[];
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
      wanted.attributionIds,
      (wanted.sources ?? []).map((source) => source.model),
      (wanted.sources ?? []).map((source) => source.ref),
    ],
    'attributions_load',
  );
  // The organisation has left: its facts are refused, whatever still knew its codes.
  if (rows[0] === undefined) throw new VerveError('not_found');
  return rows[0];
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

// Those of the codes under which a registration waits for its member, and those of the waiting registrations with these
// references, all in one order. A registration that comes after this statement comes after the batch.
const lockCodesSql = `
select codes.id as "codeId" from (
  select found.id from unnest($2::text[]) as named (code) cross join lateral (
    select own.id from verve.referral_codes own where own.code = named.code and own.org_id = $1 limit 1) found
  where exists (select from verve.referral_attributions p where p.org_id = $1 and p.code_id = found.id
    and p.status = 'pending' and p.source_id is null and p.removed_at is null and p.superseded_at is null offset 0)
  union
  select found.code_id from unnest($3::text[]) as named (registration_ref) cross join lateral (
    select a.code_id, a.status, a.source_id from verve.referral_attributions a
    where a.org_id = $1 and a.registration_ref = named.registration_ref limit 1) found
  where found.status = 'pending' and found.source_id is null
) chosen join verve.referral_codes codes on codes.org_id = $1 and codes.id = chosen.id
order by codes.id for no key update of codes`;

/**
 * Locks the codes whose waiting registrations the facts may take, before any attribution: whoever takes one, by reference or
 * as the oldest of the code, holds the code, so that two never take the same and neither waits for the other in a circle.
 */
export async function lockCodes(
  session: Session,
  wanted: { codes: readonly string[]; registrationRefs: readonly string[] },
): Promise<Set<string>> {
  if (wanted.codes.length === 0 && wanted.registrationRefs.length === 0) return new Set();
  const values = [session.orgId, wanted.codes, wanted.registrationRefs];
  const rows = await session.query<{ codeId: string }>(lockCodesSql, values, 'attributions_lock_codes');
  return new Set(rows.map((row) => row.codeId));
}

const loadPendingSql = `
select pending.* from unnest($2::uuid[]) as wanted (code_id) cross join unnest($3::text[]) as models (model)
cross join lateral (
  select ${attributionColumns} from verve.referral_attributions a
  where a.org_id = $1 and a.code_id = wanted.code_id and a.source_model = models.model and a.status = 'pending'
    and a.source_id is null and a.removed_at is null and a.superseded_at is null
    and a.registered_at > verve.clock() - make_interval(days => $4)
  order by a.registered_at, a.id limit $5 for update
) pending`;

/** Reads the oldest waiting registrations of codes that are locked. */
export async function loadOldestPending(
  session: Session,
  wanted: { codeIds: string[]; sourceModels: string[]; pendingDays: number; most: number },
): Promise<Attribution[]> {
  const rows = await session.query<Record<string, unknown>>(
    loadPendingSql,
    [session.orgId, wanted.codeIds, wanted.sourceModels, wanted.pendingDays, wanted.most],
    'attributions_load_pending',
  );
  return rows.map(toAttribution);
}

const suggestionsSql = `
select code from verve.referral_codes where org_id = $1 and mentor_id is not null order by created_at desc limit 5000`;

/** The codes that could be meant by an unknown one. */
export function listCodesForSuggestions(session: Session): Promise<{ code: string }[]> {
  return session.query(suggestionsSql, [session.orgId]);
}
