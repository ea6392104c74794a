import type { Session } from '../database.ts';
import { toHex } from '../encode-bytes.ts';

export type MentorStatus = 'active' | 'paused' | 'left';

/** A mentor as everybody sees it: without the hashes. */
export interface Mentor {
  mentorId: string;
  orgId: string;
  userId: string | null; // null = has no account yet
  displayName: string;
  branchId: string | null; // null = belongs to the organisation itself
  status: MentorStatus;
  hasMemberId: boolean;
  isOnLeaderboard: boolean;
  createdAt: Date;
  updatedAt: Date;
  leftAt: Date | null; // null = has not left
}

const columns = `mentors.id as "mentorId", mentors.org_id as "orgId", mentors.user_id as "userId",
  mentors.display_name as "displayName", mentors.branch_id as "branchId", mentors.status,
  mentors.member_id_hash is not null as "hasMemberId", mentors.leaderboard_opt_in as "isOnLeaderboard",
  mentors.created_at as "createdAt", mentors.updated_at as "updatedAt", mentors.left_at as "leftAt"`;

/** A new mentor, its member id already hashed. */
export interface NewMentor {
  mentorId: string;
  userId: string | null;
  displayName: string;
  branchId: string | null;
  memberIdHash: Uint8Array | null;
}

/** Stores mentors whose ids and users are free; gives the ids that were stored. */
export async function insertMentors(session: Session, mentors: readonly NewMentor[]): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `insert into verve.mentors (id, org_id, user_id, display_name, branch_id, member_id_hash)
    select new.id, $1, new.user_id, new.display_name, new.branch_id, decode(new.member_id_hash, 'hex')
    from jsonb_to_recordset($2::jsonb)
      as new (id uuid, user_id uuid, display_name text, branch_id uuid, member_id_hash text)
    on conflict do nothing returning id`,
    [
      session.orgId,
      JSON.stringify(
        mentors.map((mentor) => ({
          id: mentor.mentorId,
          user_id: mentor.userId,
          display_name: mentor.displayName,
          branch_id: mentor.branchId,
          member_id_hash: mentor.memberIdHash === null ? null : toHex(mentor.memberIdHash),
        })),
      ),
    ],
  );
  return rows.map((row) => row.id);
}

/** A mentor, or null = none of this organisation. */
export async function findMentor(session: Session, mentorId: string): Promise<Mentor | null> {
  const rows = await session.query<Mentor>(
    `select ${columns} from verve.mentors where mentors.org_id = $1 and mentors.id = $2`,
    [session.orgId, mentorId],
    'mentors_find',
  );
  return rows[0] ?? null;
}

/** The organisation's mentors among these ids. */
export async function findMentors(session: Session, mentorIds: readonly string[]): Promise<Mentor[]> {
  return session.query<Mentor>(
    `select ${columns} from verve.mentors where mentors.org_id = $1 and mentors.id = any ($2::uuid[])`,
    [session.orgId, mentorIds],
  );
}

/** A mentor with its row locked until the transaction ends: nobody changes it or its codes meanwhile. */
export async function lockMentor(session: Session, mentorId: string): Promise<Mentor | null> {
  const rows = await session.query<Mentor>(
    `select ${columns} from verve.mentors where mentors.org_id = $1 and mentors.id = $2 for no key update`,
    [session.orgId, mentorId],
  );
  return rows[0] ?? null;
}

/** Writes what can be changed of a mentor. */
export async function updateMentor(
  session: Session,
  mentor: Pick<Mentor, 'mentorId' | 'userId' | 'displayName' | 'branchId' | 'isOnLeaderboard'>,
): Promise<Mentor> {
  const rows = await session.query<Mentor>(
    `update verve.mentors set user_id = $3, display_name = $4, branch_id = $5, leaderboard_opt_in = $6,
      updated_at = verve.clock()
    where mentors.org_id = $1 and mentors.id = $2 returning ${columns}`,
    [session.orgId, mentor.mentorId, mentor.userId, mentor.displayName, mentor.branchId, mentor.isOnLeaderboard],
  );
  return rows[0] as Mentor;
}

/** Writes the status; leaving sets the time, coming back clears it. */
export async function updateStatus(session: Session, mentorId: string, status: MentorStatus): Promise<Mentor> {
  const rows = await session.query<Mentor>(
    `update verve.mentors set status = $3, left_at = case when $3 = 'left' then verve.clock() end,
      updated_at = verve.clock()
    where mentors.org_id = $1 and mentors.id = $2 returning ${columns}`,
    [session.orgId, mentorId, status],
  );
  return rows[0] as Mentor;
}

/** Writes the keyed hash of the mentor's own member id; null = not known. */
export async function updateMemberIdHash(session: Session, mentorId: string, hash: Uint8Array | null): Promise<void> {
  await session.query(
    `update verve.mentors set member_id_hash = $3, updated_at = verve.clock()
    where mentors.org_id = $1 and mentors.id = $2`,
    [session.orgId, mentorId, hash],
  );
}

/** What a list of mentors is narrowed to. */
export interface MentorFilter {
  status?: MentorStatus | undefined;
  /** A branch with everything below it. */
  branchId?: string | undefined;
  /** Part of the display name, in any case. */
  name?: string | undefined;
  /** The branches that whoever asks may see, with everything below; null = all mentors. */
  branchIds?: readonly string[] | null | undefined;
}

const filterMentors = `where mentors.org_id = $1 and ($2::text is null or mentors.status = $2)
  and ($3::uuid is null or mentors.branch_id in (
    with recursive below as (
      select branches.id from verve.branches where branches.org_id = $1 and branches.id = $3
      union
      select branches.id from verve.branches join below on branches.parent_id = below.id where branches.org_id = $1
    ) select below.id from below))
  and ($4::text is null or strpos(lower(mentors.display_name), lower($4)) > 0)
  and ($5::uuid[] is null or mentors.branch_id in (
    with recursive scope as (
      select branches.id from verve.branches where branches.org_id = $1 and branches.id = any ($5)
      union
      select branches.id from verve.branches join scope on branches.parent_id = scope.id where branches.org_id = $1
    ) select scope.id from scope))`;

function filterValues(session: Session, filter: MentorFilter): unknown[] {
  const { status = null, branchId = null, name = null, branchIds = null } = filter;
  return [session.orgId, status, branchId, name, branchIds];
}

/** The organisation's mentors, newest first. */
export async function listMentors(
  session: Session,
  filter: MentorFilter,
  page: { limit: number; after: { createdAt: Date; id: string } | null; offset: number },
): Promise<Mentor[]> {
  return session.query<Mentor>(
    `select ${columns} from verve.mentors ${filterMentors}
      and ($6::timestamptz is null or (mentors.created_at, mentors.id) < ($6, $7::uuid))
    order by mentors.created_at desc, mentors.id desc limit $8 offset $9`,
    [...filterValues(session, filter), page.after?.createdAt ?? null, page.after?.id ?? null, page.limit, page.offset],
  );
}

/** How many mentors a list holds. */
export async function countMentors(session: Session, filter: MentorFilter): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `select count(*)::int as count from verve.mentors ${filterMentors}`,
    filterValues(session, filter),
  );
  return rows[0]?.count ?? 0;
}

/** Which of these branches are this organisation's. */
export async function findKnownBranches(session: Session, branchIds: readonly string[]): Promise<Set<string>> {
  const rows = await session.query<{ id: string }>(
    'select branches.id from verve.branches where branches.org_id = $1 and branches.id = any ($2::uuid[])',
    [session.orgId, branchIds],
  );
  return new Set(rows.map((row) => row.id));
}
