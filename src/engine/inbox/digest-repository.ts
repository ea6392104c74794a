import type { Session } from '../database.ts';

/** What waits in the inbox; reviews that wait are counted too, as they stand in the same list. */
export interface Waiting {
  count: number;
  oldestOpenedAt: Date | null; // null = nothing waits
}

/** Counts what waits for a person. */
export async function countWaiting(session: Session): Promise<Waiting> {
  const rows = await session.query<Waiting>(
    `select count(*)::int as count, min(opened_at) as "oldestOpenedAt" from (
       select opened_at from verve.inbox_items where org_id = $1 and status = 'open'
       union all
       select opened_at from verve.reviews where org_id = $1 and state = 'waiting'
     ) as waiting`,
    [session.orgId],
  );
  return rows[0] as Waiting;
}
