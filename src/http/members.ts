import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { consequenceSchema, showDecision } from './decide-attribution.ts';
import { type Incoming, operation } from './operation.ts';

const memberId = z.string().trim().min(1).max(128).openapi({ description: 'As the membership system writes it.' });
const body = z.strictObject({ old_member_id: memberId, new_member_id: memberId });

const relinkedSchema = z
  .object({
    outcome: z.enum(['relinked', 'already_relinked', 'conflict', 'ignored_erased']).openapi({
      description:
        '`conflict` = joined, and both members had been credited: both stand, and a case in the inbox lets a person decide. ' +
        '`ignored_erased` = nothing was joined, as one of the two was erased.',
    }),
    consequence: consequenceSchema,
  })
  .openapi('Relinked');

const route = {
  method: 'post',
  tag: 'Attributions',
  access: callersWho('member.relink'),
  body,
  bodyExample: { old_member_id: '10293', new_member_id: '48811' },
} as const;

function callOf({ orgId, actor, body: given }: Incoming<undefined, undefined, z.output<typeof body>>) {
  return { orgId, actor, oldMemberId: given.old_member_id, newMemberId: given.new_member_id };
}

/** What the membership system has merged is one member here too (spec §2.6). */
export const members = [
  operation({
    ...route,
    id: 'relinkMember',
    path: '/api/v1/members/relink',
    summary: 'Join two member ids',
    description:
      'The membership system has merged two members: whatever names the old id reaches the new one from now on, and what waited under ' +
      'either acts on what the other has. Safe to repeat. Joined ids stay joined.',
    answers: { 200: { description: 'What happened, and what it moved.', schema: relinkedSchema } },
    handle: (incoming) =>
      incoming.write(async ({ attributions }) => ({
        status: 200,
        body: showDecision(await attributions.relinkMember(callOf(incoming))),
      })),
  }),
  operation({
    ...route,
    id: 'previewRelinkMember',
    path: '/api/v1/members/relink/preview',
    summary: 'Join two member ids: preview',
    description: 'Tells what joining would move, without writing.',
    answers: { 200: { description: 'What would happen. Nothing is written.', schema: relinkedSchema } },
    runsAnew: true,
    handle: async (incoming) => ({
      status: 200,
      body: showDecision(await incoming.runtime.verve.attributions.preview.relinkMember(callOf(incoming))),
    }),
  }),
];
