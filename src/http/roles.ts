import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { idParams, time, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { roleSource } from './rows/mentor-rows-repository.ts';

const tag = 'People';
const access = callersWho('role.manage');
const names = z.enum(['peer_mentor', 'coordinator', 'org_admin']);

const roleSchema = z
  .object({ id: z.string(), user_id: z.string(), role: names, branch_id: z.string().nullable(), created_at: time })
  .openapi('Role');

export const roles = [
  operation({
    id: 'listRoles',
    method: 'get',
    path: '/api/v1/roles',
    tag,
    summary: 'List roles',
    access,
    query: z.object({ ...pagingQuery, user_id: uuid.optional() }),
    answers: { 200: listForm(roleSchema, 'A page of roles.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'role.manage');
      const { user_id: userId } = incoming.query;
      return answerList(
        incoming,
        'listRoles',
        roleSource,
        userId === undefined ? [] : [{ sql: 'listed.user_id = ?', value: userId }],
      );
    },
  }),
  operation({
    id: 'grantRole',
    method: 'post',
    path: '/api/v1/roles',
    tag,
    summary: 'Give a role',
    description: 'Only a coordinator’s role can be narrowed to a branch, with everything below it. Safe to repeat.',
    access,
    body: z.strictObject({ user_id: uuid, role: names, branch_id: uuid.nullable().optional() }),
    bodyExample: { user_id: '3f2b1c0d-0000-4000-8000-000000000010', role: 'coordinator' },
    answers: {
      200: { description: 'Held already.', schema: roleSchema },
      201: { description: 'Given.', schema: roleSchema },
    },
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const { outcome, role } = await engine.roles.grant({
          orgId,
          actor,
          userId: body.user_id,
          role: body.role,
          branchId: body.branch_id,
        });
        const shown = {
          id: role.roleId,
          user_id: role.userId,
          role: role.role,
          branch_id: role.branchId,
          created_at: role.createdAt,
        };
        return { status: outcome === 'granted' ? 201 : 200, body: shown };
      }),
  }),
  operation({
    id: 'revokeRole',
    method: 'delete',
    path: '/api/v1/roles/{id}',
    tag,
    summary: 'Take a role away',
    description: 'Nobody takes the own administrator’s role.',
    access,
    params: idParams,
    answers: { 204: { description: 'Taken away.', schema: null } },
    problems: ['about_oneself'],
    handle: async (incoming) => {
      const { orgId, actor, params, runtime } = incoming;
      const { outcome } = await runtime.verve.roles.revoke({ orgId, actor, roleId: params.id });
      if (outcome === 'notHeld') throw new VerveError('not_found');
      return { status: 204 };
    },
  }),
];
