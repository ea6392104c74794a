import type { Session } from '../database.ts';

const lockSql = `select pg_advisory_xact_lock(hashtextextended('verve.velocity ' || mentor_id, 0)) from unnest($1::text[]) as named (mentor_id)`;

const arrivals = (step: 'registration' | 'confirmation', isOne: string): string => `(
  select count(*)::int from (
    select r.id, r.${step}_recorded_at as at from verve.referral_attributions r
    where r.org_id = $1 and r.mentor_id = named.id and ${isOne} and r.linked_by is distinct from 'reassigned'
    order by r.${step}_recorded_at desc limit $4) latest
  where latest.at > verve.clock() - interval '1 hour' and latest.id <> all($3::uuid[]))`;

const countSql = `
select named.id as "mentorId", ${arrivals('registration', 'not r.is_registration_implied')} as registrations,
  ${arrivals('confirmation', 'r.confirmation_recorded_at is not null')} as confirmations
from unnest($2::uuid[]) as named (id)`;

/** What arrived for a mentor within the last hour. */
export interface Arrivals {
  mentorId: string;
  registrations: number;
  confirmations: number;
}

/**
 * Lets one transaction at a time end that counts arrivals of these mentors, and counts what others have committed: all but
 * `exceptIds`, no further than `most`. Sent together, so that it costs no round trip; held until the commit, as totals are.
 */
export async function countOthersArrivals(
  session: Session,
  wanted: { mentorIds: readonly string[]; exceptIds: readonly string[]; most: number },
): Promise<Arrivals[]> {
  const mentorIds = [...wanted.mentorIds].sort();
  const values = [session.orgId, mentorIds, wanted.exceptIds, wanted.most + wanted.exceptIds.length];
  const [, counted] = await Promise.all([
    session.query(lockSql, [mentorIds], 'attributions_lock_velocity'),
    session.query<Arrivals>(countSql, values, 'attributions_count_arrivals'), // after the lock, so it sees what was waited for
  ]);
  return counted;
}
