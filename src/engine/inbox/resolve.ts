import { type Actor, describeActor } from '../actor.ts';
import { type Consequence, requirePermission } from '../attributions/act.ts';
import { lockSource } from '../attributions/act-repository.ts';
import type { FactOutcome } from '../attributions/fact.ts';
import type { FactIntake } from '../attributions/fact-intake.ts';
import { requireReason } from '../attributions/reason.ts';
import { reassign, remove } from '../attributions/reassign.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import { creditCase, undoerOf, undoOf } from './credit-case.ts';
import * as repository from './repository.ts';
import type { ResolveBy, Settlement } from './settlement.ts';

export type { ResolveBy } from './settlement.ts';

export interface Resolved {
  outcome: 'resolved' | 'alreadyResolved';
  inboxItemId: string;
  resolution: repository.Resolution;
  attributionId: string | null; // null = nothing was credited
  fact: FactOutcome['outcome'] | null;
  consequence: Consequence | null;
}

interface Call {
  inboxItemId: string;
  actor: Actor;
  reason: string;
  by: ResolveBy;
}

/** Settles a case of the inbox (spec §2.6, §2.8, §2.19). Safe to repeat: a settled one answers how it was settled. */
export async function resolveInboxItem(
  parts: EngineParts,
  intake: FactIntake,
  session: Session,
  call: Call,
): Promise<Resolved> {
  const reason = requireReason(call.reason);
  const item = await lockCase(session, call);
  if (item.status === 'resolved') {
    const { inboxItemId, resolution, attributionId } = item;
    return {
      outcome: 'alreadyResolved',
      inboxItemId,
      resolution: resolution ?? 'settled',
      attributionId,
      fact: null,
      consequence: null,
    };
  }
  const { by, actor } = call;
  const decided =
    by.how === 'dismiss' ? dismissed(item) : await creditCase(parts, intake, session, { item, by, reason, actor });
  const decidedBy = describeActor(actor);
  await repository.resolveItem(session, { inboxItemId: item.inboxItemId, reason, by: decidedBy, ...decided });
  if (item.kind === 'claim') {
    const status = by.how === 'dismiss' ? 'declined' : 'accepted';
    await repository.decideClaim(session, {
      claimId: item.subject,
      status,
      by: decidedBy,
      reason,
      attributionId: decided.attributionId,
    });
  }
  await appendEvents(session, [
    {
      type: 'inbox.resolved',
      mentorId: item.mentorId,
      attributionId: decided.attributionId,
      data: { inbox_item_id: item.inboxItemId, kind: item.kind, resolution: decided.resolution },
    },
  ]);
  const { resolution, attributionId, fact, consequence } = decided;
  const details = { kind: item.kind, resolution, attribution_id: attributionId };
  await recordAction(session, { actor, action: 'inbox.resolve', subjectId: item.inboxItemId, details });
  return { outcome: 'resolved', inboxItemId: item.inboxItemId, resolution, attributionId, fact, consequence };
}

function dismissed(item: repository.InboxItem): Settlement {
  const resolution = item.kind === 'claim' ? 'declined' : 'dismissed';
  return { resolution, attributionId: null, fact: null, consequence: null, details: {} };
}

/** The source's lock first, then the case: the order of every writer. Of two people at once one decides. */
async function lockCase(session: Session, call: Pick<Call, 'inboxItemId' | 'actor'>): Promise<repository.InboxItem> {
  const inboxItemId = requireUuid(call.inboxItemId, 'inbox_item_id');
  const seen = await repository.findItem(session, inboxItemId);
  if (seen === null) throw new VerveError('not_found');
  await requirePermission(session, call.actor, 'inbox.resolve', seen.mentorId === null ? [] : [seen.mentorId]);
  const source = seen.sourceId === null ? null : await lockSource(session, seen.sourceId);
  const item = (await repository.lockItem(session, inboxItemId)) ?? seen;
  // A case about an id that was merged into another is decided for the other, as facts are.
  return source === null ? item : { ...item, sourceId: source.mergedInto ?? source.sourceId };
}

export type Reopened = { outcome: 'reopened' | 'alreadyOpen'; inboxItemId: string };

/**
 * Undoes a resolution and opens the case again: a reassignment goes back, what was attached is taken out of the counts.
 * Safe to repeat. A case that facts settled cannot be reopened.
 */
export async function reopenInboxItem(
  parts: EngineParts,
  session: Session,
  call: { inboxItemId: string; actor: Actor; reason: string },
): Promise<Reopened> {
  const reason = requireReason(call.reason);
  const item = await lockCase(session, call);
  const { inboxItemId } = item;
  const { actor } = call;
  if (item.status === 'open') return { outcome: 'alreadyOpen', inboxItemId };
  if (item.resolution === 'settled')
    throw new VerveError('conflict', 'Later facts settled this case: there is nothing to undo.');
  const undo = item.resolution === 'dismissed' || item.resolution === 'declined' ? null : undoOf(item);
  if (undo !== null && item.resolution === 'reassigned') {
    if (undo.from_mentor_id == null)
      throw new VerveError('unprocessable', 'The former owner is not a mentor: move it by hand.');
    await reassign(parts, session, {
      attributionId: undo.attribution_id,
      toMentorId: undo.from_mentor_id,
      reason,
      actor,
    });
  } else if (undo !== null) {
    await remove(parts, session, { attributionId: undo.attribution_id, reason, actor: undoerOf(actor) });
  }
  await repository.reopenItem(session, inboxItemId);
  if (item.kind === 'claim') await repository.reopenClaim(session, item.subject);
  const data = { inbox_item_id: inboxItemId, kind: item.kind, is_reopened: true };
  await appendEvents(session, [
    { type: 'inbox.opened', mentorId: item.mentorId, attributionId: item.attributionId, data },
  ]);
  await recordAction(session, { actor, action: 'inbox.reopen', subjectId: inboxItemId, details: { kind: item.kind } });
  return { outcome: 'reopened', inboxItemId };
}
