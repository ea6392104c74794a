import type { Session } from '../database.ts';

/** One line of an endpoint's delivery log. */
export interface DeliveryRow {
  deliveryId: string;
  endpointId: string;
  eventId: string | null; // null = a test event
  eventType: string | null; // null = a test event
  mentorId: string | null; // null = concerns no mentor
  status: 'pending' | 'delivered' | 'parked' | 'cancelled';
  attempts: number;
  dueAt: Date;
  lastTriedAt: Date | null; // null = not tried yet
  lastStatus: number | null; // null = no answer came
  lastFailure: string | null; // null = not tried, or delivered
  lastDurationMs: number | null;
  deliveredAt: Date | null;
  parkedAt: Date | null;
  createdAt: Date;
}

/** One try of a delivery. */
export interface AttemptRow {
  attempt: number;
  triedAt: Date;
  durationMs: number;
  status: number | null; // null = no answer came
  failure: string | null; // null = delivered
}

const columns = `webhook_deliveries.id as "deliveryId", webhook_deliveries.endpoint_id as "endpointId",
  webhook_deliveries.event_id as "eventId", referral_events.type as "eventType", referral_events.mentor_id as "mentorId",
  webhook_deliveries.status, webhook_deliveries.attempts, webhook_deliveries.due_at as "dueAt",
  webhook_deliveries.last_tried_at as "lastTriedAt", webhook_deliveries.last_status as "lastStatus",
  webhook_deliveries.last_failure as "lastFailure", webhook_deliveries.last_duration_ms as "lastDurationMs",
  webhook_deliveries.delivered_at as "deliveredAt", webhook_deliveries.parked_at as "parkedAt",
  webhook_deliveries.created_at as "createdAt"`;
const joined = `verve.webhook_deliveries left join verve.referral_events
  on referral_events.org_id = webhook_deliveries.org_id and referral_events.id = webhook_deliveries.event_id`;

/** A page of an endpoint's log, newest first, after the delivery `before`. */
export function listDeliveries(
  session: Session,
  page: {
    endpointId: string;
    status: string | null; // null = every status
    before: string | null; // null = from the newest
    limit: number;
  },
): Promise<DeliveryRow[]> {
  return session.query<DeliveryRow>(
    `select ${columns} from ${joined}
     where webhook_deliveries.org_id = $1 and webhook_deliveries.endpoint_id = $2
       and ($3::text is null or webhook_deliveries.status = $3)
       and ($4::uuid is null or (webhook_deliveries.created_at, webhook_deliveries.id) < (
         select place.created_at, place.id from verve.webhook_deliveries as place where place.org_id = $1 and place.id = $4))
     order by webhook_deliveries.created_at desc, webhook_deliveries.id desc limit $5`,
    [session.orgId, page.endpointId, page.status, page.before, page.limit],
  );
}

/** One delivery with the text it sends and its tries, oldest first; null when there is none. */
export async function findDelivery(
  session: Session,
  deliveryId: string,
): Promise<(DeliveryRow & { body: string | null; tries: AttemptRow[] }) | null> {
  const rows = await session.query<DeliveryRow & { body: string | null }>(
    `select ${columns}, webhook_deliveries.body from ${joined}
     where webhook_deliveries.org_id = $1 and webhook_deliveries.id = $2`,
    [session.orgId, deliveryId],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const tries = await session.query<AttemptRow>(
    `select attempt, tried_at as "triedAt", duration_ms as "durationMs", status, failure
     from verve.webhook_attempts where org_id = $1 and delivery_id = $2 order by seq`,
    [session.orgId, deliveryId],
  );
  return { ...row, tries };
}

/** Makes a test delivery: no event, an id of its own. */
export async function insertTestDelivery(session: Session, endpointId: string): Promise<string> {
  const rows = await session.query<{ deliveryId: string }>(
    'insert into verve.webhook_deliveries (org_id, endpoint_id) values ($1, $2) returning id as "deliveryId"',
    [session.orgId, endpointId],
  );
  return (rows[0] as { deliveryId: string }).deliveryId;
}

const beginAgain = `status = 'pending', attempts = 0, claim = null, due_at = verve.clock(), delivered_at = null, parked_at = null`;

/** Begins one delivery again: due now, the whole schedule before it. The id and the text stay. */
export async function replayOne(session: Session, deliveryId: string): Promise<{ endpointId: string } | null> {
  const rows = await session.query<{ endpointId: string }>(
    `update verve.webhook_deliveries set ${beginAgain}
     where org_id = $1 and id = $2 and event_id is not null and status <> 'cancelled' returning endpoint_id as "endpointId"`,
    [session.orgId, deliveryId],
  );
  return rows[0] ?? null;
}

/**
 * Begins again everything of a range: what waits or is parked, what was never made for this endpoint, and (when asked)
 * what was delivered already. Events that the endpoint's filter leaves out stay out. Oldest first, at most `limit`;
 * `last` is the time of the last event of this part.
 */
export async function replayRange(
  session: Session,
  range: { endpointId: string; from: Date; to: Date; includeDelivered: boolean; limit: number },
): Promise<{ count: number; last: Date | null }> {
  const rows = await session.query<{ count: number; last: Date | null }>(
    `with wanted as (
       select referral_events.id, referral_events.occurred_at from verve.referral_events
       join verve.webhook_endpoints on webhook_endpoints.org_id = $1 and webhook_endpoints.id = $2
       left join verve.webhook_deliveries on webhook_deliveries.org_id = $1 and webhook_deliveries.endpoint_id = $2
         and webhook_deliveries.event_id = referral_events.id
       where referral_events.org_id = $1 and referral_events.occurred_at >= $3 and referral_events.occurred_at < $4
         and (webhook_endpoints.event_types is null or referral_events.type = any (webhook_endpoints.event_types)
           or split_part(referral_events.type, '.', 1) || '.*' = any (webhook_endpoints.event_types))
         and ($5 or webhook_deliveries.id is null or webhook_deliveries.status in ('pending', 'parked'))
       order by referral_events.occurred_at, referral_events.seq limit $6
     ), again as (
       insert into verve.webhook_deliveries (org_id, endpoint_id, event_id) select $1, $2, wanted.id from wanted
       on conflict (org_id, endpoint_id, event_id) do update set ${beginAgain} where webhook_deliveries.status <> 'cancelled'
       returning 1
     )
     select count(*)::int as count, (select max(wanted.occurred_at) from wanted) as last from again`,
    [session.orgId, range.endpointId, range.from, range.to, range.includeDelivered, range.limit],
  );
  return rows[0] ?? { count: 0, last: null };
}

/** Deletes delivered and cancelled deliveries, and their log, from before a number of days; gives how many. */
export async function deleteFinishedDeliveries(session: Session, days: number, limit: number): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `with old as (
       select id from verve.webhook_deliveries
       where org_id = $1 and status in ('delivered', 'cancelled')
         and created_at < verve.clock() - make_interval(days => $2) limit $3
     ), gone as (
       delete from verve.webhook_deliveries where org_id = $1 and id in (select old.id from old) returning 1
     )
     select count(*)::int as count from gone`,
    [session.orgId, days, limit],
  );
  return rows[0]?.count ?? 0;
}
