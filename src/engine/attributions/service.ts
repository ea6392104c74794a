import { readCode } from '../codes/read-code.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { rehearse } from '../rehearse.ts';
import * as reviews from '../reviews/service.ts';
import { shortText } from '../short-text.ts';
import { type Consequence, requirePermission } from './act.ts';
import { type Explanation, explain } from './explain.ts';
import { attributionOf, type Fact, type FactOutcome } from './fact.ts';
import { type FactIntake, requireMemberId } from './fact-intake.ts';
import * as reads from './reads-repository.ts';
import * as moves from './reassign.ts';
import { type Relinked, relinkMember } from './relink.ts';

/** Finds the click that a registration came from (spec §2.5): the clicks' own rules, in the caller's transaction. */
export type FindClick = (
  session: Session,
  wanted: { sessionToken: string; registeredAt: Date | null },
) => Promise<{ clickId: string; clickedAt: Date; channel: string | null; code: string } | null>;

export interface Registration {
  code?: string | null;
  /** The token that the click carried; finds the code where none was given, and the click where one was. */
  sessionToken?: string | null;
  deviceToken?: string | null;
  registrationRef?: string | null;
  registeredAt?: Date | null;
  /** Only for callers who may name a member; never from the public form. */
  memberId?: string | null;
  channel?: string | null;
}

type On = Call & { attributionId: string };
type WithConsequence<Outcome> = Promise<Outcome & { consequence: Consequence }>;

export interface Attributions extends FactIntake {
  /**
   * A person submitted the sign-up form. Makes a pending attribution and gives its registration reference. Safe to
   * repeat with the same `registrationRef`. Without code and without a matching click: `noMatch`, nothing is written.
   */
  registerReferral(call: Call & Registration): Promise<FactOutcome | { outcome: 'noMatch' }>;
  /** Ties a registration that came without a code to the click with the same token. Writes nothing without a match. */
  matchRegistrationToCode(
    call: Call & { sessionToken: string; registeredAt: Date; registrationRef: string },
  ): Promise<{ outcome: 'matched' | 'alreadyMatched'; attributionId: string } | { outcome: 'noMatch' }>;
  get(call: On): Promise<reads.AttributionView>;
  getAttributionsByMentor(
    call: Call & { mentorId: string; after?: { createdAt: Date; attributionId: string } | null; limit?: number },
  ): Promise<reads.AttributionView[]>;
  /** Credited recruitments of a mentor. */
  getTotalRecruitments(call: Call & { mentorId: string }): Promise<number>;
  /** Credited ÷ clicks of people, 0 without clicks, at most 1. */
  getConversionRate(call: Call & { mentorId: string }): Promise<number>;
  getAttributionCounts(
    call: Call & { mentorId: string },
  ): Promise<reads.AttributionCounts & { conversionRate: number }>;
  /** Every fact and rule that led to the credit, in order. */
  explain(call: On): Promise<Explanation>;

  approve(call: On & { role?: reviews.ApproverRole }): WithConsequence<reviews.Approved>;
  reject(
    call: On & { reasonCode: reviews.RejectionReason; reasonText?: string | null },
  ): WithConsequence<reviews.Rejected>;
  /** Records several approvals at once; each person counts once. */
  updateApprovals(call: On & { approvals: readonly reviews.Approval[] }): Promise<reviews.Approved>;
  reassign(call: On & { toMentorId: string; reason: string }): WithConsequence<moves.Reassigned>;
  remove(call: On & { reason: string }): WithConsequence<moves.Removal>;
  restore(call: On): WithConsequence<moves.Removal>;
  relinkMember(call: Call & { oldMemberId: string; newMemberId: string }): WithConsequence<Relinked>;
  /** Reverses one attribution by its own id, as a person: the same as the membership system's reversal. */
  reverse(call: On & { reason?: string | null }): Promise<FactOutcome>;

  /** What each act would answer and move, without writing. */
  preview: {
    approve(call: On & { role?: reviews.ApproverRole }): WithConsequence<reviews.Approved>;
    reject(
      call: On & { reasonCode: reviews.RejectionReason; reasonText?: string | null },
    ): WithConsequence<reviews.Rejected>;
    reassign(call: On & { toMentorId: string; reason: string }): WithConsequence<moves.Reassigned>;
    reverse(call: On & { reason?: string | null }): Promise<FactOutcome>;
    relinkMember(call: Call & { oldMemberId: string; newMemberId: string }): WithConsequence<Relinked>;
  };
}

export function createAttributions(
  parts: EngineParts,
  intake: FactIntake,
  options: { findClick?: FindClick } = {},
): Attributions {
  const within = <Result>(call: Call, work: (session: Session) => Promise<Result>) => inOrganisation(parts, call, work);

  async function register(session: Session, call: Call & Registration): Promise<FactOutcome | { outcome: 'noMatch' }> {
    requireMay(call.actor, 'registration.record');
    if (call.memberId != null) requireMay(call.actor, 'registration.name_member');
    const { sessionToken = null, registeredAt = null } = call;
    const found =
      sessionToken === null ? null : ((await options.findClick?.(session, { sessionToken, registeredAt })) ?? null);
    const code = call.code?.trim() || (found?.code ?? null);
    if (code === null) return { outcome: 'noMatch' };
    const { channel = null } = call;
    const click =
      found === null || found.code !== (readCode(code) ?? code)
        ? null
        : { ...found, channel: found.channel ?? channel };
    const fact: Fact = {
      kind: 'registered',
      memberId: call.memberId == null ? null : requireMemberId(call.memberId, 'member_id'),
      code,
      registrationRef: call.registrationRef ?? parts.random.uuid(),
      registeredAt,
      source: 'api',
      click,
      deviceTokenHashes:
        call.deviceToken == null ? [] : await parts.keyRing.hexHashes(session.orgId, 'device-token', call.deviceToken),
    };
    const [outcome] = await intake.applyFactsIn(session, [{ actor: call.actor, fact }]);
    return outcome as FactOutcome;
  }

  async function readView(session: Session, call: On): Promise<reads.AttributionView> {
    const view = await reads.findAttribution(session, requireUuid(call.attributionId, 'attribution_id'));
    if (view === null) throw new VerveError('not_found');
    await requirePermission(session, call.actor, 'attribution.read', view.mentorId === null ? [] : [view.mentorId]);
    return view;
  }

  async function readCounts(session: Session, call: Call & { mentorId: string }) {
    const mentorId = requireUuid(call.mentorId, 'mentor_id');
    await requirePermission(session, call.actor, 'report.read', [mentorId]);
    const counts = await reads.countOfMentor(session, mentorId);
    const conversionRate = counts.totalClicks === 0 ? 0 : Math.min(1, counts.confirmedCount / counts.totalClicks);
    return { ...counts, conversionRate };
  }

  async function reverse(session: Session, call: On & { reason?: string | null }): Promise<FactOutcome> {
    const view = await readView(session, call);
    await requirePermission(session, call.actor, 'attribution.reverse', view.mentorId === null ? [] : [view.mentorId]);
    const memberId = await reads.memberOf(session, call.attributionId);
    if (memberId === null)
      throw new VerveError('unprocessable', 'Nobody is tied to this registration, or the person was erased.');
    const reason = call.reason == null ? null : shortText(call.reason, 64);
    const fact: Fact = { kind: 'reversed', memberId, sourceModel: view.sourceModel, reason, source: 'person' };
    const [outcome] = await intake.applyFactsIn(session, [{ actor: call.actor, fact }]);
    if (attributionOf(outcome as FactOutcome) !== call.attributionId)
      throw new VerveError('conflict', 'Another row stands for this member now: act on that one, or remove this one.');
    return outcome as FactOutcome;
  }

  return {
    ...intake,
    registerReferral: (call) => within(call, (session) => register(session, call)),
    matchRegistrationToCode: (call) =>
      within(call, async (session) => {
        const outcome = await register(session, call);
        if (outcome.outcome === 'registered') return { outcome: 'matched', attributionId: outcome.attributionId };
        if ('attributionId' in outcome) return { outcome: 'alreadyMatched', attributionId: outcome.attributionId };
        return { outcome: 'noMatch' };
      }),
    get: (call) => within(call, (session) => readView(session, call)),
    getAttributionsByMentor: (call) =>
      within(call, async (session) => {
        const mentorId = requireUuid(call.mentorId, 'mentor_id');
        await requirePermission(session, call.actor, 'attribution.read', [mentorId]);
        return reads.listAttributions(session, { mentorId, after: call.after ?? null, limit: call.limit ?? 50 });
      }),
    getTotalRecruitments: (call) => within(call, async (session) => (await readCounts(session, call)).confirmedCount),
    getConversionRate: (call) => within(call, async (session) => (await readCounts(session, call)).conversionRate),
    getAttributionCounts: (call) => within(call, (session) => readCounts(session, call)),
    explain: (call) =>
      within(call, async (session) => {
        await readView(session, call);
        return explain(session, call.attributionId);
      }),

    approve: (call) => within(call, (session) => reviews.approve(parts, session, call)),
    reject: (call) => within(call, (session) => reviews.reject(parts, session, call)),
    updateApprovals: (call) => within(call, (session) => reviews.updateApprovals(parts, session, call)),
    reassign: (call) => within(call, (session) => moves.reassign(parts, session, call)),
    remove: (call) => within(call, (session) => moves.remove(parts, session, call)),
    restore: (call) => within(call, (session) => moves.restore(parts, session, call)),
    relinkMember: (call) => within(call, (session) => relinkMember(parts, session, call)),
    reverse: (call) => within(call, (session) => reverse(session, call)),
    preview: {
      approve: (call) => rehearse(parts, call.orgId, (session) => reviews.approve(parts, session, call)),
      reject: (call) => rehearse(parts, call.orgId, (session) => reviews.reject(parts, session, call)),
      reassign: (call) => rehearse(parts, call.orgId, (session) => moves.reassign(parts, session, call)),
      reverse: (call) => rehearse(parts, call.orgId, (session) => reverse(session, call)),
      relinkMember: (call) => rehearse(parts, call.orgId, (session) => relinkMember(parts, session, call)),
    },
  };
}
