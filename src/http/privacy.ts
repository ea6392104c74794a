import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { time, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { snakeCase, toWire } from './wire.ts';

const tag = 'Privacy';
const memberId = z.string().trim().min(1).max(128).openapi({ description: 'As the membership system writes it.' });

const confirm = z.literal('erase').openapi({ description: 'Says that it is meant: there is no way back.' });
const eraseBody = z.union([
  z.strictObject({ member_id: memberId, confirm }),
  z.strictObject({ mentor_id: uuid, confirm }),
]);

const exportSchema = z
  .object({
    subject: z.object({ kind: z.enum(['member', 'mentor']), id: z.string() }),
    exported_at: time,
    tables: z
      .record(z.string(), z.array(z.record(z.string(), z.unknown())))
      .openapi({ description: 'By table, its rows as they stand; an empty list = looked, and found nothing.' }),
  })
  .openapi('PersonExport');

const wholePerson = z.union([z.strictObject({ member_id: memberId }), z.strictObject({ mentor_id: uuid })]);

export const privacy = [
  operation({
    id: 'exportPerson',
    method: 'post',
    path: '/api/v1/privacy/export',
    tag,
    summary: 'Export everything about one person',
    description:
      'Everything held about one member id, or about one mentor, as one document. A mentor’s holds nothing that names a recruit. ' +
      'Each reading is on the audit log.',
    access: callersWho('person.export'),
    body: wholePerson,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002' },
    answers: { 200: { description: 'Everything that is held.', schema: exportSchema } },
    runsAnew: true,
    handle: async (incoming) => {
      const { orgId, actor, body } = incoming;
      const { privacy: service } = incoming.runtime.verve;
      const exported =
        'member_id' in body
          ? await service.exportMember({ orgId, actor, memberId: body.member_id })
          : await service.exportMentor({ orgId, actor, mentorId: body.mentor_id });
      return { status: 200, body: toWire(exported, ['tables']), headers: { 'Cache-Control': 'no-store' } };
    },
  }),
  operation({
    id: 'previewErasePerson',
    method: 'post',
    path: '/api/v1/privacy/erase/preview',
    tag,
    summary: 'What erasing one person would find',
    description:
      'How many rows are held about the person, by table. What becomes of each is in docs/privacy.md. Writes nothing.',
    access: callersWho('person.erase'),
    body: wholePerson,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002' },
    answers: {
      200: {
        description: 'What is held. `not_found` = nothing ever was.',
        schema: z.object({
          outcome: z.enum(['would_erase', 'already_erased', 'not_found']),
          rows: z.record(z.string(), z.int()).openapi({ description: 'By table; those without any are left out.' }),
        }),
      },
    },
    runsAnew: true,
    handle: async (incoming) => {
      const { orgId, actor, body } = incoming;
      const { privacy: service } = incoming.runtime.verve;
      const { outcome, rows } =
        'member_id' in body
          ? await service.previewEraseMember({ orgId, actor, memberId: body.member_id })
          : await service.previewEraseMentor({ orgId, actor, mentorId: body.mentor_id });
      return { status: 200, body: { outcome: snakeCase(outcome), rows }, headers: { 'Cache-Control': 'no-store' } };
    },
  }),
  operation({
    id: 'erasePerson',
    method: 'post',
    path: '/api/v1/privacy/erase',
    tag,
    summary: 'Erase one person',
    description:
      'Removes who it was and keeps every count. Messages about the time before are ignored from now on. Safe to repeat; cannot be undone.',
    access: callersWho('person.erase'),
    body: eraseBody,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000002', confirm: 'erase' },
    answers: {
      200: {
        description: 'Nothing names the person any more. `not_found` = nothing ever did.',
        schema: z.object({ outcome: z.enum(['erased', 'already_erased', 'not_found']) }),
      },
    },
    handle: (incoming) =>
      incoming.write(async (nouns) => {
        const { orgId, actor, body } = incoming;
        const { outcome } =
          'member_id' in body
            ? await nouns.privacy.eraseMember({ orgId, actor, memberId: body.member_id })
            : await nouns.privacy.eraseMentor({ orgId, actor, mentorId: body.mentor_id });
        return { status: 200, body: { outcome: snakeCase(outcome) } };
      }),
  }),
];
