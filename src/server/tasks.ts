import { runStoredImport, runWaitingImports } from '../connectors/csv/run-stored-import.ts';
import { createClickUpkeep } from '../engine/clicks/upkeep.ts';
import { expireCodes } from '../engine/codes/expire-codes.ts';
import type { Inbound } from '../engine/inbound/service.ts';
import type { Verve } from '../engine/verve.ts';
import type { Task } from './jobs.ts';
import { type DigestMail, sendDigest } from './mail-digest.ts';

/** How an inbound delivery is read; the connectors' part of the sweep. */
export type Understand = Parameters<Inbound['sweep']>[0]['understand'];

/** What the tasks need beside the engine. Left out = the installation has no such thing, and its task is not planned. */
export interface TaskParts {
  readonly verve: Verve;
  readonly understand?: Understand;
  /** Where the digest of the inbox goes as letters. (Default: none are sent) */
  readonly mail?: DigestMail | null;
  /** Reads the organisation's membership system back; does nothing for one that has none. */
  readonly reconcile?: (call: { orgId: string; signal: AbortSignal }) => Promise<{ outcome: string }>;
}

/** A delivery that was stored this long ago and not understood was left by a server that died. */
const SWEEP_AFTER_SECONDS = 60;

/** Everything that is done again and again, or takes long, each with its time. The docs page shows this table. */
export function createTasks(parts: TaskParts): Task[] {
  const { verve, understand, reconcile, mail = null } = parts;
  const upkeep = createClickUpkeep(verve.parts);
  const installation = (name: string, cron: string, run: () => Promise<unknown>): Task => ({
    name,
    cron,
    scope: 'installation',
    run,
  });
  const organisation = (name: string, cron: string | null, run: Task['run']): Task => ({
    name,
    cron,
    scope: 'organisation',
    run,
  });

  return [
    installation('click-partitions', '5 * * * *', () => upkeep.makePartitions()),
    installation('click-counts', '* * * * *', () => upkeep.foldCounts()),
    installation('click-retention', '40 3 * * *', () => upkeep.prune()),
    installation('offboarding', '* * * * *', async () => {
      for (const orgId of await verve.offboarding.listLeaving()) await verve.offboarding.finish({ orgId });
    }),
    organisation('code-expiry', '15 * * * *', ({ orgId }) => expireCodes(verve.parts, { orgId })),
    organisation('retention', '20 4 * * *', ({ orgId }) => verve.retention.apply({ orgId })),
    organisation('audit-seal', '*/2 * * * *', ({ orgId }) => verve.audit.seal({ orgId })),
    organisation('inbox-digest', '0 7 * * 1-5', ({ orgId }) => sendDigest(verve, { orgId, mail })),
    ...(understand
      ? [
          organisation('inbound-sweep', '* * * * *', ({ orgId }) =>
            verve.inbound.sweep({ orgId, olderThanSeconds: SWEEP_AFTER_SECONDS, understand }),
          ),
        ]
      : []),
    ...(reconcile ? [organisation('reconciliation', '10 3 * * *', (call) => orRetry(reconcile(call)))] : []),
    organisation('import', '* * * * *', ({ orgId, subjectId, signal }) =>
      subjectId === null
        ? runWaitingImports(verve, { orgId, signal })
        : runStoredImport(verve, { orgId, importId: subjectId, signal }),
    ),
  ];
}

/** The run stands in the list with its reason; failing tells the scheduler to try again within the hour. */
class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

async function orRetry(run: Promise<{ outcome: string }>): Promise<{ outcome: string }> {
  const result = await run;
  if (result.outcome === 'failed') throw new RunFailed();
  return result;
}
