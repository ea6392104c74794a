import type { Pool } from 'pg';
import { describeAttribution, distinct, type Snapshot } from './play.ts';
import type { World } from './world.ts';

interface AttributionRow {
  memberId: string | null;
  code: string;
  status: string;
  review: string;
  isCredited: boolean;
  isRemoved: boolean;
  isSuperseded: boolean;
  flags: string[];
}

/** What the database holds of one organisation, in the words that the model also says. */
export async function snapshotOfEngine(pool: Pool, orgId: string, world: World): Promise<Snapshot> {
  const [attributions, totals, awards, inbox] = await Promise.all([
    pool.query<AttributionRow>(
      `select coalesce(into_source.ref, sources.ref) as "memberId", codes.code, attributions.status,
         attributions.review_state as review, attributions.is_credited as "isCredited",
         attributions.removed_at is not null as "isRemoved", attributions.superseded_at is not null as "isSuperseded",
         attributions.flags
       from verve.referral_attributions as attributions
       join verve.referral_codes as codes on codes.id = attributions.code_id
       left join verve.sources on sources.id = attributions.source_id
       left join verve.sources as into_source on into_source.id = sources.merged_into
       where attributions.org_id = $1`,
      [orgId],
    ),
    pool.query<{ mentorId: string; credited: number }>(
      'select mentor_id as "mentorId", credited from verve.mentor_totals where org_id = $1',
      [orgId],
    ),
    pool.query<{ mentorId: string; threshold: number }>(
      'select mentor_id as "mentorId", threshold from verve.milestone_awards where org_id = $1',
      [orgId],
    ),
    pool.query<{ kind: string; memberId: string | null; code: string }>(
      `select items.kind, coalesce(into_source.ref, sources.ref) as "memberId", items.code
       from verve.inbox_items as items
       left join verve.sources on sources.id = items.source_id
       left join verve.sources as into_source on into_source.id = sources.merged_into
       where items.org_id = $1`,
      [orgId],
    ),
  ]);
  const credited = new Map(totals.rows.map((row) => [row.mentorId, row.credited]));
  return {
    attributions: attributions.rows
      .map((row) =>
        describeAttribution({
          ...row,
          isLate: row.flags.includes('late_after_end'),
          isMismatched: row.flags.includes('code_mismatch'),
        }),
      )
      .sort(),
    totals: Object.fromEntries([...world.mentors.keys()].sort().map((id) => [id, credited.get(id) ?? 0])),
    awards: awards.rows.map((row) => `${row.mentorId}|${row.threshold}`).sort(),
    inbox: distinct(inbox.rows.map((row) => `${row.kind}|${row.memberId ?? ''}|${row.code}`)),
  };
}
