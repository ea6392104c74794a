import { type Actor, describeActor } from '../actor.ts';
import { type Consequence, requirePermission } from '../attributions/act.ts';
import { latestCodeOf, lockSource } from '../attributions/act-repository.ts';
import type { FactOutcome } from '../attributions/fact.ts';
import type { FactIntake } from '../attributions/fact-intake.ts';
import { requireReason } from '../attributions/reason.ts';
import { reassign, remove, requireCode, restore } from '../attributions/reassign.ts';
import { recordAction } from '../audit/record-action.ts';
import { readCode } from '../codes/read-code.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import * as repository from './repository.ts';

/** How a person settles a case. Every way needs a reason. */
export type ResolveBy =
  /** The member was recruited by this mentor. */
  | { how: 'attach'; mentorId: string }
  /** The code was meant to be this one. */
  | { how: 'correct_code'; code: string }
  /** Nothing is credited: a claim is declined, a conflict stays as it is. */
  | { how: 'dismiss' };

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
    by.how === 'dismiss' ? dismissed(item) : await credited(parts, intake, session, item, { ...call, reason, by });
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

interface Settlement {
  resolution: repository.Resolution;
  attributionId: string | null;
  fact: FactOutcome['outcome'] | null;
  consequence: Consequence | null;
  details: Record<string, unknown>;
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

async function credited(
  parts: EngineParts,
  intake: FactIntake,
  session: Session,
  item: repository.InboxItem,
  call: Call & { by: Exclude<ResolveBy, { how: 'dismiss' }> },
): Promise<Settlement> {
  const { by, actor, reason } = call;
  if (item.sourceId === null)
    throw new VerveError('unprocessable', 'The case names no member: there is nobody to credit for.');
  const memberId = await repository.memberOf(session, item.sourceId);
  if (memberId === null) throw new VerveError('unprocessable', 'The person behind this case has been erased.');
  const code = by.how === 'attach' ? await codeOf(session, by.mentorId) : readCode(by.code);
  if (code === null) {
    const fields = [{ field: 'code', message: 'is not of the form of a code' }];
    throw new VerveError('invalid_code', 'That is not a referral code.', { fields });
  }
  const current = await repository.currentOf(session, item.sourceId);
  if (current?.isRemoved && undoOf(item)?.attribution_id === current.attributionId)
    return creditAgain(parts, session, { item, current, by, code, reason, actor });
  if (current !== null) {
    if (by.how !== 'attach')
      throw new VerveError('conflict', 'This member has an attribution already: attach the case to a mentor instead.');
    const moved = await reassign(parts, session, {
      attributionId: current.attributionId,
      toMentorId: by.mentorId,
      reason,
      actor,
    });
    const details = { undo: { attribution_id: moved.attributionId, from_mentor_id: current.mentorId } };
    return {
      resolution: 'reassigned',
      attributionId: moved.attributionId,
      fact: null,
      consequence: moved.consequence,
      details,
    };
  }
  const fact = {
    kind: 'registered',
    memberId,
    sourceModel: item.sourceModel,
    code,
    source: 'person',
    sourceRef: `inbox:${item.inboxItemId}`,
  } as const;
  const resolution = resolutionOf(item, by);
  // Before the fact, which would settle the case by itself: subscribers would hear of it twice.
  const noted = { inboxItemId: item.inboxItemId, resolution, reason, by: describeActor(actor), attributionId: null };
  await repository.resolveItem(session, { ...noted, details: {} });
  const [outcome] = await intake.applyFactsIn(session, [{ actor, fact }]);
  if (outcome?.outcome !== 'registered') {
    throw new VerveError('unprocessable', `The code cannot take this member: ${outcome?.outcome ?? 'nothing'}.`);
  }
  await requirePermission(session, actor, 'inbox.resolve', outcome.mentorId === null ? [] : [outcome.mentorId]);
  const details = { undo: { attribution_id: outcome.attributionId } };
  return { resolution, attributionId: outcome.attributionId, fact: outcome.outcome, consequence: null, details };
}

function resolutionOf(item: repository.InboxItem, by: Exclude<ResolveBy, { how: 'dismiss' }>): repository.Resolution {
  if (item.kind === 'claim') return 'accepted';
  return by.how === 'attach' ? 'attached' : 'code_corrected';
}

/** What a resolution left to be undone: the attribution it made or moved, and from whom. */
function undoOf(item: repository.InboxItem) {
  return item.details.undo as { attribution_id: string; from_mentor_id?: string | null } | undefined;
}

/** A case that was reopened and is settled anew: what reopening took out of the counts comes back, to whom it is due now. */
async function creditAgain(
  parts: EngineParts,
  session: Session,
  again: {
    item: repository.InboxItem;
    current: repository.CurrentAttribution;
    by: Exclude<ResolveBy, { how: 'dismiss' }>;
    code: string;
    reason: string;
    actor: Actor;
  },
): Promise<Settlement> {
  const { item, current, by, code, reason, actor } = again;
  const toMentorId = by.how === 'attach' ? by.mentorId : await repository.mentorOfCode(session, code);
  if (toMentorId === null) throw new VerveError('unprocessable', 'That code is no mentor’s of this organisation.');
  const { attributionId } = await reassign(parts, session, {
    attributionId: current.attributionId,
    toMentorId,
    reason,
    actor,
  });
  const { consequence } = await restore(parts, session, { attributionId, actor: undoerOf(actor) });
  const details = { undo: { attribution_id: attributionId } };
  return { resolution: resolutionOf(item, by), attributionId, fact: null, consequence, details };
}

/** Taking out and bringing back are an administrator's; here they follow from a case that a coordinator may decide. */
function undoerOf(actor: Actor): Actor {
  return { kind: 'system', name: `reopen:${describeActor(actor)}` };
}

async function codeOf(session: Session, mentorId: string): Promise<string> {
  return requireCode(await latestCodeOf(session, requireUuid(mentorId, 'mentor_id')));
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
  const undo = undoOf(item);
  if (undo !== undefined && item.resolution === 'reassigned') {
    if (undo.from_mentor_id == null)
      throw new VerveError('unprocessable', 'The former owner is not a mentor: move it by hand.');
    await reassign(parts, session, {
      attributionId: undo.attribution_id,
      toMentorId: undo.from_mentor_id,
      reason,
      actor,
    });
  } else if (undo !== undefined) {
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
