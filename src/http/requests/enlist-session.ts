import { type Clicks, createClicks } from '../../engine/clicks/service.ts';
import { type Connection, enlistDatabase, type Session } from '../../engine/database.ts';
import type { Nouns, Verve } from '../../engine/verve.ts';

/** The engine inside a transaction that is open: what it does commits or rolls back with it, and is announced after. */
export interface EnlistedEngine extends Nouns {
  clicks: Clicks;
}

/** Enlists the engine, and a recorder of clicks, in an open session. */
export function enlistSession(verve: Verve, session: Session): EnlistedEngine {
  const connection: Omit<Connection, 'release'> = {
    query: async ({ text, values }) => ({ rows: await session.query<unknown>(text, values ?? []), rowCount: null }),
  };
  const enlisted = verve.enlist(connection);
  session.afterCommit(() => enlisted.committed());
  const database = enlistDatabase({ connection, prepare: false });
  return { ...enlisted, clicks: createClicks({ database, keyRing: verve.parts.keyRing }) };
}
