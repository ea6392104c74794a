import { z } from '@hono/zod-openapi';
import { receiveDataverse } from '../connectors/receive-dataverse.ts';
import { createDeliveryReader, MAX_BYTES } from '../connectors/understand-delivery.ts';
import { VerveError } from '../engine/errors.ts';
import { slugForm } from '../engine/organisations/profile.ts';
import { type Answer, type Incoming, operation } from './operation.ts';

const receivedSchema = z
  .object({
    is_repeated: z.boolean().openapi({ description: 'The same delivery came before; nothing is done again.' }),
  })
  .openapi('DataverseDeliveryReceived');

/** Stored before it is answered, understood after: a row may have to be fetched from a system that is slow just now. */
async function receive({
  runtime,
  request,
  bytes,
  params,
}: Incoming<{ organisation: string }, z.output<typeof keyQuery>, undefined>): Promise<Answer> {
  const { verve, dataverse, senders } = runtime;
  const receipt = await receiveDataverse(verve, senders, createDeliveryReader(verve, dataverse), {
    slug: params.organisation,
    headers: request.headers,
    query: new URL(request.url).searchParams,
    body: bytes,
    now: runtime.now(),
  });
  if (receipt.outcome === 'refused') throw new VerveError(receipt.reason);
  return { status: 202, body: { is_repeated: receipt.outcome === 'repeated' } };
}

/** The static key in the address, for senders that can set nothing else. Headers are better: addresses end up in logs. */
export const keyQuery = z.looseObject({
  code: z.string().max(512).optional().openapi({ description: 'The organisation’s static key.' }),
  'x-referral-key': z.string().max(512).optional().openapi({ description: 'The same under its own name.' }),
});

/** Whose membership system it is. */
export const senderParams = z.object({
  organisation: z.string().regex(slugForm).openapi({ example: 'lydhor' }),
});

export const dataverseWebhook = [
  operation({
    id: 'receiveDataverseDelivery',
    method: 'post',
    path: '/api/v1/webhooks/membership/{organisation}/dataverse',
    tag: 'Membership webhook',
    summary: 'Receive a delivery of Dataverse or Power Automate',
    description:
      'A RemoteExecutionContext as Dataverse posts it, or the flat record that a Power Automate flow forwards. Proved by the ' +
      'organisation’s key in the header `x-referral-key` or in `?code=`. Answered once it is stored; what it means is ' +
      'worked out after that, and shown in the delivery log and the inbox.',
    access: { to: 'signed' },
    params: senderParams,
    query: keyQuery,
    bodyForm: {
      raw: 'application/json',
      maxBytes: MAX_BYTES.dataverse,
      schema: z.record(z.string(), z.unknown()),
    },
    bodyExample: { MessageName: 'Create', PrimaryEntityName: 'hlf_membership', InputParameters: [] },
    answers: { 202: { description: 'Stored.', schema: receivedSchema } },
    problems: ['invalid_signature', 'timestamp_out_of_tolerance'],
    handle: receive,
  }),
];
