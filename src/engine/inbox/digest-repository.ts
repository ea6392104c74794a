import type { Session } from '../database.ts';

/** What waits in the inbox; reviews that wait are counted too, as they stand in the same list. */
export interface Waiting {
  count: number;
  oldestOpenedAt: Date | null; // null = nothing waits
}

/** Counts what waits for a person. */
export async function countWaiting(session: Session): Promise<Waiting> {
  const rows = await session.query<Waiting>(
    `select count(*)::int as count, min(opened_at) as "oldestOpenedAt" from (
       select opened_at from verve.inbox_items where org_id = $1 and status = 'open'
       union all
       select opened_at from verve.reviews where org_id = $1 and state = 'waiting'
     ) as waiting`,
    [session.orgId],
  );
  return rows[0] as Waiting;
}

/** Begins the digest of the organisation's day. false = it was begun before. */
export async function beginDigest(session: Session): Promise<boolean> {
  const rows = await session.query(
    `insert into verve.inbox_digests (org_id, day, list_as_of)
     select id, (verve.clock() at time zone time_zone)::date, updated_at from verve.organisations where id = $1
     on conflict on constraint inbox_digests_one_a_day do nothing returning day`,
    [session.orgId],
  );
  return rows.length === 1;
}

/** The next letter of the day. */
export interface TakenLetter {
  day: string;
  /** Its place in the list of addresses, from 0. */
  place: number;
}

/**
 * Takes the next letter of the day's digest, for good once the transaction is committed. null = the digest was not begun,
 * it is a weekend, every one of the `addresses` has been written to, or the list was changed since.
 */
export async function takeLetter(session: Session, addresses: number): Promise<TakenLetter | null> {
  const rows = await session.query<TakenLetter>(
    `update verve.inbox_digests as digest set letters_taken = letters_taken + 1
     from verve.organisations
     where digest.org_id = $1 and organisations.id = $1 and digest.list_as_of = organisations.updated_at
       and digest.day = (verve.clock() at time zone organisations.time_zone)::date
       and extract(isodow from digest.day) < 6 and digest.letters_taken < $2
     returning digest.day::text as day, digest.letters_taken - 1 as place`,
    [session.orgId, addresses],
  );
  return rows[0] ?? null;
}

/** Gives back the letter that was taken last and certainly did not go. */
export async function giveLetterBack(session: Session, letter: TakenLetter): Promise<void> {
  await session.query(
    `update verve.inbox_digests set letters_taken = $3 where org_id = $1 and day = $2 and letters_taken = $3 + 1`,
    [session.orgId, letter.day, letter.place],
  );
}

/** Deletes the days of more than a month ago; no letter of theirs goes any more. */
export async function deleteOldDigests(session: Session): Promise<void> {
  await session.query(
    `delete from verve.inbox_digests where org_id = $1 and created_at < verve.clock() - interval '31 days'`,
    [session.orgId],
  );
}
