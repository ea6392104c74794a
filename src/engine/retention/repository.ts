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

/**
 * Deletes the record of inbound deliveries from before a number of days, finished or never to be: their body is gone;
 * gives how many.
 */
export async function deleteInboundRecords(session: Session, days: number): Promise<number> {
  return count(
    session,
    `with gone as (
       delete from verve.inbound_messages where org_id = $1 and (status <> 'received' or sealed_body is null)
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

/** Ends the imports that nobody has worked through, and deletes their files; gives how many. */
export async function endForgottenImports(session: Session, days: number): Promise<number> {
  return count(
    session,
    `with gone as (
       update verve.imports set status = 'failed', finished_at = verve.clock(), claimed_until = null, sealed_file = null,
         error_code = 'expired', error_detail = 'Nobody worked through the file in time, so it was deleted. What was imported stays.'
       where org_id = $1 and sealed_file is not null and created_at < verve.clock() - make_interval(days => $2) returning 1
     ) select count(*)::int as count from gone`,
    days,
  );
}

/** The mentors who left before a number of days and of whom more is held than their neutral name. */
export async function listMentorsLongGone(
  session: Session,
  days: number,
  neutralNames: readonly string[],
): Promise<string[]> {
  const rows = await session.query<{ mentorId: string }>(
    `select id as "mentorId" from verve.mentors
     where org_id = $1 and status = 'left' and left_at < verve.clock() - make_interval(days => $2)
       and (user_id is not null or member_id_hash is not null or device_token_hash is not null or display_name <> all ($3))
     order by left_at limit 1000`,
    [session.orgId, days, neutralNames],
  );
  return rows.map(({ mentorId }) => mentorId);
}

async function count(session: Session, statement: string, days: number): Promise<number> {
  const rows = await session.query<{ count: number }>(statement, [session.orgId, days]);
  return rows[0]?.count ?? 0;
}
