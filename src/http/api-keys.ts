import { z } from '@hono/zod-openapi';
import type { ApiKey } from '../engine/api-keys/service.ts';
import { scopes } from '../engine/permissions.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { idParams, instant, time, timeOrNull } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { apiKeySource } from './rows/mentor-rows-repository.ts';

const tag = 'Organisations';
const access = callersWho('key.manage');

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().openapi({ description: 'The first characters, to tell keys apart.' }),
    scopes: z.array(z.string()),
    created_at: time,
    expires_at: timeOrNull,
    last_used_at: timeOrNull,
    revoked_at: timeOrNull,
  })
  .openapi('ApiKey');

function showKey(key: ApiKey) {
  return {
    id: key.apiKeyId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  };
}

export const apiKeys = [
  operation({
    id: 'listApiKeys',
    method: 'get',
    path: '/api/v1/api-keys',
    tag,
    summary: 'List keys',
    access,
    query: z.object(pagingQuery),
    answers: { 200: listForm(keySchema, 'A page of keys, without their secrets.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'key.manage');
      return answerList(incoming, 'listApiKeys', apiKeySource, []);
    },
  }),
  operation({
    id: 'createApiKey',
    method: 'post',
    path: '/api/v1/api-keys',
    tag,
    summary: 'Make a key',
    description: 'The secret is shown this once and kept as a hash.',
    access,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
      expires_at: instant.optional(),
    }),
    bodyExample: { name: 'Membership system', scopes: ['attributions:confirm'] },
    answers: {
      201: {
        description: 'The key with its secret.',
        schema: keySchema.extend({ secret: z.string() }).openapi('NewApiKey'),
      },
    },
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
        const { key, secret } = await engine.apiKeys.create({
          orgId,
          actor,
          name: body.name,
          scopes: body.scopes,
          expiresAt,
        });
        return { status: 201, body: { ...showKey(key), secret } };
      }),
  }),
  operation({
    id: 'revokeApiKey',
    method: 'delete',
    path: '/api/v1/api-keys/{id}',
    tag,
    summary: 'Revoke a key',
    description: 'At once and for good. Safe to repeat.',
    access,
    params: idParams,
    answers: { 200: { description: 'The key as it is now.', schema: keySchema } },
    handle: async (incoming) => {
      const { orgId, actor, params, runtime } = incoming;
      const { key } = await runtime.verve.apiKeys.revoke({ orgId, actor, apiKeyId: params.id });
      return { status: 200, body: showKey(key) };
    },
  }),
];
