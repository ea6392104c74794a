import type { Session } from '../database.ts';

/** A case that was opened. */
export interface OpenedCase {
  inboxItemId: string;
  attributionId: string;
}

/**
 * Lets facts and acts in flight finish and makes the next ones see the mentor's new member id: one that had read the mentor
 * before could credit him for himself where nobody looks any more. Before any other lock; held for a few milliseconds.
 */
export async function lockMembers(session: Session): Promise<void> {
  await session.query('lock table verve.sources in share row exclusive mode');
}

/** The ids into which these member ids were merged; one that was not merged is left out. */
export async function findMergedIds(session: Session, memberIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await session.query<{ memberId: string; mergedInto: string }>(
    `select sources.ref as "memberId", into_source.ref as "mergedInto"
    from verve.sources
    join verve.sources as into_source on into_source.org_id = sources.org_id and into_source.id = sources.merged_into
    where sources.org_id = $1 and sources.model = 'membership' and sources.ref = any($2::text[])
      and into_source.ref is not null`,
    [session.orgId, memberIds],
  );
  return new Map(rows.map((row) => [row.memberId, row.mergedInto]));
}

/**
 * Opens one case for a past credit that a mentor has for his own membership. Null = there is no such credit, or a case about
 * it has been opened before. Changes no credit: a person decides.
 */
export async function openSelfReferral(
  session: Session,
  input: { mentorId: string; memberId: string },
): Promise<OpenedCase | null> {
  const rows = await session.query<OpenedCase>(
    `insert into verve.inbox_items (org_id, kind, source_id, source_model, code, mentor_id, attribution_id, details)
    select $1, 'self_referral', attributions.source_id, attributions.source_model, codes.code, attributions.mentor_id,
      attributions.id, '{"foundLater": true}'
    from verve.sources
    join verve.referral_attributions as attributions on attributions.org_id = sources.org_id
      and attributions.source_id = coalesce(sources.merged_into, sources.id)
    join verve.referral_codes as codes on codes.org_id = attributions.org_id and codes.id = attributions.code_id
    where sources.org_id = $1 and sources.model = 'membership' and sources.ref = $3 and attributions.mentor_id = $2
      and attributions.superseded_at is null and attributions.removed_at is null
      and attributions.status in ('pending', 'confirmed')
    on conflict on constraint inbox_items_one_per_case do nothing
    returning inbox_items.id as "inboxItemId", inbox_items.attribution_id as "attributionId"`,
    [session.orgId, input.mentorId, input.memberId],
  );
  return rows[0] ?? null;
}
