import type { Fact, FactOutcome } from '../attributions/fact.ts';
import type { FactIntake } from '../attributions/fact-intake.ts';
import * as reads from '../attributions/reads-repository.ts';
import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import type { ReferralCode } from '../codes/code.ts';
import { mentorOf, readOwner } from '../codes/owner.ts';
import type { CodesService, GetOrCreateOutcome, InvalidateOutcome } from '../codes/service.ts';
import { VerveError } from '../errors.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import * as reviews from '../reviews/service.ts';

/** Who is credited: a customer, a club, a mentor. */
export interface Referrer {
  ownerModel: string;
  ownerRef: string;
  code: string;
  codeId: string;
}

/** A sale and the code that brought it. */
export interface Sale {
  code: string;
  /** Who bought. Refused when it is the code's owner. */
  refereeRef: string;
  refereeModel: string;
  /** What is credited, once: an order's id and the word for it. */
  sourceRef: string;
  sourceModel: string;
  occurredAt?: Date | null;
}

export type Conversion = { attributionId: string; referrer: Referrer; outcome: FactOutcome['outcome'] };

/**
 * Referral attribution for anything (spec §4, "general engine"): owners are a model and a reference, so are sources. The
 * same codes, facts, reviews and events as for memberships; one source is credited once, one buyer once for every order.
 */
export interface Referrals {
  /** The owner's active code, or a new one. Safe to repeat and to race. */
  generateCode(call: Call & { ownerRef: string; ownerModel: string }): Promise<GetOrCreateOutcome>;
  /** A code of any status, in any spelling; null = nobody here ever had it. */
  lookupByCode(call: Call & { code: string }): Promise<ReferralCode | null>;
  /** Ends the owner's active code. Safe to repeat. */
  deactivate(call: Call & { ownerRef: string; ownerModel: string; reason?: string }): Promise<InvalidateOutcome>;
  /** Who stands behind an active code; null = nobody, or no longer. */
  resolveReferrer(call: Call & { code: string }): Promise<Referrer | null>;
  /**
   * Credits a sale. null for a code that nobody has, and for one's own: the sale goes on. Safe to repeat per source.
   * Enlist the engine in your transaction (`verve.enlist`) and it commits with the sale or not at all.
   */
  attributeSale(call: Call & Sale): Promise<Conversion | null>;
  /** Credits a source under a code. Idempotent per source: a repetition answers the decision. */
  recordConversion(
    call: Call & Omit<Sale, 'refereeRef' | 'refereeModel'> & { refereeRef?: string | null },
  ): Promise<FactOutcome>;
  approve(call: Call & { attributionId: string; role?: reviews.ApproverRole }): Promise<reviews.Approved>;
  reject(
    call: Call & { attributionId: string; reasonCode: reviews.RejectionReason; reasonText?: string | null },
  ): Promise<reviews.Rejected>;
  updateApprovals(
    call: Call & { attributionId: string; approvals: readonly reviews.Approval[] },
  ): Promise<reviews.Approved>;
  /** What an owner has brought, newest first. `limit`: 50 by default. */
  listForReferrer(
    call: Call & {
      ownerRef: string;
      ownerModel: string;
      after?: { createdAt: Date; attributionId: string } | null;
      limit?: number;
    },
  ): Promise<reads.AttributionView[]>;
  /** Migrates the schema and reports drift, by the function that `createVerve` was given for it. */
  syncIndexes(): Promise<{ applied: string[]; drift: string[] }>;
  /** Ends every subscription made through this engine. The host's pool stays the host's. */
  destroy(): Promise<void>;
}

/** Brings the schema up to date: given by a host that may; the engine itself never connects as owner. */
export type SyncSchema = () => Promise<{ applied: string[]; drift: string[] }>;

export function createReferrals(
  parts: EngineParts,
  nouns: { codes: CodesService; intake: FactIntake },
  host: { syncSchema: SyncSchema | undefined; endSubscriptions: () => void },
): Referrals {
  const { codes, intake } = nouns;

  async function recordConversion(
    call: Call & Omit<Sale, 'refereeRef' | 'refereeModel'> & { refereeRef?: string | null },
  ): Promise<FactOutcome> {
    requireMay(call.actor, 'attribution.confirm');
    const { code, sourceModel, sourceRef, occurredAt = null, refereeRef = null } = call;
    if (sourceModel === 'membership')
      throw new VerveError('invalid_request', 'A membership is confirmed with confirmRecruitment.');
    const fact: Fact = {
      kind: 'confirmed',
      memberId: sourceRef,
      sourceModel,
      code,
      occurredAt,
      refereeRef,
      source: 'api',
    };
    const { orgId, actor } = call;
    const [outcome] = await intake.applyFacts({ orgId, actor, facts: [fact] });
    return outcome as FactOutcome;
  }

  return {
    generateCode: (call) => codes.getOrCreate(call),
    lookupByCode: (call) => codes.findByCode(call),
    async deactivate(call) {
      const { reason = 'deactivated', ...rest } = call;
      return codes.deactivateCode({ ...rest, reason });
    },
    async resolveReferrer(call) {
      const code = await codes.findByCode(call);
      return code === null || code.status !== 'active' ? null : referrerOf(code);
    },
    async attributeSale(call) {
      const code = await codes.findByCode(call);
      if (code === null) return null;
      const { refereeModel, ...rest } = call;
      const isOwnCode = code.ownerModel === refereeModel && code.ownerRef === call.refereeRef;
      if (isOwnCode) return null;
      const outcome = await recordConversion({
        ...rest,
        refereeRef: refereeModel === code.ownerModel ? call.refereeRef : null,
      });
      return 'attributionId' in outcome
        ? { attributionId: outcome.attributionId, referrer: referrerOf(code), outcome: outcome.outcome }
        : null;
    },
    recordConversion,
    approve: (call) => inOrganisation(parts, call, (session) => reviews.approve(parts, session, call)),
    reject: (call) => inOrganisation(parts, call, (session) => reviews.reject(parts, session, call)),
    updateApprovals: (call) => inOrganisation(parts, call, (session) => reviews.updateApprovals(parts, session, call)),
    listForReferrer: (call) =>
      inOrganisation(parts, call, async (session) => {
        const { ownerModel, ownerRef } = readOwner(call);
        const { after = null, limit = 50 } = call;
        await authoriseAboutMentor(session, call.actor, 'attribution.read', mentorOf({ ownerModel, ownerRef }));
        return reads.listAttributions(session, { ownerModel, ownerRef, after, limit });
      }),
    async syncIndexes() {
      if (host.syncSchema === undefined) {
        throw new VerveError('unprocessable', 'Give createVerve a syncSchema to migrate with, or run: verve migrate.');
      }
      return host.syncSchema();
    },
    async destroy() {
      host.endSubscriptions();
    },
  };
}

function referrerOf(code: ReferralCode): Referrer {
  return { ownerModel: code.ownerModel, ownerRef: code.ownerRef, code: code.code, codeId: code.codeId };
}
