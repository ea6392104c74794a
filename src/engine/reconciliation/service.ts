import type { Actor } from '../actor.ts';
import type { BulkIntake } from '../attributions/bulk-intake.ts';
import { addCounts, countOutcomes, noCounts, type OutcomeCounts } from '../attributions/count-outcomes.ts';
import type { Fact } from '../attributions/fact.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Database, Session } from '../database.ts';
import { requireUuid } from '../ids.ts';
import * as repository from './repository.ts';

/** Rows of the membership system as they are now, in the order of their last change. */
export interface ReconciliationPage {
  facts: readonly Fact[];
  /** Rows that could not be read. */
  unreadable: number;
  /** The newest change on the page: everything older was on this page or an earlier one. null = unknown. */
  changedUntil: Date | null;
}

/** A membership system that can be read back. `runId` names the run in each fact. */
export interface ReconciliationSource {
  readPages(options: { since: Date | null; runId: string }): AsyncIterable<ReconciliationPage>;
  /** What a person should know of a failure of this source; null = it is none of this source's. */
  explain(error: unknown): { code: string; detail: string } | null;
}

export type ReconciliationResult =
  | { outcome: 'succeeded' | 'failed'; run: repository.Run }
  /** Another process is at it. */
  | { outcome: 'alreadyRunning' };

/** A run that was begun and is to be carried on. */
export interface BegunRun {
  runId: string;
  since: Date | null;
}

interface Asked {
  orgId: string;
  trigger: repository.RunTrigger;
  /** Who asked for it; left out = the schedule. */
  actor?: Actor;
  from?: Date | null;
}

export interface Reconciliation {
  /**
   * Begins a run that `run` carries on, or answers null while another is at work. One that nobody carries on ends by
   * itself.
   */
  begin(call: Asked): Promise<BegunRun | null>;
  /**
   * Reads what changed since the last success less 48 hours, and applies it as the webhook would; a row that says what is
   * already known changes nothing (spec §8, §2.16). One at a time for each organisation. A run that fails or is cut off
   * keeps what it did, and the next goes on from there. Safe to repeat.
   *
   * `from` overrides where to begin (null = the beginning); a later beginning than due does not move the watermark.
   */
  run(
    call: Asked & {
      source: ReconciliationSource;
      /** (Default: it begins one) */
      begun?: BegunRun;
      onProgress?: (counts: OutcomeCounts) => void;
    },
  ): Promise<ReconciliationResult>;
  /** The newest runs, newest first. */
  list(call: { orgId: string; limit?: number }): Promise<repository.Run[]>;
}

const actor: Actor = { kind: 'system', name: 'reconciliation' };
const beatEveryMs = 60_000;
/** Most facts in one transaction. */
const mostFacts = 500;

/** Another process ended this run because it was silent for too long. */
class RunWasEnded extends Error {}

export function createReconciliation(options: { database: Database; bulk: BulkIntake }): Reconciliation {
  const { database, bulk } = options;
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>): Promise<Result> =>
    database.transaction({ role: 'verve_engine', orgId }, work);

  async function applyPage(orgId: string, runId: string, page: ReconciliationPage): Promise<OutcomeCounts> {
    let total = noCounts();
    for (let at = 0; at === 0 || at < page.facts.length; at += mostFacts) {
      const isLast = at + mostFacts >= page.facts.length;
      let counts = noCounts();
      await bulk.apply({
        orgId,
        actor,
        facts: page.facts.slice(at, at + mostFacts),
        within: async (session, outcomes) => {
          counts = countOutcomes(outcomes, isLast ? page.unreadable : 0);
          const isRunning = await repository.recordPage(session, runId, counts, isLast ? page.changedUntil : null);
          if (!isRunning) throw new RunWasEnded('Another process has taken over the reconciliation.');
        },
      });
      total = addCounts(total, counts);
    }
    return total;
  }

  async function begin({ orgId, trigger, actor: asker, from }: Asked): Promise<BegunRun | null> {
    requireUuid(orgId, 'org_id');
    return within(orgId, async (session) => {
      const begun = await repository.startRun(session, trigger, from);
      if (begun !== null && asker !== undefined) {
        const details = { run_id: begun.runId };
        await recordAction(session, { actor: asker, action: 'reconciliation.run', subjectId: orgId, details });
      }
      return begun;
    });
  }

  return {
    begin,
    async run({ source, begun, onProgress = () => {}, ...asked }) {
      const { orgId } = asked;
      const started = begun ?? (await begin(asked));
      if (started === null) return { outcome: 'alreadyRunning' };
      const { runId, since } = started;
      const beating = setInterval(() => {
        within(orgId, (session) => repository.beat(session, runId)).catch(() => {}); // the next page tells
      }, beatEveryMs);
      let failure: { code: string; detail: string } | null = null;
      try {
        let total = noCounts();
        for await (const page of source.readPages({ since, runId })) {
          total = addCounts(total, await applyPage(orgId, runId, page));
          onProgress(total);
        }
      } catch (error) {
        failure = source.explain(error);
        if (failure === null && !(error instanceof RunWasEnded)) {
          const fault = { code: 'fault', detail: 'Something failed on our side; the log says what.' };
          await within(orgId, (session) => repository.endRun(session, runId, fault));
          throw error;
        }
      } finally {
        clearInterval(beating);
      }
      await within(orgId, (session) => repository.endRun(session, runId, failure));
      const run = await within(orgId, (session) => repository.getRun(session, runId));
      if (run === null) throw new Error('A run that was started is gone.');
      return { outcome: run.status === 'succeeded' ? 'succeeded' : 'failed', run };
    },
    list: ({ orgId, limit = 20 }) => within(orgId, (session) => repository.listRuns(session, Math.min(limit, 200))),
  };
}
