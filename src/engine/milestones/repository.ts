import type { Session } from '../database.ts';

/** A milestone that a mentor has reached; kept for good. */
export interface MilestoneAward {
  milestoneAwardId: string;
  mentorId: string;
  threshold: number;
  /** The credited count when it was reached. */
  reachedCount: number;
  origin: 'crossing' | 'backfill';
  awardedAt: Date;
  /** The mentor's credited count now: below the threshold after reversals. */
  credited: number;
}

/** The organisation's thresholds, lowest first. */
export async function listThresholds(session: Session): Promise<number[]> {
  const rows = await session.query<{ threshold: number }>(
    'select threshold from verve.milestones where org_id = $1 order by threshold',
    [session.orgId],
  );
  return rows.map((row) => row.threshold);
}

/** Adds thresholds that are not there yet. Safe to repeat. */
export async function insertThresholds(session: Session, thresholds: readonly number[]): Promise<void> {
  await session.query(
    `insert into verve.milestones (org_id, threshold) select $1, wanted.threshold
     from unnest($2::int[]) as wanted (threshold) order by wanted.threshold on conflict do nothing`,
    [session.orgId, thresholds],
  );
}

/** Leaves these thresholds and those of badges in use, and takes the others away. Awards stay. */
export async function deleteThresholdsBut(session: Session, thresholds: readonly number[]): Promise<void> {
  await session.query(
    `delete from verve.milestones where org_id = $1 and threshold <> all ($2::int[]) and not exists (
       select 1 from verve.badge_definitions where badge_definitions.org_id = $1 and badge_definitions.archived_at is null
         and badge_definitions.criteria_value = milestones.threshold)`,
    [session.orgId, thresholds],
  );
}

/** A page of awards in the order of mentor and threshold, so that a badge service can walk through all of them. */
export function listAwards(
  session: Session,
  page: {
    mentorId: string | null; // null = of every mentor
    after: { mentorId: string; threshold: number } | null; // null = from the first
    limit: number;
  },
): Promise<MilestoneAward[]> {
  return session.query<MilestoneAward>(
    `select milestone_awards.id as "milestoneAwardId", milestone_awards.mentor_id as "mentorId", milestone_awards.threshold,
       milestone_awards.reached_count as "reachedCount", milestone_awards.origin, milestone_awards.awarded_at as "awardedAt",
       coalesce(mentor_totals.credited, 0) as credited
     from verve.milestone_awards
     left join verve.mentor_totals on mentor_totals.org_id = $1 and mentor_totals.mentor_id = milestone_awards.mentor_id
     where milestone_awards.org_id = $1 and ($2::uuid is null or milestone_awards.mentor_id = $2)
       and ($3::uuid is null or (milestone_awards.mentor_id, milestone_awards.threshold) > ($3, $4))
     order by milestone_awards.mentor_id, milestone_awards.threshold limit $5`,
    [session.orgId, page.mentorId, page.after?.mentorId ?? null, page.after?.threshold ?? null, page.limit],
  );
}

/** A milestone that a mentor is past without an award. */
export interface MissingAward {
  mentorId: string;
  threshold: number;
  count: number;
}

/** Holds every total until the transaction ends, so that a credit or reversal meanwhile comes before or after. */
export async function holdTotals(session: Session): Promise<void> {
  await session.query('select 1 from verve.mentor_totals where org_id = $1 order by mentor_id for share', [
    session.orgId,
  ]);
}

/** The milestones that mentors are past without an award: set after they were passed. */
export function findMissingAwards(session: Session): Promise<MissingAward[]> {
  return session.query<MissingAward>(
    `select mentor_totals.mentor_id as "mentorId", milestones.threshold, mentor_totals.credited as count
     from verve.mentor_totals
     join verve.milestones on milestones.org_id = $1 and milestones.threshold <= mentor_totals.credited
     where mentor_totals.org_id = $1 and not exists (
       select 1 from verve.milestone_awards where milestone_awards.org_id = $1
         and milestone_awards.mentor_id = mentor_totals.mentor_id and milestone_awards.threshold = milestones.threshold)
     order by 1, 2`,
    [session.orgId],
  );
}

/** Badges that mentors are past without holding them, with their credited counts. */
export function findMissingBadges(
  session: Session,
): Promise<{ mentorId: string; badgeDefinitionId: string; count: number }[]> {
  return session.query(
    `select mentor_totals.mentor_id as "mentorId", badge_definitions.id as "badgeDefinitionId", mentor_totals.credited as count
     from verve.mentor_totals
     join verve.badge_definitions on badge_definitions.org_id = $1 and badge_definitions.archived_at is null
       and badge_definitions.criteria_value <= mentor_totals.credited
     where mentor_totals.org_id = $1 and not exists (
       select 1 from verve.earned_badges where earned_badges.org_id = $1 and earned_badges.mentor_id = mentor_totals.mentor_id
         and earned_badges.badge_definition_id = badge_definitions.id)
     order by 1, badge_definitions.criteria_value, 2`,
    [session.orgId],
  );
}
