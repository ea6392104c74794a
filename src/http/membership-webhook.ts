import { z } from '@hono/zod-openapi';
import type { Reading } from '../connectors/reading.ts';
import { createDeliveryReader, MAX_BYTES, understoodOf } from '../connectors/understand-delivery.ts';
import { VerveError } from '../engine/errors.ts';
import { keyQuery, senderParams } from './dataverse-webhook.ts';
import { type Answer, type Incoming, operation } from './operation.ts';
import { snakeCase } from './wire.ts';

const actor = { kind: 'system', name: 'membership-webhook' } as const;

const statementSchema = z
  .strictObject({
    event_id: z.string().max(256).optional(),
    status: z.enum(['registered', 'confirmed', 'rejected', 'reversed', 'invalidated']),
    external_member_id: z.string().min(1).max(128).optional(),
    referral_code: z.string().max(64).optional(),
    registration_ref: z.string().max(128).optional(),
    occurred_at: z.string().optional().openapi({ format: 'date-time' }),
    registered_at: z.string().optional().openapi({ format: 'date-time' }),
    reason: z.string().max(64).optional(),
    chapter: z.string().max(128).optional(),
    membership_type: z.string().max(64).optional(),
  })
  .openapi('MembershipStatement');

const acceptedSchema = z
  .object({
    accepted: z.int(),
    is_repeated: z.boolean().openapi({ description: 'The same delivery came before; nothing was done again.' }),
    results: z.array(z.object({ index: z.int(), result: z.string().openapi({ example: 'confirmed' }) })),
    refused: z.array(z.object({ index: z.int(), field: z.string().nullable(), code: z.string(), message: z.string() })),
  })
  .openapi('DeliveryAccepted');

type DeliveryIncoming = Incoming<{ organisation: string }, z.output<typeof keyQuery>, undefined>;

/**
 * A delivery of the membership system: proved over the raw bytes, stored before it is understood, applied, answered.
 * An unknown organisation and a wrong signature look the same.
 */
async function receive(incoming: DeliveryIncoming): Promise<Answer> {
  const { runtime, request, bytes, params } = incoming;
  const { verve } = runtime;
  const proof = await runtime.senders.prove({
    slug: params.organisation,
    headers: request.headers,
    query: new URL(request.url).searchParams,
    body: bytes,
    now: runtime.now(),
  });
  if (proof.outcome === 'refused') throw new VerveError(proof.reason);
  const { orgId, deliveryId, signedAt } = proof;
  const contentType = request.headers.get('content-type') ?? '';
  const delivery = { orgId, channel: 'neutral', messageId: deliveryId, contentType, body: bytes, signedAt } as const;
  const stored = await verve.inbound.store(delivery);
  const reading = await createDeliveryReader(verve, runtime.dataverse)({ ...delivery, receivedAt: runtime.now() });
  if (stored.outcome === 'repeated') return answerReading(reading, stored.results, true);
  const outcomes = await verve.inbound.process({
    orgId,
    inboundMessageId: stored.inboundMessageId,
    actor,
    understood: understoodOf(reading),
  });
  return answerReading(reading, outcomes, false);
}

function answerReading(reading: Reading, outcomes: readonly unknown[], isRepeated: boolean): Answer {
  if (reading.outcome !== 'facts') {
    const refusals = reading.outcome === 'malformed' ? reading.refusals : [];
    const fields = refusals.map(({ index, field, message }) => ({
      field: `[${index}]${field === null ? '' : `.${field}`}`,
      message,
    }));
    throw new VerveError('invalid_request', 'The delivery was stored, and not understood.', { fields });
  }
  const results = reading.facts.map(({ index }, place) => ({
    index,
    result: nameOf(outcomes[place]),
  }));
  return {
    status: 202,
    body: { accepted: results.length, is_repeated: isRepeated, results, refused: reading.refusals },
  };
}

function nameOf(result: unknown): string {
  return typeof result === 'object' && result !== null && 'outcome' in result
    ? snakeCase(String(result.outcome))
    : 'processed';
}

export const membershipWebhook = [
  operation({
    id: 'receiveMembershipDelivery',
    method: 'post',
    path: '/api/v1/webhooks/membership/{organisation}',
    tag: 'Membership webhook',
    summary: 'Receive a delivery of the membership system',
    description:
      'One statement or an array of at most 100, signed as Standard Webhooks, or with the organisation’s static key in `x-referral-key`. ' +
      'Stored before it is understood; the same delivery again is answered with what became of it.',
    access: { to: 'signed' },
    params: senderParams,
    query: keyQuery,
    bodyForm: {
      raw: 'application/json',
      maxBytes: MAX_BYTES.neutral,
      schema: z.union([statementSchema, z.array(statementSchema)]),
    },
    bodyExample: {
      status: 'confirmed',
      external_member_id: '10293',
      referral_code: '3PKCM-78AQS',
      occurred_at: '2026-11-20T11:00:00+01:00',
    },
    answers: { 202: { description: 'Stored and applied.', schema: acceptedSchema } },
    problems: ['invalid_signature', 'timestamp_out_of_tolerance', 'delivery_id_reused', 'invalid_json'],
    handle: receive,
  }),
];
