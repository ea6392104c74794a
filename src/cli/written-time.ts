import { InvalidArgumentError } from 'commander';
import { lastInstant, readWrittenTime, type WrittenTime } from '../connectors/time/local-time.ts';
import type { Verve } from '../engine/verve.ts';
import { timeZoneOf } from './open-engine.ts';

/** Checks how a day or time of a command line is written. Which moment it is depends on the organisation: {@link momentOf}. */
export function checkWritten(given: string): string {
  if (readWrittenTime(given, 'UTC') !== null) return given;
  throw new InvalidArgumentError('Write a time as 2026-11-01 or 2026-11-01T08:00:00Z.');
}

/**
 * The moment of a written day or time, in the organisation's zone where it names none. Of a day its beginning, or (`last`)
 * its end, at the latest now: as a file of memberships is read.
 */
export async function momentOf(verve: Verve, orgId: string, given: string, of: 'first' | 'last'): Promise<Date> {
  const timeZone = await timeZoneOf(verve, orgId);
  const written = readWrittenTime(given, timeZone) as WrittenTime;
  return of === 'first' ? written.at : lastInstant(written, timeZone, new Date());
}
