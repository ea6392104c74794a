import type { Fact } from '../engine/attributions/fact.ts';

/** One item of a body that was not understood. Names the field, never its value: values may be personal. */
export interface Refusal {
  /** Place in the array that was sent, from 0; 0 for a single object. */
  index: number;
  /** The field's name as sent; null = the item as a whole, or a name better not repeated. */
  field: string | null;
  code: 'personal_data' | 'unknown_field' | 'missing' | 'invalid';
  /** One sentence which says what to do. */
  message: string;
}

/** A fact and its place in the body, so that a caller can answer item by item. */
export interface ReadFact {
  index: number;
  fact: Fact;
}

/** What a connector made of a stored body. Good items are facts even where others are refused. */
export type Reading =
  | { outcome: 'facts'; facts: ReadFact[]; refusals: Refusal[] }
  /** Understood, and nothing for Verve: another table, a status nobody mapped, a deleted row. */
  | { outcome: 'ignored'; reason: IgnoredReason }
  /** Columns are missing from the body: the row has to be fetched before it means anything. */
  | { outcome: 'rereadNeeded'; rowId: string }
  /** Signed with this organisation's secret, but sent from another Dataverse organisation. Never credited. */
  | { outcome: 'wrongOrganisation' }
  /** Not what this connector reads at all. */
  | { outcome: 'malformed'; refusals: Refusal[] };

export type IgnoredReason = 'otherTable' | 'statusNotMapped' | 'rowDeleted' | 'otherMessage';
