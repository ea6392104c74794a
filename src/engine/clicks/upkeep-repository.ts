import type { Session } from '../database.ts';

/** Makes the partitions of the coming months and days that are not there yet; gives how many. */
export async function makePartitions(session: Session): Promise<number> {
  const rows = await session.query<{ made: number }>('select verve_private.make_click_partitions() as made');
  return rows[0]?.made ?? 0;
}

/** Folds counts that were written beside each other into one row each; gives how many were folded. */
export async function foldDeltas(session: Session, most: number): Promise<number> {
  const rows = await session.query<{ folded: number }>('select verve_private.fold_click_deltas($1) as folded', [most]);
  return rows[0]?.folded ?? 0;
}

/** Prunes what every organisation has kept long enough. */
export async function pruneClicks(session: Session): Promise<{ deleted: number; dropped: number }> {
  const rows = await session.query<{ deleted: number; dropped: number }>(
    'select deleted, dropped from verve_private.prune_clicks()',
  );
  return rows[0] ?? { deleted: 0, dropped: 0 };
}
