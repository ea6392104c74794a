import type { Session } from '../database.ts';
import type { NewEvent, RecordedEvent } from './event.ts';

const insertEvents = `
insert into verve.referral_events (org_id, type, mentor_id, code_id, attribution_id, data)
select $1, new.type, new.mentor_id, new.code_id, new.attribution_id, coalesce(new.data, '{}')
from jsonb_to_recordset($2::jsonb) as new (type text, mentor_id uuid, code_id uuid, attribution_id uuid, data jsonb)
returning seq::float8 as seq, id, occurred_at as "occurredAt"`;

/**
 * Records events in the transaction of the change they tell of; the database makes their webhook deliveries in the same
 * statement, and in-process subscribers hear of them after the commit. Not safe to repeat: each call records again.
 */
export async function appendEvents(session: Session, events: readonly NewEvent[]): Promise<RecordedEvent[]> {
  if (events.length === 0) return [];
  const rows = events.map((event) => ({
    type: event.type,
    mentor_id: event.mentorId ?? null,
    code_id: event.codeId ?? null,
    attribution_id: event.attributionId ?? null,
    data: event.data ?? {},
  }));
  const inserted = await session.query<{ seq: number; id: string; occurredAt: Date }>(
    insertEvents,
    [session.orgId, JSON.stringify(rows)],
    'events_append',
  );
  const recorded = inserted.map((row, index): RecordedEvent => {
    const event = events[index] as NewEvent;
    return {
      ...row,
      orgId: session.orgId,
      type: event.type,
      mentorId: event.mentorId ?? null,
      codeId: event.codeId ?? null,
      attributionId: event.attributionId ?? null,
      data: event.data ?? {},
    };
  });
  session.announce(recorded);
  return recorded;
}
