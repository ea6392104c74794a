import type { Session } from '../database.ts';
import { PassingFault } from '../database-faults.ts';

/** Reads for acts on one attribution: the source is locked first, as everywhere. */

export interface ActSubject {
  attributionId: string;
  sourceId: string | null; // null = not tied to a source yet
  sourceModel: string;
  mentorId: string | null;
}

const subjectSql = `
select id as "attributionId", source_id as "sourceId", source_model as "sourceModel", mentor_id as "mentorId"
from verve.referral_attributions where org_id = $1 and id = $2`;

export async function findSubject(session: Session, attributionId: string): Promise<ActSubject | null> {
  return (await session.query<ActSubject>(subjectSql, [session.orgId, attributionId]))[0] ?? null;
}

// As for facts, the writing is announced to the table before a row is locked: an erasure that waits for the row would else
// hold the table that the act must write.
const announceSql = 'lock table verve.sources in row exclusive mode';
const lockSql = `
select id as "sourceId", model, ref, merged_into as "mergedInto", newest_fact_at as "newestAt", newest_fact_rank as "newestRank"
from verve.sources
where org_id = $1 and (id = $2 or id = (select own.merged_into from verve.sources own where own.org_id = $1 and own.id = $2))
order by model, ref, id for update`;

export interface SourceRow {
  sourceId: string;
  model: string;
  ref: string | null; // null = erased
  mergedInto: string | null; // null = not merged
  mergedRef: string | null; // the reference of what it was merged into
  newestAt: Date | null;
  newestRank: number | null;
}

/**
 * Locks a source by its own id, and the one that it was merged into, in the order in which facts lock them.
 *
 * @throws PassingFault where it was merged while the lock was waited for: what it was merged into is to be locked in order.
 */
export async function lockSource(session: Session, sourceId: string): Promise<SourceRow | null> {
  await session.query(announceSql);
  const rows = await session.query<Omit<SourceRow, 'mergedRef'>>(lockSql, [session.orgId, sourceId]);
  const own = rows.find((row) => row.sourceId === sourceId);
  if (own === undefined) return null;
  const into = rows.find((row) => row.sourceId === own.mergedInto);
  if (own.mergedInto !== null && into === undefined) throw new PassingFault('Member ids were merged meanwhile.');
  return { ...own, mergedRef: into?.ref ?? null };
}

const codeOfMentorSql = `
select (
  select codes.code from verve.referral_codes as codes
  where codes.org_id = mentors.org_id and codes.mentor_id = mentors.id
  order by (codes.status = 'active') desc, codes.rotation_sequence desc limit 1
) as code
from verve.mentors where org_id = $1 and id = $2`;

/** The mentor's active code, else the last one, else null; undefined = there is no such mentor. */
export async function latestCodeOf(session: Session, mentorId: string): Promise<string | null | undefined> {
  return (await session.query<{ code: string | null }>(codeOfMentorSql, [session.orgId, mentorId]))[0]?.code;
}

const totalsSql = `select mentor_id as "mentorId", credited from verve.mentor_totals where org_id = $1 and mentor_id = any($2::uuid[])`;

/** The present totals of mentors; without a row it is 0. */
export async function totalsOf(session: Session, mentorIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await session.query<{ mentorId: string; credited: number }>(totalsSql, [session.orgId, mentorIds]);
  return new Map(mentorIds.map((mentorId) => [mentorId, rows.find((row) => row.mentorId === mentorId)?.credited ?? 0]));
}

// A case about the first id that has been one about the second as well is a double, and settles itself. So does a conflict
// about the first that names the owner by whom the second is credited: what is left to ask is who of the two it is, and the
// merge asks that.
const mergeSql = `
with merged as (
  update verve.sources set merged_into = $3 where org_id = $1 and (id = $2 or merged_into = $2)
), kept as (
  update verve.attribution_facts set source_id = $3
  where org_id = $1 and source_id = $2 and attribution_id is null
), cases as materialized (
  select i.id, exists (select from verve.inbox_items other where other.org_id = $1 and other.kind = i.kind
    and other.source_id = $3 and other.code = i.code and other.subject = i.subject)
    or (i.kind = 'conflict' and i.status = 'open' and exists (select from verve.referral_codes named
      join verve.referral_codes standing on standing.org_id = $1 and standing.id = $4
        and standing.owner_model = named.owner_model and standing.owner_ref = named.owner_ref
      where named.org_id = $1 and named.code = i.code)) as is_double
  from verve.inbox_items i where i.org_id = $1 and i.source_id = $2
), moved as (
  update verve.inbox_items set source_id = $3 from cases where inbox_items.id = cases.id and not cases.is_double
), newest as (
  update verve.sources kept_source set newest_fact_at = newest.at, newest_fact_rank = newest.rank
  from (select newest_fact_at as at, newest_fact_rank as rank from verve.sources where org_id = $1 and id in ($2, $3)
    order by newest_fact_at desc nulls last, newest_fact_rank desc limit 1) newest
  where kept_source.org_id = $1 and kept_source.id = $3
)
update verve.inbox_items set status = 'resolved', resolution = 'settled', resolved_at = verve.clock(), resolved_by = 'system:merge'
from cases where inbox_items.id = cases.id and cases.is_double and inbox_items.status = 'open'
returning inbox_items.id as "inboxItemId", inbox_items.kind, inbox_items.mentor_id as "mentorId",
  inbox_items.attribution_id as "attributionId"`;

/** A case that settled itself, or was opened again. */
export interface ChangedCase {
  inboxItemId: string;
  kind: string;
  mentorId: string | null;
  attributionId: string | null;
}

/**
 * Joins one source to another, which is credited under `codeId` (null = under none): facts that name the first reach the
 * second from now on. Gives the cases that were doubles. Both are locked by the caller, and what was merged into them.
 */
export function mergeSources(
  session: Session,
  { fromId, intoId, codeId }: { fromId: string; intoId: string; codeId: string | null },
): Promise<ChangedCase[]> {
  return session.query(mergeSql, [session.orgId, fromId, intoId, codeId]);
}

const askAgainSql = `
update verve.inbox_items set status = 'open', resolution = null, resolution_reason = null, resolved_by = null, resolved_at = null
where org_id = $1 and kind = 'conflict' and source_id = $2 and code = $3 and subject = '' and status = 'resolved'
returning id as "inboxItemId", kind, mentor_id as "mentorId", attribution_id as "attributionId"`;

/** Opens a conflict again that was decided before a merge showed that both codes credit one member. Gives it if it was. */
export function askAgain(session: Session, sourceId: string, code: string): Promise<ChangedCase[]> {
  return session.query(askAgainSql, [session.orgId, sourceId, code]);
}

/** A mentor who knew himself by the first id knows himself by the second from now on. */
export async function moveMentorsMemberId(
  session: Session,
  fromHashes: readonly string[],
  intoHash: string,
): Promise<void> {
  await session.query(
    `update verve.mentors set member_id_hash = decode($3, 'hex'), updated_at = verve.clock()
     where org_id = $1 and member_id_hash in (select decode(hash, 'hex') from unnest($2::text[]) as hash)`,
    [session.orgId, fromHashes, intoHash],
  );
}

const moveSql = `
update verve.referral_attributions set source_id = $3, updated_at = verve.clock()
where org_id = $1 and source_id = $2 and superseded_at is null`;

/** Gives the current attribution of one source to another that has none. */
export async function moveCurrent(session: Session, fromId: string, intoId: string): Promise<void> {
  await session.query(moveSql, [session.orgId, fromId, intoId]);
}

/**
 * Keeps why a recruitment was moved, on the row that it was moved to: free text stays out of events, and is erased with
 * the person.
 */
export async function keepReassignmentReason(session: Session, attributionId: string, reason: string): Promise<void> {
  await session.query('update verve.referral_attributions set reassignment_reason = $3 where org_id = $1 and id = $2', [
    session.orgId,
    attributionId,
    reason,
  ]);
}
