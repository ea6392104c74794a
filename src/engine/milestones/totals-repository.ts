import type { Session } from '../database.ts';

const raiseSql = `
with change as (
  select mentor_id, by from unnest($2::uuid[], $3::int[]) as c (mentor_id, by)
)
insert into verve.mentor_totals as totals (org_id, mentor_id, credited)
select $1, change.mentor_id, greatest(change.by, 0) from change order by change.mentor_id
on conflict (org_id, mentor_id) do update
set credited = totals.credited + (select change.by from change where change.mentor_id = excluded.mentor_id), updated_at = verve.clock()
returning totals.mentor_id as "mentorId", totals.credited`;

/** Moves the totals of mentors, in id order; the last locks a crediting transaction takes. Gives each new total. */
export async function raiseTotals(
  session: Session,
  changes: readonly { mentorId: string; by: number }[],
): Promise<Map<string, number>> {
  const rows = await session.query<{ mentorId: string; credited: number }>(
    raiseSql,
    [session.orgId, changes.map((change) => change.mentorId), changes.map((change) => change.by)],
    'milestones_raise_totals',
  );
  return new Map(rows.map((row) => [row.mentorId, row.credited]));
}

const awardSql = `
insert into verve.milestone_awards (org_id, mentor_id, threshold, reached_count, origin)
select $1, reached.mentor_id, reached.threshold, reached.count, $5
from unnest($2::uuid[], $3::int[], $4::int[]) as reached (mentor_id, threshold, count)
order by reached.mentor_id, reached.threshold
on conflict on constraint milestone_awards_once_per_mentor do nothing
returning id as "awardId", mentor_id as "mentorId", threshold, reached_count as count`;

/** A milestone that a mentor has been given now, for the first and only time. */
export interface Award {
  awardId: string;
  mentorId: string;
  threshold: number;
  count: number;
}

/** Grants milestones that the mentors do not have yet. Safe to repeat: gives only the new ones. */
export function insertAwards(
  session: Session,
  reached: readonly { mentorId: string; threshold: number; count: number }[],
  origin: 'crossing' | 'backfill',
): Promise<Award[]> {
  return session.query<Award>(
    awardSql,
    [
      session.orgId,
      reached.map((one) => one.mentorId),
      reached.map((one) => one.threshold),
      reached.map((one) => one.count),
      origin,
    ],
    'milestones_award',
  );
}

const awardsOfSql = `
select mentor_id as "mentorId", threshold from verve.milestone_awards
where org_id = $1 and mentor_id = any($2::uuid[])`;

/** The milestones that mentors have been given. */
export function listAwarded(
  session: Session,
  mentorIds: readonly string[],
): Promise<{ mentorId: string; threshold: number }[]> {
  return session.query(awardsOfSql, [session.orgId, mentorIds]);
}
