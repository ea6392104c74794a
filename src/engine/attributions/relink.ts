import { type Actor, describeActor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import type { EngineParts } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { type Consequence, consequenceOf, noConsequence } from './act.ts';
import * as actRepository from './act-repository.ts';
import type { Attribution } from './attribution.ts';
import { codeOf } from './decision.ts';
import { requireMemberId } from './fact-intake.ts';
import { isOwnMembership } from './find-attribution.ts';
import type { Ledger, LockedSource } from './ledger.ts';
import { lockNamed } from './lock-named.ts';
import { hashMemberRef } from './member-ref.ts';
import { closeLedger, openLedger } from './open-ledger.ts';
import { replay } from './replay.ts';
import * as repository from './repository.ts';
import { trackCredits } from './totals.ts';

export type Relinked =
  | { outcome: 'relinked' }
  | { outcome: 'alreadyRelinked' }
  /** One of the two was erased, and no later membership is known under it: nothing is joined, and nobody comes back. */
  | { outcome: 'ignoredErased' }
  /** Both members had been credited to somebody: both stand, and a person decides. */
  | { outcome: 'conflict' };

/**
 * Joins two member ids that the membership system has merged (spec §2.6): facts naming the old one reach the new. What
 * waited under either acts on what the other has. Safe to repeat.
 */
export async function relinkMember(
  parts: EngineParts,
  session: Session,
  call: { oldMemberId: string; newMemberId: string; actor: Actor; sourceModel?: string },
): Promise<Relinked & { consequence: Consequence }> {
  requireMay(call.actor, 'member.relink');
  const model = call.sourceModel ?? 'membership';
  const oldRef = requireMemberId(call.oldMemberId, 'old_member_id');
  const newRef = requireMemberId(call.newMemberId, 'new_member_id');
  if (oldRef === newRef) throw new VerveError('invalid_request', 'The two member ids are the same.');
  const [from, into] = await lockNamed(session, parts.keyRing, model, [oldRef, newRef], { isForMerging: true });
  if (from == null || into == null) return { outcome: 'ignoredErased', consequence: noConsequence };
  if (from.sourceId === into.sourceId) return { outcome: 'alreadyRelinked', consequence: noConsequence };

  const sourceIds = [from.sourceId, into.sourceId];
  const loading = { sourceIds, registrationRefs: [], codes: [], clickIds: [], attributionIds: [] };
  const loaded = await repository.load(session, loading);
  const ledger = await openLedger(session, [], loaded, () => parts.random.uuid());
  const [own, other] = [ledger.currentBySource.get(from.sourceId), ledger.currentBySource.get(into.sourceId)];
  const doubles = await actRepository.mergeSources(session, {
    fromId: from.sourceId,
    intoId: into.sourceId,
    codeId: other?.codeId ?? null,
  });
  // By the ids that the merges before have led to: a mentor's own id has moved along with them.
  const fromHashes = await hashMemberRef(parts.keyRing, session.orgId, from);
  const intoHashes = await hashMemberRef(parts.keyRing, session.orgId, into);
  const [intoHash] = intoHashes;
  if (intoHash !== undefined) await actRepository.moveMentorsMemberId(session, fromHashes, intoHash);
  into.memberIdHashes = [...fromHashes, ...intoHashes];
  if (own !== undefined && other === undefined) {
    await actRepository.moveCurrent(session, from.sourceId, into.sourceId);
    own.sourceId = into.sourceId;
  }
  const newest = [from.newest, into.newest].filter((one) => one !== null);
  into.newest = newest.sort((a, b) => b.occurredAt.getTime() - a.occurredAt.getTime() || b.rank - a.rank)[0] ?? null;

  const kept = [...(ledger.keptBySource.get(from.sourceId) ?? []), ...(ledger.keptBySource.get(into.sourceId) ?? [])];
  ledger.keptBySource.set(into.sourceId, kept);
  const survivor = other ?? own;
  const credits = trackCredits(ledger);
  if (survivor !== undefined) {
    replay(ledger, survivor, into, into.newest);
    ledger.settledSources.add(into.sourceId);
  }
  for (const { inboxItemId, kind, mentorId, attributionId } of doubles) {
    const data = { inbox_item_id: inboxItemId, kind };
    ledger.events.push({ type: 'inbox.resolved', mentorId, attributionId, data });
  }
  credits.after(0);
  const isConflict = own !== undefined && other !== undefined;
  if (isConflict) {
    const code = ledger.codesById.get(own.codeId)?.code ?? '';
    for (const { inboxItemId, kind, mentorId, attributionId } of await actRepository.askAgain(
      session,
      into.sourceId,
      code,
    )) {
      const data = { inbox_item_id: inboxItemId, kind, is_reopened: true };
      ledger.events.push({ type: 'inbox.opened', mentorId, attributionId, data });
    }
    ledger.inbox.push({
      kind: 'conflict',
      source: into,
      code,
      mentorId: own.mentorId,
      attributionId: own.attributionId,
      suggestions: [],
    });
  }
  for (const current of [own, other]) if (current !== undefined) askAboutOneself(ledger, current, into);
  const before = await actRepository.totalsOf(session, [...new Set(credits.steps.map(({ mentorId }) => mentorId))]);
  const counted = await closeLedger(session, ledger, {
    loaded,
    steps: credits.steps,
    actorOf: () => describeActor(call.actor),
  });
  const outcome = isConflict ? 'conflict' : 'relinked';
  const { actor } = call;
  await recordAction(session, { actor, action: 'member.relink', subjectId: into.sourceId, details: { outcome } });
  return { outcome, consequence: consequenceOf(before, counted.totalByMentor, counted.events) };
}

/** By the merge a mentor may turn out to be his own recruit: a person is asked, as when his member id becomes known later. */
function askAboutOneself(ledger: Ledger, current: Attribution, source: LockedSource): void {
  const isOver = current.removedAt !== null || (current.status !== 'pending' && current.status !== 'confirmed');
  if (isOver || !isOwnMembership(ledger, current, source)) return;
  const { mentorId, attributionId } = current;
  const { code } = codeOf(ledger, current);
  ledger.inbox.push({ kind: 'self_referral', source, code, mentorId, attributionId, suggestions: [] });
}
