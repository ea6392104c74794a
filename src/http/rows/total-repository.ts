import type { Session } from '../../engine/database.ts';

/** The credited count of a mentor as this transaction sees it. */
export async function readTotal(session: Session, mentorId: string): Promise<number> {
  const [row] = await session.query<{ credited: number }>(
    'select credited from verve.mentor_totals where org_id = $1 and mentor_id = $2',
    [session.orgId, mentorId],
  );
  return row?.credited ?? 0;
}
