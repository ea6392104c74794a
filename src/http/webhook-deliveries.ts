import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { readVisible } from './lists/read-visible.ts';
import { idParams, instant, time, timeOrNull } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { deliverySource } from './rows/delivery-rows-repository.ts';
import { toWire } from './wire.ts';

const tag = 'Webhooks';
const access = callersWho('endpoint.manage');

const deliverySchema = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string().nullable().openapi({ description: 'null = a test event.' }),
    event_type: z.string().nullable(),
    status: z.enum(['pending', 'delivered', 'parked', 'cancelled']),
    attempts: z.int(),
    due_at: time,
    last_tried_at: timeOrNull,
    last_status: z.int().nullable(),
    last_failure: z.string().nullable(),
    last_duration_ms: z.int().nullable(),
    delivered_at: timeOrNull,
    parked_at: timeOrNull,
    created_at: time,
  })
  .openapi('WebhookDelivery');
const tryShape = z.object({
  attempt: z.int(),
  tried_at: time,
  duration_ms: z.int(),
  status: z.int().nullable(),
  failure: z.string().nullable(),
});

const replayed = z.object({ outcome: z.literal('replayed'), count: z.int(), next_from: timeOrNull.optional() });

/** What was sent, what waits, and sending it again. */
export const webhookDeliveries = [
  operation({
    id: 'listWebhookDeliveries',
    method: 'get',
    path: '/api/v1/webhook-endpoints/{id}/deliveries',
    tag,
    summary: 'List deliveries',
    access,
    params: idParams,
    query: z.object({ ...pagingQuery, status: z.enum(['pending', 'delivered', 'parked', 'cancelled']).optional() }),
    answers: { 200: listForm(deliverySchema, 'A page of the log.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'endpoint.manage');
      await incoming.runtime.verve.webhookEndpoints.get(incoming, incoming.params.id);
      const { status } = incoming.query;
      const ofEndpoint = { sql: 'listed.endpoint_id = ?', value: incoming.params.id };
      const ofStatus = status === undefined ? [] : [{ sql: 'listed.status = ?', value: status }];
      return answerList(incoming, 'listWebhookDeliveries', deliverySource, [ofEndpoint, ...ofStatus]);
    },
  }),
  operation({
    id: 'replayWebhookDeliveries',
    method: 'post',
    path: '/api/v1/webhook-endpoints/{id}/replay',
    tag,
    summary: 'Replay a range',
    description: 'Begins again what a range of events should have brought, at most 366 days and 10,000 at a time.',
    access,
    params: idParams,
    body: z.strictObject({ from: instant, to: instant, include_delivered: z.boolean().optional() }),
    bodyExample: { from: '2026-11-01T00:00:00Z', to: '2026-11-20T00:00:00Z' },
    answers: { 202: { description: 'How many.', schema: replayed } },
    problems: ['invalid_range', 'conflict', 'unprocessable'],
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { from, to, include_delivered: includeDelivered = false } = incoming.body;
        const range = { from: new Date(from), to: new Date(to), includeDelivered };
        return { status: 202, body: toWire(await engine.deliveryLog.replayRange(incoming, incoming.params.id, range)) };
      }),
  }),
  operation({
    id: 'getWebhookDelivery',
    method: 'get',
    path: '/api/v1/webhook-deliveries/{id}',
    tag,
    summary: 'Read a delivery',
    access,
    params: idParams,
    answers: {
      200: {
        description: 'The delivery with its tries and its text.',
        schema: z
          .object({
            ...deliverySchema.shape,
            body: z.string().nullable().openapi({ description: 'null = not tried yet.' }),
            tries: z.array(tryShape),
          })
          .openapi('WebhookDeliveryDetail'),
      },
    },
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'endpoint.manage');
      const row = await readVisible(incoming, deliverySource, [{ sql: 'listed.id = ?', value: incoming.params.id }]);
      const { body, tries } = await incoming.runtime.verve.deliveryLog.get(incoming, incoming.params.id);
      return { status: 200, body: { ...row, body, tries: toWire(tries) } };
    },
  }),
  operation({
    id: 'replayWebhookDelivery',
    method: 'post',
    path: '/api/v1/webhook-deliveries/{id}/replay',
    tag,
    summary: 'Replay a delivery',
    description: 'With the same id and text. Safe to repeat.',
    access,
    params: idParams,
    answers: { 202: { description: 'It will be sent again.', schema: replayed } },
    problems: ['conflict', 'unprocessable'],
    handle: (incoming) =>
      incoming.write(async (engine) => ({
        status: 202,
        body: toWire(await engine.deliveryLog.replay(incoming, incoming.params.id)),
      })),
  }),
];
