import type { Session } from '../database.ts';

export type InboxKind =
  | 'unknown_code'
  | 'conflict'
  | 'foreign_code'
  | 'self_referral'
  | 'code_ended'
  | 'not_eligible'
  | 'claim'
  | 'stuck_delivery';

export type Resolution =
  | 'attached'
  | 'code_corrected'
  | 'reassigned'
  | 'accepted'
  | 'declined'
  | 'dismissed'
  /** By later facts, without a person. */
  | 'settled';

/** A case that needs a person, with what is known of it. */
export interface InboxItem {
  inboxItemId: string;
  kind: InboxKind;
  status: 'open' | 'resolved';
  sourceId: string | null;
  sourceModel: string;
  /** The code as received; '' = the case is about none. */
  code: string;
  subject: string;
  mentorId: string | null; // null = concerns the whole organisation
  attributionId: string | null;
  details: Record<string, unknown>;
  openedAt: Date;
  resolvedAt: Date | null;
  resolution: Resolution | null;
  resolutionReason: string | null;
  resolvedBy: string | null;
}

const columns = `
  items.id as "inboxItemId", items.kind, items.status, items.source_id as "sourceId", items.source_model as "sourceModel",
  items.code, items.subject, items.mentor_id as "mentorId", items.attribution_id as "attributionId", items.details,
  items.opened_at as "openedAt", items.resolved_at as "resolvedAt", items.resolution, items.resolution_reason as "resolutionReason",
  items.resolved_by as "resolvedBy"`;

const findSql = `select ${columns} from verve.inbox_items items where items.org_id = $1 and items.id = $2`;
const lockSql = `${findSql} for update`;

export async function findItem(session: Session, inboxItemId: string): Promise<InboxItem | null> {
  return (await session.query<InboxItem>(findSql, [session.orgId, inboxItemId]))[0] ?? null;
}

export async function lockItem(session: Session, inboxItemId: string): Promise<InboxItem | null> {
  return (await session.query<InboxItem>(lockSql, [session.orgId, inboxItemId]))[0] ?? null;
}

const listSql = `
select ${columns} from verve.inbox_items items
where items.org_id = $1 and ($2::text is null or items.status = $2) and ($3::text is null or items.kind = $3)
  and ($4::timestamptz is null or (items.opened_at, items.id) > ($4, $5::uuid))
order by items.opened_at, items.id limit $6`;

/** Cases of an organisation, oldest first. */
export function listItems(
  session: Session,
  wanted: {
    status: 'open' | 'resolved' | null;
    kind: InboxKind | null;
    after: { openedAt: Date; inboxItemId: string } | null;
    limit: number;
  },
): Promise<InboxItem[]> {
  const { status, kind, after, limit } = wanted;
  return session.query(listSql, [
    session.orgId,
    status,
    kind,
    after?.openedAt ?? null,
    after?.inboxItemId ?? null,
    limit,
  ]);
}

const resolveSql = `
update verve.inbox_items set status = 'resolved', resolution = $3, resolution_reason = $4, resolved_by = $5, resolved_at = verve.clock(),
  attribution_id = coalesce($6, attribution_id), details = details || $7::jsonb
where org_id = $1 and id = $2`;

export async function resolveItem(
  session: Session,
  decision: {
    inboxItemId: string;
    resolution: Resolution;
    reason: string;
    by: string;
    attributionId: string | null;
    details: Record<string, unknown>;
  },
): Promise<void> {
  const { inboxItemId, resolution, reason, by, attributionId, details } = decision;
  await session.query(resolveSql, [
    session.orgId,
    inboxItemId,
    resolution,
    reason,
    by,
    attributionId,
    JSON.stringify(details),
  ]);
}

const reopenSql = `
update verve.inbox_items set status = 'open', resolution = null, resolution_reason = null, resolved_by = null, resolved_at = null
where org_id = $1 and id = $2`;

export async function reopenItem(session: Session, inboxItemId: string): Promise<void> {
  await session.query(reopenSql, [session.orgId, inboxItemId]);
}

const sourceRefSql = 'select ref from verve.sources where org_id = $1 and id = $2';

/** The member id of a source; null = erased. Only for acting on it, never for showing. */
export async function memberOf(session: Session, sourceId: string): Promise<string | null> {
  return (await session.query<{ ref: string | null }>(sourceRefSql, [session.orgId, sourceId]))[0]?.ref ?? null;
}

const fileSql = `
with claim as (
  insert into verve.claims (org_id, claimant, mentor_id, source_id, source_model, code, met_on, channel, filed_by)
  values ($1, $4, $5, $3, $2, $6, $7, $8, $9) returning id, source_id
), item as (
  insert into verve.inbox_items (org_id, kind, source_id, source_model, code, subject, mentor_id, details)
  select $1, 'claim', claim.source_id, $2, coalesce($6, ''), claim.id::text, $5, $10::jsonb from claim returning id
)
select claim.id as "claimId", item.id as "inboxItemId" from claim, item`;

/** Files a claim and its case in one statement. The source is locked by the caller. */
export async function fileClaim(
  session: Session,
  claim: {
    claimant: 'mentor' | 'member' | 'coordinator';
    sourceModel: string;
    sourceId: string | null; // null = nobody was named
    mentorId: string | null;
    code: string | null;
    metOn: string | null;
    channel: string | null;
    filedBy: string;
  },
): Promise<{ claimId: string; inboxItemId: string }> {
  const { claimant, sourceModel, sourceId, mentorId, code, metOn, channel, filedBy } = claim;
  const details = { claimant, met_on: metOn, channel, names_member: sourceId !== null };
  const values = [
    session.orgId,
    sourceModel,
    sourceId,
    claimant,
    mentorId,
    code,
    metOn,
    channel,
    filedBy,
    JSON.stringify(details),
  ];
  const [row] = await session.query<{ claimId: string; inboxItemId: string }>(fileSql, values);
  return row as { claimId: string; inboxItemId: string };
}

const decideClaimSql = `
update verve.claims set status = $3, decided_by = $4, decision_reason = $5, decided_at = verve.clock(), attribution_id = $6
where org_id = $1 and id = $2`;

export async function decideClaim(
  session: Session,
  decision: {
    claimId: string;
    status: 'accepted' | 'declined';
    by: string;
    reason: string;
    attributionId: string | null;
  },
): Promise<void> {
  const { claimId, status, by, reason, attributionId } = decision;
  await session.query(decideClaimSql, [session.orgId, claimId, status, by, reason, attributionId]);
}

const reopenClaimSql = `
update verve.claims set status = 'open', decided_by = null, decision_reason = null, decided_at = null, attribution_id = null
where org_id = $1 and id = $2`;

export async function reopenClaim(session: Session, claimId: string): Promise<void> {
  await session.query(reopenClaimSql, [session.orgId, claimId]);
}

const currentSql = `
select id as "attributionId", mentor_id as "mentorId", removed_at is not null as "isRemoved"
from verve.referral_attributions
where org_id = $1 and source_id = $2 and superseded_at is null`;

export interface CurrentAttribution {
  attributionId: string;
  mentorId: string | null;
  isRemoved: boolean;
}

/** The current attribution of a source; null = it has none. */
export async function currentOf(session: Session, sourceId: string): Promise<CurrentAttribution | null> {
  return (await session.query<CurrentAttribution>(currentSql, [session.orgId, sourceId]))[0] ?? null;
}

/** What of an attribution matters for linking a claim to it; null = there is none such here. */
export async function linkableOf(
  session: Session,
  attributionId: string,
): Promise<{ mentorId: string | null; isCurrent: boolean } | null> {
  const rows = await session.query<{ mentorId: string | null; isCurrent: boolean }>(
    `select mentor_id as "mentorId", superseded_at is null and removed_at is null as "isCurrent"
    from verve.referral_attributions where org_id = $1 and id = $2`,
    [session.orgId, attributionId],
  );
  return rows[0] ?? null;
}

const mentorOfCodeSql = 'select mentor_id as "mentorId" from verve.referral_codes where org_id = $1 and code = $2';

/** Whose code it is; null = nobody's here, or an owner's who is no mentor. */
export async function mentorOfCode(session: Session, code: string): Promise<string | null> {
  return (
    (await session.query<{ mentorId: string | null }>(mentorOfCodeSql, [session.orgId, code]))[0]?.mentorId ?? null
  );
}
