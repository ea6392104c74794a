import { z } from '@hono/zod-openapi';
import type { ReferralCode } from '../engine/codes/code.ts';
import { VerveError } from '../engine/errors.ts';
import { shareableUrl } from '../engine/links/shareable-url.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import type { ListCondition } from './lists/list-source.ts';
import { idParams, time, timeOrNull, uuid } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { codeSource } from './rows/code-rows-repository.ts';

const tag = 'Referral codes';
const codeHasEnded = 'Only an active code is rotated, and this one has ended: read the mentor’s active code.';
const example = {
  id: '5d0f6f0e-63a8-4a55-9c3e-1f5b7f1f2a10',
  mentor_id: '0b0b0b0b-0000-4000-8000-000000000002',
  org_id: '0a0a0a0a-0000-4000-8000-000000000001',
  code: '3PKCM78AQS',
  url: 'https://verv.lydhor.example/join/3PKCM78AQS',
  status: 'active',
  created_at: '2026-11-20T11:00:00.000Z',
  expires_at: null,
  rotated_at: null,
  invalidated_at: null,
};

/** A referral code as the contract shows it. */
const codeSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string().nullable(),
    org_id: z.string(),
    code: z.string(),
    url: z.string().nullable().openapi({ description: 'null = the organisation has no link domain yet.' }),
    status: z.enum(['active', 'rotated', 'invalidated']),
    created_at: time,
    expires_at: timeOrNull,
    rotated_at: timeOrNull,
    invalidated_at: timeOrNull,
    previous_code: z.string().optional().openapi({ description: 'After a rotation: the code before.' }),
  })
  .openapi('ReferralCode', { example });

/** Makes the contract's form of a code. */
export function showCode(code: ReferralCode) {
  return {
    id: code.codeId,
    mentor_id: code.mentorId,
    org_id: code.orgId,
    code: code.code,
    url: code.url,
    status: code.status,
    created_at: code.createdAt,
    expires_at: code.expiresAt,
    rotated_at: code.rotatedAt,
    invalidated_at: code.invalidatedAt,
  };
}

export const codeListQuery = z.object({
  ...pagingQuery,
  status: z
    .enum(['active', 'inactive', 'rotated', 'invalidated'])
    .optional()
    .openapi({ description: '`inactive` = any status but active.' }),
  mentor_id: uuid.optional(),
});

/** The page of codes that the caller may see. */
export async function listCodes<Params, Body>(
  incoming: Incoming<Params, z.output<typeof codeListQuery>, Body>,
  operationId: string,
  show: (row: Record<string, unknown>) => unknown = (row) => row,
) {
  requireAnywhere(incoming.actor, 'code.read');
  const { status, mentor_id: mentorId } = incoming.query;
  const conditions: ListCondition[] = [];
  if (status === 'inactive') conditions.push({ sql: 'listed.status <> ?', value: 'active' });
  else if (status !== undefined) conditions.push({ sql: 'listed.status = ?', value: status });
  if (mentorId !== undefined) conditions.push({ sql: 'listed.mentor_id = ?', value: mentorId });
  const organisation = await incoming.runtime.verve.organisations.recent(incoming.orgId);
  const allowedDomains = organisation?.linkDomains ?? [];
  const linkDomain = allowedDomains[0] ?? null;
  return answerList(incoming, operationId, codeSource, conditions, ({ referral_url, ...row }) => {
    const link = shareableUrl({ code: String(row.code), linkDomain, allowedDomains });
    return show({ ...row, url: link.outcome === 'url' ? link.url : referral_url });
  });
}

/** The owner that a body names: a mentor, the caller's own mentor, or anything else that is referred for. */
export function ownerOf(
  incoming: Pick<Incoming<unknown, unknown, unknown>, 'actor'>,
  body: { mentor_id?: string | undefined; owner_model?: string | undefined; owner_ref?: string | undefined },
): { mentorId: string } | { ownerModel: string; ownerRef: string } {
  if (body.mentor_id !== undefined) return { mentorId: body.mentor_id };
  if (body.owner_model !== undefined && body.owner_ref !== undefined) {
    return { ownerModel: body.owner_model, ownerRef: body.owner_ref };
  }
  if (incoming.actor.kind === 'person' && incoming.actor.mentorId !== null)
    return { mentorId: incoming.actor.mentorId };
  throw new VerveError('invalid_request', 'Say whose code: mentor_id, or owner_model with owner_ref.', {
    fields: [{ field: 'mentor_id', message: 'is required' }],
  });
}

export const ownerBody = z.strictObject({
  mentor_id: uuid.optional().openapi({ description: '(Default: the caller, where that is a mentor)' }),
  owner_model: z.string().min(1).max(64).optional(),
  owner_ref: z.string().min(1).max(128).optional(),
});

/** The code of the path. */
export async function codeOf(incoming: Incoming<{ id: string }, unknown, unknown>): Promise<ReferralCode> {
  const { runtime, orgId, actor, params } = incoming;
  return runtime.verve.codes.get({ orgId, actor, codeId: params.id });
}

export const referralCodes = [
  operation({
    id: 'listReferralCodes',
    method: 'get',
    path: '/api/v1/referral-codes',
    tag,
    summary: 'List referral codes',
    description: 'Newest first, as far as the caller may see them.',
    access: callersWho('code.read'),
    query: codeListQuery,
    answers: { 200: listForm(codeSchema, 'A page of codes.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => listCodes(incoming, 'listReferralCodes'),
  }),
  operation({
    id: 'getOrCreateReferralCode',
    method: 'post',
    path: '/api/v1/referral-codes',
    tag,
    summary: 'Get or create a referral code',
    description:
      'The owner’s active code; made where there is none. Safe to repeat and to race: everybody gets the same code.',
    access: callersWho('code.create'),
    body: ownerBody.extend({
      device_token: z.string().min(16).max(200).optional().openapi({
        description: 'A random value of the mentor’s own app, to flag a registration from the same device.',
      }),
    }),
    isBodyOptional: true,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002' },
    answers: {
      200: { description: 'The code that was there.', schema: codeSchema },
      201: {
        description: 'The code that was made.',
        schema: codeSchema,
        headers: { Location: 'Address of the code.' },
      },
    },
    problems: ['mentor_inactive', 'code_invalidated'],
    handle: (incoming) =>
      incoming.write(async (verve) => {
        const { orgId, actor, body } = incoming;
        const result = await verve.codes.getOrCreate({
          orgId,
          actor,
          ...ownerOf(incoming, body),
          deviceToken: body.device_token,
        });
        switch (result.outcome) {
          case 'mentorInactive':
            throw new VerveError('mentor_inactive');
          case 'codeInvalidated':
            throw new VerveError('code_invalidated');
          case 'notFound':
            throw new VerveError('not_found');
          case 'existing':
            return { status: 200, body: showCode(result.code) };
          case 'created':
            return {
              status: 201,
              body: showCode(result.code),
              headers: { location: `/api/v1/referral-codes/${result.code.codeId}` },
            };
        }
      }),
  }),
  operation({
    id: 'getReferralCode',
    method: 'get',
    path: '/api/v1/referral-codes/{id}',
    tag,
    summary: 'Read a referral code',
    access: callersWho('code.read'),
    params: idParams,
    answers: { 200: { description: 'The code.', schema: codeSchema } },
    handle: async (incoming) => ({ status: 200, body: showCode(await codeOf(incoming)) }),
  }),
  operation({
    id: 'rotateReferralCode',
    method: 'put',
    path: '/api/v1/referral-codes/{id}',
    tag,
    summary: 'Rotate a referral code',
    description:
      'Retires this code and makes the next in one transaction. The same request again is a conflict and rotates nothing. ' +
      'A mentor may do it three times in 30 days.',
    access: callersWho('code.rotate'),
    params: idParams,
    body: z.strictObject({ mentor_id: uuid.optional(), action: z.literal('rotate') }),
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002', action: 'rotate' },
    answers: { 200: { description: 'The new code, with the one before.', schema: codeSchema } },
    problems: ['conflict', 'mentor_inactive', 'too_many_rotations'],
    handle: async (incoming) => {
      const { runtime, orgId, actor, params, body } = incoming;
      const before = await codeOf(incoming);
      if (body.mentor_id !== undefined && body.mentor_id !== before.mentorId) {
        throw new VerveError('conflict', 'mentor_id is not the owner of this code.');
      }
      if (before.status !== 'active') throw new VerveError('conflict', codeHasEnded);
      const owner = { ownerModel: before.ownerModel, ownerRef: before.ownerRef };
      const result = await runtime.verve.codes.rotateCode({ orgId, actor, ...owner, onlyCodeId: params.id });
      switch (result.outcome) {
        case 'rotated':
          return {
            status: 200,
            body: {
              ...showCode(result.code),
              previous_code: result.previous.code,
              rotated_at: result.previous.rotatedAt,
            },
            headers: { 'content-location': `/api/v1/referral-codes/${result.code.codeId}` },
          };
        case 'noActiveCode':
          throw new VerveError('conflict', codeHasEnded);
        case 'mentorInactive':
          throw new VerveError('mentor_inactive');
        case 'notFound':
          throw new VerveError('not_found');
      }
    },
  }),
  operation({
    id: 'invalidateReferralCode',
    method: 'delete',
    path: '/api/v1/referral-codes/{id}',
    tag,
    summary: 'Invalidate a referral code',
    description: 'Ends the code for good. Safe to repeat.',
    access: callersWho('code.invalidate'),
    params: idParams,
    answers: { 200: { description: 'The code as it is now.', schema: codeSchema } },
    handle: async (incoming) => {
      const { runtime, orgId, actor, params } = incoming;
      const result = await runtime.verve.codes.invalidateCode({ orgId, actor, codeId: params.id });
      if (result.outcome === 'notFound') throw new VerveError('not_found');
      return { status: 200, body: showCode(await codeOf(incoming)) };
    },
  }),
];
