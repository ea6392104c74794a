import type { Session } from '../../engine/database.ts';

/** A conversion with what a confirmation of it needs, or null = none in this organisation. */
export async function findConversion(
  session: Session,
  attributionId: string,
): Promise<{ mentorId: string | null; code: string; registrationRef: string | null } | null> {
  const [row] = await session.query<{ mentorId: string | null; code: string; registrationRef: string | null }>(
    `select attributions.mentor_id as "mentorId", referral_codes.code, attributions.registration_ref as "registrationRef"
     from verve.referral_attributions as attributions
     join verve.referral_codes on referral_codes.org_id = attributions.org_id and referral_codes.id = attributions.code_id
     where attributions.org_id = $1 and attributions.id = $2`,
    [session.orgId, attributionId],
  );
  return row ?? null;
}

/** Whether a conversion has used this click already. */
export async function isClickUsed(session: Session, clickId: string): Promise<boolean> {
  const [row] = await session.query<{ is_used: boolean }>(
    `select exists (select from verve.referral_attributions as used
       where used.org_id = $1 and used.click_id = $2 and used.superseded_at is null) as is_used`,
    [session.orgId, clickId],
  );
  return row?.is_used === true;
}
