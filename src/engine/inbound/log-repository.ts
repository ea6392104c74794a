import type { Session } from '../database.ts';
import type { Channel } from './repository.ts';

/** Deliveries of one day of the organisation. */
export interface MessageDay {
  day: string; // YYYY-MM-DD
  received: number;
}

/** A delivery that was stored and could not be understood. */
export interface FailedMessage {
  inboundMessageId: string;
  channel: Channel;
  receivedAt: Date;
  errorCode: string | null;
}

const byDay = `
with zone as (
  select organisations.time_zone as name from verve.organisations where organisations.id = $1
), today as (
  select (verve.clock() at time zone zone.name)::date as day from zone
), days as (
  select generate_series(today.day - $2::int + 1, today.day, interval '1 day')::date as day from today
), received as (
  select (messages.received_at at time zone zone.name)::date as day, count(*)::int as received
  from zone cross join verve.inbound_messages messages
  where messages.org_id = $1 and messages.received_at > verve.clock() - make_interval(days => $2::int + 1)
  group by 1
)
select days.day, coalesce(received.received, 0) as received from days left join received using (day) order by days.day`;

/** Deliveries received on each of the last days, days without any included, oldest first. */
export function countByDay(session: Session, days: number): Promise<MessageDay[]> {
  return session.query<MessageDay>(byDay, [session.orgId, days]);
}

/** The newest deliveries that could not be understood, newest first. */
export function listFailed(session: Session, limit: number): Promise<FailedMessage[]> {
  return session.query<FailedMessage>(
    `select id as "inboundMessageId", channel, received_at as "receivedAt", error_code as "errorCode"
     from verve.inbound_messages where org_id = $1 and status = 'failed' order by received_at desc, id desc limit $2`,
    [session.orgId, limit],
  );
}
