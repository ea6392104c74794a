import { z } from '@hono/zod-openapi';
import { readInboundLog } from '../engine/inbound/log.ts';
import { callersWho } from './access.ts';
import { time, timeOrNull } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { toWire } from './wire.ts';

const integrationSchema = z
  .object({
    last_message_at: timeOrNull,
    last_reconciliation_at: timeOrNull,
    last_reconciliation_status: z.enum(['succeeded', 'failed']).nullable(),
    unmatched: z.int().openapi({ description: 'Open inbox items about codes that found no mentor.' }),
    waiting_deliveries: z.int(),
    parked_deliveries: z.int(),
    last_delivered_at: timeOrNull,
    failing_endpoints: z.int(),
    messages_by_day: z.array(z.object({ day: z.string(), received: z.int() })).openapi({
      description: 'Deliveries of the membership system on each of the last 14 days, in the organisation’s zone.',
    }),
    failed_messages: z
      .array(z.object({ id: z.string(), channel: z.string(), received_at: time, error_code: z.string().nullable() }))
      .openapi({ description: 'The newest that were stored and could not be understood.' }),
  })
  .openapi('Integration');

export const integration = [
  operation({
    id: 'getIntegration',
    method: 'get',
    path: '/api/v1/integration',
    tag: 'Membership webhook',
    summary: 'How the connections stand',
    description: 'Whether the membership system is heard, and whether events reach those who asked for them.',
    access: callersWho('integration.read'),
    answers: { 200: { description: 'The connections.', schema: integrationSchema } },
    handle: async ({ runtime, orgId, actor }) => {
      const { verve } = runtime;
      const health = await verve.health.ofIntegration({ orgId, actor });
      const { days, failed } = await readInboundLog(verve.parts, { orgId, actor });
      const failedMessages = failed.map(({ inboundMessageId, ...rest }) => ({ id: inboundMessageId, ...rest }));
      return { status: 200, body: toWire({ ...health, messagesByDay: days, failedMessages }) };
    },
  }),
];
