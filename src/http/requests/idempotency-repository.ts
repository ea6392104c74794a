import type { Session } from '../../engine/database.ts';

/** What is on record under one Idempotency-Key of one caller. */
export interface KeptAnswer {
  /** sha256 of method, path and body, in hex. */
  requestDigest: string;
  status: number;
  /** The answer's body and headers, sealed. */
  sealedAnswer: Uint8Array;
}

/**
 * Claims a key for the running transaction. `running` = another transaction holds it and has not ended;
 * otherwise what is on record, or null where the key is free and now ours. The claim ends with the transaction.
 */
export async function claimKey(
  session: Session,
  caller: string,
  key: string,
  requestDigest: string,
): Promise<{ outcome: 'running' } | { outcome: 'ours' } | { outcome: 'kept'; answer: KeptAnswer }> {
  const [lock] = await session.query<{ is_ours: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended($1 || chr(31) || $2 || chr(31) || $3, 7309)) as is_ours`,
    [session.orgId, caller, key],
  );
  if (lock?.is_ours !== true) return { outcome: 'running' };
  const answer = await findKept(session, caller, key);
  if (answer !== null) return { outcome: 'kept', answer };
  await bindKey(session, caller, key, requestDigest);
  return { outcome: 'ours' };
}

/** What is on record under a key, or null. */
export async function findKept(session: Session, caller: string, key: string): Promise<KeptAnswer | null> {
  const [kept] = await session.query<KeptAnswer>(
    `select encode(idempotency_keys.request_digest, 'hex') as "requestDigest", idempotency_keys.response_status as status,
       idempotency_keys.sealed_response as "sealedAnswer"
     from verve.idempotency_keys
     where idempotency_keys.org_id = $1 and idempotency_keys.caller = $2 and idempotency_keys.key = $3`,
    [session.orgId, caller, key],
  );
  return kept ?? null;
}

/** Binds a free key to its request. A key that is bound already stays as it is. */
export async function bindKey(session: Session, caller: string, key: string, requestDigest: string): Promise<void> {
  await session.query(
    `insert into verve.idempotency_keys (org_id, caller, key, request_digest) values ($1, $2, $3, decode($4, 'hex'))
     on conflict (org_id, caller, key) do nothing`,
    [session.orgId, caller, key, requestDigest],
  );
}

/** Keeps the answer with the effect: both are committed, or neither is. */
export async function keepAnswer(
  session: Session,
  caller: string,
  key: string,
  status: number,
  sealedAnswer: Uint8Array,
): Promise<void> {
  await session.query(
    `update verve.idempotency_keys set response_status = $4, sealed_response = $5
     where org_id = $1 and caller = $2 and key = $3`,
    [session.orgId, caller, key, status, sealedAnswer],
  );
}
