import type { Actor } from '../engine/actor.ts';
import { toHex } from '../engine/encode-bytes.ts';
import type { Verve } from '../engine/verve.ts';
import type { Senders } from './authentication/senders.ts';
import { decodeExecutionContext, deliveryKey } from './dataverse/execution-context.ts';
import { parseStrictJson, StrictJsonError } from './json/strict-json.ts';
import type { Reading } from './reading.ts';
import { MAX_BYTES, type StoredDelivery, understoodOf } from './understand-delivery.ts';

/** What the sender is answered. `understanding` goes on after the answer; it never rejects. */
export type DataverseReceipt =
  | { outcome: 'stored' | 'repeated'; understanding: Promise<void> }
  | { outcome: 'refused'; reason: 'invalid_signature' | 'timestamp_out_of_tolerance' };

const actor: Actor = { kind: 'system', name: 'dataverse' };

/**
 * Receives a delivery of Dataverse or Power Automate: proves it by its static key (or signature), stores it, and answers;
 * what it means is worked out afterwards, because a row may have to be fetched (membership-systems §1.2: only the status
 * code is read, and a slow answer blocks the sender's queue). What is left by a server that dies is taken up by the
 * sweep. The same delivery again is recognised by the operation it tells of. A body that differs is
 * another delivery.
 */
export async function receiveDataverse(
  verve: Pick<Verve, 'inbound' | 'parts'>,
  senders: Senders,
  understand: (delivery: StoredDelivery) => Promise<Reading>,
  request: { slug: string; headers: Headers; query: URLSearchParams; body: Uint8Array<ArrayBuffer>; now: Date },
): Promise<DataverseReceipt> {
  const { slug, headers, query, body, now } = request;
  const proof = await senders.prove({ slug, headers, query, body, now });
  if (proof.outcome === 'refused') return proof;
  const { orgId, signedAt } = proof;
  const contentType = headers.get('content-type') ?? '';
  const delivery = { orgId, ...(await identify(body)), contentType, body, signedAt };
  const stored = await verve.inbound.store(delivery);
  if (stored.outcome === 'repeated') return { outcome: 'repeated', understanding: Promise.resolve() };
  const { inboundMessageId } = stored;
  const understanding = understand({ ...delivery, receivedAt: now })
    .then((reading) => verve.inbound.process({ orgId, inboundMessageId, actor, understood: understoodOf(reading) }))
    .then(
      () => {},
      () => verve.parts.logger.warn({ inboundMessageId }, 'a delivery of Dataverse will be understood later'),
    );
  return { outcome: 'stored', understanding };
}

/** Channel and identity of a body: what the operation is, and a digest so that a body that differs is another delivery. */
async function identify(body: Uint8Array<ArrayBuffer>): Promise<Pick<StoredDelivery, 'channel' | 'messageId'>> {
  let context: ReturnType<typeof decodeExecutionContext> = null;
  try {
    context = decodeExecutionContext(parseStrictJson(body, { maxBytes: MAX_BYTES.dataverse }));
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
  }
  if (context === null) return { channel: 'odata_record', messageId: null };
  const key = deliveryKey(context);
  if (key === null) return { channel: 'dataverse', messageId: null };
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body)).subarray(0, 8);
  return { channel: 'dataverse', messageId: `${key}/${toHex(digest)}` };
}
