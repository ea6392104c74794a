import { z } from '@hono/zod-openapi';
import type { ReferralCode } from '../engine/codes/code.ts';
import { VerveError } from '../engine/errors.ts';
import { callersWho } from './access.ts';
import { listForm } from './lists/answer-list.ts';
import { codeInput, idParams, time, timeOrNull, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { codeListQuery, listCodes, ownerBody, ownerOf, showCode } from './referral-codes.ts';

const tag = 'Referral codes';

/** A code as a record: active or inactive, and since when. */
const recordSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string().nullable(),
    org_id: z.string(),
    code: z.string(),
    url: z.string().nullable(),
    status: z.enum(['active', 'inactive']),
    created_at: time,
    expires_at: timeOrNull,
    deactivated_at: timeOrNull.openapi({ description: 'Whichever of rotated_at and invalidated_at is set.' }),
    deleted: z.boolean().optional(),
    deleted_at: timeOrNull.optional(),
  })
  .openapi('ReferralCodeRecord');

function showRecord(row: Record<string, unknown>) {
  const { rotated_at: rotatedAt, invalidated_at: invalidatedAt, status, ...rest } = row;
  const deactivatedAt = invalidatedAt ?? rotatedAt ?? null;
  return { ...rest, status: status === 'active' ? 'active' : 'inactive', deactivated_at: deactivatedAt };
}

function recordOf(code: ReferralCode) {
  return showRecord(showCode(code));
}

const one = { 200: { description: 'The record.', schema: recordSchema } };

export const referralCodeRecords = [
  operation({
    id: 'listReferralCodeRecords',
    method: 'get',
    path: '/api/v1/referral-code-records',
    tag,
    summary: 'List code records',
    access: callersWho('code.read'),
    query: codeListQuery,
    answers: { 200: listForm(recordSchema, 'A page of records.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => listCodes(incoming, 'listReferralCodeRecords', showRecord),
  }),
  operation({
    id: 'getActiveReferralCodeRecord',
    method: 'get',
    path: '/api/v1/referral-code-records/active',
    tag,
    summary: 'Read a mentor’s active code',
    access: callersWho('code.read'),
    query: z.object({
      mentor_id: uuid.optional().openapi({ description: '(Default: the caller, where that is a mentor)' }),
    }),
    answers: one,
    handle: async (incoming) => {
      const { runtime, orgId, actor, query } = incoming;
      const code = await runtime.verve.codes.getActiveCode({ orgId, actor, ...ownerOf(incoming, query) });
      if (code === null) throw new VerveError('not_found');
      return { status: 200, body: recordOf(code) };
    },
  }),
  operation({
    id: 'lookUpReferralCodeRecord',
    method: 'get',
    path: '/api/v1/referral-code-records/lookup',
    tag,
    summary: 'Find a code by its string',
    description: 'Of any status, read as people type it, within the organisation.',
    access: callersWho('code.read'),
    query: z.object({ code: codeInput }),
    answers: one,
    handle: async (incoming) => {
      const { runtime, orgId, actor, query } = incoming;
      const code = await runtime.verve.codes.findByCode({ orgId, actor, code: query.code });
      if (code === null) throw new VerveError('not_found');
      return { status: 200, body: recordOf(code) };
    },
  }),
  operation({
    id: 'getReferralCodeRecord',
    method: 'get',
    path: '/api/v1/referral-code-records/{id}',
    tag,
    summary: 'Read a code record',
    access: callersWho('code.read'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      const { runtime, orgId, actor, params } = incoming;
      return { status: 200, body: recordOf(await runtime.verve.codes.get({ orgId, actor, codeId: params.id })) };
    },
  }),
  operation({
    id: 'createReferralCodeRecord',
    method: 'post',
    path: '/api/v1/referral-code-records',
    tag,
    summary: 'Store a chosen code',
    description:
      'For a host that makes its own strings. Refused where the owner has an active code, or the string was ever used.',
    access: callersWho('code.create'),
    body: ownerBody.extend({ code: codeInput }),
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002', code: '3PKCM78AQS' },
    answers: {
      201: { description: 'The record.', schema: recordSchema, headers: { Location: 'Address of the record.' } },
    },
    problems: ['active_code_exists', 'code_taken', 'invalid_code', 'mentor_inactive', 'code_invalidated'],
    handle: (incoming) =>
      incoming.write(async (verve) => {
        const { orgId, actor, body } = incoming;
        const code = await verve.codes.createCode({ orgId, actor, ...ownerOf(incoming, body), code: body.code });
        return {
          status: 201,
          body: recordOf(code),
          headers: { location: `/api/v1/referral-code-records/${code.codeId}` },
        };
      }),
  }),
  operation({
    id: 'deactivateReferralCodeRecord',
    method: 'put',
    path: '/api/v1/referral-code-records/{id}',
    tag,
    summary: 'Deactivate a code',
    description: 'Safe to repeat.',
    access: callersWho('code.invalidate'),
    params: idParams,
    body: z.strictObject({ status: z.literal('inactive') }),
    bodyExample: { status: 'inactive' },
    answers: one,
    handle: async (incoming) => {
      const { runtime, orgId, actor, params } = incoming;
      const result = await runtime.verve.codes.invalidateCode({ orgId, actor, codeId: params.id });
      if (result.outcome === 'notFound') throw new VerveError('not_found');
      return { status: 200, body: recordOf(await runtime.verve.codes.get({ orgId, actor, codeId: params.id })) };
    },
  }),
  operation({
    id: 'deleteReferralCodeRecord',
    method: 'delete',
    path: '/api/v1/referral-code-records/{id}',
    tag,
    summary: 'Delete a code',
    description: 'Invalidates it: a code that was handed out stays on record. Safe to repeat.',
    access: callersWho('code.invalidate'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      const { runtime, orgId, actor, params } = incoming;
      const result = await runtime.verve.codes.invalidateCode({ orgId, actor, codeId: params.id });
      if (result.outcome === 'notFound') throw new VerveError('not_found');
      const record = recordOf(await runtime.verve.codes.get({ orgId, actor, codeId: params.id }));
      return { status: 200, body: { ...record, deleted: true, deleted_at: record.deactivated_at } };
    },
  }),
];
