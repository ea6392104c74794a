import type { Database, Scope, Session } from '../../engine/database.ts';

/**
 * A database whose transactions are the one that is already open: what the engine does through it commits or rolls back
 * with that one. For work of the same organisation, and for recording clicks.
 */
export function joinSession(session: Session): Database {
  return {
    async transaction<Result>(scope: Scope, work: (inner: Session) => Promise<Result>): Promise<Result> {
      if (scope.role === 'authenticated') throw new Error('A person reads in a transaction of his own.');
      if (scope.role === 'verve_engine' && scope.orgId !== session.orgId) {
        throw new Error('A transaction belongs to one organisation.');
      }
      return work(session);
    },
  };
}
