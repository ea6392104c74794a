import type { Session } from '../database.ts';
import type { Fact } from './fact.ts';

// A statement is known when the same one (member, kind, code, reference, time) is on record under an attribution.
// One that is still kept, or waits in the inbox for its code, is not: it may be decided otherwise now.
const findKnown = `
select wanted.place::int - 1 as place, fact.attribution_id as "attributionId"
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
  with ordinality as wanted (ref, kind, code, registration_ref, occurred_at, place)
join verve.sources source on source.org_id = $1 and source.model = 'membership' and source.ref = wanted.ref
cross join lateral (
  select facts.attribution_id from verve.attribution_facts facts
  where facts.org_id = $1 and facts.source_id = source.id and facts.kind = wanted.kind
    and facts.occurred_at = wanted.occurred_at and facts.attribution_id is not null
    and coalesce(facts.code, '') = wanted.code and coalesce(facts.registration_ref, '') = wanted.registration_ref
  limit 1) fact`;

/**
 * The attributions under which statements of memberships are on record already, by their place in `facts`: what a
 * reconciliation or a second upload brings again, and what therefore changes nothing (spec §2.16). Only reads.
 * `codeTexts` are the facts' codes in their stored spelling; facts without member or time are never known.
 */
export async function findKnownFacts(
  session: Session,
  facts: readonly Fact[],
  codeTexts: readonly string[],
): Promise<Map<number, string>> {
  const places = facts.flatMap((fact, place) => (fact.memberId === null || !fact.occurredAt ? [] : place));
  if (places.length === 0) return new Map();
  const column = <Value>(of: (fact: Fact, place: number) => Value) => places.map((at) => of(facts[at] as Fact, at));
  const rows = await session.query<{ place: number; attributionId: string }>(
    findKnown,
    [
      session.orgId,
      column((fact) => fact.memberId),
      column((fact) => fact.kind),
      column((_fact, at) => codeTexts[at] ?? ''),
      column((fact) => fact.registrationRef ?? ''),
      column((fact) => fact.occurredAt),
    ],
    'attributions_find_known_facts',
  );
  return new Map(rows.map(({ place, attributionId }) => [places[place] as number, attributionId]));
}

/** Has the tables of facts and credits analysed. Safe to repeat; writes nothing but statistics. */
export async function refreshStatistics(session: Session): Promise<void> {
  await session.query('select verve_private.refresh_statistics()');
}
