import type { Session } from '../../engine/database.ts';

/** An event as the stream tells it. */
export interface StreamedEvent {
  seq: number;
  id: string;
  type: string;
  occurred_at: Date;
  mentor_id: string | null;
  code_id: string | null;
  attribution_id: string | null;
  data: Record<string, unknown>;
}

/**
 * What was recorded after a position, as far as the session may see it. Stops before what a transaction that is still open
 * might be overtaken by: numbers are given before the commit, and nothing may be passed over.
 */
export function listEventsAfter(
  session: Session,
  orgId: string,
  after: number,
  limit: number,
): Promise<StreamedEvent[]> {
  return session.query<StreamedEvent>(
    `select events.seq::float8 as seq, events.id, events.type, events.occurred_at, events.mentor_id, events.code_id,
       events.attribution_id, events.data
     from verve.referral_events as events
     where events.org_id = $1 and events.seq > $2 and events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
     order by events.seq limit $3`,
    [orgId, after, limit],
  );
}

/** The newest position that nothing can overtake any more. */
export async function newestPosition(session: Session): Promise<number> {
  const [row] = await session.query<{ seq: number }>(
    `select coalesce(max(events.seq), 0)::float8 as seq from verve.referral_events as events
     where events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())`,
  );
  return row?.seq ?? 0;
}
