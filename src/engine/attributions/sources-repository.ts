import type { Session } from '../database.ts';
import { PassingFault } from '../database-faults.ts';
import type { LockedSource } from './ledger.ts';

/** A source as facts name it. */
export interface WantedSource {
  model: string;
  ref: string;
  /** The hashes under which its erasure may be on record; none = it cannot have been erased. */
  memberIdHashes: readonly string[];
  /** The newest date of a statement that may begin a membership; null = none may: an erased source is not made anew. */
  begunAt: Date | null;
  /** The newest date of any statement: what is not newer than an erasure does not reach a source that was made after it. */
  newestAt: Date;
}

/** Later than every erasure. */
export const endOfTime = new Date(8.64e15);

interface SourceRow {
  sourceId: string;
  model: string;
  ref: string;
  mergedInto: string | null;
  newestAt: Date | null;
  newestRank: number | null;
  erasedAt: Date | null;
}

// A source that was erased is made again only by what begins a membership after the erasure; one that was made so is
// reached by everything dated after it. The caller learns when it was erased. The update changes nothing; it takes the
// row's lock: of those asked for, of those that they were merged into, and for a merge of those that were merged into
// them, in one order.
const lockSql = (more = ''): string => `
with wanted as materialized (
  select model, ref, begun_at, newest_at
  from unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) as w (model, ref, begun_at, newest_at)
), erased as materialized ( -- only those that were: usually none, and it is read once for every source
  select hashed.model, hashed.ref, max(erasures.erased_at) as erased_at
  from unnest($6::text[], $7::text[], $8::text[]) as hashed (model, ref, hash) join verve.erasures
    on erasures.org_id = $1 and erasures.subject_kind = 'member' and erasures.subject_hash = decode(hashed.hash, 'hex')
  group by hashed.model, hashed.ref
), allowed as (
  select wanted.model, wanted.ref from wanted
  where not exists (select from erased where erased.model = wanted.model and erased.ref = wanted.ref
    and (wanted.begun_at > erased.erased_at) is not true
    and not (wanted.newest_at > erased.erased_at and exists (
      select from verve.sources as known where known.org_id = $1 and known.model = wanted.model and known.ref = wanted.ref)))
  union
  select into_source.model, into_source.ref
  from wanted join verve.sources as known on known.org_id = $1 and known.model = wanted.model and known.ref = wanted.ref
  join verve.sources as into_source on into_source.org_id = $1 and into_source.id = known.merged_into
  where into_source.ref is not null${more}
)
insert into verve.sources as sources (org_id, model, ref)
select $1, allowed.model, allowed.ref from allowed
order by allowed.model, allowed.ref
on conflict on constraint sources_one_per_reference do update set newest_fact_rank = sources.newest_fact_rank
returning sources.id as "sourceId", sources.model, sources.ref, sources.merged_into as "mergedInto",
  sources.newest_fact_at as "newestAt", sources.newest_fact_rank as "newestRank",
  (select erased.erased_at from erased where erased.model = sources.model and erased.ref = sources.ref) as "erasedAt"`;

const lockSourcesSql = lockSql();
const lockFamiliesSql = lockSql(`
  union
  select member.model, member.ref
  from wanted join verve.sources as known on known.org_id = $1 and known.model = wanted.model and known.ref = wanted.ref
  join verve.sources as member on member.org_id = $1 and member.merged_into = coalesce(known.merged_into, known.id)
  where member.ref is not null`);

const membersSql =
  'select id as "sourceId" from verve.sources where org_id = $1 and merged_into = any($2::uuid[]) and ref is not null';

/**
 * Makes the missing sources and locks all of them; a merged one is followed to the one that it was merged into, whose
 * `memberIdHashes` are none where nobody asked for it by its own id. One that was erased, and stays so, is left out.
 * With `isForMerging` those are locked as well that were merged into them: a merge moves them along.
 *
 * @throws PassingFault where a merge that it waited for has made more of them than were seen: to lock those now would be
 *   out of order, so the transaction begins again.
 */
export async function lockSources(
  session: Session,
  wanted: readonly WantedSource[],
  { isForMerging = false } = {},
): Promise<Map<string, { source: LockedSource; erasedAt: Date | null }>> {
  const found = new Map<string, { source: LockedSource; erasedAt: Date | null }>();
  if (wanted.length === 0) return found;
  const hashed = wanted.flatMap(({ model, ref, memberIdHashes }) =>
    memberIdHashes.map((hash) => ({ model, ref, hash })),
  );
  const rows = await session.query<SourceRow>(
    isForMerging ? lockFamiliesSql : lockSourcesSql,
    [
      session.orgId,
      wanted.map((one) => one.model),
      wanted.map((one) => one.ref),
      wanted.map((one) => one.begunAt),
      wanted.map((one) => one.newestAt),
      hashed.map((one) => one.model),
      hashed.map((one) => one.ref),
      hashed.map((one) => one.hash),
    ],
    isForMerging ? 'attributions_lock_families' : 'attributions_lock_sources',
  );
  const hashes = new Map(wanted.map((one) => [`${one.model}|${one.ref}`, one.memberIdHashes]));
  const sources = new Map<string, LockedSource>();
  for (const { sourceId, model, ref, newestAt, newestRank } of rows) {
    const memberIdHashes = hashes.get(`${model}|${ref}`) ?? [];
    const newest = newestAt === null ? null : { occurredAt: newestAt, rank: newestRank ?? 1 };
    sources.set(sourceId, { sourceId, model, ref, memberIdHashes, newest });
  }
  const members = isForMerging
    ? await session.query<{ sourceId: string }>(membersSql, [session.orgId, [...sources.keys()]])
    : [];
  const belonging = [...rows.flatMap((row) => row.mergedInto ?? []), ...members.map((member) => member.sourceId)];
  if (belonging.some((sourceId) => !sources.has(sourceId))) throw new PassingFault('Member ids were merged meanwhile.');
  for (const { model, ref, sourceId, mergedInto, erasedAt } of rows) {
    found.set(`${model}|${ref}`, { source: sources.get(mergedInto ?? sourceId) as LockedSource, erasedAt });
  }
  return found;
}
