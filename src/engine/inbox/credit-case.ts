import { type Actor, describeActor } from '../actor.ts';
import { consequenceOf, requirePermission } from '../attributions/act.ts';
import { latestCodeOf, totalsOf } from '../attributions/act-repository.ts';
import type { FactIntake } from '../attributions/fact-intake.ts';
import { reassign, requireCode, restore } from '../attributions/reassign.ts';
import { readCode } from '../codes/read-code.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { Counted } from '../milestones/count-credits.ts';
import type { EngineParts } from '../parts.ts';
import { linkClaim } from './link-claim.ts';
import * as repository from './repository.ts';
import type { CreditCall, ResolveBy, Settlement } from './settlement.ts';

type CodeCall = CreditCall<Extract<ResolveBy, { how: 'attach' | 'correct_code' }>>;

/** Credits whom a case is about: a new attribution, one that moves, or one that comes back. */
export async function creditCase(
  parts: EngineParts,
  intake: FactIntake,
  session: Session,
  call: CreditCall,
): Promise<Settlement> {
  const { item, by, reason, actor } = call;
  if (by.how === 'link') return linkClaim(parts, session, { ...call, by });
  if (item.sourceId === null) {
    const advice = item.kind === 'claim' ? ': link the claim to the recruitment it is about, or decline it.' : '.';
    throw new VerveError('unprocessable', `The case names no member${advice}`);
  }
  const memberId = await repository.memberOf(session, item.sourceId);
  if (memberId === null) throw new VerveError('unprocessable', 'The person behind this case has been erased.');
  const code = by.how === 'attach' ? await codeOf(session, by.mentorId) : readCode(by.code);
  if (code === null) {
    const fields = [{ field: 'code', message: 'is not of the form of a code' }];
    throw new VerveError('invalid_code', 'That is not a referral code.', { fields });
  }
  const current = await repository.currentOf(session, item.sourceId);
  if (current?.isRemoved && undoOf(item)?.attribution_id === current.attributionId)
    return creditAgain(parts, session, { item, by, reason, actor, current, code });
  if (current === null) return creditByCode(intake, session, { item, by, reason, actor, memberId, code });
  if (by.how !== 'attach')
    throw new VerveError('conflict', 'This member has an attribution already: attach the case to a mentor instead.');
  const { attributionId, consequence } = await reassign(parts, session, {
    attributionId: current.attributionId,
    toMentorId: by.mentorId,
    reason,
    actor,
  });
  const details = { undo: { attribution_id: attributionId, from_mentor_id: current.mentorId } };
  return { resolution: 'reassigned', attributionId, fact: null, consequence, details };
}

/** A member without an attribution: registered under the code, which credits what was confirmed before. */
async function creditByCode(
  intake: FactIntake,
  session: Session,
  { item, by, reason, actor, memberId, code }: CodeCall & { memberId: string; code: string },
): Promise<Settlement> {
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
  const owner = await repository.mentorOfCode(session, code);
  const before = await totalsOf(session, owner === null ? [] : [owner]);
  const counted: Counted[] = [];
  const [outcome] = await intake.applyFactsIn(session, [{ actor, fact }], { onCounted: (told) => counted.push(told) });
  if (outcome?.outcome !== 'registered') {
    throw new VerveError('unprocessable', `The code cannot take this member: ${outcome?.outcome ?? 'nothing'}.`);
  }
  await requirePermission(session, actor, 'inbox.resolve', outcome.mentorId === null ? [] : [outcome.mentorId]);
  const { attributionId } = outcome;
  const { totalByMentor, events } = counted[0] as Counted;
  return {
    resolution,
    attributionId,
    fact: outcome.outcome,
    consequence: consequenceOf(before, totalByMentor, events),
    details: { undo: { attribution_id: attributionId } },
  };
}

/** A case that was reopened and is settled anew: what reopening took out of the counts comes back, to whom it is due now. */
async function creditAgain(
  parts: EngineParts,
  session: Session,
  { item, by, reason, actor, current, code }: CodeCall & { current: repository.CurrentAttribution; code: string },
): Promise<Settlement> {
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

function resolutionOf(item: repository.InboxItem, by: CodeCall['by']): repository.Resolution {
  if (item.kind === 'claim') return 'accepted';
  return by.how === 'attach' ? 'attached' : 'code_corrected';
}

/**
 * What the last resolution that credited left to be undone: the attribution it made or moved, and from whom; null =
 * nothing.
 */
export function undoOf(item: repository.InboxItem) {
  return (item.details.undo ?? null) as { attribution_id: string; from_mentor_id?: string | null } | null;
}

/** Taking out and bringing back are an administrator's; here they follow from a case that a coordinator may decide. */
export function undoerOf(actor: Actor): Actor {
  return { kind: 'system', name: `reopen:${describeActor(actor)}` };
}

async function codeOf(session: Session, mentorId: string): Promise<string> {
  return requireCode(await latestCodeOf(session, requireUuid(mentorId, 'mentor_id')));
}
