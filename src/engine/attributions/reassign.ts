import type { Actor } from '../actor.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import { type ActScene, actOn, type Consequence } from './act.ts';
import * as actRepository from './act-repository.ts';
import { type Attribution, isCredited } from './attribution.ts';
import { isOwnMembership } from './find-attribution.ts';
import type { KnownCode } from './ledger.ts';
import { touch } from './ledger.ts';
import { requireReason } from './reason.ts';
import * as become from './transitions.ts';

export type Reassigned =
  | { outcome: 'reassigned'; attributionId: string; supersededAttributionId: string; mentorId: string }
  /** It is that mentor's already. */
  | { outcome: 'unchanged'; attributionId: string; mentorId: string };

/**
 * Moves an attribution to another mentor (spec §2.6): the old row is superseded, a new one made under the other mentor's
 * code, counts move, awards stay. Reassigning is itself the review. Safe to repeat.
 *
 * Refuses without a reason, to or from oneself, to a mentor who never had a code, and to the member himself.
 */
export async function reassign(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; toMentorId: string; reason: string; actor: Actor },
): Promise<Reassigned & { consequence: Consequence }> {
  const toMentorId = requireUuid(call.toMentorId, 'to_mentor_id');
  const reason = requireReason(call.reason);
  const codeText = await actRepository.latestCodeOf(session, toMentorId);
  const { attributionId, actor } = call;
  const moved = await actOn(
    parts,
    session,
    {
      attributionId,
      actor,
      operation: 'attribution.reassign',
      otherMentorIds: [toMentorId],
      codes: codeText == null ? [] : [codeText],
    },
    (scene): Reassigned => {
      const code = scene.ledger.codesByText.get(requireCode(codeText));
      if (code === undefined) throw new VerveError('not_found');
      return move(scene, code);
    },
  );
  if (moved.outcome === 'reassigned') await actRepository.keepReassignmentReason(session, moved.attributionId, reason);
  return moved;
}

/** Refuses a mentor who is not there (`undefined`), or who never had a code (`null`). */
export function requireCode(code: string | null | undefined): string {
  if (code === undefined) throw new VerveError('not_found', 'There is no such mentor.');
  if (code === null) throw new VerveError('unprocessable', 'That mentor has no code yet: issue one first.');
  return code;
}

function move({ ledger, attribution, source }: ActScene, code: KnownCode): Reassigned {
  const mentorId = code.mentorId as string;
  if (attribution.mentorId === mentorId)
    return { outcome: 'unchanged', attributionId: attribution.attributionId, mentorId };
  refuseSuperseded(attribution);
  if (source === null)
    throw new VerveError('unprocessable', 'Nobody has been tied to this registration yet: there is nothing to move.');
  if (isOwnMembership(ledger, code, source))
    throw new VerveError('conflict', 'A mentor cannot be credited for himself.');

  const successor: Attribution = {
    ...attribution,
    attributionId: ledger.makeId(),
    codeId: code.codeId,
    ownerModel: code.ownerModel,
    ownerRef: code.ownerRef,
    mentorId,
    flags: [...attribution.flags],
    linkedBy: 'reassigned',
    registrationRef: null,
    clickId: null,
    isConfirmedNow: attribution.confirmedAt !== null, // for this mentor it arrives now
    creditedAt: null,
    branchId: null,
    supersededAt: null,
    supersededBy: null,
  };
  become.supersede(ledger, attribution, successor.attributionId);
  if (attribution.reviewState === 'waiting') {
    attribution.reviewState = 'withdrawn';
    ledger.withdrawnReviews.add(attribution.attributionId);
  }
  ledger.made.push(successor);
  ledger.creditBefore.set(successor, false);
  ledger.changed.add(successor);
  ledger.currentBySource.set(source.sourceId, successor);
  if (successor.status === 'confirmed') {
    successor.reviewState = 'approved';
    become.credit(ledger, successor);
  }
  become.tell(ledger, 'recruitment.reassigned', successor, {
    from_mentor_id: attribution.mentorId,
    superseded_attribution_id: attribution.attributionId,
  });
  return {
    outcome: 'reassigned',
    attributionId: successor.attributionId,
    supersededAttributionId: attribution.attributionId,
    mentorId,
  };
}

function refuseSuperseded({ supersededAt }: Attribution): void {
  if (supersededAt !== null)
    throw new VerveError('conflict', 'This row was moved already: act on the one that took its place.');
}

/** Takes an attribution out of every count, or brings it back (spec §2.12). Facts go on acting on it meanwhile. */
export type Removal = { outcome: 'removed' | 'alreadyRemoved' | 'restored' | 'notRemoved'; attributionId: string };

/** Removes an attribution softly, with a reason; only an administrator. Safe to repeat. A redelivery does not bring it back. */
export function remove(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; reason: string; actor: Actor },
): Promise<Removal & { consequence: Consequence }> {
  const reason = requireReason(call.reason);
  return actOn(parts, session, { ...call, operation: 'attribution.remove' }, ({ ledger, attribution }): Removal => {
    const { attributionId } = attribution;
    if (attribution.removedAt !== null) return { outcome: 'alreadyRemoved', attributionId };
    refuseSuperseded(attribution);
    const wasCredited = isCredited(attribution);
    touch(ledger, attribution);
    attribution.removedAt = ledger.now;
    attribution.removalReason = reason;
    become.tell(ledger, 'recruitment.removed', attribution, { was_credited: wasCredited });
    return { outcome: 'removed', attributionId };
  });
}

/** Brings a removed attribution back, with what has happened to it in the meantime. Safe to repeat. */
export function restore(
  parts: EngineParts,
  session: Session,
  call: { attributionId: string; actor: Actor },
): Promise<Removal & { consequence: Consequence }> {
  return actOn(parts, session, { ...call, operation: 'attribution.restore' }, ({ ledger, attribution }): Removal => {
    const { attributionId } = attribution;
    if (attribution.removedAt === null) return { outcome: 'notRemoved', attributionId };
    refuseSuperseded(attribution);
    touch(ledger, attribution);
    attribution.removedAt = null;
    attribution.removalReason = null;
    become.tell(ledger, 'recruitment.restored', attribution, { is_credited: isCredited(attribution) });
    return { outcome: 'restored', attributionId };
  });
}
