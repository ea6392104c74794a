/** Where a list comes from. Only names written in this code base ever get here. */
export interface ListSource {
  /** A view of verve_api, a function call, or a table that only the engine reads. */
  from: string;
  /** What is selected: `name` or `expression as name`. */
  columns: readonly string[];
  /** The column by which the list is ordered, newest first; a time or a day. */
  time: string;
  /**
   * The column that tells rows of one time apart; or, where rows have no id, the columns by which rows of one time are
   * counted.
   */
  id: string | readonly string[];
  /** Everything of the caller's, whichever organisation the request is placed in. (Default: of that organisation) */
  isOfCaller?: boolean;
}

/** One condition: `column operator value`. */
export interface ListCondition {
  /** SQL with `?` where the value goes. */
  sql: string;
  /** Left out for a condition without a value. */
  value?: unknown;
}
