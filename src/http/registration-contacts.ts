import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { time, uuid, wholeNumber } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { toWire } from './wire.ts';

const tag = 'Registrations';

const contactSchema = z
  .object({
    contact_id: z.string(),
    attribution_id: z
      .string()
      .nullable()
      .openapi({ description: 'null: joined without a code, and nobody is credited.' }),
    code: z.string().nullable(),
    registration_ref: z
      .string()
      .nullable()
      .openapi({ description: 'Send it back with the confirmation: it finds this registration.' }),
    name: z.string().nullable(),
    phone: z.string().nullable().openapi({ example: '+4740000000' }),
    email: z.string().nullable(),
    consent_version: z.string().nullable().openapi({ description: 'Version of the notice that was agreed to.' }),
    created_at: time,
    delete_after: time,
  })
  .openapi('RegistrationContact');

export const registrationContacts = [
  operation({
    id: 'listRegistrationContacts',
    method: 'get',
    path: '/api/v1/registration-contacts',
    tag,
    summary: 'Contact data that waits to be handed over',
    description:
      'From the sign-up form, oldest first, decrypted. For administrators and keys with `members:read`. Reading deletes nothing: ' +
      'store what you got, then hand it over.',
    access: callersWho('member.read'),
    query: z.object({ limit: wholeNumber(1, 200).optional().openapi({ description: '(Default: 200)' }) }),
    answers: {
      200: { description: 'The oldest contacts that wait.', schema: z.object({ data: z.array(contactSchema) }) },
    },
    handle: async ({ runtime, orgId, actor, query }) => {
      const data = await runtime.verve.contacts.list({ orgId, actor, limit: query.limit ?? 200 });
      return { status: 200, body: { data: toWire(data) }, headers: { 'cache-control': 'private, no-store' } };
    },
  }),
  operation({
    id: 'handOverRegistrationContacts',
    method: 'post',
    path: '/api/v1/registration-contacts/hand-over',
    tag,
    summary: 'Contact data has been handed over',
    description:
      'You have these contacts now: they are deleted here. Safe to repeat; ids that are gone are passed over.',
    access: callersWho('member.read'),
    body: z.strictObject({ contact_ids: z.array(uuid).min(1).max(200) }),
    bodyExample: { contact_ids: ['0b0b0b0b-0000-4000-8000-000000000002'] },
    answers: { 200: { description: 'How many were deleted.', schema: z.object({ deleted: z.int() }) } },
    handle: ({ orgId, actor, body, write }) =>
      write(async ({ contacts }) => ({
        status: 200,
        body: await contacts.markHandedOver({ orgId, actor, contactIds: body.contact_ids }),
      })),
  }),
];
