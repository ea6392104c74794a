import type { Session } from '../../engine/database.ts';
import type { Nouns, Verve } from '../../engine/verve.ts';

/** The engine inside a transaction that is open: what it does commits or rolls back with it, and is announced after. */
export function enlistSession(verve: Verve, session: Session): Nouns {
  const enlisted = verve.enlist({
    query: async ({ text, values }) => ({ rows: await session.query<unknown>(text, values ?? []), rowCount: null }),
  });
  session.afterCommit(() => enlisted.committed());
  return enlisted;
}
