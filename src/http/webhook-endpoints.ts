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

const endpointSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['generic', 'badge_service']),
    url: z.string(),
    description: z.string(),
    event_types: z.array(z.string()).nullable().openapi({ description: 'null = every type.' }),
    status: z.enum(['enabled', 'disabled', 'deleted']),
    disabled_reason: z.string().nullable(),
    disabled_at: timeOrNull,
    paused_until: timeOrNull,
    failing_since: timeOrNull,
    previous_secret_until: timeOrNull,
    created_at: time,
    updated_at: time,
  })
  .openapi('WebhookEndpoint');
const withSecret = endpointSchema
  .extend({ secret: z.string().openapi({ description: 'Shown this once.' }) })
  .openapi('NewWebhookEndpoint');

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

const types = z.array(z.string().min(1).max(64)).min(1).max(50).nullable();
const url = z.string().min(1).max(2048);
const newBody = z.strictObject({
  url,
  kind: z.enum(['generic', 'badge_service']).optional(),
  description: z.string().max(200).optional(),
  event_types: types.optional(),
});
const changeBody = z.strictObject({
  url: url.optional(),
  description: z.string().max(200).optional(),
  event_types: types.optional(),
});

function showEndpoint(endpoint: object) {
  const { endpoint_id: id, ...rest } = toWire(endpoint) as Record<string, unknown>;
  return { id, ...rest };
}

function settingsOf(body: z.output<typeof changeBody>) {
  return {
    ...(body.url === undefined ? {} : { url: body.url }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.event_types === undefined ? {} : { eventTypes: body.event_types }),
  };
}

const one = { 200: { description: 'The endpoint.', schema: endpointSchema } };
const replayed = z.object({ outcome: z.literal('replayed'), count: z.int(), next_from: timeOrNull.optional() });

export const webhookEndpoints = [
  operation({
    id: 'listWebhookEndpoints',
    method: 'get',
    path: '/api/v1/webhook-endpoints',
    tag,
    summary: 'List endpoints',
    access,
    answers: {
      200: { description: 'Every endpoint; at most 20.', schema: z.object({ data: z.array(endpointSchema) }) },
    },
    handle: async (incoming) => {
      const endpoints = await incoming.runtime.verve.webhookEndpoints.list(incoming);
      return { status: 200, body: { data: endpoints.map(showEndpoint) } };
    },
  }),
  operation({
    id: 'createWebhookEndpoint',
    method: 'post',
    path: '/api/v1/webhook-endpoints',
    tag,
    summary: 'Make an endpoint',
    description: 'The secret is in the answer and nowhere else, ever. No private addresses, no redirects.',
    access,
    body: newBody,
    bodyExample: { url: 'https://badges.lydhor.example/hooks', event_types: ['milestone.*', 'badge.awarded'] },
    answers: {
      201: {
        description: 'The endpoint with its secret.',
        schema: withSecret,
        headers: { Location: 'Address of the endpoint.' },
      },
    },
    problems: ['unprocessable'],
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { kind, url: address } = incoming.body;
        const settings = { ...settingsOf(incoming.body), url: address, ...(kind === undefined ? {} : { kind }) };
        const { endpoint, secret } = await engine.webhookEndpoints.create(incoming, settings);
        const location = `/api/v1/webhook-endpoints/${endpoint.endpointId}`;
        return { status: 201, body: { ...showEndpoint(endpoint), secret }, headers: { location } };
      }),
  }),
  operation({
    id: 'getWebhookEndpoint',
    method: 'get',
    path: '/api/v1/webhook-endpoints/{id}',
    tag,
    summary: 'Read an endpoint',
    access,
    params: idParams,
    answers: one,
    handle: async (incoming) => ({
      status: 200,
      body: showEndpoint(await incoming.runtime.verve.webhookEndpoints.get(incoming, incoming.params.id)),
    }),
  }),
  operation({
    id: 'updateWebhookEndpoint',
    method: 'patch',
    path: '/api/v1/webhook-endpoints/{id}',
    tag,
    summary: 'Change an endpoint',
    description: 'Safe to repeat.',
    access,
    params: idParams,
    body: changeBody,
    bodyExample: { description: 'Badges' },
    answers: one,
    handle: async (incoming) => {
      const { runtime, params, body } = incoming;
      return {
        status: 200,
        body: showEndpoint(await runtime.verve.webhookEndpoints.update(incoming, params.id, settingsOf(body))),
      };
    },
  }),
  operation({
    id: 'deleteWebhookEndpoint',
    method: 'delete',
    path: '/api/v1/webhook-endpoints/{id}',
    tag,
    summary: 'End an endpoint',
    description: 'Forgets address and secrets, cancels what waited. The log of what was sent stays.',
    access,
    params: idParams,
    answers: { 204: { description: 'Ended.', schema: null } },
    handle: async (incoming) => {
      await incoming.runtime.verve.webhookEndpoints.remove(incoming, incoming.params.id);
      return { status: 204 };
    },
  }),
  ...(['enable', 'disable'] as const).map((act) =>
    operation({
      id: `${act}WebhookEndpoint`,
      method: 'post',
      path: `/api/v1/webhook-endpoints/{id}/${act}`,
      tag,
      summary: act === 'enable' ? 'Enable an endpoint' : 'Disable an endpoint',
      description: 'Safe to repeat.',
      access,
      params: idParams,
      answers: one,
      handle: (incoming) =>
        incoming.write(async (engine) => ({
          status: 200,
          body: showEndpoint(await engine.webhookEndpoints[act](incoming, incoming.params.id)),
        })),
    }),
  ),
  operation({
    id: 'rotateWebhookEndpointSecret',
    method: 'post',
    path: '/api/v1/webhook-endpoints/{id}/rotate-secret',
    tag,
    summary: 'Rotate a secret',
    description: 'The old secret signs beside the new one for `overlap_hours` (default 24; 0 when it has leaked).',
    access,
    params: idParams,
    body: z.strictObject({ overlap_hours: z.number().min(0).max(168).optional() }),
    isBodyOptional: true,
    bodyExample: { overlap_hours: 24 },
    answers: { 200: { description: 'The endpoint with its new secret.', schema: withSecret } },
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { overlap_hours: overlapHours } = incoming.body;
        const options = overlapHours === undefined ? {} : { overlapHours };
        const { endpoint, secret } = await engine.webhookEndpoints.rotateSecret(incoming, incoming.params.id, options);
        return { status: 200, body: { ...showEndpoint(endpoint), secret } };
      }),
  }),
  operation({
    id: 'testWebhookEndpoint',
    method: 'post',
    path: '/api/v1/webhook-endpoints/{id}/test',
    tag,
    summary: 'Send a test event',
    access,
    params: idParams,
    answers: { 202: { description: 'It will be tried once.', schema: z.object({ delivery_id: z.string() }) } },
    problems: ['conflict', 'unprocessable'],
    handle: (incoming) =>
      incoming.write(async (engine) => ({
        status: 202,
        body: toWire(await engine.deliveryLog.sendTest(incoming, incoming.params.id)),
      })),
  }),
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
