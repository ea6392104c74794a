import type { Pool } from 'pg';
import { describeAttribution, describeCase, type Snapshot } from './play.ts';
import { ERASED, type World } from './world.ts';

interface AttributionRow {
  memberId: string | null;
  code: string;
  status: string;
  review: string;
  isRemoved: boolean;
  isSuperseded: boolean;
  flags: string[];
  confirmedDay: string | null;
  creditedDay: string | null;
}

/** A source's member as he is known now: by the id that his was merged into; without one he was erased. */
const memberId = `case when sources.id is not null then coalesce(into_source.ref, sources.ref, '${ERASED}') end`;
const joinSources = (column: string): string => `
  left join verve.sources on sources.id = ${column}
  left join verve.sources as into_source on into_source.id = sources.merged_into`;

/** What the database holds of one organisation, in the words that the model also says. */
export async function snapshotOfEngine(pool: Pool, orgId: string, world: World): Promise<Snapshot> {
  const [attributions, totals, awards, cases] = await Promise.all([
    pool.query<AttributionRow>(
      `select ${memberId} as "memberId", codes.code, attributions.status, attributions.review_state as review,
         attributions.removed_at is not null as "isRemoved", attributions.superseded_at is not null as "isSuperseded",
         attributions.flags, attributions.confirmed_day::text as "confirmedDay",
         case when attributions.is_credited then coalesce(attributions.credited_day::text, 'on no day') end as "creditedDay"
       from verve.referral_attributions as attributions
       join verve.referral_codes as codes on codes.id = attributions.code_id
       ${joinSources('attributions.source_id')}
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
    readCases(pool, orgId),
  ]);
  const credited = new Map(totals.rows.map((row) => [row.mentorId, row.credited]));
  return {
    attributions: attributions.rows.map(describeAttribution).sort(),
    totals: Object.fromEntries([...world.mentors.keys()].sort().map((id) => [id, credited.get(id) ?? 0])),
    awards: awards.rows.map((row) => `${row.mentorId}|${row.threshold}`).sort(),
    cases: cases.map(describeCase).sort(),
  };
}

interface CaseRow {
  inboxItemId: string;
  kind: string;
  memberId: string; // '' = about nobody
  code: string;
  isOpen: boolean;
}

/** The inbox. What a merge has left under the old id is a double of a case about the new one: not told. */
export async function readCases(pool: Pool, orgId: string): Promise<CaseRow[]> {
  const { rows } = await pool.query<CaseRow>(
    `select items.id as "inboxItemId", items.kind, coalesce(${memberId}, '') as "memberId", items.code,
       items.status = 'open' as "isOpen"
     from verve.inbox_items as items
     ${joinSources('items.source_id')}
     where items.org_id = $1 and sources.merged_into is null`,
    [orgId],
  );
  return rows;
}
