import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { claimChain, sealEntries } from './repository.ts';

/** Entries sealed in one transaction. */
const mostSealed = 500;

/** The audit log: entries are written by those who act; here is what happens to them afterwards. */
export interface Audit {
  /**
   * Chains what was written since the last time. For the scheduler. Safe to repeat, and from several servers at once: one
   * seals, the others find nothing to do, and constraints keep the chain from forking.
   */
  seal(call: Pick<Call, 'orgId'>): Promise<{ sealed: number }>;
}

/** Wires the audit log. */
export function createAudit(parts: Pick<EngineParts, 'database'>): Audit {
  return {
    async seal(call) {
      for (let sealed = 0; ; ) {
        const part = await inOrganisation(parts, call, async (session) =>
          (await claimChain(session)) ? sealEntries(session, mostSealed) : 0,
        );
        sealed += part;
        if (part < mostSealed) return { sealed };
      }
    },
  };
}
