import { z } from '@hono/zod-openapi';
import { requireMay } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { idParams, time, timeOrNull } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { endpointSource } from './rows/integration-rows-repository.ts';
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

export const webhookEndpoints = [
  operation({
    id: 'listWebhookEndpoints',
    method: 'get',
    path: '/api/v1/webhook-endpoints',
    tag,
    summary: 'List endpoints',
    access,
    query: z.object(pagingQuery),
    answers: { 200: listForm(endpointSchema, 'A page of endpoints, newest first.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireMay(incoming.actor, 'endpoint.manage');
      return answerList(incoming, 'listWebhookEndpoints', endpointSource, []);
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
];
