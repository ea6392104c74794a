import type { Actor } from '../actor.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { type AllowedAs, may, type Operation } from '../permissions.ts';
import { findBranchPath } from './branch-path-repository.ts';

/**
 * Checks that an actor may do something about a mentor, and as what. Looks the mentor's branch up only for coordinators
 * of branches, for whom it decides. Refuses with `forbidden` or `about_oneself`; `not_found` for a mentor unknown here.
 *
 * @param mentorId null = about the organisation itself, or an owner who is no mentor
 */
export async function authoriseAboutMentor(
  session: Session,
  actor: Actor,
  operation: Operation,
  mentorId: string | null,
): Promise<AllowedAs> {
  const mentorIds = [mentorId];
  const permission = may(actor, operation, { mentorIds });
  const isScoped =
    actor.kind === 'person' && actor.roles.some((held) => held.role === 'coordinator' && held.branchId !== null);
  const mayImprove = !permission.allowed ? permission.code === 'forbidden' : permission.as === 'peer_mentor';
  if (mentorId === null || !isScoped || !mayImprove) {
    if (!permission.allowed) throw new VerveError(permission.code);
    return permission.as;
  }
  const branchPath = await findBranchPath(session, mentorId);
  if (branchPath === null) throw new VerveError('not_found');
  const inScope = may(actor, operation, { mentorIds, branchPath });
  if (!inScope.allowed) throw new VerveError(inScope.code);
  return inScope.as;
}
