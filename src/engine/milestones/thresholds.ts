import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import * as repository from './repository.ts';

/** The milestones of an organisation that has not chosen others (spec §2.9). */
export const DEFAULT_THRESHOLDS: readonly number[] = [1, 5, 10, 25, 50];
const MOST_THRESHOLDS = 50;

/** Adds thresholds; they act on later crossings. Safe to repeat. */
export async function addThresholds(session: Session, thresholds: readonly number[]): Promise<void> {
  await repository.insertThresholds(session, requireThresholds(thresholds));
}

/**
 * Makes these the organisation's thresholds; those of badges in use stay beside them. They act on later crossings,
 * and no award is taken away. Safe to repeat. Gives the thresholds that are now so.
 */
export async function setThresholds(session: Session, thresholds: readonly number[]): Promise<number[]> {
  const wanted = requireThresholds(thresholds);
  await repository.deleteThresholdsBut(session, wanted);
  await repository.insertThresholds(session, wanted);
  return repository.listThresholds(session);
}

function requireThresholds(thresholds: readonly number[]): number[] {
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= 100_000;
  if (thresholds.length <= MOST_THRESHOLDS && thresholds.every(isCount)) return [...new Set(thresholds)];
  throw new VerveError('invalid_request', 'Milestones are up to 50 whole numbers from 1 to 100000.', {
    fields: [{ field: 'milestones', message: 'must be up to 50 whole numbers from 1 to 100000' }],
  });
}
