import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Database, Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { rehearse } from '../rehearse.ts';
import { codeTextOf } from './apply-facts.ts';
import type { Fact, FactOutcome } from './fact.ts';
import type { FactIntake } from './fact-intake.ts';
import { findKnownFacts, refreshStatistics } from './known-facts-repository.ts';

/** What became of one statement of a reconciliation or import. */
export type BulkOutcome =
  | FactOutcome
  /** The same statement is on record already: nothing happened. */
  | { outcome: 'alreadyKnown'; attributionId: string }
  /** It cannot be applied as it is; the others of its batch were. `code` is an error code. */
  | { outcome: 'refused'; code: string };

interface Batch {
  orgId: string;
  actor: Actor;
  /** At most 500. */
  facts: readonly Fact[];
}

export interface BulkIntake {
  /**
   * Applies a batch of memberships in one transaction, passing over statements that are on record already, so that what
   * a second reading brings again leaves no trace. `within` runs last in that transaction. Safe to repeat.
   */
  apply(
    batch: Batch & { within?: (session: Session, outcomes: readonly BulkOutcome[]) => Promise<void> },
  ): Promise<BulkOutcome[]>;
  /** Records on the audit log that an import begins. */
  noteImport(call: { orgId: string; actor: Actor; sourceRef: string | null }): Promise<void>;
  /** Tells the planner how large the tables have become: worth its half second now and then during a large load. */
  refreshStatistics(orgId: string): Promise<void>;
  /** What `apply` would answer now. Does everything and rolls it back. */
  preview(batch: Batch): Promise<BulkOutcome[]>;
}

export function createBulkIntake(options: { database: Database; intake: FactIntake }): BulkIntake {
  const { database, intake } = options;

  async function applyIn(session: Session, { actor, facts }: Batch): Promise<BulkOutcome[]> {
    const known = await findKnownFacts(session, facts, facts.map(codeTextOf));
    const fresh = facts.filter((_fact, place) => !known.has(place));
    const outcomes = await intake.applyFactsIn(
      session,
      fresh.map((fact) => ({ fact, actor })),
    );
    let taken = 0;
    return facts.map((_fact, place) => {
      const attributionId = known.get(place);
      if (attributionId !== undefined) return { outcome: 'alreadyKnown', attributionId };
      taken += 1;
      return outcomes[taken - 1] as FactOutcome;
    });
  }

  const inTransaction = <Result>(orgId: string, work: (session: Session) => Promise<Result>): Promise<Result> =>
    database.transaction({ role: 'verve_engine', orgId }, work);

  const rehearseAll = (batch: Batch): Promise<BulkOutcome[]> =>
    rehearse({ database }, batch.orgId, (session) => applyIn(session, batch));

  /** A batch that the database or a rule refuses as a whole is taken apart: only the bad statement is refused. */
  async function oneByOne(
    batch: Batch,
    work: (single: Batch) => Promise<BulkOutcome[]>,
    error: unknown,
  ): Promise<BulkOutcome[]> {
    if (!(error instanceof VerveError) || error.code === 'database_unavailable') throw error;
    if (batch.facts.length <= 1) return batch.facts.map(() => ({ outcome: 'refused', code: error.code }));
    const outcomes: BulkOutcome[] = [];
    for (const fact of batch.facts) {
      const single = { ...batch, facts: [fact] };
      outcomes.push(...(await work(single).catch((reason: unknown) => oneByOne(single, work, reason))));
    }
    return outcomes;
  }

  return {
    async apply({ within = async () => {}, ...batch }) {
      try {
        return await inTransaction(batch.orgId, async (session) => {
          const outcomes = await applyIn(session, batch);
          await within(session, outcomes);
          return outcomes;
        });
      } catch (error) {
        const work = (single: Batch) => inTransaction(batch.orgId, (session) => applyIn(session, single));
        const outcomes = await oneByOne(batch, work, error);
        await inTransaction(batch.orgId, (session) => within(session, outcomes));
        return outcomes;
      }
    },
    async noteImport({ orgId, actor, sourceRef }) {
      const details = { source_ref: sourceRef };
      await inTransaction(orgId, (session) =>
        recordAction(session, { actor, action: 'import.run', subjectId: orgId, details }),
      );
    },
    refreshStatistics: (orgId) => inTransaction(orgId, refreshStatistics),
    preview: (batch) => rehearseAll(batch).catch((error: unknown) => oneByOne(batch, rehearseAll, error)),
  };
}
