import type { Session } from '../database.ts';
import type { CodeOwner } from './generate-code.ts';

/** What decides whether an owner gets a code: the mentor, the active code, and the newest one. */
export interface OwnerState {
  ownerRef: string;
  mentorStatus: 'active' | 'paused' | 'left' | null; // null = there is no such mentor, or the owner is none
  activeCodeId: string | null; // null = none is active; an expired one still is
  isActiveExpired: boolean;
  lastSequence: number; // -1 = never had a code
  lastStatus: string | null; // null = never had a code
  lastReason: string | null;
  /** Rotations that the mentor himself made in the last 30 days. */
  ownRotations: number;
}

/**
 * The state of owners of one model, in the order asked. Takes no lock. Reads each table once and joins here: as one
 * statement with joins, 1,000 owners of a fresh organisation without statistics took 2.4 s instead of 20 ms.
 */
export async function readOwnerStates(
  session: Session,
  ownerModel: string,
  ownerRefs: readonly string[],
): Promise<OwnerState[]> {
  const [mentors, codes] = await Promise.all([
    ownerModel === 'mentor' ? readMentorStatuses(session, ownerRefs) : [],
    readNewestCodes(session, ownerModel, ownerRefs),
  ]);
  const statuses = new Map(mentors.map((mentor) => [mentor.ownerRef, mentor.status]));
  const newest = new Map(codes.map((code) => [code.ownerRef, code]));
  return ownerRefs.map((ownerRef) => {
    const code = newest.get(ownerRef);
    const isActive = code?.status === 'active';
    return {
      ownerRef,
      mentorStatus: statuses.get(ownerRef) ?? null,
      activeCodeId: isActive ? code.codeId : null,
      isActiveExpired: isActive && code.isExpired,
      lastSequence: code?.rotationSequence ?? -1,
      lastStatus: code?.status ?? null,
      lastReason: code?.invalidatedReason ?? null,
      ownRotations: code?.ownRotations ?? 0,
    };
  });
}

function readMentorStatuses(
  session: Session,
  mentorIds: readonly string[],
): Promise<{ ownerRef: string; status: 'active' | 'paused' | 'left' }[]> {
  return session.query(
    `select mentors.id as "ownerRef", mentors.status from verve.mentors
    where mentors.org_id = $1 and mentors.id = any ($2::uuid[])`,
    [session.orgId, mentorIds],
    'codes_read_mentor_statuses',
  );
}

interface NewestCode {
  ownerRef: string;
  codeId: string;
  status: string;
  rotationSequence: number;
  invalidatedReason: string | null;
  isExpired: boolean;
  ownRotations: number;
}

/** The newest code of each owner; only it can be active, because a new one is made only when no other is. */
function readNewestCodes(session: Session, ownerModel: string, ownerRefs: readonly string[]): Promise<NewestCode[]> {
  return session.query(
    `select distinct on (referral_codes.owner_ref) referral_codes.owner_ref as "ownerRef", referral_codes.id as "codeId",
      referral_codes.status, referral_codes.rotation_sequence as "rotationSequence",
      referral_codes.invalidated_reason as "invalidatedReason",
      coalesce(referral_codes.expires_at <= verve.clock(), false) as "isExpired",
      (count(*) filter (where referral_codes.ended_by = 'peer_mentor'
        and referral_codes.rotated_at > verve.clock() - interval '30 days')
        over (partition by referral_codes.owner_ref))::int as "ownRotations"
    from verve.referral_codes
    where referral_codes.org_id = $1 and referral_codes.owner_model = $2 and referral_codes.owner_ref = any ($3::text[])
    order by referral_codes.owner_ref, referral_codes.rotation_sequence desc`,
    [session.orgId, ownerModel, ownerRefs],
    'codes_read_newest',
  );
}

/**
 * Makes everybody else who would change the codes of these owners wait until the transaction ends: by the mentors' rows
 * in id order, by an advisory lock for owners that have no row of ours.
 */
export async function lockOwners(session: Session, ownerModel: string, ownerRefs: readonly string[]): Promise<void> {
  if (ownerModel === 'mentor') {
    await session.query(
      `select mentors.id from verve.mentors where mentors.org_id = $1 and mentors.id = any ($2::uuid[])
      order by mentors.id for no key update`,
      [session.orgId, ownerRefs],
    );
    return;
  }
  await session.query(
    `select pg_advisory_xact_lock(hashtextextended(owner.name, 7)) from (
      select $1 || '/' || $2 || '/' || owner_ref as name from unnest($3::text[]) as owner_ref order by name
    ) as owner`,
    [session.orgId, ownerModel, ownerRefs],
  );
}

/** What an organisation's codes are made with. */
export interface CodeMakings {
  settings: unknown;
  linkDomains: string[];
  secretVersion: number | null; // null = no code secret yet
  sealedSecret: Uint8Array | null;
}

/** Reads what codes are made with; null = there is no such organisation. */
export async function readMakings(session: Session): Promise<CodeMakings | null> {
  const rows = await session.query<CodeMakings>(
    `select organisations.settings, organisations.link_domains as "linkDomains", secret.version as "secretVersion",
      secret.sealed as "sealedSecret"
    from verve.organisations
    left join lateral (
      select organisation_secrets.version, organisation_secrets.sealed from verve.organisation_secrets
      where organisation_secrets.org_id = organisations.id and organisation_secrets.purpose = 'code'
      order by organisation_secrets.version desc limit 1
    ) as secret on true
    where organisations.id = $1`,
    [session.orgId],
    'codes_read_makings',
  );
  return rows[0] ?? null;
}

/** Enters strings in the directory of all codes ever; gives those that nobody had. Nobody gets them after that. */
export async function reserveCodes(session: Session, codes: readonly string[]): Promise<Set<string>> {
  const rows = await session.query<{ code: string }>(
    `insert into verve.code_directory (code, org_id) select code, $1 from unnest($2::text[]) as code order by code
    on conflict (code) do nothing returning code`,
    [session.orgId, codes],
  );
  return new Set(rows.map((row) => row.code));
}

/** A code about to be stored. */
export interface NewCode extends CodeOwner {
  id: string;
  code: string;
  secretVersion: number | null;
  rotationSequence: number;
  attempt: number;
  referralUrl: string | null;
  lifetimeDays: number | null;
}

/** Stores active codes. The owners are locked and have no active code. */
export async function insertCodes(session: Session, codes: readonly NewCode[]): Promise<void> {
  await session.query(
    `insert into verve.referral_codes
      (id, org_id, owner_model, owner_ref, code, secret_version, rotation_sequence, attempt, referral_url, expires_at)
    select new.id, $1, new.owner_model, new.owner_ref, new.code, new.secret_version, new.rotation_sequence, new.attempt,
      new.referral_url, verve.clock() + make_interval(days => new.lifetime_days)
    from jsonb_to_recordset($2::jsonb) as new (id uuid, owner_model text, owner_ref text, code text, secret_version int,
      rotation_sequence int, attempt int, referral_url text, lifetime_days int)`,
    [
      session.orgId,
      JSON.stringify(
        codes.map((code) => ({
          id: code.id,
          owner_model: code.ownerModel,
          owner_ref: code.ownerRef,
          code: code.code,
          secret_version: code.secretVersion,
          rotation_sequence: code.rotationSequence,
          attempt: code.attempt,
          referral_url: code.referralUrl,
          lifetime_days: code.lifetimeDays,
        })),
      ),
    ],
  );
}

/**
 * Retires active codes: at their expiry where that has passed, else now. A trigger tells every server's cache. Gives the
 * ids of those that were still active when their row was reached.
 */
export async function retireCodes(session: Session, codeIds: readonly string[], endedBy: string): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `update verve.referral_codes set status = 'rotated', rotated_at = least(referral_codes.expires_at, verve.clock()),
      ended_by = case when referral_codes.expires_at <= verve.clock() then null else $3 end
    where referral_codes.org_id = $1 and referral_codes.id = any ($2::uuid[]) and referral_codes.status = 'active'
    returning referral_codes.id`,
    [session.orgId, codeIds, endedBy],
  );
  return rows.map((row) => row.id);
}

/** Remembers with which device a mentor's own app asked for the code, unless it is the same. */
export async function storeDeviceToken(session: Session, mentorId: string, deviceTokenHash: Uint8Array): Promise<void> {
  await session.query(
    `update verve.mentors set device_token_hash = $3 where mentors.org_id = $1 and mentors.id = $2
      and mentors.device_token_hash is distinct from $3`,
    [session.orgId, mentorId, deviceTokenHash],
  );
}

/** Codes that are active although their lifetime has passed, the longest passed first. Locks them. */
export function listExpiredCodes(
  session: Session,
  limit: number,
): Promise<{ codeId: string; mentorId: string | null }[]> {
  return session.query(
    `select referral_codes.id as "codeId", referral_codes.mentor_id as "mentorId" from verve.referral_codes
    where referral_codes.org_id = $1 and referral_codes.status = 'active' and referral_codes.expires_at <= verve.clock()
    order by referral_codes.expires_at, referral_codes.id limit $2 for update skip locked`,
    [session.orgId, limit],
  );
}
