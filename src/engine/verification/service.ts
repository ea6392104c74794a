import type { Database } from '../database.ts';
import type { CheckName, FoundDifferences } from './difference.ts';
import { checkNames, findDifferences } from './repository.ts';

/** What a verification found. */
export interface Verification extends FoundDifferences {
  readonly orgId: string;
  /** The checks that ran, in order. */
  readonly checks: readonly CheckName[];
  /** Of all checks together; 0 = everything agrees. */
  readonly total: number;
}

/**
 * Recounts every total, day, state and milestone of an organisation from the recorded facts and events, and reports how
 * many differences there are, and the first of each check with the rows that cause it. Changes nothing; safe to repeat,
 * also while the organisation is in use: all checks see one moment.
 */
export async function verify(database: Database, orgId: string): Promise<Verification> {
  const found = await database.transaction({ role: 'verve_engine', orgId }, findDifferences);
  const total = [...found.counts.values()].reduce((sum, count) => sum + count, 0);
  return { orgId, checks: checkNames, total, ...found };
}
