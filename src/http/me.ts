import { z } from '@hono/zod-openapi';
import { hostActor } from '../engine/actor.ts';
import { VerveError } from '../engine/errors.ts';
import { operation } from './operation.ts';
import { membershipsOf } from './resolve-organisation.ts';

export const me = [
  operation({
    id: 'getMe',
    method: 'get',
    path: '/api/v1/me',
    tag: 'People',
    summary: 'Who I am',
    description:
      'Of a person: the organisations with roles, and the mentor that the person is in each. Of a key: its organisation and scopes.',
    access: { to: 'known' },
    placing: 'optional',
    answers: {
      200: {
        description: 'The caller.',
        schema: z.object({
          user_id: z.string().nullable().openapi({ description: 'null = the caller is a key.' }),
          key: z
            .object({ id: z.string(), scopes: z.array(z.string()) })
            .nullable()
            .openapi({ description: 'null = the caller is a person.' }),
          organisations: z.array(
            z.object({
              id: z.string(),
              slug: z.string(),
              name: z.string(),
              mentor_id: z.string().nullable(),
              roles: z.array(
                z.object({
                  role: z.enum(['peer_mentor', 'coordinator', 'org_admin']),
                  branch_id: z.string().nullable(),
                }),
              ),
            }),
          ),
        }),
      },
    },
    handle: async (incoming) => {
      const { caller, runtime } = incoming;
      if (caller.kind === 'public') throw new VerveError('unauthenticated');
      if (caller.kind === 'key') {
        const { orgId, apiKeyId, scopes } = caller;
        const { slug, name } = await runtime.verve.organisations.get({ orgId, actor: hostActor });
        const organisations = [{ id: orgId, slug, name, mentor_id: null, roles: [] }];
        return { status: 200, body: { user_id: null, key: { id: apiKeyId, scopes }, organisations } };
      }
      const held = await membershipsOf(runtime, caller);
      const shown = held.map(({ orgId, slug, name, mentorId, roles }) => ({
        id: orgId,
        slug,
        name,
        mentor_id: mentorId,
        roles: roles.map(({ role, branchId }) => ({ role, branch_id: branchId })),
      }));
      return { status: 200, body: { user_id: caller.userId, key: null, organisations: shown } };
    },
  }),
];
