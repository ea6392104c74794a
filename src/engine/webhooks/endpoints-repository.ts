import type { Session } from '../database.ts';

/** What an endpoint is for: any receiver, or the organisation's badge service (which acknowledges awards). */
export type EndpointKind = 'generic' | 'badge_service';

/** An endpoint as stored. Secrets are sealed; whoever sends opens them. */
export interface EndpointRow {
  endpointId: string;
  kind: EndpointKind;
  url: string;
  description: string;
  eventTypes: string[] | null; // null = every type
  status: 'enabled' | 'disabled' | 'deleted';
  disabledReason: 'by_hand' | 'gone' | null; // null = not disabled
  disabledAt: Date | null;
  pausedUntil: Date | null; // null = not told to slow down
  failingSince: Date | null; // null = the last try succeeded, or there was none
  previousSecretUntil: Date | null; // null = no rotation is under way
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id as "endpointId", kind, url, description, event_types as "eventTypes", status,
  disabled_reason as "disabledReason", disabled_at as "disabledAt", paused_until as "pausedUntil",
  failing_since as "failingSince", previous_secret_until as "previousSecretUntil",
  created_at as "createdAt", updated_at as "updatedAt"`;

/** Stores a new endpoint, enabled from now on. */
export async function insertEndpoint(
  session: Session,
  endpoint: {
    endpointId: string;
    kind: EndpointKind;
    url: string;
    description: string;
    eventTypes: readonly string[] | null;
    sealedSecret: Uint8Array;
    createdBy: string;
  },
): Promise<EndpointRow> {
  const rows = await session.query<EndpointRow>(
    `insert into verve.webhook_endpoints (id, org_id, kind, url, description, event_types, sealed_secret, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    [
      endpoint.endpointId,
      session.orgId,
      endpoint.kind,
      endpoint.url,
      endpoint.description,
      endpoint.eventTypes,
      endpoint.sealedSecret,
      endpoint.createdBy,
    ],
  );
  return rows[0] as EndpointRow;
}

/** Lets one transaction at a time make an endpoint of the organisation, so that none is made beyond the most there may be. */
export async function lockEndpoints(session: Session): Promise<void> {
  await session.query(`select pg_advisory_xact_lock(hashtextextended('verve.webhook_endpoints ' || $1, 0))`, [
    session.orgId,
  ]);
}

/** Every endpoint that is not deleted, oldest first. An organisation has a handful. */
export function listEndpoints(session: Session): Promise<EndpointRow[]> {
  return session.query<EndpointRow>(
    `select ${columns} from verve.webhook_endpoints where org_id = $1 and status <> 'deleted' order by created_at, id`,
    [session.orgId],
  );
}

/** One endpoint, or null when there is none or it was deleted. `lock` holds it until the transaction ends. */
export async function findEndpoint(session: Session, endpointId: string, lock = false): Promise<EndpointRow | null> {
  const rows = await session.query<EndpointRow>(
    `select ${columns} from verve.webhook_endpoints where org_id = $1 and id = $2 and status <> 'deleted'
     ${lock ? 'for no key update' : ''}`,
    [session.orgId, endpointId],
  );
  return rows[0] ?? null;
}

/** Changes what is given and leaves the rest. A new address begins with a clean slate: no pause, not failing. */
export async function updateEndpoint(
  session: Session,
  endpointId: string,
  change: { url: string; description: string; eventTypes: readonly string[] | null },
): Promise<EndpointRow> {
  const rows = await session.query<EndpointRow>(
    `update verve.webhook_endpoints set description = $4, event_types = $5, updated_at = verve.clock(),
       paused_until = case when url = $3 then paused_until end, failing_since = case when url = $3 then failing_since end,
       url = $3
     where org_id = $1 and id = $2 returning ${columns}`,
    [session.orgId, endpointId, change.url, change.description, change.eventTypes],
  );
  return rows[0] as EndpointRow;
}

/** Puts a new secret first; the one before signs too for `overlapSeconds`. What was before that one signs no more. */
export async function rotateSecret(
  session: Session,
  rotation: { endpointId: string; sealedSecret: Uint8Array; overlapSeconds: number },
): Promise<EndpointRow> {
  const rows = await session.query<EndpointRow>(
    `update verve.webhook_endpoints set sealed_secret = $3, updated_at = verve.clock(),
       previous_sealed_secret = case when $4 > 0 then sealed_secret end,
       previous_secret_until = case when $4 > 0 then verve.clock() + make_interval(secs => $4) end
     where org_id = $1 and id = $2 returning ${columns}`,
    [session.orgId, rotation.endpointId, rotation.sealedSecret, rotation.overlapSeconds],
  );
  return rows[0] as EndpointRow;
}

/** Enables an endpoint: what waited for it is due, and it starts with a clean slate. */
export async function enableEndpoint(session: Session, endpointId: string): Promise<EndpointRow> {
  const rows = await session.query<EndpointRow>(
    `update verve.webhook_endpoints set status = 'enabled', disabled_reason = null, disabled_at = null,
       paused_until = null, failing_since = null, updated_at = verve.clock()
     where org_id = $1 and id = $2 returning ${columns}`,
    [session.orgId, endpointId],
  );
  return rows[0] as EndpointRow;
}

/** Disables an endpoint: nothing is made for it any more, and what was made waits. Safe to repeat. */
export async function disableEndpoint(
  session: Session,
  endpointId: string,
  reason: 'by_hand' | 'gone',
): Promise<EndpointRow | null> {
  const rows = await session.query<EndpointRow>(
    `update verve.webhook_endpoints set status = 'disabled', disabled_reason = $3, disabled_at = verve.clock(),
       updated_at = verve.clock()
     where org_id = $1 and id = $2 and status = 'enabled' returning ${columns}`,
    [session.orgId, endpointId, reason],
  );
  return rows[0] ?? null;
}

/** Marks an endpoint deleted, forgets its secrets and its address, and cancels what waited for it. */
export async function deleteEndpoint(session: Session, endpointId: string): Promise<void> {
  await session.query(
    `update verve.webhook_endpoints set status = 'deleted', disabled_reason = null, url = 'deleted:', sealed_secret = '',
       previous_sealed_secret = null, previous_secret_until = null, updated_at = verve.clock()
     where org_id = $1 and id = $2`,
    [session.orgId, endpointId],
  );
  await session.query(
    `update verve.webhook_deliveries set status = 'cancelled', parked_at = null, claim = null
     where org_id = $1 and endpoint_id = $2 and status in ('pending', 'parked')`,
    [session.orgId, endpointId],
  );
}

/**
 * Notes what a batch of tries says of each endpoint, and gives those that have recovered. Endpoints about which nothing
 * is new are not written.
 */
export async function noteTries(
  session: Session,
  notes: readonly { endpointId: string; hasSucceeded: boolean; hasFailed: boolean; pauseSeconds: number }[],
): Promise<string[]> {
  const rows = await session.query<{ endpointId: string; hasSucceeded: boolean }>(
    `update verve.webhook_endpoints set
       failing_since = case when note.has_succeeded then null else coalesce(failing_since, verve.clock()) end,
       paused_until = case when note.pause_seconds > 0
         then greatest(paused_until, verve.clock() + make_interval(secs => note.pause_seconds)) else paused_until end
     from jsonb_to_recordset($2::jsonb) as note (endpoint_id uuid, has_succeeded boolean, has_failed boolean, pause_seconds float8)
     where webhook_endpoints.org_id = $1 and webhook_endpoints.id = note.endpoint_id
       and (note.pause_seconds > 0 or (note.has_succeeded and failing_since is not null)
         or (note.has_failed and not note.has_succeeded and failing_since is null))
     returning webhook_endpoints.id as "endpointId", note.has_succeeded as "hasSucceeded"`,
    [
      session.orgId,
      JSON.stringify(
        notes.map((note) => ({
          endpoint_id: note.endpointId,
          has_succeeded: note.hasSucceeded,
          has_failed: note.hasFailed,
          pause_seconds: note.pauseSeconds,
        })),
      ),
    ],
  );
  return rows.filter((row) => row.hasSucceeded).map((row) => row.endpointId);
}
