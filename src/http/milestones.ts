import { z } from '@hono/zod-openapi';
import type { Actor } from '../engine/actor.ts';
import { VerveError } from '../engine/errors.ts';
import { awardKey, milestoneName, milestoneType } from '../engine/milestones/milestone.ts';
import type { MilestoneAward } from '../engine/milestones/service.ts';
import { branchesAllowed } from '../engine/permissions.ts';
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

const reachedSchema = z
  .object({
    award_key: z.string().openapi({ description: 'The key under which webhooks tell of it.' }),
    milestone: z.string().openapi({ example: 'recruits_5' }),
    milestone_type: z.string().openapi({ example: 'referral_count_5' }),
    threshold: z.int(),
    reached_count: z.int(),
    credited: z.int().openapi({ description: 'The count now: below the threshold after reversals.' }),
    origin: z.enum(['crossing', 'backfill']),
    awarded_at: z.iso.datetime(),
  })
  .openapi('ReachedMilestone');

const awardSchema = z
  .object({
    id: z.string(),
    mentor_id: z.string(),
    award_key: z.string(),
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
    summary: 'List the thresholds, and what a mentor has reached',
    description:
      'With `mentor`, also the milestones of that mentor, so that a badge service can compare its awards with ours: for ' +
      'keys, administrators, coordinators of the whole organisation, and the mentor.',
    access: callersWho('badge.read'),
    query: z.object({ mentor: uuid.optional() }),
    answers: {
      200: {
        description: 'Ascending.',
        schema: thresholds.extend({ awards: z.array(reachedSchema).optional() }),
        example: { thresholds: [1, 5, 10, 25, 50] },
      },
    },
    handle: async (incoming) => {
      const { verve } = incoming.runtime;
      const { mentor } = incoming.query;
      const known = { thresholds: await verve.milestones.listThresholds(incoming) };
      if (mentor === undefined) return { status: 200, body: known };
      requireSeesMentor(incoming.actor, mentor);
      const { awards } = await verve.milestones.listAwards(incoming, { mentorId: mentor, limit: 200 });
      return { status: 200, body: { ...known, awards: awards.map((award) => showReached(incoming.orgId, award)) } };
    },
  }),
  operation({
    id: 'setMilestones',
    method: 'put',
    path: '/api/v1/milestones',
    tag,
    summary: 'Choose the thresholds',
    description: 'Those of badges in use stay. They act on later crossings. Safe to repeat.',
    access: callersWho('badge.manage'),
    body: z.strictObject({ thresholds: z.array(z.int().min(1).max(100_000)).min(1).max(50) }),
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
      const { orgId } = incoming;
      const { mentor_id: mentorId } = incoming.query;
      const source = isOnlyMentor(incoming) ? ownMilestoneSource : milestoneAwardSource;
      const conditions = mentorId === undefined ? [] : [{ sql: 'listed.mentor_id = ?', value: mentorId }];
      const unknown = { reached_count: null, origin: null, awarded_on: null, awarded_at: null };
      return answerList(incoming, 'listMilestoneAwards', source, conditions, (row) => ({
        ...unknown,
        award_key: awardKey({ orgId, mentorId: String(row.mentor_id), threshold: Number(row.threshold) }),
        ...row,
      }));
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
    runsAnew: true,
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

/** Whoever sees the whole organisation, and the mentor. @throws VerveError `forbidden` */
function requireSeesMentor(actor: Actor, mentorId: string): void {
  if (actor.kind === 'person' && actor.mentorId === mentorId.toLowerCase()) return;
  if (branchesAllowed(actor, 'report.read') !== null) throw new VerveError('forbidden');
}

function showReached(
  orgId: string,
  { mentorId, threshold, reachedCount, credited, origin, awardedAt }: MilestoneAward,
) {
  return {
    award_key: awardKey({ orgId, mentorId, threshold }),
    milestone: milestoneName(threshold),
    milestone_type: milestoneType(threshold),
    threshold,
    reached_count: reachedCount,
    credited,
    origin,
    awarded_at: awardedAt.toISOString(),
  };
}
