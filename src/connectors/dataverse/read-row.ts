import type { Fact, FactKind, FactVia } from '../../engine/attributions/fact.ts';
import { lastInstant, readWrittenTime } from '../time/local-time.ts';
import type { Columns, ColumnValue } from './column-value.ts';
import type { DataverseConfiguration } from './configuration.ts';

export interface RowContext {
  timeZone: string;
  /** When the row was sent or read. */
  readAt: Date;
  source: FactVia;
  /** Operation or run that brought the row; never the row's own id, which would outlive an erasure. */
  sourceRef: string | null;
}

/** What a row says. `incomplete` names the configured columns that are needed and were not sent or are empty. */
export type RowReading =
  | { outcome: 'fact'; fact: Fact }
  | { outcome: 'ignored'; reason: 'statusNotMapped' }
  | { outcome: 'incomplete'; missing: string[] };

const DAY_MS = 86_400_000;

/**
 * Reads a row as a statement about its member, by the organisation's status map. Pure. A confirmation is dated by
 * `confirmedAt`, everything else, and a confirmation without it, by `modifiedAt`.
 */
export function readRow(columns: Columns, configuration: DataverseConfiguration, context: RowContext): RowReading {
  const { memberLookup, memberColumn, status, statusMap } = configuration;
  const memberName = memberLookup ?? memberColumn ?? '';
  const memberId = textOf(columns.get(memberName));
  const statusText = textOf(columns.get(status));
  if (statusText === null || memberId === null) {
    const missing = [statusText === null ? status : null, memberId === null ? memberName : null];
    return { outcome: 'incomplete', missing: missing.filter((name) => name !== null) };
  }
  const kind = Object.hasOwn(statusMap, statusText) ? statusMap[statusText] : undefined;
  if (kind === undefined) return { outcome: 'ignored', reason: 'statusNotMapped' };
  const column = (name: string | null) => (name === null ? null : textOf(columns.get(name)));
  return {
    outcome: 'fact',
    fact: {
      kind,
      memberId,
      code: column(configuration.referralCode),
      registrationRef: column(configuration.registrationRef),
      registeredAt: timeOf(columns.get(configuration.registeredAt), context.timeZone)?.at ?? null,
      occurredAt: occurredAt(kind, columns, configuration, context),
      membershipType: column(configuration.membershipType),
      reason: null,
      source: context.source,
      sourceRef: context.sourceRef,
    },
  };
}

function occurredAt(
  kind: FactKind,
  columns: Columns,
  configuration: DataverseConfiguration,
  context: RowContext,
): Date {
  const modified = timeOf(columns.get(configuration.modifiedAt), context.timeZone)?.at ?? context.readAt;
  const named = { confirmed: configuration.confirmedAt, registered: configuration.registeredAt };
  const name = kind === 'confirmed' || kind === 'registered' ? named[kind] : null;
  const written = name === null ? null : timeOf(columns.get(name), context.timeZone);
  if (written === null) return modified;
  return kind === 'registered' ? written.at : lastInstant(written, context.timeZone, modified);
}

/**
 * A time column. Columns of the kind "date only" come as `2026-11-20` from the Web API and as midnight UTC in a
 * webhook: both are read as that day in the organisation's zone.
 */
function timeOf(value: ColumnValue | undefined, timeZone: string): { at: Date; isWholeDay: boolean } | null {
  if (typeof value === 'string') return readWrittenTime(value, timeZone);
  if (!(value instanceof Date)) return null;
  if (value.getTime() % DAY_MS !== 0) return { at: value, isWholeDay: false };
  return readWrittenTime(value.toISOString().slice(0, 10), timeZone);
}

/** Text of a scalar, without control characters; null for what is empty. */
function textOf(value: ColumnValue | undefined): string | null {
  if (value === null || value === undefined || value instanceof Date) return null;
  const text = String(value)
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
  return text === '' || [...text].length > 128 ? null : text;
}
