import { z } from '@hono/zod-openapi';
import type { BadgeDefinition } from '../engine/badges/service.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { readVisible } from './lists/read-visible.ts';
import { idParams, time, timeOrNull, truth } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { badgeDefinitionSource } from './rows/badge-rows-repository.ts';

const tag = 'Badges';

const badgeDefinitionSchema = z
  .object({
    id: z.string(),
    organization_id: z.string(),
    name: z.string(),
    icon_key: z.string(),
    criteria_type: z.literal('recruiting_milestone'),
    criteria_value: z.int(),
    description: z.string(),
    created_at: time,
    updated_at: time,
    archived_at: timeOrNull,
  })
  .openapi('BadgeDefinition');

const fields = {
  name: z.string().trim().min(1).max(100),
  icon_key: z.string().trim().min(1).max(64),
  criteria_type: z.enum(['recruiting_milestone', 'recruitment']).openapi({ description: '`recruitment` is an alias.' }),
  criteria_value: z.int().min(1).max(100_000),
  description: z.string().max(500),
};
const newBody = z.strictObject({
  name: fields.name,
  icon_key: fields.icon_key.optional(),
  criteria_type: fields.criteria_type.optional(),
  criteria_value: fields.criteria_value,
  description: fields.description.optional(),
});
const changeBody = z.strictObject(fields).partial();

function showDefinition({ badgeDefinitionId, organizationId, ...row }: BadgeDefinition) {
  return {
    id: badgeDefinitionId,
    organization_id: organizationId,
    name: row.name,
    icon_key: row.iconKey,
    criteria_type: row.criteriaType,
    criteria_value: row.criteriaValue,
    description: row.description,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    archived_at: row.archivedAt,
  };
}

function settingsOf(body: z.output<typeof changeBody>) {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.icon_key === undefined ? {} : { iconKey: body.icon_key }),
    ...(body.criteria_value === undefined ? {} : { criteriaValue: body.criteria_value }),
    ...(body.description === undefined ? {} : { description: body.description }),
  };
}

const one = { 200: { description: 'The badge.', schema: badgeDefinitionSchema } };

export const badgeDefinitions = [
  operation({
    id: 'listBadgeDefinitions',
    method: 'get',
    path: '/api/v1/badge-definitions',
    tag,
    summary: 'List badge definitions',
    access: callersWho('badge.read'),
    query: z.object({ ...pagingQuery, include_archived: truth.optional() }),
    answers: { 200: listForm(badgeDefinitionSchema, 'A page of badges.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      const conditions = incoming.query.include_archived === true ? [] : [{ sql: 'listed.archived_at is null' }];
      return answerList(incoming, 'listBadgeDefinitions', badgeDefinitionSource, conditions);
    },
  }),
  operation({
    id: 'createBadgeDefinition',
    method: 'post',
    path: '/api/v1/badge-definitions',
    tag,
    summary: 'Make a badge',
    description:
      'Its threshold is added to the milestones. Who is past it already gets it at the next milestone, or by `milestones backfill`.',
    access: callersWho('badge.manage'),
    body: newBody,
    bodyExample: { name: 'Verver', criteria_value: 5 },
    answers: {
      201: { description: 'The badge.', schema: badgeDefinitionSchema, headers: { Location: 'Address of the badge.' } },
    },
    problems: ['already_exists'],
    handle: (incoming) =>
      incoming.write(async ({ badges }) => {
        const { name, criteria_value: criteriaValue } = incoming.body;
        const made = await badges.createDefinition(incoming, { ...settingsOf(incoming.body), name, criteriaValue });
        return {
          status: 201,
          body: showDefinition(made),
          headers: { location: `/api/v1/badge-definitions/${made.badgeDefinitionId}` },
        };
      }),
  }),
  operation({
    id: 'getBadgeDefinition',
    method: 'get',
    path: '/api/v1/badge-definitions/{id}',
    tag,
    summary: 'Read a badge',
    access: callersWho('badge.read'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'badge.read');
      return {
        status: 200,
        body: await readVisible(incoming, badgeDefinitionSource, [{ sql: 'listed.id = ?', value: incoming.params.id }]),
      };
    },
  }),
  operation({
    id: 'updateBadgeDefinition',
    method: 'patch',
    path: '/api/v1/badge-definitions/{id}',
    tag,
    summary: 'Change a badge',
    description: 'Who holds it keeps it. Safe to repeat.',
    access: callersWho('badge.manage'),
    params: idParams,
    body: changeBody,
    bodyExample: { name: 'Stjerneverver' },
    answers: one,
    problems: ['already_exists'],
    handle: async (incoming) => {
      const { runtime, params, body } = incoming;
      return {
        status: 200,
        body: showDefinition(await runtime.verve.badges.updateDefinition(incoming, params.id, settingsOf(body))),
      };
    },
  }),
  operation({
    id: 'archiveBadgeDefinition',
    method: 'delete',
    path: '/api/v1/badge-definitions/{id}',
    tag,
    summary: 'Take a badge out of use',
    description: 'Who holds it keeps it. Safe to repeat.',
    access: callersWho('badge.manage'),
    params: idParams,
    answers: one,
    handle: async (incoming) => {
      const { runtime, params } = incoming;
      return { status: 200, body: showDefinition(await runtime.verve.badges.archiveDefinition(incoming, params.id)) };
    },
  }),
];
