import type { Session } from '../database.ts';

/** The outbox and the inbound side of the whole installation, as numbers. */
export interface InstallationHealth {
  /** Deliveries that wait for their time or for an answer. */
  pendingDeliveries: number;
  /** Deliveries whose time has come. */
  dueDeliveries: number;
  /** How long the oldest of them has been due; 0 = nothing is due. */
  deliveryLatenessSeconds: number;
  parkedDeliveries: number;
  failingEndpoints: number;
  /** Endpoints disabled because the receiver said it is gone. */
  goneEndpoints: number;
  unprocessedMessages: number;
  /** How long the oldest of them has waited; 0 = none waits. */
  messageAgeSeconds: number;
}

/** Reads the installation's numbers. Needs no organisation. */
export async function readInstallation(session: Session): Promise<InstallationHealth> {
  const rows = await session.query<InstallationHealth>(
    `select outbox.pending as "pendingDeliveries", outbox.due as "dueDeliveries", outbox.parked as "parkedDeliveries",
       greatest(0, coalesce(extract(epoch from verve.clock() - outbox.oldest_due_at), 0))::float8 as "deliveryLatenessSeconds",
       outbox.failing_endpoints as "failingEndpoints", outbox.gone_endpoints as "goneEndpoints",
       inbound.unprocessed as "unprocessedMessages",
       greatest(0, coalesce(extract(epoch from verve.clock() - inbound.oldest_received_at), 0))::float8 as "messageAgeSeconds"
     from verve_private.outbox_health() as outbox cross join verve_private.inbound_health() as inbound`,
  );
  return rows[0] as InstallationHealth;
}

/** How one organisation's connections stand. */
export interface IntegrationHealth {
  lastMessageAt: Date | null; // null = nothing was ever received
  lastReconciliationAt: Date | null; // null = none has ended
  lastReconciliationStatus: 'succeeded' | 'failed' | null;
  /** Open inbox items about facts that found no mentor. */
  unmatched: number;
  waitingDeliveries: number;
  parkedDeliveries: number;
  lastDeliveredAt: Date | null; // null = nothing was delivered in the time that is kept
  failingEndpoints: number;
}

/** Reads how the organisation's connections stand. */
export async function readIntegration(session: Session): Promise<IntegrationHealth> {
  const rows = await session.query<IntegrationHealth>(
    `select
       (select max(received_at) from verve.inbound_messages where org_id = $1) as "lastMessageAt",
       run.finished_at as "lastReconciliationAt", run.status as "lastReconciliationStatus",
       (select count(*)::int from verve.inbox_items where org_id = $1 and status = 'open'
          and kind in ('unknown_code', 'foreign_code', 'code_ended')) as unmatched,
       deliveries.waiting as "waitingDeliveries", deliveries.parked as "parkedDeliveries",
       (select max(delivered_at) from verve.webhook_deliveries where org_id = $1) as "lastDeliveredAt",
       (select count(*)::int from verve.webhook_endpoints where org_id = $1
          and ((status = 'enabled' and failing_since is not null) or disabled_reason = 'gone')) as "failingEndpoints"
     from (
       select (count(*) filter (where status = 'pending'))::int as waiting, (count(*) filter (where status = 'parked'))::int as parked
       from verve.webhook_deliveries where org_id = $1 and status in ('pending', 'parked')
     ) as deliveries
     left join lateral (
       select finished_at, status from verve.reconciliation_runs where org_id = $1 and finished_at is not null
       order by started_at desc limit 1
     ) as run on true`,
    [session.orgId],
  );
  return rows[0] as IntegrationHealth;
}
