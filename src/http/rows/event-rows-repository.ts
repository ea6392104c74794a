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

/** A place in the record: the event's number, which stays here, and its id, which may be told. */
export interface EventPlace {
  seq: number;
  id: string;
}

/** Before everything that was ever recorded. */
export const eventsBeginning: EventPlace = { seq: 0, id: '0' };

/** Where an event stands, by its id; null = there is none in this organisation. */
export async function findEvent(session: Session, orgId: string, eventId: string): Promise<EventPlace | null> {
  const [row] = await session.query<EventPlace>(
    `select events.seq::float8 as seq, events.id from verve.referral_events as events
     where events.org_id = $1 and events.id = $2`,
    [orgId, eventId],
  );
  return row ?? null;
}

/** The newest event that the session may see and nothing can overtake any more; null = none yet. */
export async function findNewestEvent(session: Session, orgId: string): Promise<EventPlace | null> {
  const [row] = await session.query<EventPlace>(
    `select events.seq::float8 as seq, events.id from verve.referral_events as events
     where events.org_id = $1 and events.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
     order by events.seq desc limit 1`,
    [orgId],
  );
  return row ?? null;
}
