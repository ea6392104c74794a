import type { Session } from '../database.ts';
import type { EndpointKind } from './endpoints-repository.ts';

/** A delivery that is ours to send until its claim runs out. */
export interface ClaimedRow {
  deliveryId: string;
  claim: string;
  endpointId: string;
  eventId: string | null; // null = a test event
  attempts: number;
  body: string | null; // null = not tried yet
  url: string;
  kind: EndpointKind;
  sealedSecret: Uint8Array;
  previousSealedSecret: Uint8Array | null; // null = no rotation is under way
  lateMs: number;
  createdAt: Date;
  type: string | null;
  occurredAt: Date | null;
  mentorId: string | null;
  codeId: string | null;
  attributionId: string | null;
  data: Record<string, unknown> | null;
}

// 1. Of each enabled endpoint that is not resting, the deliveries that are due, as many as it has room for, skipping
//    those that another sender has locked. 2. They are ours until the claim runs out. 3. With all that sending needs.
// The commit is not waited for: a claim that a crash forgets is a delivery that is claimed again.
const claim = `
with due as (
  select due_delivery.id
  from verve.webhook_endpoints
  cross join lateral (
    select webhook_deliveries.id from verve.webhook_deliveries
    where webhook_deliveries.org_id = $1 and webhook_deliveries.endpoint_id = webhook_endpoints.id
      and webhook_deliveries.status = 'pending' and webhook_deliveries.due_at <= verve.clock()
    order by webhook_deliveries.due_at
    limit greatest(0, $3::int - coalesce(($4::jsonb ->> webhook_endpoints.id::text)::int, 0))
    for update skip locked
  ) as due_delivery
  where webhook_endpoints.org_id = $1 and webhook_endpoints.status = 'enabled'
    and (webhook_endpoints.paused_until is null or webhook_endpoints.paused_until <= verve.clock())
  limit $2
), before as (
  select webhook_deliveries.id, webhook_deliveries.due_at from verve.webhook_deliveries
  where webhook_deliveries.org_id = $1 and webhook_deliveries.id in (select due.id from due)
), claimed as (
  update verve.webhook_deliveries set claim = gen_random_uuid(), due_at = verve.clock() + make_interval(secs => $5)
  from before where webhook_deliveries.org_id = $1 and webhook_deliveries.id = before.id
  returning webhook_deliveries.*, before.due_at as was_due_at
)
select claimed.id as "deliveryId", claimed.claim, claimed.endpoint_id as "endpointId", claimed.event_id as "eventId",
  claimed.attempts, claimed.body, claimed.created_at as "createdAt", webhook_endpoints.url, webhook_endpoints.kind, webhook_endpoints.sealed_secret as "sealedSecret",
  case when webhook_endpoints.previous_secret_until > verve.clock() then webhook_endpoints.previous_sealed_secret end
    as "previousSealedSecret",
  greatest(0, extract(epoch from verve.clock() - claimed.was_due_at) * 1000)::float8 as "lateMs",
  referral_events.type, referral_events.occurred_at as "occurredAt", referral_events.mentor_id as "mentorId",
  referral_events.code_id as "codeId", referral_events.attribution_id as "attributionId", referral_events.data
from claimed
cross join (select set_config('synchronous_commit', 'off', true)) as unhurried
join verve.webhook_endpoints on webhook_endpoints.org_id = claimed.org_id and webhook_endpoints.id = claimed.endpoint_id
left join verve.referral_events on referral_events.org_id = claimed.org_id and referral_events.id = claimed.event_id
  and claimed.body is null`;

/**
 * Claims deliveries that are due, each for one sender. Not safe to repeat: what was claimed stays so until it is
 * recorded or `claimSeconds` have passed.
 */
export function claimDeliveries(
  session: Session,
  options: {
    limit: number;
    perEndpoint: number;
    inFlight: Readonly<Record<string, number>>; // per endpoint, by this sender
    claimSeconds: number;
  },
): Promise<ClaimedRow[]> {
  return session.query<ClaimedRow>(
    claim,
    [session.orgId, options.limit, options.perEndpoint, JSON.stringify(options.inFlight), options.claimSeconds],
    'webhooks_claim',
  );
}

/** Keeps the text of each first try, so that every later try and replay sends the same bytes. */
export async function keepBodies(
  session: Session,
  bodies: readonly { deliveryId: string; body: string }[],
): Promise<void> {
  await session.query(
    `update verve.webhook_deliveries set body = kept.body
     from unnest($2::uuid[], $3::text[]) as kept (id, body)
     where webhook_deliveries.org_id = $1 and webhook_deliveries.id = kept.id and webhook_deliveries.body is null`,
    [session.orgId, bodies.map((one) => one.deliveryId), bodies.map((one) => one.body)],
    'webhooks_keep_bodies',
  );
}

/** Gives claims back unsent, due at once: for a sender that stops. */
export async function releaseClaims(session: Session, claims: readonly string[]): Promise<void> {
  await session.query(
    `update verve.webhook_deliveries set claim = null, due_at = verve.clock()
     where org_id = $1 and status = 'pending' and claim = any ($2::uuid[])`,
    [session.orgId, claims],
  );
}

/** What a try came to, ready to be written. */
export interface TriedRow {
  deliveryId: string;
  claim: string;
  nextStatus: 'pending' | 'delivered' | 'parked' | 'cancelled';
  waitSeconds: number;
  durationMs: number;
  status: number | null;
  failure: string | null;
}

/** A delivery whose try was recorded. */
export interface RecordedRow {
  deliveryId: string;
  endpointId: string;
  eventId: string | null; // null = a test event
  attempts: number;
  status: 'pending' | 'delivered' | 'parked' | 'cancelled';
}

// A try counts while its claim is ours. After that only a success still counts: the receiver has the message, whoever
// else is trying. The log has a line for each try that counted.
const record = `
with tried as (
  select * from jsonb_to_recordset($2::jsonb) as tried
    (delivery_id uuid, claim uuid, next_status text, wait_seconds float8, duration_ms int, status int, failure text)
), recorded as (
  update verve.webhook_deliveries set
    status = tried.next_status, claim = null, attempts = webhook_deliveries.attempts + 1,
    due_at = verve.clock() + make_interval(secs => tried.wait_seconds),
    last_tried_at = verve.clock(), last_status = tried.status, last_failure = tried.failure,
    last_duration_ms = tried.duration_ms,
    delivered_at = case when tried.next_status = 'delivered' then verve.clock() end,
    parked_at = case when tried.next_status = 'parked' then verve.clock() end
  from tried
  where webhook_deliveries.org_id = $1 and webhook_deliveries.id = tried.delivery_id and webhook_deliveries.status = 'pending'
    and (webhook_deliveries.claim = tried.claim or tried.next_status = 'delivered')
  returning webhook_deliveries.id, webhook_deliveries.endpoint_id, webhook_deliveries.event_id, webhook_deliveries.attempts,
    webhook_deliveries.status, tried.duration_ms, tried.status as answer, tried.failure
), logged as (
  insert into verve.webhook_attempts (org_id, delivery_id, attempt, tried_at, duration_ms, status, failure)
  select $1, recorded.id, recorded.attempts, verve.clock(), recorded.duration_ms, recorded.answer, recorded.failure from recorded
)
select recorded.id as "deliveryId", recorded.endpoint_id as "endpointId", recorded.event_id as "eventId",
  recorded.attempts, recorded.status from recorded`;

/** Records a batch of tries in one statement. Safe to repeat: a try whose claim is gone changes nothing. */
export function recordTries(session: Session, tries: readonly TriedRow[]): Promise<RecordedRow[]> {
  const rows = tries.map((tried) => ({
    delivery_id: tried.deliveryId,
    claim: tried.claim,
    next_status: tried.nextStatus,
    wait_seconds: tried.waitSeconds,
    duration_ms: tried.durationMs,
    status: tried.status,
    failure: tried.failure,
  }));
  return session.query<RecordedRow>(record, [session.orgId, JSON.stringify(rows)], 'webhooks_record');
}

/** The organisations that have something due now. Needs no organisation: gives ids only. */
export async function listOrganisationsWithDueDeliveries(session: Session): Promise<string[]> {
  const rows = await session.query<{ orgId: string }>(
    'select org_id as "orgId" from verve_private.organisations_with_due_deliveries() as due (org_id)',
  );
  return rows.map((row) => row.orgId);
}
