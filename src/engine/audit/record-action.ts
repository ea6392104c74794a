import { type Actor, describeActor } from '../actor.ts';
import type { Session } from '../database.ts';
import { type AuditAction, auditedActions } from './actions.ts';
import { insertEntry } from './repository.ts';

/**
 * Writes who did what on the audit log, in the transaction of the act: both are committed, or neither. Details hold our own
 * ids, numbers and words of ours, never a name, a member id or free text. Gives the entry's id.
 */
export function recordAction(
  session: Session,
  entry: { actor: Actor; action: AuditAction; subjectId: string | null; details?: Record<string, unknown> },
): Promise<string> {
  const { actor, action, subjectId, details = {} } = entry;
  const { subject: subjectType } = auditedActions[action];
  return insertEntry(session, { actor: describeActor(actor), action, subjectType, subjectId, details });
}
