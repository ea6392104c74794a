import type { Session } from '../../engine/database.ts';

/** What an id of `PUT /referral-attributions/{id}` stands for. */
export type Confirmable =
  | { kind: 'conversion'; mentorId: string | null; code: string; registrationRef: string | null }
  | {
      kind: 'click';
      mentorId: string | null;
      code: string;
      registrationRef: null;
      /** null = another conversion has used this click: credited by code, with no click. */
      click: { clickId: string; clickedAt: Date; channel: string | null } | null;
    }
  | { kind: 'pruned_click'; mentorId: string | null };

/** Finds a conversion, or a click that is kept, or one that a conversion remembers though it is kept no longer. */
export async function findConfirmable(session: Session, id: string): Promise<Confirmable | null> {
  const [conversion] = await session.query<{ mentorId: string | null; code: string; registrationRef: string | null }>(
    `select attributions.mentor_id as "mentorId", referral_codes.code, attributions.registration_ref as "registrationRef"
     from verve.referral_attributions as attributions
     join verve.referral_codes on referral_codes.org_id = attributions.org_id and referral_codes.id = attributions.code_id
     where attributions.org_id = $1 and attributions.id = $2`,
    [session.orgId, id],
  );
  if (conversion !== undefined) return { kind: 'conversion', ...conversion };
  const [click] = await session.query<{
    mentorId: string | null;
    code: string;
    clickedAt: Date;
    channel: string | null;
    isUsed: boolean;
  }>(
    `select clicks.mentor_id as "mentorId", referral_codes.code, clicks.occurred_at as "clickedAt",
       nullif(clicks.channel, 'unknown') as channel,
       exists (select from verve.referral_attributions as used
         where used.org_id = $1 and used.click_id = clicks.id and used.superseded_at is null) as "isUsed"
     from verve.referral_clicks as clicks
     join verve.referral_codes on referral_codes.org_id = clicks.org_id and referral_codes.id = clicks.code_id
     where clicks.org_id = $1 and clicks.id = $2`,
    [session.orgId, id],
  );
  if (click !== undefined) {
    const { mentorId, code, clickedAt, channel, isUsed } = click;
    return { kind: 'click', mentorId, code, registrationRef: null, click: isUsed ? null : { clickId: id, clickedAt, channel } };
  }
  const [pruned] = await session.query<{ mentorId: string | null }>(
    `select remembered.mentor_id as "mentorId" from verve.referral_attributions as remembered
     where remembered.org_id = $1 and remembered.click_id = $2 limit 1`,
    [session.orgId, id],
  );
  return pruned === undefined ? null : { kind: 'pruned_click', mentorId: pruned.mentorId };
}
