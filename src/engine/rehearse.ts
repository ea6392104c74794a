import type { Session } from './database.ts';
import { requireUuid } from './ids.ts';
import type { EngineParts } from './parts.ts';

/** Carries a result out of a transaction that must not commit. */
class Rehearsed extends Error {
  readonly result: unknown;
  constructor(result: unknown) {
    super('rehearsed');
    this.result = result;
  }
}

/** Runs an act to its end and takes everything back: what it would answer, with its consequence, and nothing written. */
export async function rehearse<Result>(
  parts: Pick<EngineParts, 'database'>,
  orgId: string,
  act: (session: Session) => Promise<Result>,
): Promise<Result> {
  try {
    await parts.database.transaction({ role: 'verve_engine', orgId: requireUuid(orgId, 'org_id') }, async (session) => {
      throw new Rehearsed(await act(session));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as Result;
    throw error;
  }
  throw new Error('a rehearsal ended without a result');
}
