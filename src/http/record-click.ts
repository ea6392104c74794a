import { z } from '@hono/zod-openapi';
import { readClickMetadata } from '../engine/clicks/click-metadata.ts';
import { readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { codeInput, instant } from './lists/schemas.ts';
import type { Answer, Incoming } from './operation.ts';

export const recordClickBody = z.strictObject({
  code: codeInput,
  occurred_at: instant.optional().openapi({ description: 'Counts if at most 72 hours old. (Default: now)' }),
  session_token: z.string().max(200).optional().openapi({ description: 'A random value of the app; the same one within the window is the same click.' }),
  device_token: z.string().max(200).optional(),
  metadata: z.record(z.string().max(64), z.unknown()).optional().openapi({
    type: 'object',
    description: 'A closed list: `share_channel`, `platform`, `locale`.',
    example: { share_channel: 'whatsapp', platform: 'ios', locale: 'nb-NO' },
  }),
  referrer_url: z.string().max(2048).optional().openapi({ description: 'Accepted and not kept.' }),
  ip_address: z.string().max(64).optional().openapi({ description: 'Of older clients: for the flood limit alone, never kept.' }),
  user_agent: z.string().max(1024).optional().openapi({ description: 'Of older clients: classifies, never kept.' }),
});

/** A click told by an app. The code alone says to which organisation it belongs. */
export async function recordClick(incoming: Incoming<undefined, undefined, z.output<typeof recordClickBody>>): Promise<Answer> {
  const { body, runtime } = incoming;
  const metadata = readClickMetadata(body.metadata);
  const code = readCode(body.code);
  if (code === null) throw new VerveError('invalid_code');
  return incoming.write(async ({ clicks }) => {
    const result = await clicks.recordReferralClick(code, {
      metadata,
      token: body.session_token ?? null,
      occurredAt: body.occurred_at === undefined ? null : new Date(body.occurred_at),
      userAgent: body.user_agent ?? null,
      address: body.ip_address ?? runtime.clientAddress(incoming.request),
    });
    const at = runtime.now();
    const shown = {
      id: null as string | null, outcome: result.outcome, code, mentor_id: null, type: 'click', status: 'pending',
      new_member_id: null, is_confirmed: false, occurred_at: body.occurred_at === undefined ? at : new Date(body.occurred_at), created_at: at,
    };
    if (result.outcome === 'recorded') return { status: 201, body: { ...shown, id: result.clickId } };
    return { status: 200, body: result.outcome === 'rejected' ? { ...shown, reason: result.reason } : shown };
  });
}
