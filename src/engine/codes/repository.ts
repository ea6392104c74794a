import type { Session } from '../database.ts';
import type { CodeRow } from './code.ts';
import type { CodeOwner } from './generate-code.ts';

const columns = `referral_codes.id, referral_codes.org_id as "orgId", referral_codes.owner_model as "ownerModel",
  referral_codes.owner_ref as "ownerRef", referral_codes.mentor_id as "mentorId", referral_codes.code, referral_codes.status,
  referral_codes.secret_version as "secretVersion", referral_codes.rotation_sequence as "rotationSequence",
  referral_codes.attempt, referral_codes.referral_url as "referralUrl", referral_codes.created_at as "createdAt",
  referral_codes.expires_at as "expiresAt", referral_codes.rotated_at as "rotatedAt",
  referral_codes.invalidated_at as "invalidatedAt", referral_codes.invalidated_reason as "invalidatedReason",
  coalesce(referral_codes.expires_at <= verve.clock(), false) as "isExpired", organisations.link_domains as "linkDomains"`;

const fromCodes = `from verve.referral_codes join verve.organisations on organisations.id = referral_codes.org_id`;

/** A code by its id, or null = none in this organisation. */
export async function findCodeById(session: Session, codeId: string): Promise<CodeRow | null> {
  const rows = await session.query<CodeRow>(
    `select ${columns} ${fromCodes} where referral_codes.org_id = $1 and referral_codes.id = $2`,
    [session.orgId, codeId],
    'codes_find_by_id',
  );
  return rows[0] ?? null;
}

/** Codes by their ids, in any order; ids that are not this organisation's are left out. */
export async function findCodesByIds(session: Session, codeIds: readonly string[]): Promise<CodeRow[]> {
  return session.query<CodeRow>(
    `select ${columns} ${fromCodes} where referral_codes.org_id = $1 and referral_codes.id = any ($2::uuid[])`,
    [session.orgId, codeIds],
    'codes_find_by_ids',
  );
}

/** A code of any status by its string, or null = none in this organisation. */
export async function findByCode(session: Session, code: string): Promise<CodeRow | null> {
  const rows = await session.query<CodeRow>(
    `select ${columns} ${fromCodes} where referral_codes.org_id = $1 and referral_codes.code = $2`,
    [session.orgId, code],
    'codes_find_by_code',
  );
  return rows[0] ?? null;
}

/** Where a code string belongs, over all organisations and statuses; null = nowhere. Works in any scope. */
export async function locateCode(session: Session, code: string): Promise<{ orgId: string; codeId: string } | null> {
  const rows = await session.query<{ orgId: string; codeId: string }>(
    'select found.org_id as "orgId", found.code_id as "codeId" from verve_private.find_code($1) as found',
    [code],
    'codes_locate',
  );
  return rows[0] ?? null;
}

/** Which of these strings have ever been a code of anybody. */
export async function findTakenCodes(session: Session, codes: readonly string[]): Promise<Set<string>> {
  const rows = await session.query<{ code: string }>(
    `select wanted.code from unnest($1::text[]) as wanted (code)
    where exists (select from verve_private.find_code(wanted.code))`,
    [codes],
  );
  return new Set(rows.map((row) => row.code));
}

/** The active, unexpired code of an owner, or null. */
export async function findActiveCode(session: Session, owner: CodeOwner): Promise<CodeRow | null> {
  const rows = await session.query<CodeRow>(
    `select ${columns} ${fromCodes}
    where referral_codes.org_id = $1 and referral_codes.owner_model = $2 and referral_codes.owner_ref = $3
      and referral_codes.status = 'active' and (referral_codes.expires_at is null or referral_codes.expires_at > verve.clock())`,
    [session.orgId, owner.ownerModel, owner.ownerRef],
    'codes_find_active',
  );
  return rows[0] ?? null;
}

/** Which codes a list is narrowed to. */
export interface CodeFilter {
  status?: 'active' | 'inactive' | 'rotated' | 'invalidated' | undefined;
  ownerModel?: string | undefined;
  ownerRef?: string | undefined;
  /** Only codes of mentors in these branches or below them; null = every code. */
  branchIds?: readonly string[] | null | undefined;
}

const filterCodes = `where referral_codes.org_id = $1
  and ($2::text is null or case
    when referral_codes.status = 'active' and referral_codes.expires_at <= verve.clock() then $2 in ('inactive', 'rotated')
    when $2 = 'inactive' then referral_codes.status <> 'active'
    else referral_codes.status = $2 end)
  and ($3::text is null or referral_codes.owner_model = $3)
  and ($4::text is null or referral_codes.owner_ref = $4)
  and ($5::uuid[] is null or referral_codes.mentor_id in (
    with recursive scope as (
      select branches.id from verve.branches where branches.org_id = $1 and branches.id = any ($5)
      union
      select branches.id from verve.branches join scope on branches.parent_id = scope.id where branches.org_id = $1
    )
    select mentors.id from verve.mentors join scope on mentors.branch_id = scope.id where mentors.org_id = $1))`;

function filterValues(session: Session, filter: CodeFilter): unknown[] {
  const { status = null, ownerModel = null, ownerRef = null, branchIds = null } = filter;
  return [session.orgId, status, ownerModel, ownerRef, branchIds];
}

/** The organisation's codes, newest first; `limit` rows after a position or from an offset. */
export async function listCodes(
  session: Session,
  filter: CodeFilter,
  page: { limit: number; after: { createdAt: Date; id: string } | null; offset: number },
): Promise<CodeRow[]> {
  return session.query<CodeRow>(
    `select ${columns} ${fromCodes} ${filterCodes}
      and ($6::timestamptz is null or (referral_codes.created_at, referral_codes.id) < ($6, $7::uuid))
    order by referral_codes.created_at desc, referral_codes.id desc limit $8 offset $9`,
    [...filterValues(session, filter), page.after?.createdAt ?? null, page.after?.id ?? null, page.limit, page.offset],
  );
}

/** How many codes a list holds. */
export async function countCodes(session: Session, filter: CodeFilter): Promise<number> {
  const rows = await session.query<{ count: number }>(
    `select count(*)::int as count from verve.referral_codes ${filterCodes}`,
    filterValues(session, filter),
  );
  return rows[0]?.count ?? 0;
}

/** Codes of the organisation with their owners, to suggest for one that is unknown; the newest 20,000. */
export async function listCodeStrings(
  session: Session,
): Promise<{ code: string; codeId: string; mentorId: string | null }[]> {
  return session.query(
    `select referral_codes.code, referral_codes.id as "codeId", referral_codes.mentor_id as "mentorId"
    from verve.referral_codes where referral_codes.org_id = $1
    order by referral_codes.created_at desc, referral_codes.id desc limit 20000`,
    [session.orgId],
  );
}
