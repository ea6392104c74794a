import type { EventData, EventType } from '../events/event.ts';
import { type Attribution, addFlag, isCredited, type LinkedBy } from './attribution.ts';
import type { FactOrder } from './fact-order.ts';
import { type Ledger, type LockedSource, noteApplied, pendingKey, touch } from './ledger.ts';

/**
 * What can happen to one attribution. Each function changes the row in the ledger and notes the event; none decides
 * whether.
 */

/** Notes an event about an attribution. */
export function tell(ledger: Ledger, type: EventType, attribution: Attribution, data: EventData = {}): void {
  ledger.events.push({
    type,
    mentorId: attribution.mentorId,
    codeId: attribution.codeId,
    attributionId: attribution.attributionId,
    data,
  });
}

/** The general engine's own name for an event, where what is credited is not a membership. */
export function tellGeneral(ledger: Ledger, type: EventType, attribution: Attribution, data: EventData = {}): void {
  if (attribution.sourceModel === 'membership') return;
  const { ownerModel, sourceModel } = attribution;
  tell(ledger, type, attribution, { owner_model: ownerModel, source_model: sourceModel, ...data });
}

/** Cases that a member's attribution answers by itself. */
const settling: ReadonlySet<string> = new Set(['unknown_code', 'foreign_code', 'code_ended']);

/** Ties a pending attribution to its source: from now on it is the source's current one. */
export function link(ledger: Ledger, attribution: Attribution, source: LockedSource, linkedBy: LinkedBy): void {
  touch(ledger, attribution);
  attribution.sourceId = source.sourceId;
  attribution.linkedBy = linkedBy;
  if (linkedBy === 'code_order') addFlag(attribution, 'code_order');
  ledger.currentBySource.set(source.sourceId, attribution);
  const queue = ledger.pendingByCode.get(pendingKey(attribution.codeId, attribution.sourceModel));
  const place = queue?.indexOf(attribution) ?? -1;
  if (place >= 0) queue?.splice(place, 1);
  if (ledger.sourcesWithOpenItems.has(source.sourceId)) ledger.settledSources.add(source.sourceId);
  for (const item of ledger.inbox) if (item.source === source && settling.has(item.kind)) item.isSettled = true;
}

/** Whether a confirmation of this attribution waits for a person (spec §2.10). */
function needsReview(ledger: Ledger, attribution: Attribution): boolean {
  if (ledger.rules.review === 'all') return true;
  if (ledger.rules.review === 'off') return false;
  return attribution.flags.some((flag) => flag !== 'code_order' || ledger.rules.reviewCodeOrder);
}

/**
 * Pending, refused or reversed becomes confirmed; credited at once, or after review where the organisation wants one.
 * After a reversal or refusal it is a re-instatement: the same row, one more in the count, a new review.
 */
export function confirm(ledger: Ledger, attribution: Attribution, source: LockedSource, order: FactOrder): void {
  touch(ledger, attribution);
  const isReinstated = attribution.status !== 'pending';
  const mentor = attribution.mentorId === null ? undefined : ledger.mentors.get(attribution.mentorId);
  if (mentor !== undefined) {
    if (mentor.recentConfirmations >= ledger.rules.velocityPerHour) addFlag(attribution, 'velocity');
    mentor.recentConfirmations += 1;
  }
  attribution.status = 'confirmed';
  attribution.confirmedAt = order.occurredAt;
  attribution.isConfirmedNow = true;
  attribution.reversedAt = null;
  attribution.rejectedAt = null;
  attribution.rejectionReason = null;
  attribution.reviewState = 'none';
  noteApplied(ledger, source, order);
  tell(ledger, isReinstated ? 'recruitment.reinstated' : 'recruitment.confirmed', attribution);
  if (needsReview(ledger, attribution)) {
    attribution.reviewState = 'waiting';
    ledger.reviews.push({ attributionId: attribution.attributionId, flags: [...attribution.flags], state: 'waiting' });
    tell(ledger, 'review.requested', attribution, { flags: attribution.flags });
    return;
  }
  credit(ledger, attribution);
}

/** Marks the moment and the branch of the credit. The total is raised when the batch is written. */
export function credit(ledger: Ledger, attribution: Attribution): void {
  touch(ledger, attribution);
  attribution.creditedAt = ledger.now;
  if (attribution.mentorId !== null) attribution.branchId = ledger.mentors.get(attribution.mentorId)?.branchId ?? null;
  if (!isCredited(attribution)) return;
  tell(ledger, 'recruitment.credited', attribution);
  tellGeneral(ledger, 'referral:converted', attribution);
}

/** Pending becomes rejected: the membership system refused, or reversed what was only registered. */
export function refuse(
  ledger: Ledger,
  attribution: Attribution,
  source: LockedSource,
  order: FactOrder,
  reason: string | null,
): void {
  touch(ledger, attribution);
  attribution.status = 'rejected';
  attribution.rejectedAt = order.occurredAt;
  attribution.rejectionReason = reason;
  noteApplied(ledger, source, order);
  tell(ledger, 'recruitment.rejected', attribution);
}

/** Confirmed becomes reversed; an open review is withdrawn. */
export function reverse(ledger: Ledger, attribution: Attribution, source: LockedSource, order: FactOrder): void {
  touch(ledger, attribution);
  const wasCredited = isCredited(attribution);
  if (attribution.reviewState === 'waiting') {
    attribution.reviewState = 'withdrawn';
    const opened = ledger.reviews.findLast((review) => review.attributionId === attribution.attributionId);
    if (opened?.state === 'waiting') opened.state = 'withdrawn';
    else ledger.withdrawnReviews.add(attribution.attributionId);
    tell(ledger, 'review.withdrawn', attribution);
  }
  attribution.status = 'reversed';
  attribution.reversedAt = order.occurredAt;
  noteApplied(ledger, source, order);
  tell(ledger, 'recruitment.reversed', attribution, { was_credited: wasCredited });
}

/**
 * A confirmation that is older than the reversal or refusal already applied: the row ends confirmed and reversed, and
 * was never credited (spec §2.16).
 */
export function confirmAfterTheEnd(ledger: Ledger, attribution: Attribution, order: FactOrder): void {
  touch(ledger, attribution);
  attribution.status = 'reversed';
  attribution.confirmedAt = order.occurredAt;
  attribution.isConfirmedNow = true;
  attribution.reversedAt = attribution.rejectedAt;
  tell(ledger, 'recruitment.confirmed', attribution);
  tell(ledger, 'recruitment.reversed', attribution, { was_credited: false });
}

/** The old row gives way to a new one of the same source. */
export function supersede(ledger: Ledger, attribution: Attribution, successorId: string): void {
  touch(ledger, attribution);
  attribution.supersededAt = ledger.now;
  attribution.supersededBy = successorId;
}
