import { useState } from 'react';
import type { StreamedEvent } from '../../../src/client/index.ts';
import type { Loaded } from '../use-load.ts';
import { useLive } from './live.ts';

/** A list that never re-orders by itself. */
export interface SteadyRows<Data, Row> {
  /** The rows as they were shown, each as it is now. */
  rows: readonly Row[];
  /** What the server tells now. */
  now: Data;
  /** Rows that are shown and no longer belong to the list. */
  gone: ReadonlySet<Row>;
  /** How many are new. */
  newCount: number;
  /** Shows the list as it is now. */
  showNew: () => void;
}

/** Follows a list that was loaded: rows change in place, new ones wait until they are asked for. */
export function useSteadyRows<Data, Row>(given: {
  loaded: Loaded<Data>;
  shown: Data;
  load: () => Promise<Data>;
  rowsOf: (data: Data) => readonly Row[];
  idOf: (row: Row) => string;
  isAbout: (event: StreamedEvent) => boolean;
}): SteadyRows<Data, Row> {
  const { loaded, shown, load, rowsOf, idOf, isAbout } = given;
  const [fresh, setFresh] = useState<{ instead: Data; data: Data } | null>(null);
  useLive(isAbout, async () => setFresh({ instead: shown, data: await load() }));
  // What was asked for in place of another list is of no use to this one.
  const now = fresh?.instead === shown ? fresh.data : shown;
  const nowById = new Map(rowsOf(now).map((row) => [idOf(row), row]));
  const rows = rowsOf(shown).map((row) => nowById.get(idOf(row)) ?? row);
  const shownIds = new Set(rows.map(idOf));
  return {
    rows,
    now,
    gone: new Set(rows.filter((row) => !nowById.has(idOf(row)))),
    newCount: [...nowById.keys()].filter((id) => !shownIds.has(id)).length,
    showNew: () => loaded.show(now),
  };
}
