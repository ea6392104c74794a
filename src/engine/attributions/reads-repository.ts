import type { Session } from '../database.ts';

/** An attribution as it is shown: every column but those that tie it to a person. */
export interface AttributionView {
  attributionId: string;
  code: string;
  codeId: string;
  ownerModel: string;
  ownerRef: string;
  mentorId: string | null;
  sourceModel: string;
  status: 'pending' | 'confirmed' | 'rejected' | 'reversed';
  /** Registered so long ago that nothing is expected any more; still credited when a confirmation names it. */
  isExpired: boolean;
  reviewState: string;
  flags: string[];
  linkedBy: string | null;
  isRegistrationImplied: boolean;
  isCredited: boolean;
  registeredAt: Date;
  clickedAt: Date | null;
  clickChannel: string | null;
  confirmedAt: Date | null;
  creditedAt: Date | null;
  branchId: string | null;
  reversedAt: Date | null;
  rejectedAt: Date | null;
  rejectionReason: string | null;
  removedAt: Date | null;
  removalReason: string | null;
  /** Why a coordinator moved the recruitment to this row; null = it was not moved here. */
  reassignmentReason: string | null;
  supersededAt: Date | null;
  supersededBy: string | null;
  createdAt: Date;
}

const viewColumns = `
  a.id as "attributionId", codes.code, a.code_id as "codeId", a.owner_model as "ownerModel", a.owner_ref as "ownerRef",
  a.mentor_id as "mentorId", a.source_model as "sourceModel", a.status,
  a.status = 'pending' and a.registered_at <= verve.clock() - make_interval(days =>
    coalesce((select (organisations.settings #>> '{rules,pendingDays}')::int from verve.organisations where organisations.id = a.org_id), 365)) as "isExpired",
  a.review_state as "reviewState", a.flags, a.linked_by as "linkedBy", a.is_registration_implied as "isRegistrationImplied",
  a.is_credited as "isCredited", a.registered_at as "registeredAt", a.clicked_at as "clickedAt", a.click_channel as "clickChannel",
  a.confirmed_at as "confirmedAt", a.credited_at as "creditedAt", a.branch_id as "branchId", a.reversed_at as "reversedAt",
  a.rejected_at as "rejectedAt", a.rejection_reason as "rejectionReason", a.removed_at as "removedAt",
  a.removal_reason as "removalReason", a.reassignment_reason as "reassignmentReason", a.superseded_at as "supersededAt", a.superseded_by as "supersededBy", a.created_at as "createdAt"`;

const viewFrom = `
from verve.referral_attributions a join verve.referral_codes codes on codes.org_id = a.org_id and codes.id = a.code_id`;

export async function findAttribution(session: Session, attributionId: string): Promise<AttributionView | null> {
  const rows = await session.query<AttributionView>(
    `select ${viewColumns} ${viewFrom} where a.org_id = $1 and a.id = $2`,
    [session.orgId, attributionId],
  );
  return rows[0] ?? null;
}

const listSql = `
select ${viewColumns} ${viewFrom}
where a.org_id = $1 and ($2::uuid is null or a.mentor_id = $2) and ($3::text is null or a.owner_model = $3)
  and ($4::text is null or a.owner_ref = $4) and ($5::timestamptz is null or (a.created_at, a.id) < ($5, $6::uuid))
order by a.created_at desc, a.id desc limit $7`;

/** Attributions of an organisation, of one mentor or one owner, newest first. */
export function listAttributions(
  session: Session,
  wanted: {
    mentorId?: string | null;
    ownerModel?: string | null;
    ownerRef?: string | null;
    after?: { createdAt: Date; attributionId: string } | null;
    limit?: number;
  },
): Promise<AttributionView[]> {
  const { mentorId = null, ownerModel = null, ownerRef = null, after = null, limit = 50 } = wanted;
  return session.query(listSql, [
    session.orgId,
    mentorId,
    ownerModel,
    ownerRef,
    after?.createdAt ?? null,
    after?.attributionId ?? null,
    limit,
  ]);
}

/** Counts of one mentor (spec §4): clicks of people, what waits, what is credited. */
export interface AttributionCounts {
  totalClicks: number;
  pendingCount: number;
  confirmedCount: number;
  /** Credited that no click is known of: told apart, so that the rate stays honest. */
  withoutClickCount: number;
}

const countsSql = `
select
  (select coalesce(sum(days.human), 0)::float8 from verve.click_mentor_days days where days.org_id = $1 and days.mentor_id = $2)
  + (select coalesce(sum(deltas.hits), 0)::float8 from verve.click_deltas deltas
     where deltas.org_id = $1 and deltas.mentor_id = $2 and deltas.class = 'human') as "totalClicks",
  (select count(*)::int from verve.referral_attributions a where a.org_id = $1 and a.mentor_id = $2 and a.status = 'pending'
    and a.is_counted and a.removed_at is null and a.superseded_at is null
    and a.registered_at > verve.clock() - make_interval(days => coalesce(
      (select (organisations.settings #>> '{rules,pendingDays}')::int from verve.organisations where organisations.id = $1), 365))) as "pendingCount",
  coalesce((select totals.credited from verve.mentor_totals totals where totals.org_id = $1 and totals.mentor_id = $2), 0) as "confirmedCount",
  (select count(*)::int from verve.referral_attributions a where a.org_id = $1 and a.mentor_id = $2 and a.is_credited
    and a.is_counted and a.clicked_at is null) as "withoutClickCount"`;

export async function countOfMentor(session: Session, mentorId: string): Promise<AttributionCounts> {
  const [row] = await session.query<AttributionCounts>(countsSql, [session.orgId, mentorId]);
  return row as AttributionCounts;
}

/** One recorded fact, without member id or sender's reference. */
export interface FactView {
  factId: string;
  seq: number;
  kind: string;
  code: string | null;
  isSameCode: boolean | null; // null = the fact named none
  occurredAt: Date;
  receivedAt: Date;
  via: string;
  actor: string;
  membershipType: string | null;
  reason: string | null;
  outcome: string;
  isApplied: boolean;
}

const factsSql = `
select facts.id as "factId", facts.seq::float8 as seq, facts.kind, facts.code, facts.code = codes.code as "isSameCode",
  facts.occurred_at as "occurredAt", facts.received_at as "receivedAt", facts.via, facts.actor,
  facts.membership_type as "membershipType", facts.reason, facts.outcome, facts.is_applied as "isApplied"
from verve.referral_attributions a
join verve.referral_codes codes on codes.org_id = a.org_id and codes.id = a.code_id
join verve.attribution_facts facts on facts.org_id = a.org_id
  and (facts.attribution_id = a.id or (a.source_id is not null and facts.source_id = a.source_id))
where a.org_id = $1 and a.id = $2 order by facts.seq`;

/** Every fact about the attribution's source, and those of its registration, in their order of arrival. */
export function listFacts(session: Session, attributionId: string): Promise<FactView[]> {
  return session.query(factsSql, [session.orgId, attributionId]);
}

export interface EventView {
  eventId: string;
  seq: number;
  type: string;
  occurredAt: Date;
  data: Record<string, unknown>;
}

const eventsSql = `
select events.id as "eventId", events.seq::float8 as seq, events.type, events.occurred_at as "occurredAt", events.data
from verve.referral_events events where events.org_id = $1 and events.attribution_id = $2 order by events.seq`;

export function listEvents(session: Session, attributionId: string): Promise<EventView[]> {
  return session.query(eventsSql, [session.orgId, attributionId]);
}

export interface ReviewView {
  reviewId: string;
  state: string;
  flags: string[];
  requiredRoles: string[];
  reasonCode: string | null;
  reasonText: string | null;
  decidedBy: string | null;
  openedAt: Date;
  decidedAt: Date | null;
  approvals: { approver: string; role: string; approvedAt: string }[];
}

const reviewsSql = `
select reviews.id as "reviewId", reviews.state, reviews.flags, reviews.required_roles as "requiredRoles",
  reviews.reason_code as "reasonCode", reviews.reason_text as "reasonText", reviews.decided_by as "decidedBy",
  reviews.opened_at as "openedAt", reviews.decided_at as "decidedAt",
  coalesce((select json_agg(json_build_object('approver', approvals.approver, 'role', approvals.role, 'approvedAt', approvals.approved_at)
    order by approvals.approved_at) from verve.review_approvals approvals
    where approvals.org_id = reviews.org_id and approvals.review_id = reviews.id), '[]') as approvals
from verve.reviews where reviews.org_id = $1 and reviews.attribution_id = $2 order by reviews.opened_at, reviews.id`;

export function listReviews(session: Session, attributionId: string): Promise<ReviewView[]> {
  return session.query(reviewsSql, [session.orgId, attributionId]);
}

export interface CodeStanding {
  code: string;
  status: string;
  createdAt: Date;
  /** The first of its ends; null = it has none. */
  endedAt: Date | null;
  mentorName: string | null; // null = the owner is not a mentor
}

const codeSql = `
select codes.code, codes.status, codes.created_at as "createdAt",
  least(codes.invalidated_at, codes.rotated_at, codes.expires_at) as "endedAt", mentors.display_name as "mentorName"
from verve.referral_codes codes
left join verve.mentors on mentors.org_id = codes.org_id and mentors.id = codes.mentor_id
where codes.org_id = $1 and codes.id = $2`;

export async function findCodeStanding(session: Session, codeId: string): Promise<CodeStanding> {
  const [row] = await session.query<CodeStanding>(codeSql, [session.orgId, codeId]);
  return row as CodeStanding;
}

const predecessorSql = `
select a.id as "attributionId" from verve.referral_attributions a where a.org_id = $1 and a.superseded_by = $2`;

/** The row that this one took the place of; null = none. */
export async function findPredecessor(session: Session, attributionId: string): Promise<string | null> {
  return (
    (await session.query<{ attributionId: string }>(predecessorSql, [session.orgId, attributionId]))[0]
      ?.attributionId ?? null
  );
}

const memberSql = `
select sources.ref from verve.referral_attributions a
join verve.sources on sources.org_id = a.org_id and sources.id = a.source_id where a.org_id = $1 and a.id = $2`;

/** The member id behind an attribution; null = not tied yet, or erased. Only for acting on it and for who may read it. */
export async function memberOf(session: Session, attributionId: string): Promise<string | null> {
  return (await session.query<{ ref: string | null }>(memberSql, [session.orgId, attributionId]))[0]?.ref ?? null;
}
