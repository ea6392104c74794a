import type { Session } from '../database.ts';

/** The branch of a mentor and all branches above it, nearest first; null = there is no such mentor. */
export async function findBranchPath(session: Session, mentorId: string): Promise<string[] | null> {
  const rows = await session.query<{ path: string[] }>(
    `with recursive path as (
      select mentors.branch_id as id, 0 as step from verve.mentors where mentors.org_id = $1 and mentors.id = $2
      union all
      select branches.parent_id, path.step + 1 from path
      join verve.branches on branches.org_id = $1 and branches.id = path.id where path.step < 50
    )
    select coalesce(array_agg(path.id::text order by path.step) filter (where path.id is not null), '{}') as path
    from path having count(*) > 0`,
    [session.orgId, mentorId],
    'branches_find_path',
  );
  return rows[0]?.path ?? null;
}
