import { VerveError } from './errors.ts';

/** Where a row stands in a list ordered by (`createdAt`, `id`) descending. Times have milliseconds, so a Date is exact. */
export interface Position {
  createdAt: Date;
  id: string;
}

/** Which rows of a list are wanted: those after a position, or from an offset. */
export interface PageRequest {
  /** At most 200. (Default: 20) */
  limit?: number | undefined;
  /** Only rows after this one; null = from the beginning. */
  after?: Position | null | undefined;
  /** Rows to leave out, for numbered pages; at most 10,000. (Default: 0) */
  offset?: number | undefined;
}

export interface Page<Item> {
  items: Item[];
  next: Position | null; // null = nothing follows
}

/** Checks a page request; refuses it with `invalid_paging`. */
export function readPageRequest(request: PageRequest): { limit: number; after: Position | null; offset: number } {
  const { limit = 20, after = null, offset = 0 } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
    throw new VerveError('invalid_paging', 'limit must be a whole number from 1 to 200.');
  }
  if (!Number.isInteger(offset) || offset < 0 || offset > 10_000) {
    throw new VerveError('invalid_paging', 'Pages reach over the first 10,000 rows; use cursor beyond.');
  }
  if (after !== null && offset > 0) throw new VerveError('invalid_paging');
  return { limit, after, offset };
}

/** Makes a page of the rows that a query for `limit + 1` gave. */
export function makePage<Item extends Position>(rows: readonly Item[], limit: number): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > limit && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null,
  };
}
