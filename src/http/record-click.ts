import { z } from '@hono/zod-openapi';
import { readClickMetadata } from '../engine/clicks/click-metadata.ts';
import { readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { clickLimit } from './access.ts';
import { organisationOfCode } from './code-organisation.ts';
import { codeInput, instant, time } from './lists/schemas.ts';
import { type Answer, type Incoming, operation } from './operation.ts';

const recordClickBody = z.strictObject({
  code: codeInput,
  occurred_at: instant.optional().openapi({ description: 'Counts if at most 72 hours old. (Default: now)' }),
  session_token: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'A random value of the app; the same one within the window is the same click.' }),
  device_token: z.string().max(200).optional(),
  metadata: z
    .record(z.string().max(64), z.unknown())
    .optional()
    .openapi({
      type: 'object',
      description: 'A closed list: `share_channel`, `platform`, `locale`.',
      example: { share_channel: 'whatsapp', platform: 'ios', locale: 'nb-NO' },
    }),
  referrer_url: z.string().max(2048).optional().openapi({ description: 'Accepted and not kept.' }),
  ip_address: z
    .string()
    .max(64)
    .optional()
    .openapi({ description: 'Of older clients: for the flood limit alone, never kept.' }),
  user_agent: z.string().max(1024).optional().openapi({ description: 'Of older clients: classifies, never kept.' }),
});

/** A click told by an app. The code alone says to which organisation it belongs. */
async function recordClick(
  incoming: Incoming<undefined, undefined, z.output<typeof recordClickBody>>,
): Promise<Answer> {
  const { body, runtime } = incoming;
  const metadata = readClickMetadata(body.metadata);
  const code = readCode(body.code);
  if (code === null) throw new VerveError('invalid_code');
  return incoming.write(async ({ clicks }) => {
    const result = await clicks.recordReferralClick(code, {
      // A key speaks for its organisation alone; whoever opens a link may open anybody's.
      ...(incoming.caller.kind === 'key' ? { orgId: incoming.orgId } : {}),
      metadata,
      token: body.session_token ?? null,
      occurredAt: body.occurred_at === undefined ? null : new Date(body.occurred_at),
      userAgent: body.user_agent ?? null,
      address: body.ip_address ?? runtime.clientAddress(incoming.request),
    });
    const at = runtime.now();
    const shown = {
      id: null as string | null,
      outcome: result.outcome,
      code,
      mentor_id: 'mentorId' in result ? result.mentorId : null,
      type: 'click',
      status: 'pending',
      new_member_id: null,
      is_confirmed: false,
      occurred_at: body.occurred_at === undefined ? at : new Date(body.occurred_at),
      created_at: at,
    };
    if (result.outcome === 'recorded') {
      const { clickId, occurredAt } = result;
      const location = `/api/v1/referral-attributions/${clickId}`;
      return { status: 201, body: { ...shown, id: clickId, occurred_at: occurredAt ?? at }, headers: { location } };
    }
    return { status: 200, body: result.outcome === 'rejected' ? { ...shown, reason: result.reason } : shown };
  });
}

const clickAnswer = z.object({
  id: z.string().nullable(),
  outcome: z.enum(['recorded', 'deduplicated', 'rejected']),
  reason: z.string().optional(),
  code: z.string(),
  mentor_id: z.string().nullable().openapi({ description: 'Whose code it is; null = nobody’s that is known here.' }),
  type: z.literal('click'),
  status: z.literal('pending'),
  new_member_id: z.null(),
  is_confirmed: z.literal(false),
  occurred_at: time,
  created_at: time,
});

export const clickOperations = [
  operation({
    id: 'recordReferralClick',
    method: 'post',
    path: '/api/v1/referral-attributions',
    tag: 'Attributions',
    summary: 'Record a click',
    description:
      'An app opened a referral link. `ip_address` and `user_agent` of older clients are used to classify and never kept.',
    access: { to: 'anybody', limit: clickLimit },
    body: recordClickBody,
    bodyExample: { code: '3PKCM78AQS', metadata: { share_channel: 'whatsapp', platform: 'ios' } },
    answers: {
      200: { description: 'Not recorded as a new click: a repetition, or a code that has ended.', schema: clickAnswer },
      201: {
        description: 'Recorded.',
        schema: clickAnswer,
        headers: { Location: 'Address of the click; a key that may read attributions finds it there.' },
      },
    },
    problems: ['invalid_metadata', 'invalid_code'],
    findOrganisation: (runtime, given) => organisationOfCode(runtime, given.code),
    handle: recordClick,
  }),
];
