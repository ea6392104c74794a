import type { Fact, FactKind } from '../../engine/attributions/fact.ts';
import { FUTURE_TOLERANCE_MS } from '../../engine/attributions/fact.ts';
import { lastInstant, readWrittenTime, type WrittenTime } from '../time/local-time.ts';
import type { MembershipColumn } from './membership-columns.ts';
import { readStatus } from './status-words.ts';

/** What is wrong with one row. Names column and line, never the value. */
export interface RowProblem {
  code: 'column_count' | 'missing' | 'invalid' | 'unknown_status' | 'unreadable_date' | 'in_the_future';
  column: MembershipColumn | null;
  message: string;
}

export interface RowOptions {
  timeZone: string;
  /** The time of the import: stands in for a missing date, and no date may lie after it by more than a day. */
  now: Date;
  statusMap: ReadonlyMap<string, FactKind>;
  /** For rows without a status. Null = a status is needed. */
  defaultStatus: FactKind | null;
  sourceRef: string | null;
}

/** Gives the text of a column in the row at hand, trimmed; '' where the file or the row has none. */
export type Cell = (column: MembershipColumn) => string;

const LENGTHS: Partial<Record<MembershipColumn, { length: number; name: string }>> = {
  memberId: { length: 128, name: 'member number' },
  code: { length: 64, name: 'referral code' },
  registrationRef: { length: 128, name: 'registration reference' },
  membershipType: { length: 64, name: 'type of membership' },
  reason: { length: 64, name: 'reason' },
};

/** Reads one row into a fact, or says what is wrong with it. Pure. */
export function readRow(cell: Cell, options: RowOptions): { fact: Fact } | { problem: RowProblem } {
  const statusText = cell('status');
  const kind = statusText === '' ? options.defaultStatus : readStatus(statusText, options.statusMap);
  if (kind === null) return refuseStatus(statusText);
  const memberId = cell('memberId');
  if (memberId === '' && !(kind === 'registered' && (cell('code') !== '' || cell('registrationRef') !== ''))) {
    return { problem: { code: 'missing', column: 'memberId', message: 'The row has no member number.' } };
  }
  for (const [column, { length, name }] of Object.entries(LENGTHS) as [
    MembershipColumn,
    { length: number; name: string },
  ][]) {
    if ([...cell(column)].length > length || /\p{Cc}/u.test(cell(column))) {
      const message = `The ${name} is longer than ${length} characters or holds a control character: mend it in the file.`;
      return { problem: { code: 'invalid', column, message } };
    }
  }
  const registered = readDate('registeredAt', cell, options);
  if ('problem' in registered) return registered;
  const occurred = readDate('occurredAt', cell, options);
  if ('problem' in occurred) return occurred;
  return {
    fact: {
      kind,
      memberId: memberId || null,
      code: cell('code') || null,
      registrationRef: cell('registrationRef') || null,
      registeredAt: registered.written?.at ?? null,
      occurredAt: occurredAt(kind, occurred.written, options),
      membershipType: cell('membershipType') || null,
      reason: cell('reason') || null,
      source: 'import',
      sourceRef: cell('eventId') || options.sourceRef,
    },
  };
}

/** A day without a time is its start for a registration and its end for what comes after one. */
function occurredAt(kind: FactKind, written: WrittenTime | null, { timeZone, now }: RowOptions): Date {
  if (written === null) return now;
  return kind === 'registered' ? written.at : lastInstant(written, timeZone, now);
}

function readDate(
  column: 'registeredAt' | 'occurredAt',
  cell: Cell,
  { timeZone, now }: RowOptions,
): { written: WrittenTime | null } | { problem: RowProblem } {
  const text = cell(column);
  if (text === '') return { written: null };
  const written = readWrittenTime(text, timeZone);
  if (written === null) {
    const message = 'Write dates as 2026-11-20, 20.11.2026 or 20.11.2026 13:45.';
    return { problem: { code: 'unreadable_date', column, message } };
  }
  if (written.at.getTime() > now.getTime() + FUTURE_TOLERANCE_MS) {
    return { problem: { code: 'in_the_future', column, message: 'The date lies in the future.' } };
  }
  return { written };
}

function refuseStatus(text: string): { problem: RowProblem } {
  if (text === '') return { problem: { code: 'missing', column: 'status', message: 'The row has no status.' } };
  const message =
    'Use registered, confirmed, rejected or reversed (registrert, bekreftet, avvist, omgjort), or map the word.';
  return { problem: { code: 'unknown_status', column: 'status', message } };
}
