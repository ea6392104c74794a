/** What is recounted. */
export type CheckName =
  | 'totals'
  | 'states'
  | 'members'
  | 'reviews'
  | 'days'
  | 'credited days'
  | 'awards'
  | 'milestones'
  | 'clicks'
  | 'click days'
  | 'deliveries'
  | 'audit';

/** One disagreement between what is stored and what the recorded facts and events say. Holds our own ids only. */
export interface Difference {
  readonly check: CheckName;
  /** Whose: a mentor's, attribution's, source's or event's id. */
  readonly subject: string;
  readonly stored: string;
  readonly recounted: string;
  /** The table that holds what is stored. */
  readonly storedIn: string;
  /** The ids of the rows from which it was recounted. */
  readonly rows: readonly string[];
}

/** What all checks together found. */
export interface FoundDifferences {
  /** How many differences, by check; a check that found none is not in it. */
  readonly counts: ReadonlyMap<CheckName, number>;
  /** The first 100 of each check. */
  readonly differences: readonly Difference[];
}
