import { z } from '@hono/zod-openapi';
import { hostActor } from '../engine/actor.ts';
import { shareChannels } from '../engine/share/channels.ts';
import { callersWho } from './access.ts';
import { isOnlyMentor } from './attribution-form.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { nameActors } from './lists/name-actors.ts';
import { codeInput, day, dayShown, timeOrNull, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { claimSource, ownClaimSource } from './rows/inbox-rows-repository.ts';

const tag = 'Claims';

const nameSchema = z
  .string()
  .nullable()
  .openapi({ description: 'The name of that mentor or key; null = has no name here.' });

const claimSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string().nullable(),
    claimant: z.enum(['mentor', 'member', 'coordinator']),
    met_on: dayShown.nullable(),
    channel: z.string().nullable(),
    status: z.enum(['open', 'accepted', 'declined']),
    filed_on: dayShown.nullable(),
    decided_on: dayShown.nullable(),
    decision_reason: z.string().nullable(),
    attribution_id: z.string().nullable(),
    filed_at: timeOrNull,
    decided_at: timeOrNull,
    filed_by: z
      .string()
      .nullable()
      .openapi({ description: '`person:` or `key:` and an id, or `public`; null for a mentor, who is not told.' }),
    filed_by_name: nameSchema,
    decided_by: z.string().nullable().openapi({ description: 'Likewise; null also while it is open.' }),
    decided_by_name: nameSchema,
  })
  .openapi('Claim');

const body = z.strictObject({
  claimant: z.enum(['mentor', 'member', 'coordinator']),
  mentor_id: uuid.optional().openapi({ description: '(Default: the caller, where that is a mentor)' }),
  code: codeInput.optional(),
  member_id: z.string().trim().min(1).max(128).optional().openapi({ description: 'Only with a key that may.' }),
  met_on: day.optional().openapi({ description: 'The day on which they met.' }),
  channel: z.enum(shareChannels).optional(),
});

export const claims = [
  operation({
    id: 'listClaims',
    method: 'get',
    path: '/api/v1/claims',
    tag,
    summary: 'List claims',
    description: 'A mentor sees own claims, with days.',
    access: callersWho('claim.file'),
    query: z.object(pagingQuery),
    answers: { 200: listForm(claimSchema, 'A page of claims.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'claim.file');
      const isOwn = isOnlyMentor(incoming);
      const missing = {
        claimant: 'mentor',
        decision_reason: null,
        attribution_id: null,
        filed_at: null,
        decided_at: null,
        filed_on: null,
        decided_on: null,
        filed_by: null,
        decided_by: null,
      };
      const answer = await answerList(incoming, 'listClaims', isOwn ? ownClaimSource : claimSource, [], (row) => ({
        ...missing,
        ...row,
      }));
      const body = answer.body as { data: Record<string, unknown>[] };
      return { ...answer, body: { ...body, data: await nameActors(incoming, body.data, ['filed_by', 'decided_by']) } };
    },
  }),
  operation({
    id: 'fileClaim',
    method: 'post',
    path: '/api/v1/claims',
    tag,
    summary: 'File a claim',
    description:
      '“I forgot to say who recruited me”, by a mentor, a member (through a key) or a coordinator. A coordinator decides it in the inbox.',
    access: callersWho('claim.file'),
    body,
    bodyExample: { claimant: 'mentor', met_on: '2026-11-14', channel: 'whatsapp' },
    answers: {
      201: {
        description: 'Filed.',
        schema: z.object({
          claim_id: z.string(),
          inbox_item_id: z
            .string()
            .nullable()
            .openapi({ description: 'null for a mentor, who does not see the inbox.' }),
        }),
      },
    },
    handle: (incoming) =>
      incoming.write(async ({ inbox, mentors }) => {
        const { orgId, actor, body: given } = incoming;
        const own = actor.kind === 'person' ? actor.mentorId : null;
        const mentorId = given.mentor_id ?? (isOnlyMentor(incoming) ? own : null);
        // A mentor of nobody here is told apart before the claim is filed.
        if (mentorId !== null) await mentors.get({ orgId, actor: hostActor, mentorId });
        const filed = await inbox.claimRecruitment({
          orgId,
          actor,
          claimant: given.claimant,
          mentorId,
          code: given.code ?? null,
          memberId: given.member_id ?? null,
          metOn: given.met_on ?? null,
          channel: given.channel ?? null,
        });
        return {
          status: 201,
          body: { claim_id: filed.claimId, inbox_item_id: isOnlyMentor(incoming) ? null : filed.inboxItemId },
        };
      }),
  }),
];
