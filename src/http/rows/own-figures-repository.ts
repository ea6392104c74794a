import type { Session } from '../../engine/database.ts';

/** A mentor's own figures, from the views that a mentor may read. */
export interface OwnFigures {
  total_shares: number;
  total_clicks: number;
  pending_count: number;
  confirmed_count: number;
  without_click_count: number;
  as_of: Date | null;
}

/** Sums what the my_* views show: as of 06:00, or now where the organisation chose live. Needs a person's session. */
export async function readOwnFigures(session: Session, orgId: string, mentorId: string): Promise<OwnFigures> {
  const [row] = await session.query<OwnFigures>(
    `select
       (select count(*)::int from verve_api.shares where shares.org_id = $1 and shares.mentor_id = $2) as total_shares,
       (select coalesce(sum(days.clicks), 0)::int from verve_api.my_click_days as days
         where days.org_id = $1 and days.mentor_id = $2) as total_clicks,
       count(*) filter (where recruits.status = 'pending')::int as pending_count,
       count(*) filter (where recruits.is_credited)::int as confirmed_count,
       count(*) filter (where recruits.is_credited and recruits.clicked_day is null)::int as without_click_count,
       (select horizons.as_of from verve_api.my_horizons as horizons
         where horizons.org_id = $1 and horizons.mentor_id = $2) as as_of
     from verve_api.my_recruits as recruits where recruits.org_id = $1 and recruits.mentor_id = $2`,
    [orgId, mentorId],
  );
  return (
    row ?? {
      total_shares: 0,
      total_clicks: 0,
      pending_count: 0,
      confirmed_count: 0,
      without_click_count: 0,
      as_of: null,
    }
  );
}

/** How often a mentor passed the link on. Needs an engine session. */
export async function countShares(session: Session, mentorId: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    'select count(*)::int as count from verve.shares where shares.org_id = $1 and shares.mentor_id = $2',
    [session.orgId, mentorId],
  );
  return row?.count ?? 0;
}
