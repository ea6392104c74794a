import { type Actor, describeActor } from '../actor.ts';
import { type ActScene, actOn, type Consequence } from '../attributions/act.ts';
import { isCredited } from '../attributions/attribution.ts';
import { touch } from '../attributions/ledger.ts';
import * as become from '../attributions/transitions.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import type { EngineParts } from '../parts.ts';
import * as repository from './repository.ts';

/** Why a review rejects (spec §2.10). `other` needs a text. */
export const rejectionReasons = [
  'self_referral',
  'duplicate',
  'not_a_new_member',
  'not_eligible',
  'suspected_fraud',
  'other',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** The role that an approval stands for. */
export type ApproverRole = 'coordinator' | 'org_admin';

export type Approved =
  | { outcome: 'approved'; attributionId: string }
  /** Recorded; others must still approve: these roles are missing. */
  | { outcome: 'approvalRecorded'; attributionId: string; missingRoles: string[] }
  | { outcome: 'alreadyApproved'; attributionId: string };

export type Rejected =
  | { outcome: 'rejected'; attributionId: string }
  | { outcome: 'alreadyRejected'; attributionId: string };

/**
 * Approves a waiting recruitment as one person. The last missing approval credits it. Safe to repeat; the same person
 * counts once, under a role that he holds. Refuses one's own recruit, and what no review waits for.
 */
export function approve(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; actor: Actor; role?: ApproverRole },
): Promise<Approved & { consequence: Consequence }> {
  const { attributionId, actor } = call;
  return actOn(
    parts,
    session,
    { attributionId, actor, operation: 'attribution.approve' },
    async (scene): Promise<Approved> => {
      const { ledger, attribution } = scene;
      if (attribution.reviewState === 'approved') return { outcome: 'alreadyApproved', attributionId };
      const review = await openReview(session, scene);
      const approver = describeActor(actor);
      const role = requireRoleHeld(actor, call.role);
      const approvals = await repository.addApproval(session, { reviewId: review.reviewId, approver, role });
      const missingRoles = rolesMissing(
        review.requiredRoles,
        approvals.map((approval) => approval.role),
      );
      if (missingRoles.length > 0) return { outcome: 'approvalRecorded', attributionId, missingRoles };
      const { reviewId } = review;
      await repository.decideReview(session, {
        reviewId,
        state: 'approved',
        decidedBy: approver,
        reasonCode: null,
        reasonText: null,
      });
      touch(ledger, attribution);
      attribution.reviewState = 'approved';
      become.tell(ledger, 'review.approved', attribution);
      become.tellGeneral(ledger, 'referral:approved', attribution);
      become.credit(ledger, attribution);
      return { outcome: 'approved', attributionId };
    },
  );
}

/** One person's approval, as a host that does its own authorisation knows it. */
export interface Approval {
  actor: Actor;
  role?: ApproverRole;
}

/** Records several approvals in order; each person counts once. Safe to repeat. Gives where the review stands after them. */
export async function updateApprovals(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; approvals: readonly Approval[] },
): Promise<Approved> {
  let last: Approved | null = null;
  for (const approval of call.approvals)
    last = await approve(parts, session, { attributionId: call.attributionId, ...approval });
  if (last === null) throw new VerveError('invalid_request', 'Give at least one approval.');
  return last;
}

/** Rejects a waiting recruitment with a reason. Safe to repeat. After credit it is refused: use `reverse`. */
export function reject(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; actor: Actor; reasonCode: RejectionReason; reasonText?: string | null },
): Promise<Rejected & { consequence: Consequence }> {
  const { attributionId, actor, reasonCode } = call;
  const reasonText = call.reasonText?.trim() || null;
  if (reasonCode === 'other' && reasonText === null) {
    const field = { field: 'reason_text', message: 'is required with the reason other' };
    throw new VerveError('invalid_request', 'Say in words why, when the reason is other.', { fields: [field] });
  }
  return actOn(
    parts,
    session,
    { attributionId, actor, operation: 'attribution.reject' },
    async (scene): Promise<Rejected> => {
      const { ledger, attribution } = scene;
      if (attribution.reviewState === 'rejected') return { outcome: 'alreadyRejected', attributionId };
      if (isCredited(attribution)) throw new VerveError('already_credited');
      const { reviewId } = await openReview(session, scene);
      await repository.decideReview(session, {
        reviewId,
        state: 'rejected',
        decidedBy: describeActor(actor),
        reasonCode,
        reasonText,
      });
      touch(ledger, attribution);
      attribution.reviewState = 'rejected';
      become.tell(ledger, 'review.rejected', attribution, { reason_code: reasonCode });
      become.tellGeneral(ledger, 'referral:rejected', attribution, { reason_code: reasonCode });
      return { outcome: 'rejected', attributionId };
    },
  );
}

async function openReview(session: Session, { attribution }: ActScene): Promise<repository.Review> {
  const review =
    attribution.reviewState === 'waiting' ? await repository.latestReview(session, attribution.attributionId) : null;
  if (review?.state !== 'waiting') throw new VerveError('already_decided', 'Nothing here waits for a review.');
  return review;
}

/** The role an approval stands for: the highest one held, unless the approver names another that he holds too. */
function requireRoleHeld(actor: Actor, named: ApproverRole | undefined): ApproverRole {
  const isAdministrator = actor.kind !== 'person' || actor.roles.some((held) => held.role === 'org_admin');
  if (named === 'org_admin' && !isAdministrator)
    throw new VerveError('forbidden', 'Approve as a coordinator: you are not an administrator here.');
  return named ?? (isAdministrator ? 'org_admin' : 'coordinator');
}

/** Which required roles nobody has filled yet. An administrator can stand for a coordinator, not the other way round. */
function rolesMissing(required: readonly string[], given: readonly string[]): string[] {
  const free = [...given];
  const missing: string[] = [];
  const take = (role: string) => {
    const place = free.indexOf(role);
    if (place >= 0) free.splice(place, 1);
    return place >= 0;
  };
  const ordered = [...required].sort((a, b) => Number(b === 'org_admin') - Number(a === 'org_admin'));
  for (const role of ordered) {
    if (!take(role) && !(role === 'coordinator' && take('org_admin'))) missing.push(role);
  }
  return missing;
}
