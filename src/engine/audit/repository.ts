import type { Session } from '../database.ts';

/** Writes an entry and its payload in the running transaction; gives its id. */
export async function insertEntry(
  session: Session,
  entry: { actor: string; action: string; subjectType: string; subjectId: string | null; details: object },
): Promise<string> {
  const { actor, action, subjectType, subjectId, details } = entry;
  const rows = await session.query<{ id: string }>(
    'select verve_private.record_action($1, $2, $3, $4, $5) as id',
    [actor, action, subjectType, subjectId, JSON.stringify(details)],
    'audit_record',
  );
  return (rows[0] as { id: string }).id;
}

/** Takes the right to seal the organisation's chain until the transaction ends; false = another worker has it. */
export async function claimChain(session: Session): Promise<boolean> {
  const rows = await session.query<{ claimed: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('audit ' || $1::text, 0)) as claimed`,
    [session.orgId],
  );
  return rows[0]?.claimed === true;
}

// 1 the end of the chain, which for an empty one is the organisation's id; 2 what waits, in the order of writing;
// 3 each digest over the one before it.
const sealSql = `
with recursive head as (
  select coalesce(max(audit_log.chain_position), 0) as place from verve.audit_log where audit_log.org_id = $1
), waiting as materialized (
  select audit_log.id, head.place + row_number() over (order by audit_log.seq) as place
  from verve.audit_log cross join head
  where audit_log.org_id = $1 and audit_log.chain_digest is null
  order by audit_log.seq limit $2
), chain (place, id, digest) as (
  select head.place, null::uuid, coalesce(last.chain_digest, convert_to($1::text, 'UTF8'))
  from head left join verve.audit_log as last on last.org_id = $1 and last.chain_position = head.place
  union all
  select waiting.place, waiting.id, verve_private.audit_entry_digest(chain.digest, entry, waiting.place)
  from chain
  join waiting on waiting.place = chain.place + 1
  join verve.audit_log as entry on entry.org_id = $1 and entry.id = waiting.id
), sealed as (
  update verve.audit_log set chain_position = chain.place, chain_digest = chain.digest
  from chain where audit_log.org_id = $1 and audit_log.id = chain.id
  returning audit_log.id
)
select count(*)::int as count from sealed`;

/** Seals the oldest entries that wait, at most `limit`; gives how many. Only under {@link claimChain}. */
export async function sealEntries(session: Session, limit: number): Promise<number> {
  const rows = await session.query<{ count: number }>(sealSql, [session.orgId, limit]);
  return rows[0]?.count ?? 0;
}
