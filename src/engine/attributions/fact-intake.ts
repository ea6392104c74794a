import type { Actor } from '../actor.ts';
import type { AuditAction } from '../audit/actions.ts';
import { recordAction } from '../audit/record-action.ts';
import { combineByOrganisation } from '../combine.ts';
import type { Database, Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { shortText } from '../short-text.ts';
import { applyFacts, type BroughtFact, type FactCompany } from './apply-facts.ts';
import type { Fact, FactOutcome } from './fact.ts';

/** Most facts in one transaction. */
const mostFacts = 500;
const longestMemberId = 128;
const longestReference = 128;
const longestSourceRef = 256;
/** Of a membership type and of a reason. */
const longestWord = 64;

const actionOf: Partial<Record<Fact['kind'], AuditAction>> = {
  confirmed: 'attribution.confirm',
  reversed: 'attribution.reverse',
};

/** What a statement through the interface may say beside member and code. */
export interface StatementDetails {
  registrationRef?: string | null;
  registeredAt?: Date | null;
  occurredAt?: Date | null;
  membershipType?: string | null;
  reason?: string | null;
  source?: Fact['source'];
  sourceRef?: string | null;
}

export interface FactIntake {
  /**
   * Applies facts and gives one outcome each, in order. Concurrent calls of one organisation share a transaction.
   * Safe to repeat. Every inbound way (webhook, poll, import, API, person) ends here.
   */
  applyFacts(call: { orgId: string; actor: Actor; facts: readonly Fact[] }): Promise<FactOutcome[]>;
  /** The same inside a transaction that the caller has open, for a batch that must commit with something else. */
  applyFactsIn(session: Session, brought: readonly BroughtFact[], company?: FactCompany): Promise<FactOutcome[]>;
  /** A member is real: credits the mentor whose registration or code it was. `code` may be in any spelling. */
  confirmRecruitment(
    call: { orgId: string; actor: Actor; code: string; newMemberId: string } & StatementDetails,
  ): Promise<FactOutcome>;
  /** A member is real, by member id alone: what registered that member earlier, or later, is credited. */
  confirmAttribution(
    call: { orgId: string; actor: Actor; newMemberId: string } & StatementDetails,
  ): Promise<FactOutcome>;
  /** A membership was not real after all. The credit goes; awards stay. */
  reverseRecruitment(call: { orgId: string; actor: Actor; memberId: string } & StatementDetails): Promise<FactOutcome>;
}

/** Refuses what cannot be a member id before any query. */
export function requireMemberId(memberId: string, field: string): string {
  const trimmed = memberId.trim();
  // Characters as PostgreSQL counts them: an emoji is one.
  if (trimmed.length === 0 || [...trimmed].length > longestMemberId || /\p{Cc}/u.test(trimmed)) {
    const message = `must be 1 to ${longestMemberId} characters, none of them a control character`;
    throw new VerveError('invalid_request', `${field} ${message}.`, { fields: [{ field, message }] });
  }
  return trimmed;
}

/** Hears how facts ended, once their transaction has committed. Names of ours only. */
export type HearFacts = (facts: readonly { kind: Fact['kind']; outcome: FactOutcome['outcome'] }[]) => void;

export function createFactIntake(options: {
  database: Database;
  keys: KeyRing;
  makeId?: (() => string) | undefined;
  /** (Default: nobody) */
  onFacts?: HearFacts | undefined;
}): FactIntake {
  const { database, keys, makeId, onFacts } = options;

  /** What somebody says by hand about one attribution leaves an entry on the audit log; of all else the fact is the record. */
  async function applyAndRecord(
    session: Session,
    brought: readonly BroughtFact[],
    company?: FactCompany,
  ): Promise<FactOutcome[]> {
    const outcomes = await applyFacts(session, keys, brought, { makeId, ...company });
    for (const [index, { actor, fact }] of brought.entries()) {
      const { outcome, ...more } = outcomes[index] as FactOutcome;
      const action = fact.source === 'person' ? actionOf[fact.kind] : undefined;
      if (action === undefined || outcome.startsWith('already')) continue;
      const subjectId = 'attributionId' in more ? more.attributionId : null;
      await recordAction(session, { actor, action, subjectId, details: { outcome } });
    }
    if (onFacts !== undefined) {
      const ends = outcomes.map(({ outcome }, place) => ({ kind: (brought[place] as BroughtFact).fact.kind, outcome }));
      session.afterCommit(() => onFacts(ends));
    }
    return outcomes;
  }

  /** One queue of transactions for each organisation: its facts meet on the same totals anyway. */
  const submit = combineByOrganisation<readonly BroughtFact[], FactOutcome[]>({
    maxBatch: mostFacts,
    weigh: (brought) => brought.length,
    work: (orgId, calls) =>
      database.transaction({ role: 'verve_engine', orgId, access: 'by_key' }, async (session) => {
        const outcomes = await applyAndRecord(session, calls.flat());
        return calls.map((call) => outcomes.splice(0, call.length));
      }),
  });

  async function apply(orgId: string, actor: Actor, facts: readonly Fact[]): Promise<FactOutcome[]> {
    const tenant = requireUuid(orgId, 'org_id');
    const outcomes: FactOutcome[] = [];
    for (let from = 0; from < facts.length; from += mostFacts) {
      const brought = facts.slice(from, from + mostFacts).map((fact) => ({ actor, fact: requireFact(fact) }));
      outcomes.push(...(await submit(tenant, brought)));
    }
    return outcomes;
  }

  async function applyOne(orgId: string, actor: Actor, fact: Fact): Promise<FactOutcome> {
    const [outcome] = await apply(orgId, actor, [fact]);
    return outcome as FactOutcome;
  }

  async function confirm({
    orgId,
    actor,
    newMemberId,
    ...details
  }: { orgId: string; actor: Actor; code?: string; newMemberId: string } & StatementDetails): Promise<FactOutcome> {
    const memberId = requireMemberId(newMemberId, 'new_member_id');
    return applyOne(orgId, actor, { kind: 'confirmed', source: 'api', ...details, memberId });
  }

  return {
    applyFacts: ({ orgId, actor, facts }) => apply(orgId, actor, facts),
    applyFactsIn: (session, brought, company) =>
      applyAndRecord(
        session,
        brought.map((one) => ({ ...one, fact: requireFact(one.fact) })),
        company,
      ),
    confirmRecruitment: confirm,
    confirmAttribution: confirm,
    reverseRecruitment: ({ orgId, actor, memberId, ...details }) =>
      applyOne(orgId, actor, {
        kind: 'reversed',
        source: 'api',
        ...details,
        memberId: requireMemberId(memberId, 'member_id'),
      }),
  };
}

/** Refuses a fact that no rule could decide: a status without a member, an impossible date. */
function requireFact(fact: Fact): Fact {
  if (fact.memberId === null && fact.kind !== 'registered') {
    const field = { field: 'member_id', message: 'is required for this status' };
    throw new VerveError('invalid_request', 'A confirmation, rejection or reversal names a member.', {
      fields: [field],
    });
  }
  for (const [field, date] of [
    ['occurred_at', fact.occurredAt],
    ['registered_at', fact.registeredAt],
  ] as const) {
    if (date instanceof Date && Number.isNaN(date.getTime())) {
      throw new VerveError('invalid_request', `${field} is not a time.`, {
        fields: [{ field, message: 'is not a time' }],
      });
    }
  }
  const { memberId, registrationRef } = fact;
  if (registrationRef != null && ([...registrationRef].length > longestReference || /\p{Cc}/u.test(registrationRef))) {
    const message = `must be at most ${longestReference} characters, none of them a control character`;
    throw new VerveError('invalid_request', `registration_ref ${message}.`, {
      fields: [{ field: 'registration_ref', message }],
    });
  }
  return {
    ...fact,
    memberId: memberId === null ? null : requireMemberId(memberId, 'member_id'),
    sourceRef: shorten(fact.sourceRef, longestSourceRef),
    membershipType: shorten(fact.membershipType, longestWord),
    reason: shorten(fact.reason, longestWord),
  };
}

/** What is kept for the record never stands in the way of a credit. */
function shorten(text: string | null | undefined, most: number): string | null {
  return text == null ? null : shortText(text, most);
}
