import type { Session } from '../../engine/database.ts';

/** The member ids behind attributions, for administrators and keys that may read them. Needs an engine session. */
export async function findMemberIds(session: Session, attributionIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await session.query<{ id: string; ref: string }>(
    `select attributions.id, sources.ref
     from verve.referral_attributions as attributions
     join verve.sources on sources.org_id = attributions.org_id and sources.id = attributions.source_id
     where attributions.org_id = $1 and attributions.id = any($2::uuid[]) and sources.ref is not null`,
    [session.orgId, attributionIds],
  );
  return new Map(rows.map((row) => [row.id, row.ref]));
}
