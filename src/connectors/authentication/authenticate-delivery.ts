import type { KeyedHash } from '../../engine/secrets/keyed-hash.ts';
import { createSecret, verifyMessage } from '../../engine/webhooks/sign.ts';
import { matchStaticKey, presentedKey } from './static-key.ts';

/** What a delivery may prove itself with: each list newest first, two during a rotation. Empty = unknown organisation. */
export interface DeliverySecrets {
  /** Standard Webhooks secrets (`whsec_…`). */
  signing: readonly string[];
  /** Static keys for senders that cannot sign. */
  keys: readonly string[];
}

/** Every refusal is answered 401 with one and the same body; the outcome is for counting and for the operator. */
export type Authentication =
  | { outcome: 'signed'; deliveryId: string; signedAt: Date }
  | { outcome: 'keyed' }
  | { outcome: 'badTimestamp' }
  | { outcome: 'badSignature' }
  | { outcome: 'badKey' }
  | { outcome: 'nothingPresented' };

const FILLERS = [createSecret(), createSecret()] as const; // random for each process: nobody can sign with them

/**
 * Decides whether a delivery comes from who it says (spec §8): a Standard Webhooks signature, or a static key in a
 * header or query. A request with a signature is never let in by a key beside it. The same work is done whether the
 * organisation exists, has one secret or two, so its existence does not show in the time. Never throws on input.
 */
export async function authenticateDelivery(input: {
  readonly headers: { get(name: string): string | null };
  readonly query: URLSearchParams;
  /** The raw bytes as received. */
  readonly body: Uint8Array;
  readonly secrets: DeliverySecrets;
  readonly now: Date;
  /** A synchronous HMAC-SHA256. (Default: WebCrypto's) */
  readonly keyedHash?: KeyedHash | undefined;
}): Promise<Authentication> {
  const { headers, query, body, secrets, now, keyedHash } = input;
  const signature = headers.get('webhook-signature');
  if (signature !== null) {
    const id = headers.get('webhook-id') ?? '';
    const timestamp = headers.get('webhook-timestamp') ?? '';
    const padded = [...secrets.signing, ...FILLERS.slice(Math.min(secrets.signing.length, FILLERS.length))];
    const { outcome } = await verifyMessage({ secrets: padded, id, timestamp, signature, body, now, keyedHash });
    if (outcome !== 'valid') return { outcome };
    return { outcome: 'signed', deliveryId: id, signedAt: new Date(Number(timestamp) * 1000) };
  }
  const presented = presentedKey(headers, query);
  const index = await matchStaticKey(presented, secrets.keys);
  if (presented === null) return { outcome: 'nothingPresented' };
  return index === null ? { outcome: 'badKey' } : { outcome: 'keyed' };
}
