import type { Reading } from '../reading.ts';
import { decodeRecord, isObject } from './column-value.ts';
import type { DataverseConfiguration } from './configuration.ts';
import { decodeExecutionContext, type ExecutionContext } from './execution-context.ts';
import { readRow } from './read-row.ts';

export interface BodyContext {
  configuration: DataverseConfiguration;
  timeZone: string;
  receivedAt: Date;
}

/**
 * Reads what Dataverse sends: the webhook's RemoteExecutionContext, or the flat record that a Power Automate flow
 * forwards. Pure. An Update carries only changed columns, and an oversized body none: where that leaves the row unclear
 * the answer is `rereadNeeded`, and `readRow` on the fetched row says the rest.
 */
export function readDataverseBody(body: unknown, context: BodyContext): Reading {
  const decoded = decodeExecutionContext(body);
  if (decoded !== null) return readExecutionContext(decoded, context);
  const record = flatRecord(body, context.configuration);
  if (record !== null) return readFlatRecord(record, context);
  const message = 'The body is neither a Dataverse webhook nor a record of the configured table.';
  return { outcome: 'malformed', refusals: [{ index: 0, field: null, code: 'invalid', message }] };
}

function readExecutionContext(
  decoded: ExecutionContext,
  { configuration, timeZone, receivedAt }: BodyContext,
): Reading {
  const { organizationId } = configuration;
  if (organizationId !== null && decoded.organizationId !== organizationId) return { outcome: 'wrongOrganisation' };
  if (decoded.table !== configuration.table) return { outcome: 'ignored', reason: 'otherTable' };
  if (decoded.message === 'other') return { outcome: 'ignored', reason: 'otherMessage' };
  const sourceRef = decoded.operationId;
  const rowContext = { timeZone, readAt: decoded.operationAt ?? receivedAt, source: 'webhook' as const, sourceRef };
  if (decoded.message === 'delete') return readDeletion(decoded, configuration, rowContext);
  // An absent code may be an empty one or one that did not change: only a whole row tells.
  const needed = [configuration.referralCode, configuration.registrationRef].filter((name) => name !== null);
  if (!decoded.isWholeRow && !needed.every((name) => decoded.columns.has(name))) {
    return { outcome: 'rereadNeeded', rowId: decoded.rowId };
  }
  const row = readRow(decoded.columns, configuration, rowContext);
  if (row.outcome === 'incomplete') return { outcome: 'rereadNeeded', rowId: decoded.rowId };
  if (row.outcome === 'ignored') return row;
  return { outcome: 'facts', facts: [{ index: 0, fact: row.fact }], refusals: [] };
}

/** A deleted row is gone: only a pre-image can say whose it was. */
function readDeletion(
  decoded: ExecutionContext,
  configuration: DataverseConfiguration,
  rowContext: Parameters<typeof readRow>[2],
): Reading {
  const before = readRow(decoded.columnsBefore, configuration, rowContext);
  if (configuration.deletedMeans === 'ignored' || before.outcome !== 'fact') {
    return { outcome: 'ignored', reason: 'rowDeleted' };
  }
  const fact = { ...before.fact, kind: 'reversed' as const, occurredAt: rowContext.readAt, reason: 'deleted' };
  return { outcome: 'facts', facts: [{ index: 0, fact }], refusals: [] };
}

/** The record itself, or the record within the whole trigger output which some flows forward. */
function flatRecord(body: unknown, configuration: DataverseConfiguration): Record<string, unknown> | null {
  if (!isObject(body)) return null;
  if (typeof body[configuration.id] === 'string') return body;
  const inner = body.body;
  return isObject(inner) && typeof inner[configuration.id] === 'string' ? inner : null;
}

function readFlatRecord(
  record: Record<string, unknown>,
  { configuration, timeZone, receivedAt }: BodyContext,
): Reading {
  if (typeof record.SdkMessage === 'string' && /^delete$/i.test(record.SdkMessage)) {
    return { outcome: 'ignored', reason: 'rowDeleted' };
  }
  const rowContext = { timeZone, readAt: receivedAt, source: 'webhook' as const, sourceRef: null };
  const row = readRow(decodeRecord(record), configuration, rowContext);
  if (row.outcome === 'incomplete') return { outcome: 'rereadNeeded', rowId: String(record[configuration.id]) };
  if (row.outcome === 'ignored') return row;
  return { outcome: 'facts', facts: [{ index: 0, fact: row.fact }], refusals: [] };
}
