import type { Session } from '../database.ts';
import type { LockedSource } from './ledger.ts';

/** A source as a fact names it. */
export interface WantedSource {
  model: string;
  ref: string;
  memberIdHash: string; // hexadecimal
}

interface SourceRow {
  sourceId: string;
  model: string;
  ref: string;
  mergedInto: string | null;
  newestAt: Date | null;
  newestRank: number | null;
  erasedAt: Date | null;
}

// A source that was erased is not made again by what is dated at or before the erasure: the caller says the newest date
// it has for each reference, and learns when it was erased. The update changes nothing; it takes the row's lock.
const lockSourcesSql = `
with wanted as materialized (
  select model, ref, decode(hash, 'hex') as hash, newest_date
  from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as w (model, ref, hash, newest_date)
), erased as materialized ( -- only those that were: usually none, and it is read once for every source
  select wanted.model, wanted.ref, max(erasures.erased_at) as erased_at
  from wanted join verve.erasures
    on erasures.org_id = $1 and erasures.subject_kind = 'member' and erasures.subject_hash = wanted.hash
  group by wanted.model, wanted.ref
)
insert into verve.sources as sources (org_id, model, ref)
select $1, wanted.model, wanted.ref from wanted
where not exists (select from erased where erased.model = wanted.model and erased.ref = wanted.ref
  and wanted.newest_date <= erased.erased_at)
order by wanted.model, wanted.ref
on conflict on constraint sources_one_per_reference do update set newest_fact_rank = sources.newest_fact_rank
returning sources.id as "sourceId", sources.model, sources.ref, sources.merged_into as "mergedInto",
  sources.newest_fact_at as "newestAt", sources.newest_fact_rank as "newestRank",
  (select erased.erased_at from erased where erased.model = sources.model and erased.ref = sources.ref) as "erasedAt"`;

const lockMergedSql = `
select sources.id as "sourceId", sources.model, sources.ref, sources.newest_fact_at as "newestAt", sources.newest_fact_rank as "newestRank"
from verve.sources where sources.org_id = $1 and sources.id = any($2::uuid[]) order by sources.id for update`;

/**
 * Makes the missing sources and locks all of them; a merged one is followed to the one that it was merged into, whose
 * `memberIdHash` is '' where nobody asked for it by its own id.
 */
export async function lockSources(
  session: Session,
  wanted: readonly (WantedSource & { newestDate: Date })[],
): Promise<Map<string, { source: LockedSource; erasedAt: Date | null }>> {
  const found = new Map<string, { source: LockedSource; erasedAt: Date | null }>();
  if (wanted.length === 0) return found;
  const rows = await session.query<SourceRow>(
    lockSourcesSql,
    [
      session.orgId,
      wanted.map((one) => one.model),
      wanted.map((one) => one.ref),
      wanted.map((one) => one.memberIdHash),
      wanted.map((one) => one.newestDate),
    ],
    'attributions_lock_sources',
  );
  const hashes = new Map(wanted.map((one) => [`${one.model}|${one.ref}`, one.memberIdHash]));
  const mergedIds = [...new Set(rows.flatMap((row) => row.mergedInto ?? []))];
  const merged = new Map<string, LockedSource>();
  const direct = new Map<string, LockedSource>();
  const toSource = (row: Omit<SourceRow, 'mergedInto' | 'erasedAt'>, memberIdHash: string): LockedSource => ({
    sourceId: row.sourceId,
    model: row.model,
    ref: row.ref,
    memberIdHash,
    newest: row.newestAt === null ? null : { occurredAt: row.newestAt, rank: row.newestRank ?? 1 },
  });
  for (const row of rows) direct.set(row.sourceId, toSource(row, hashes.get(`${row.model}|${row.ref}`) ?? ''));
  if (mergedIds.length > 0) {
    for (const row of await session.query<SourceRow>(lockMergedSql, [session.orgId, mergedIds])) {
      merged.set(row.sourceId, direct.get(row.sourceId) ?? toSource(row, hashes.get(`${row.model}|${row.ref}`) ?? ''));
    }
  }
  for (const row of rows) {
    const source = (row.mergedInto === null ? direct.get(row.sourceId) : merged.get(row.mergedInto)) as LockedSource;
    found.set(`${row.model}|${row.ref}`, { source, erasedAt: row.erasedAt });
  }
  return found;
}
