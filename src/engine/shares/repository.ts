import type { Session } from '../database.ts';
import type { ShareChannel } from '../share/channels.ts';

/** A mentor passed the link on, once. */
export interface Share {
  shareId: string;
  mentorId: string | null; // null = the code's owner is no mentor
  codeId: string;
  code: string;
  channel: ShareChannel;
  sharedAt: Date;
  /** The organisation's day, fixed when stored. */
  day: string;
  createdAt: Date;
}

const columns = `shares.id as "shareId", shares.mentor_id as "mentorId", shares.code_id as "codeId", codes.code,
  shares.channel, shares.shared_at as "sharedAt", shares.day, shares.created_at as "createdAt"`;

/** Stores a share of the owner's active code; null = there is none. A time older than 72 h or in the future is not taken. */
export async function insertShare(
  session: Session,
  share: { ownerModel: string; ownerRef: string; channel: ShareChannel; sharedAt: Date | null },
): Promise<Share | null> {
  const rows = await session.query<Share>(
    `with stored as (
       insert into verve.shares (org_id, code_id, owner_model, owner_ref, channel, shared_at, day)
       select codes.org_id, codes.id, codes.owner_model, codes.owner_ref, $4, moment.shared_at,
         (moment.shared_at at time zone organisations.time_zone)::date
       from verve.referral_codes as codes
       join verve.organisations on organisations.id = codes.org_id
       cross join lateral (
         select case when $5::timestamptz between verve.clock() - interval '72 hours' and verve.clock() + interval '1 minute'
           then $5::timestamptz(3) else verve.clock() end as shared_at
       ) as moment
       where codes.org_id = $1 and codes.owner_model = $2 and codes.owner_ref = $3 and codes.status = 'active'
         and (codes.expires_at is null or codes.expires_at > verve.clock())
       returning *
     )
     select ${columns} from stored as shares join verve.referral_codes as codes on codes.id = shares.code_id`,
    [session.orgId, share.ownerModel, share.ownerRef, share.channel, share.sharedAt?.toISOString() ?? null],
  );
  return rows[0] ?? null;
}

/** Shares that the session may see, newest first. */
export function listShares(
  session: Session,
  filter: { mentorId: string | null },
  page: { limit: number; after: { createdAt: Date; id: string } | null; offset: number },
): Promise<(Share & { id: string })[]> {
  return session.query(
    `select shares.id, ${columns} from verve.shares join verve.referral_codes as codes on codes.id = shares.code_id
     where ($1::uuid is null or shares.mentor_id = $1)
       and ($2::timestamptz is null or (shares.created_at, shares.id) < ($2::timestamptz, $3::uuid))
     order by shares.created_at desc, shares.id desc limit $4 offset $5`,
    [filter.mentorId, page.after?.createdAt.toISOString() ?? null, page.after?.id ?? null, page.limit, page.offset],
  );
}
