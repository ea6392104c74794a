import type { Session } from '../database.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import type { LockedSource } from './ledger.ts';
import { hashMemberRef } from './member-ref.ts';
import { endOfTime, lockSources } from './sources-repository.ts';

/**
 * Locks the sources that a person names without a date (a claim, a merge), in the order asked; makes those never heard
 * of. null = erased, and no later membership is known: naming somebody does not bring him back (specification §9).
 */
export async function lockNamed(
  session: Session,
  keys: KeyRing,
  model: string,
  refs: readonly string[],
  options: { isForMerging?: boolean } = {},
): Promise<(LockedSource | null)[]> {
  const wanted = await Promise.all(
    refs.map(async (ref) => ({
      model,
      ref,
      memberIdHashes: await hashMemberRef(keys, session.orgId, { model, ref }),
      begunAt: null,
      newestAt: endOfTime,
    })),
  );
  const locked = await lockSources(session, wanted, options);
  return refs.map((ref) => locked.get(`${model}|${ref}`)?.source ?? null);
}
