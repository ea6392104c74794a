import { z } from '@hono/zod-openapi';
import type { Branch } from '../engine/branches/service.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { readVisible } from './lists/read-visible.ts';
import { idParams, time, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { branchSource } from './rows/mentor-rows-repository.ts';

const tag = 'People';

const branchSchema = z
  .object({
    id: z.string(),
    org_id: z.string(),
    parent_id: z.string().nullable().openapi({ description: 'null = directly under the organisation.' }),
    name: z.string(),
    kind: z.enum(['county', 'local', 'other']),
    created_at: time,
  })
  .openapi('Branch');

const fields = {
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['county', 'local', 'other']).optional(),
  parent_id: uuid
    .nullable()
    .optional()
    .openapi({ type: ['string', 'null'], description: 'null = directly under the organisation.' }),
};
const changeBody = z.strictObject({ ...fields, name: fields.name.optional() });

function showBranch(branch: Branch) {
  return {
    id: branch.branchId,
    org_id: branch.orgId,
    parent_id: branch.parentId,
    name: branch.name,
    kind: branch.kind,
    created_at: branch.createdAt,
  };
}

function changeOf(body: z.output<typeof changeBody>) {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.kind === undefined ? {} : { kind: body.kind }),
    ...(body.parent_id === undefined ? {} : { parentId: body.parent_id }),
  };
}

export const branches = [
  operation({
    id: 'listBranches',
    method: 'get',
    path: '/api/v1/branches',
    tag,
    summary: 'List branches',
    description: 'A coordinator sees the branches in scope with everything below them.',
    access: callersWho('branch.read'),
    query: z.object({ ...pagingQuery, parent_id: uuid.optional() }),
    answers: { 200: listForm(branchSchema, 'A page of branches.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'branch.read');
      const { parent_id: parentId } = incoming.query;
      return answerList(
        incoming,
        'listBranches',
        branchSource,
        parentId === undefined ? [] : [{ sql: 'listed.parent_id = ?', value: parentId }],
      );
    },
  }),
  operation({
    id: 'createBranch',
    method: 'post',
    path: '/api/v1/branches',
    tag,
    summary: 'Make a branch',
    access: callersWho('branch.manage'),
    body: z.strictObject({ id: uuid.optional(), ...fields }),
    bodyExample: { name: 'Vestland fylkeslag', kind: 'county' },
    answers: {
      201: { description: 'The branch.', schema: branchSchema, headers: { Location: 'Address of the branch.' } },
    },
    problems: ['already_exists'],
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const own = body.id === undefined ? {} : { branchId: body.id };
        const made = await engine.branches.create({ orgId, actor, ...changeOf(body), name: body.name, ...own });
        return { status: 201, body: showBranch(made), headers: { location: `/api/v1/branches/${made.branchId}` } };
      }),
  }),
  operation({
    id: 'getBranch',
    method: 'get',
    path: '/api/v1/branches/{id}',
    tag,
    summary: 'Read a branch',
    access: callersWho('branch.read'),
    params: idParams,
    answers: { 200: { description: 'The branch.', schema: branchSchema } },
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'branch.read');
      return {
        status: 200,
        body: await readVisible(incoming, branchSource, [{ sql: 'listed.id = ?', value: incoming.params.id }]),
      };
    },
  }),
  operation({
    id: 'updateBranch',
    method: 'patch',
    path: '/api/v1/branches/{id}',
    tag,
    summary: 'Change a branch',
    description: 'Name, kind or place in the tree. Safe to repeat.',
    access: callersWho('branch.manage'),
    params: idParams,
    body: changeBody,
    bodyExample: { name: 'Vestland' },
    answers: { 200: { description: 'The branch.', schema: branchSchema } },
    problems: ['already_exists', 'conflict'],
    handle: async (incoming) => {
      const { orgId, actor, params, body, runtime } = incoming;
      const change = changeOf(body);
      return {
        status: 200,
        body: showBranch(await runtime.verve.branches.update({ orgId, actor, branchId: params.id, change })),
      };
    },
  }),
];
