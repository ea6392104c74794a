import type { Session } from '../database.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { findMergedIds } from './self-referral-repository.ts';

/**
 * The keyed hashes under which mentors know their own memberships, in the order given; null stays null. An id that was
 * merged into another is kept as the other: facts know the member by that one.
 */
export async function hashMemberIds(
  keys: KeyRing,
  session: Session,
  memberIds: readonly (string | null)[],
): Promise<(Uint8Array | null)[]> {
  const given = memberIds.filter((memberId) => memberId !== null);
  const merged = given.length === 0 ? new Map<string, string>() : await findMergedIds(session, given);
  const hash = (memberId: string) => keys.hash(session.orgId, 'member-ref', merged.get(memberId) ?? memberId);
  return Promise.all(memberIds.map((memberId) => (memberId === null ? null : hash(memberId))));
}
