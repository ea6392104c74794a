import { makeLatest } from '../../engine/organisations/latest.ts';
import { openValidSecrets, type ValidSecret } from '../../engine/organisations/secrets.ts';
import { inOrganisation } from '../../engine/parts.ts';
import type { Verve } from '../../engine/verve.ts';
import { type Authentication, authenticateDelivery } from './authenticate-delivery.ts';

/** A delivery as it arrived, before anything is believed of it. */
export interface UnprovedDelivery {
  /** The organisation's slug, from the address. */
  slug: string;
  headers: { get(name: string): string | null };
  query: URLSearchParams;
  /** The raw bytes as received. */
  body: Uint8Array;
  now: Date;
}

export type Proof =
  | { outcome: 'proved'; orgId: string; deliveryId: string | null; signedAt: Date | null }
  /** An unknown organisation and a wrong signature are refused in the same words. */
  | { outcome: 'refused'; reason: 'timestamp_out_of_tolerance' | 'invalid_signature' };

/** Proves who sent a delivery. Remembers each organisation's secrets for at most five seconds. */
export interface Senders {
  prove(delivery: UnprovedDelivery): Promise<Proof>;
}

interface KnownSender {
  orgId: string | null; // null = nobody has this slug
  signing: readonly ValidSecret[];
  keys: readonly ValidSecret[];
}

/**
 * Makes the door for deliveries. What fails against remembered secrets is tried once more against those read anew, so
 * that a secret made a moment ago is good at once; a deadline is kept to the moment, also by what is remembered.
 */
export function createSenders(verve: Pick<Verve, 'organisations' | 'parts'>): Senders {
  const { parts } = verve;
  const known = makeLatest<KnownSender>(async (slug) => {
    const orgId = await verve.organisations.findIdBySlug(slug);
    if (orgId === null) return { orgId, signing: [], keys: [] };
    return inOrganisation(parts, { orgId }, async (session) => ({
      orgId,
      signing: await openValidSecrets(parts, session, 'webhook_signing'),
      keys: await openValidSecrets(parts, session, 'webhook_key'),
    }));
  });

  async function attempt(delivery: UnprovedDelivery): Promise<{ sender: KnownSender; proof: Authentication }> {
    const { slug, now, ...presented } = delivery;
    const sender = await known.get(slug);
    const valid = (secrets: readonly ValidSecret[]) =>
      secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).map(({ value }) => value);
    const secrets = { signing: valid(sender.signing), keys: valid(sender.keys) };
    return { sender, proof: await authenticateDelivery({ ...presented, secrets, now, keyedHash: parts.keyedHash }) };
  }

  return {
    async prove(delivery) {
      let tried = await attempt(delivery);
      if (tried.proof.outcome === 'badSignature' || tried.proof.outcome === 'badKey') {
        known.forget(delivery.slug);
        tried = await attempt(delivery);
      }
      const { sender, proof } = tried;
      if (proof.outcome === 'badTimestamp') return { outcome: 'refused', reason: 'timestamp_out_of_tolerance' };
      if (sender.orgId !== null && proof.outcome === 'signed') {
        return { outcome: 'proved', orgId: sender.orgId, deliveryId: proof.deliveryId, signedAt: proof.signedAt };
      }
      if (sender.orgId !== null && proof.outcome === 'keyed') {
        return { outcome: 'proved', orgId: sender.orgId, deliveryId: null, signedAt: null };
      }
      return { outcome: 'refused', reason: 'invalid_signature' };
    },
  };
}
