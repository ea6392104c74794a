import type { Fact } from '../../engine/attributions/fact.ts';
import type { ReconciliationSource } from '../../engine/reconciliation/service.ts';
import type { DataverseClient } from './client.ts';
import type { Columns } from './column-value.ts';
import type { DataverseConfiguration } from './configuration.ts';
import { DataverseError } from './dataverse-error.ts';
import { readRow } from './read-row.ts';

/** The server is stopping. */
class ReadingStopped extends Error {}

/** Rows of an organisation's Dataverse table as pages of facts. Only reads. */
export function dataverseReconciliation(input: {
  readonly client: DataverseClient;
  readonly configuration: DataverseConfiguration;
  readonly timeZone: string;
  readonly now: () => Date;
  /** Ends the reading before the next page: what was done stays. (Default: none) */
  readonly signal?: AbortSignal;
  /** Rows a page. (Default: 500) */
  readonly pageSize?: number;
}): ReconciliationSource {
  const { client, configuration, timeZone, now, signal, pageSize = 500 } = input;
  return {
    async *readPages({ since, runId }) {
      for await (const rows of client.readPages({ since, pageSize })) {
        const context = { timeZone, readAt: now(), source: 'poll' as const, sourceRef: runId };
        const facts: Fact[] = [];
        let unreadable = 0;
        for (const row of rows) {
          const reading = readRow(row, configuration, context);
          if (reading.outcome === 'fact') facts.push(reading.fact);
          else if (reading.outcome === 'incomplete') unreadable += 1;
        }
        yield { facts, unreadable, changedUntil: lastChange(rows, configuration) };
        if (signal?.aborted) throw new ReadingStopped();
      }
    },
    explain(error) {
      if (error instanceof ReadingStopped)
        return { code: 'stopped', detail: 'The server stopped. The next run goes on.' };
      return error instanceof DataverseError ? { code: error.fault, detail: error.message } : null;
    },
  };
}

function lastChange(rows: readonly Columns[], configuration: DataverseConfiguration): Date | null {
  const changed = rows.at(-1)?.get(configuration.modifiedAt);
  if (changed === undefined || changed === null) return null;
  const at = changed instanceof Date ? changed : new Date(String(changed));
  return Number.isNaN(at.getTime()) ? null : at;
}
