import type { Session } from '../database.ts';

/** Stores or replaces a person's address. False = it is another person's here. */
export async function saveAddress(
  session: Session,
  address: { userId: string; indexes: readonly Uint8Array[]; sealed: Uint8Array },
): Promise<boolean> {
  const rows = await session.query(
    `insert into verve.sign_in_addresses (org_id, user_id, address_index, sealed)
    select $1, $2, $3, $4 where not exists (
      select from verve.sign_in_addresses as taken
      where taken.org_id = $1 and taken.address_index = any($5::bytea[]) and taken.user_id <> $2)
    on conflict on constraint sign_in_addresses_one_a_person
      do update set address_index = excluded.address_index, sealed = excluded.sealed
    returning user_id`,
    [session.orgId, address.userId, address.indexes[0], address.sealed, address.indexes],
  );
  return rows.length === 1;
}

/** Forgets a person's address; true = there was one. */
export async function deleteAddress(session: Session, userId: string): Promise<boolean> {
  const rows = await session.query(
    'delete from verve.sign_in_addresses where org_id = $1 and user_id = $2 returning user_id',
    [session.orgId, userId],
  );
  return rows.length === 1;
}

/** Whether a person may sign in here at all: has a role, or is a mentor. */
export async function belongsHere(session: Session, userId: string): Promise<boolean> {
  const rows = await session.query(
    `select from verve.roles where roles.org_id = $1 and roles.user_id = $2
    union all select from verve.mentors where mentors.org_id = $1 and mentors.user_id = $2`,
    [session.orgId, userId],
  );
  return rows.length > 0;
}

/** Who has this address, or null. */
export async function findPersonByAddress(session: Session, indexes: readonly Uint8Array[]): Promise<string | null> {
  const rows = await session.query<{ userId: string }>(
    `select sign_in_addresses.user_id as "userId" from verve.sign_in_addresses
    where sign_in_addresses.org_id = $1 and sign_in_addresses.address_index = any($2::bytea[])`,
    [session.orgId, indexes],
  );
  return rows[0]?.userId ?? null;
}

/**
 * Stores a link, unless the person has `most` that wait; false = so it is. One after the other, so that many at once are
 * not more.
 */
export async function insertLink(
  session: Session,
  link: { userId: string; tokenHash: Uint8Array; minutes: number; most: number },
): Promise<boolean> {
  await session.query(`select pg_advisory_xact_lock(hashtextextended('verve.sign_in_links ' || $1 || $2, 0))`, [
    session.orgId,
    link.userId,
  ]);
  const rows = await session.query(
    `insert into verve.sign_in_links (org_id, user_id, token_hash, expires_at)
    select $1, $2, $3, verve.clock() + make_interval(mins => $4)
    where (select count(*) from verve.sign_in_links as waiting
      where waiting.org_id = $1 and waiting.user_id = $2 and waiting.expires_at > verve.clock()) < $5
    returning id`,
    [session.orgId, link.userId, link.tokenHash, link.minutes, link.most],
  );
  return rows.length === 1;
}

/** Whom a link that still works would sign in: the mentor's name, where the person is one; null = it does not work. */
export async function readLink(
  session: Session,
  tokenHashes: readonly Uint8Array[],
): Promise<{ userId: string; name: string | null } | null> {
  const rows = await session.query<{ userId: string; name: string | null }>(
    `select sign_in_links.user_id as "userId", mentors.display_name as name from verve.sign_in_links
    left join verve.mentors on mentors.org_id = sign_in_links.org_id and mentors.user_id = sign_in_links.user_id
    where sign_in_links.org_id = $1 and sign_in_links.token_hash = any($2::bytea[]) and sign_in_links.expires_at > verve.clock()`,
    [session.orgId, tokenHashes],
  );
  return rows[0] ?? null;
}

/** Uses a link up: whom it signs in, or null = it was used, or its time is over. Of several at once, one gets the person. */
export async function takeLink(session: Session, tokenHashes: readonly Uint8Array[]): Promise<string | null> {
  const rows = await session.query<{ userId: string }>(
    `delete from verve.sign_in_links where org_id = $1 and token_hash = any($2::bytea[]) and expires_at > verve.clock()
    returning user_id as "userId"`,
    [session.orgId, tokenHashes],
  );
  return rows[0]?.userId ?? null;
}

/** Stores a session; gives its id. */
export async function insertSession(
  session: Session,
  opened: { userId: string; tokenHash: Uint8Array; days: number },
): Promise<string> {
  const rows = await session.query<{ id: string }>(
    `insert into verve.sign_in_sessions (org_id, user_id, token_hash, expires_at)
    values ($1, $2, $3, verve.clock() + make_interval(days => $4)) returning id`,
    [session.orgId, opened.userId, opened.tokenHash, opened.days],
  );
  return (rows[0] as { id: string }).id;
}

/** A session that holds, as it is kept. */
export interface SessionRow {
  sessionId: string;
  userId: string;
  expiresAt: Date;
  isDueForRenewal: boolean;
}

/**
 * The session of a token: not expired, seen within `idleDays`, and the token its own or, for some minutes after a renewal,
 * the former one. Notes the visit once an hour: no write per request.
 */
export async function useSession(
  session: Session,
  given: { tokenHashes: readonly Uint8Array[]; idleDays: number; graceMinutes: number; renewAfterHours: number },
): Promise<SessionRow | null> {
  const rows = await session.query<SessionRow>(
    `with held as materialized (
      select sessions.id as "sessionId", sessions.user_id as "userId", sessions.expires_at as "expiresAt",
        sessions.token_hash = any($2::bytea[]) and sessions.renewed_at < verve.clock() - make_interval(hours => $5) as "isDueForRenewal"
      from verve.sign_in_sessions as sessions
      where sessions.org_id = $1 and sessions.expires_at > verve.clock()
        and sessions.last_seen_at > verve.clock() - make_interval(days => $3)
        and (sessions.token_hash = any($2::bytea[]) or (sessions.former_token_hash = any($2::bytea[])
          and sessions.renewed_at > verve.clock() - make_interval(mins => $4)))
    ), noted as (
      update verve.sign_in_sessions as sessions set last_seen_at = verve.clock() from held
      where sessions.org_id = $1 and sessions.id = held."sessionId" and sessions.last_seen_at < verve.clock() - interval '1 hour'
    )
    select held.* from held`,
    [session.orgId, given.tokenHashes, given.idleDays, given.graceMinutes, given.renewAfterHours],
    'sign_in_use_session',
  );
  return rows[0] ?? null;
}

/** Gives a session another token, unless another request just did; true = it has this one now. */
export async function renewSession(
  session: Session,
  renewed: { sessionId: string; tokenHashes: readonly Uint8Array[]; newTokenHash: Uint8Array },
): Promise<boolean> {
  const rows = await session.query(
    `update verve.sign_in_sessions set former_token_hash = token_hash, token_hash = $4, renewed_at = verve.clock()
    where org_id = $1 and id = $2 and token_hash = any($3::bytea[]) returning id`,
    [session.orgId, renewed.sessionId, renewed.tokenHashes, renewed.newTokenHash],
  );
  return rows.length === 1;
}

/** Ends sessions: the one with this token, or every one of a person; gives how many. */
export async function deleteSessions(
  session: Session,
  which: { tokenHashes: readonly Uint8Array[] } | { userId: string },
): Promise<number> {
  const [condition, value] =
    'userId' in which
      ? ['user_id = $2', which.userId]
      : ['(token_hash = any($2::bytea[]) or former_token_hash = any($2::bytea[]))', which.tokenHashes];
  const rows = await session.query(
    `delete from verve.sign_in_sessions where org_id = $1 and ${condition} returning id`,
    [session.orgId, value],
  );
  return rows.length;
}

/** Forgets the links of a person that wait. */
export async function deleteLinks(session: Session, userId: string): Promise<void> {
  await session.query('delete from verve.sign_in_links where org_id = $1 and user_id = $2', [session.orgId, userId]);
}

/** Deletes links and sessions whose time is over, and the addresses of those who are nobody here any more; gives how many. */
export async function deleteEnded(session: Session, idleDays: number): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `with links as (
      delete from verve.sign_in_links where org_id = $1 and expires_at <= verve.clock() returning 1
    ), sessions as (
      delete from verve.sign_in_sessions where org_id = $1 and (expires_at <= verve.clock()
        or last_seen_at <= verve.clock() - make_interval(days => $2)) returning 1
    ), addresses as (
      delete from verve.sign_in_addresses as addresses where addresses.org_id = $1
        and not exists (select from verve.roles where roles.org_id = $1 and roles.user_id = addresses.user_id)
        and not exists (select from verve.mentors where mentors.org_id = $1 and mentors.user_id = addresses.user_id) returning 1
    )
    select ((select count(*) from links) + (select count(*) from sessions) + (select count(*) from addresses))::int as count`,
    [session.orgId, idleDays],
  );
  return rows[0]?.count ?? 0;
}
