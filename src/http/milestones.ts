import { z } from '@hono/zod-openapi';
import { callersWho } from './access.ts';
import { isOnlyMentor } from './attribution-form.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { dayShown, timeOrNull, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { milestoneAwardSource, ownMilestoneSource } from './rows/badge-rows-repository.ts';
import { toWire } from './wire.ts';

const tag = 'Badges';
const thresholds = z.object({ thresholds: z.array(z.int()) });

const awardSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string(),
    threshold: z.int(),
    reached_count: z.int().nullable(),
    origin: z.enum(['crossing', 'backfill']).nullable(),
    awarded_on: dayShown.nullable(),
    awarded_at: timeOrNull,
  })
  .openapi('MilestoneAward');

const backfillSchema = z
  .object({
    outcome: z.enum(['preview', 'granted']),
    milestones: z.array(z.object({ mentor_id: z.string(), threshold: z.int(), count: z.int() })),
    badges: z.array(z.object({ mentor_id: z.string(), badge_definition_id: z.string() })),
  })
  .openapi('Backfill');

export const milestones = [
  operation({
    id: 'listMilestones',
    method: 'get',
    path: '/api/v1/milestones',
    tag,
    summary: 'List the thresholds',
    access: callersWho('badge.read'),
    answers: { 200: { description: 'Ascending.', schema: thresholds, example: { thresholds: [1, 5, 10, 25, 50] } } },
    handle: async (incoming) => ({
      status: 200,
      body: { thresholds: await incoming.runtime.verve.milestones.listThresholds(incoming) },
    }),
  }),
  operation({
    id: 'setMilestones',
    method: 'put',
    path: '/api/v1/milestones',
    tag,
    summary: 'Choose the thresholds',
    description: 'Those of badges in use stay. They act on later crossings. Safe to repeat.',
    access: callersWho('badge.manage'),
    body: z.strictObject({ thresholds: z.array(z.int().min(1).max(1_000_000)).min(1).max(50) }),
    bodyExample: { thresholds: [1, 5, 10, 25, 50] },
    answers: { 200: { description: 'Ascending.', schema: thresholds } },
    handle: async (incoming) => ({
      status: 200,
      body: { thresholds: await incoming.runtime.verve.milestones.setThresholds(incoming, incoming.body.thresholds) },
    }),
  }),
  operation({
    id: 'listMilestoneAwards',
    method: 'get',
    path: '/api/v1/milestones/awards',
    tag,
    summary: 'List reached milestones',
    description: 'A mentor sees own ones, with days.',
    access: callersWho('badge.read'),
    query: z.object({ ...pagingQuery, mentor_id: uuid.optional() }),
    answers: { 200: listForm(awardSchema, 'A page of awards.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      const { mentor_id: mentorId } = incoming.query;
      const source = isOnlyMentor(incoming) ? ownMilestoneSource : milestoneAwardSource;
      const conditions = mentorId === undefined ? [] : [{ sql: 'listed.mentor_id = ?', value: mentorId }];
      const unknown = { reached_count: null, origin: null, awarded_on: null, awarded_at: null };
      return answerList(incoming, 'listMilestoneAwards', source, conditions, (row) => ({ ...unknown, ...row }));
    },
  }),
  operation({
    id: 'previewMilestoneBackfill',
    method: 'post',
    path: '/api/v1/milestones/backfill/preview',
    tag,
    summary: 'Backfill: preview',
    description: 'What granting would grant now. Writes nothing.',
    access: callersWho('badge.manage'),
    answers: { 200: { description: 'What is missing.', schema: backfillSchema } },
    handle: async (incoming) => ({
      status: 200,
      body: toWire(await incoming.runtime.verve.backfill.preview(incoming)),
    }),
  }),
  operation({
    id: 'grantMilestoneBackfill',
    method: 'post',
    path: '/api/v1/milestones/backfill',
    tag,
    summary: 'Backfill: grant',
    description:
      'Grants milestones and badges that were set after mentors had passed them, marked as such. Safe to repeat.',
    access: callersWho('badge.manage'),
    answers: { 200: { description: 'What was granted.', schema: backfillSchema } },
    handle: (incoming) =>
      incoming.write(async (engine) => ({ status: 200, body: toWire(await engine.backfill.grant(incoming)) })),
  }),
];
