import type { Session } from '../database.ts';

/** How an endpoint stands. */
export interface EndpointStanding {
  endpointId: string;
  name: string; // what people call it: its description, else its host
  isStuck: boolean;
  reason: 'parked' | 'gone' | 'failing' | null; // null = not stuck
  waiting: number;
  parked: number;
  nextTryAt: Date | null; // null = nothing is waiting
}

/** How long an endpoint may fail before people are told: after the fourth try of the schedule. */
const PATIENCE_MINUTES = 30;

/** How these endpoints stand now. Holds their rows, so that two senders do not tell the inbox different things. */
export function readStandings(session: Session, endpointIds: readonly string[]): Promise<EndpointStanding[]> {
  return session.query<EndpointStanding>(
    `select standing.*, standing.reason is not null as "isStuck" from (
       select endpoint.id as "endpointId",
         coalesce(nullif(endpoint.description, ''), substring(endpoint.url from '//([^/?]+)'), '') as name,
         case
           when endpoint.status = 'deleted' then null
           when endpoint.status = 'disabled' and endpoint.disabled_reason = 'gone' then 'gone'
           when waiting.parked > 0 then 'parked'
           when endpoint.failing_since <= verve.clock() - make_interval(mins => $3) then 'failing'
         end as reason, waiting.waiting, waiting.parked, waiting."nextTryAt"
       from (
         select * from verve.webhook_endpoints where org_id = $1 and id = any ($2::uuid[]) order by id for no key update
       ) as endpoint
       cross join lateral (
         select (count(*) filter (where status = 'pending'))::int as waiting, (count(*) filter (where status = 'parked'))::int as parked,
           min(due_at) filter (where status = 'pending') as "nextTryAt"
         from verve.webhook_deliveries
         where org_id = $1 and endpoint_id = endpoint.id and status in ('pending', 'parked')
       ) as waiting
     ) as standing`,
    [session.orgId, endpointIds, PATIENCE_MINUTES],
  );
}

/** Opens the endpoint's inbox item, or opens it again, or brings its figures up to date. Says whether it was shut. */
export async function openStuckItem(
  session: Session,
  standing: EndpointStanding,
): Promise<{ inboxItemId: string; wasShut: boolean }> {
  const { endpointId, name, reason, waiting, parked, nextTryAt } = standing;
  const rows = await session.query<{ inboxItemId: string; wasShut: boolean }>(
    `with before as (
       select status from verve.inbox_items where org_id = $1 and kind = 'stuck_delivery' and subject = $2
     ), opened as (
       insert into verve.inbox_items (org_id, kind, subject, details) values ($1, 'stuck_delivery', $2, $3::jsonb)
       on conflict on constraint inbox_items_one_per_case do update set
         details = excluded.details, status = 'open', resolved_at = null, resolution = null, resolution_reason = null,
         resolved_by = null,
         opened_at = case when inbox_items.status = 'open' then inbox_items.opened_at else verve.clock() end
       returning id
     )
     select opened.id as "inboxItemId", coalesce((select before.status from before), 'resolved') = 'resolved' as "wasShut"
     from opened`,
    [session.orgId, endpointId, JSON.stringify({ endpointId, name, reason, waiting, parked, nextTryAt })],
  );
  return rows[0] as { inboxItemId: string; wasShut: boolean };
}

/** Resolves the endpoint's inbox item if it is open. Gives its id, or null when there was nothing to resolve. */
export async function settleStuckItem(session: Session, endpointId: string): Promise<string | null> {
  const rows = await session.query<{ inboxItemId: string }>(
    `update verve.inbox_items set status = 'resolved', resolution = 'settled', resolved_at = verve.clock(), resolved_by = 'system:sender'
     where org_id = $1 and kind = 'stuck_delivery' and subject = $2 and status = 'open' returning id as "inboxItemId"`,
    [session.orgId, endpointId],
  );
  return rows[0]?.inboxItemId ?? null;
}
