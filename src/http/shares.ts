import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { shareChannels } from '../engine/share/channels.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { dayShown, instant, time, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { ownerOf } from './referral-codes.ts';
import { shareSource } from './rows/mentor-rows-repository.ts';

const tag = 'Referral codes';

const shareSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string().nullable(),
    code_id: z.string(),
    channel: z.enum(shareChannels),
    shared_at: time,
    day: dayShown,
    created_at: time,
  })
  .openapi('Share');

export const shares = [
  operation({
    id: 'listShares',
    method: 'get',
    path: '/api/v1/shares',
    tag,
    summary: 'List shares',
    access: callersWho('code.read'),
    query: z.object({ ...pagingQuery, mentor_id: uuid.optional() }),
    answers: { 200: listForm(shareSchema, 'A page of shares.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'code.read');
      const { mentor_id: mentorId } = incoming.query;
      return answerList(
        incoming,
        'listShares',
        shareSource,
        mentorId === undefined ? [] : [{ sql: 'listed.mentor_id = ?', value: mentorId }],
      );
    },
  }),
  operation({
    id: 'recordShare',
    method: 'post',
    path: '/api/v1/shares',
    tag,
    summary: 'Record a completed share',
    description: 'A mentor passed the link on through a channel. Nothing is known of to whom.',
    access: callersWho('code.share'),
    body: z.strictObject({ mentor_id: uuid.optional(), channel: z.enum(shareChannels), shared_at: instant.optional() }),
    bodyExample: { channel: 'whatsapp' },
    answers: { 201: { description: 'Recorded.', schema: shareSchema } },
    problems: ['conflict'],
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const owner = ownerOf(incoming, { mentor_id: body.mentor_id });
        if (!('mentorId' in owner)) throw new VerveError('invalid_request');
        const sharedAt = body.shared_at === undefined ? null : new Date(body.shared_at);
        const result = await engine.shares.record({
          orgId,
          actor,
          mentorId: owner.mentorId,
          channel: body.channel,
          sharedAt,
        });
        if (result.outcome === 'noActiveCode')
          throw new VerveError('conflict', 'The mentor has no active code to share.');
        const { share } = result;
        const shown = {
          id: share.shareId,
          mentor_id: share.mentorId,
          code_id: share.codeId,
          channel: share.channel,
          shared_at: share.sharedAt,
          day: share.day,
          created_at: share.createdAt,
        };
        return { status: 201, body: shown };
      }),
  }),
];
