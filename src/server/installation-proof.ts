import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import { readInstallationMark } from './installation-proof-repository.ts';

/** The request header by which `/readyz` is asked to prove whose it is; its answer stands in a header of the same name. */
export const PROOF_HEADER = 'verve-installation';

const CHALLENGE = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * What a server answers to a challenge: it has this secret and this database. Tells nothing of either. null = the
 * challenge is none.
 */
export async function proveInstallation(
  pool: Pick<Pool, 'query'>,
  secret: string,
  challenge: string,
): Promise<string | null> {
  if (!CHALLENGE.test(challenge)) return null;
  const mark = await readInstallationMark(pool);
  const key = createHmac('sha256', secret).update('verve: installation proof').digest();
  return createHmac('sha256', key).update(`${mark}\n${challenge}`).digest('base64url');
}

/** Whether somebody with one of these secrets and this database gave the proof. */
export async function isOwnProof(given: {
  pool: Pick<Pool, 'query'>;
  secrets: readonly string[];
  challenge: string;
  proof: string;
}): Promise<boolean> {
  for (const secret of given.secrets) {
    const own = (await proveInstallation(given.pool, secret, given.challenge)) ?? '';
    if (own.length === given.proof.length && timingSafeEqual(Buffer.from(own), Buffer.from(given.proof))) return true;
  }
  return false;
}
