import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { callersWho } from './access.ts';
import { uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';

const tag = 'People';
const access = callersWho('role.manage');
const path = '/api/v1/sign-in-addresses/{user_id}';
const params = z.object({ user_id: uuid });

export const signInAddresses = [
  operation({
    id: 'setSignInAddress',
    method: 'put',
    path,
    tag,
    summary: 'Say where a person’s sign-in links go',
    description:
      'The person must have a role or be a mentor here. The address is kept encrypted and is never read back. Another one ' +
      'replaces it and signs the person out.',
    access,
    params,
    body: z.strictObject({ email: z.email().max(254) }),
    bodyExample: { email: 'solveig@epost.example' },
    answers: {
      200: {
        description: 'Links go there from now on.',
        schema: z.object({ user_id: z.string() }),
        example: { user_id: '3f2b1c0d-0000-4000-8000-000000000010' },
      },
    },
    problems: ['already_exists'],
    handle: async ({ runtime, orgId, actor, params: { user_id: userId }, body: { email } }) => {
      await runtime.verve.signIn.setAddress({ orgId, actor, userId, email });
      return { status: 200, body: { user_id: userId } };
    },
  }),
  operation({
    id: 'removeSignInAddress',
    method: 'delete',
    path,
    tag,
    summary: 'Forget where a person’s sign-in links go',
    description: 'Also ends the person’s sessions in the dashboard, and the links that wait.',
    access,
    params,
    answers: { 204: { description: 'Forgotten.', schema: null } },
    handle: async ({ runtime, orgId, actor, params: { user_id: userId } }) => {
      const { outcome } = await runtime.verve.signIn.removeAddress({ orgId, actor, userId });
      if (outcome === 'notSet') throw new VerveError('not_found');
      return { status: 204 };
    },
  }),
];
