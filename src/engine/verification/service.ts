import type { Database } from '../database.ts';
import type { CheckName, Difference } from './difference.ts';
import { checkNames, findDifferences } from './repository.ts';

/** What a verification found. */
export interface Verification {
  readonly orgId: string;
  /** The checks that ran, in order. */
  readonly checks: readonly CheckName[];
  /** Empty = everything agrees. */
  readonly differences: readonly Difference[];
}

/**
 * Recounts every total, day, state and milestone of an organisation from the recorded facts and events, and reports each
 * difference with the rows that cause it. Changes nothing; safe to repeat, also while the organisation is in use: all
 * checks see one moment.
 */
export async function verify(database: Database, orgId: string): Promise<Verification> {
  const differences = await database.transaction({ role: 'verve_engine', orgId }, findDifferences);
  return { orgId, checks: checkNames, differences };
}
