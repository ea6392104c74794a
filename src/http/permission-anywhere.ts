import type { Actor } from '../engine/actor.ts';
import { VerveError } from '../engine/errors.ts';
import { may, type Operation } from '../engine/permissions.ts';

/**
 * Refuses a caller who may do something to nothing at all, for lists: what exactly is seen, row-level security decides.
 * A mentor counts for what is one's own.
 */
export function requireAnywhere(actor: Actor, operation: Operation): void {
  const mentorIds = actor.kind === 'person' ? [actor.mentorId] : [];
  const branchPath = actor.kind === 'person' ? actor.roles.flatMap((held) => held.branchId ?? []) : [];
  const permission = may(actor, operation, { mentorIds, branchPath });
  if (permission.allowed) return;
  // Whoever may do it except about oneself may still look at the list.
  if (permission.code === 'about_oneself') return;
  throw new VerveError(permission.code);
}
