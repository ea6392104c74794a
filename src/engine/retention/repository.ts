import type { Session } from '../database.ts';

/** Deletes answers kept for repeated requests from before a number of days; gives how many. */
export async function deleteIdempotencyKeys(session: Session, days: number): Promise<number> {
  return count(
    session,
    `with gone as (
       delete from verve.idempotency_keys where org_id = $1 and created_at < verve.clock() - make_interval(days => $2) returning 1
     ) select count(*)::int as count from gone`,
    days,
  );
}

/** Deletes the record of inbound deliveries that were finished before a number of days; gives how many. */
export async function deleteInboundRecords(session: Session, days: number): Promise<number> {
  return count(
    session,
    `with gone as (
       delete from verve.inbound_messages where org_id = $1 and status <> 'received'
         and received_at < verve.clock() - make_interval(days => $2) returning 1
     ) select count(*)::int as count from gone`,
    days,
  );
}

/** Deletes the private part of audit entries from before a number of days; the chain stays verifiable. */
export async function deleteAuditPayloads(session: Session, days: number): Promise<number> {
  return count(
    session,
    `with gone as (
       delete from verve.audit_payloads using verve.audit_log
       where audit_payloads.org_id = $1 and audit_log.org_id = $1 and audit_log.id = audit_payloads.audit_id
         and audit_log.occurred_at < verve.clock() - make_interval(days => $2) returning 1
     ) select count(*)::int as count from gone`,
    days,
  );
}

async function count(session: Session, statement: string, days: number): Promise<number> {
  const rows = await session.query<{ count: number }>(statement, [session.orgId, days]);
  return rows[0]?.count ?? 0;
}
