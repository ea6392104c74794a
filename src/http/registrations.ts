import { z } from '@hono/zod-openapi';
import { readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { shareChannels } from '../engine/share/channels.ts';
import { submissionLimit } from './access.ts';
import { organisationOfCode } from './code-organisation.ts';
import { codeInput, instant } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { snakeCase } from './wire.ts';

const body = z.strictObject({
  code: codeInput
    .optional()
    .openapi({ description: 'The code the person used. Without one, `session_token` finds it.' }),
  organisation: z.string().max(63).optional().openapi({ description: 'Slug, where neither code nor key says it.' }),
  session_token: z.string().min(16).max(128).optional().openapi({ description: 'The token that the click carried.' }),
  device_token: z.string().min(16).max(200).optional(),
  registration_ref: z
    .string()
    .min(8)
    .max(128)
    .optional()
    .openapi({ description: 'A random id of your own; the same one again is the same registration.' }),
  registered_at: instant.optional().openapi({
    description: 'With a key, and not in the future; otherwise the moment of arrival counts. (Default: now)',
  }),
  channel: z.enum(shareChannels).optional(),
  new_member_id: z.string().trim().min(1).max(128).optional().openapi({ description: 'Only with a key that may.' }),
});

const registrationSchema = z
  .object({
    outcome: z.string().openapi({ example: 'registered' }),
    registration_ref: z
      .string()
      .nullable()
      .openapi({ description: 'Hand it to the sign-up form: a confirmation that carries it finds this registration.' }),
    attribution_id: z.string().nullable().openapi({ description: 'For callers with a key or role; otherwise null.' }),
  })
  .openapi('Registration');

/**
 * When the person registered: a key's word counts unless it lies in the future. Anybody else could date a registration back to
 * before a code ended, so theirs is the moment of arrival. null = now.
 */
function registrationTime(
  { caller, runtime }: Pick<Incoming<unknown, unknown, unknown>, 'caller' | 'runtime'>,
  text: string | undefined,
) {
  if (caller.kind !== 'key' || text === undefined) return null;
  const at = new Date(text);
  return at > runtime.now() ? null : at;
}

/** 201 = recorded, 202 = a person is asked, 200 = nothing new. */
function statusOf(outcome: string): 200 | 201 | 202 {
  if (outcome === 'registered' || outcome === 'confirmed') return 201;
  return ['conflict', 'unmatched', 'selfReferral'].includes(outcome) ? 202 : 200;
}

export const registrations = [
  operation({
    id: 'createRegistration',
    method: 'post',
    path: '/api/v1/registrations',
    tag: 'Registrations',
    summary: 'Record a registration',
    description:
      'A person submitted the sign-up form, with a valid code or with a token that matches a click. Makes a pending attribution. ' +
      'Without any match nothing is written (`no_match`).',
    access: { to: 'anybody', limit: submissionLimit },
    body,
    bodyExample: { code: '3PKCM78AQS', registration_ref: 'c1b0a7d2-5f67-4b4e-9d2e-8f1a2b3c4d5e' },
    answers: {
      200: { description: 'Known already, or nothing to record.', schema: registrationSchema },
      201: { description: 'Recorded.', schema: registrationSchema },
      202: {
        description: 'Kept, and a person is asked: `conflict`, `unmatched` (the code is unknown) or `self_referral`.',
        schema: registrationSchema,
      },
    },
    problems: ['code_ended', 'invalid_code'],
    findOrganisation: (runtime, given) => organisationOfCode(runtime, given.code, given.organisation),
    handle: async (incoming) => {
      const { actor, body: given } = incoming;
      const orgId = incoming.orgId;
      if (given.code !== undefined && readCode(given.code) === null) throw new VerveError('invalid_code');
      if (orgId === '') throw new VerveError('not_found', 'Neither the code nor the organisation is known.');
      return incoming.write(async ({ attributions }) => {
        const result = await attributions.registerReferral({
          orgId,
          actor,
          code: given.code ?? null,
          sessionToken: given.session_token ?? null,
          deviceToken: given.device_token ?? null,
          registrationRef: given.registration_ref ?? null,
          registeredAt: registrationTime(incoming, given.registered_at),
          memberId: given.new_member_id ?? null,
          channel: given.channel ?? null,
        });
        if (result.outcome === 'codeEnded') throw new VerveError('code_ended');
        // What names a member is kept for the inbox, and what is kept is no refusal (spec §2.8).
        if (result.outcome === 'unmatched' && given.new_member_id === undefined)
          throw new VerveError('not_found', 'No such code.');
        const isPublic = incoming.caller.kind === 'public';
        return {
          status: statusOf(result.outcome),
          body: {
            outcome: snakeCase(result.outcome),
            registration_ref: 'registrationRef' in result ? result.registrationRef : null,
            attribution_id: 'attributionId' in result && !isPublic ? result.attributionId : null,
          },
        };
      });
    },
  }),
];
