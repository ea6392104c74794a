import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { callersWho } from './access.ts';
import { isOnlyMentor } from './attribution-form.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { countRows, selectRow } from './lists/list-repository.ts';
import type { ListCondition } from './lists/list-source.ts';
import { dayShown, timeOrNull, uuid } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { earnedBadgeSource, ownBadgeSource } from './rows/badge-rows-repository.ts';

const tag = 'Badges';

const earnedBadgeSchema = z
  .object({
    id: z.string(),
    peer_mentor_id: z.string(),
    badge_definition_id: z.string(),
    organization_id: z.string(),
    earned_on: dayShown.nullable(),
    earned_at: timeOrNull.openapi({ description: 'null for a mentor, who sees the day.' }),
    notification_sent: z.boolean(),
    awarded_by: z.enum(['system', 'admin']),
  })
  .openapi('EarnedBadge');

/** The mentor of a badge, by our word or by the one that the answer has. */
const mentorFields = {
  mentor_id: uuid.optional(),
  peer_mentor_id: uuid.optional().openapi({ description: 'The same as `mentor_id`, by the name that the answer has.' }),
};
const filterQuery = { ...mentorFields, badge_definition_id: uuid.optional() };

interface MentorNamed {
  mentor_id?: string | undefined;
  peer_mentor_id?: string | undefined;
}

function requireMentorId({ mentor_id: mentorId, peer_mentor_id: peerMentorId = mentorId }: MentorNamed): string {
  if (peerMentorId !== undefined && (mentorId ?? peerMentorId) === peerMentorId) return peerMentorId;
  throw new VerveError('invalid_request', 'Say which mentor, once.', {
    fields: [
      { field: 'mentor_id', message: mentorId === undefined ? 'is required' : 'is another than peer_mentor_id' },
    ],
  });
}

function conditionsOf(query: MentorNamed & { badge_definition_id?: string | undefined }): ListCondition[] {
  const conditions: ListCondition[] = [];
  const isNamed = query.mentor_id !== undefined || query.peer_mentor_id !== undefined;
  if (isNamed) conditions.push({ sql: 'listed.mentor_id = ?', value: requireMentorId(query) });
  if (query.badge_definition_id !== undefined) {
    conditions.push({ sql: 'listed.badge_definition_id = ?', value: query.badge_definition_id });
  }
  return conditions;
}

function sourceFor(incoming: Pick<Incoming<unknown, unknown, unknown>, 'actor'>) {
  return isOnlyMentor(incoming) ? ownBadgeSource : earnedBadgeSource;
}

const show = (row: Record<string, unknown>) => ({ earned_at: null, earned_on: null, ...row });

export const earnedBadges = [
  operation({
    id: 'listEarnedBadges',
    method: 'get',
    path: '/api/v1/earned-badges',
    tag,
    summary: 'List earned badges',
    access: callersWho('badge.read'),
    query: z.object({ ...pagingQuery, ...filterQuery }),
    answers: { 200: listForm(earnedBadgeSchema, 'A page of earned badges.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      return answerList(incoming, 'listEarnedBadges', sourceFor(incoming), conditionsOf(incoming.query), show);
    },
  }),
  operation({
    id: 'earnedBadgeExists',
    method: 'get',
    path: '/api/v1/earned-badges/exists',
    tag,
    summary: 'Whether a mentor holds a badge',
    access: callersWho('badge.read'),
    query: z.object({ ...mentorFields, badge_definition_id: uuid }),
    answers: {
      200: {
        description: 'Whether, and which.',
        schema: z.object({ exists: z.boolean(), earned_badge_id: z.string().nullable() }),
      },
    },
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      requireMentorId(incoming.query);
      const conditions = [{ sql: 'listed.org_id = ?', value: incoming.orgId }, ...conditionsOf(incoming.query)];
      const row = await incoming.read((session) => selectRow(session, sourceFor(incoming), conditions));
      return { status: 200, body: { exists: row !== null, earned_badge_id: row?.id ?? null } };
    },
  }),
  operation({
    id: 'listEarnedBadgesByOrganisation',
    method: 'get',
    path: '/api/v1/earned-badges/by-organisation',
    tag,
    summary: 'Earned badges of the organisation',
    description: 'As far as the caller may see them, with their number.',
    access: callersWho('badge.read'),
    query: z.object(pagingQuery),
    answers: { 200: listForm(earnedBadgeSchema, 'A page of earned badges.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      const answer = await answerList(incoming, 'listEarnedBadgesByOrganisation', sourceFor(incoming), [], show);
      const own = [{ sql: 'listed.org_id = ?', value: incoming.orgId }];
      const total = await incoming.read((session) => countRows(session, sourceFor(incoming), own, 10_000));
      return { ...answer, headers: { 'x-total-count': String(total) } };
    },
  }),
  operation({
    id: 'grantBadge',
    method: 'post',
    path: '/api/v1/earned-badges',
    tag,
    summary: 'Grant a badge by hand',
    description: 'Safe to repeat: a badge is held once.',
    access: callersWho('badge.manage'),
    body: z.strictObject({ ...mentorFields, badge_definition_id: uuid }),
    bodyExample: {
      mentor_id: '0b0b0b0b-0000-4000-8000-000000000002',
      badge_definition_id: '1c1c1c1c-0000-4000-8000-000000000001',
    },
    answers: {
      200: { description: 'Held already.', schema: earnedBadgeSchema },
      201: { description: 'Granted.', schema: earnedBadgeSchema },
    },
    handle: (incoming) =>
      incoming.write(async ({ badges }) => {
        const { badge_definition_id: badgeDefinitionId } = incoming.body;
        const { outcome, badge } = await badges.grant(incoming, requireMentorId(incoming.body), badgeDefinitionId);
        const shown = {
          id: badge.earnedBadgeId,
          peer_mentor_id: badge.mentorId,
          badge_definition_id: badge.badgeDefinitionId,
          organization_id: badge.organizationId,
          earned_on: null,
          earned_at: badge.earnedAt,
          notification_sent: badge.notificationSent,
          awarded_by: badge.awardedBy,
        };
        return { status: outcome === 'granted' ? 201 : 200, body: shown };
      }),
  }),
];
