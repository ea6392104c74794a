import { z } from '@hono/zod-openapi';
import type { ResolveBy, Resolved } from '../engine/inbox/resolve.ts';
import { callersWho } from './access.ts';
import { consequenceSchema } from './decide-attribution.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import type { ListCondition } from './lists/list-source.ts';
import { nameActors } from './lists/name-actors.ts';
import { readVisible } from './lists/read-visible.ts';
import { codeInput, idParams, time, timeOrNull, uuid } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { inboxSource } from './rows/inbox-rows-repository.ts';
import { snakeCase, toWire } from './wire.ts';

const tag = 'Inbox';
const kinds = [
  'unknown_code',
  'conflict',
  'foreign_code',
  'self_referral',
  'code_ended',
  'not_eligible',
  'claim',
  'stuck_delivery',
] as const;

const itemSchema = z
  .object({
    id: z.string(),
    org_id: z.string(),
    kind: z.enum(kinds),
    status: z.enum(['open', 'resolved']),
    claim_id: z
      .string()
      .nullable()
      .openapi({ description: 'The claim that this case decides; null = it is about none.' }),
    code: z.string().openapi({ description: 'As it was received; empty = the case is about no code.' }),
    mentor_id: z.string().nullable(),
    attribution_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    opened_at: time,
    resolved_at: timeOrNull,
    resolution: z.string().nullable(),
    resolution_reason: z.string().nullable(),
    resolved_by: z
      .string()
      .nullable()
      .openapi({ description: 'Who settled it: `person:` or `key:` and an id, or `system:` and a name.' }),
    resolved_by_name: z
      .string()
      .nullable()
      .openapi({ description: 'The name of that mentor or key; null = has no name here, or it is open.' }),
  })
  .openapi('InboxItem');

const resolveBody = z
  .strictObject({
    how: z.enum(['attach', 'correct_code', 'link', 'dismiss']).openapi({
      description:
        '`attach` to a mentor, `correct_code`, `link` a claim that names no member to the recruitment it is about, or `dismiss`.',
    }),
    mentor_id: uuid.optional().openapi({
      description:
        'With `attach`. With `link` whose the recruitment is. (Default: whom the claim names, else who has it)',
    }),
    attribution_id: uuid.optional().openapi({ description: 'With `link`: a recruitment in the caller’s scope.' }),
    code: codeInput.optional().openapi({ description: 'With `correct_code`.' }),
    reason: z.string().trim().min(1).max(500),
  })
  .superRefine((value, context) => {
    if (value.how === 'attach' && value.mentor_id === undefined)
      context.addIssue({ code: 'custom', path: ['mentor_id'], message: 'is required with attach' });
    if (value.how === 'link' && value.attribution_id === undefined)
      context.addIssue({ code: 'custom', path: ['attribution_id'], message: 'is required with link' });
    if (value.how === 'correct_code' && value.code === undefined)
      context.addIssue({ code: 'custom', path: ['code'], message: 'is required with correct_code' });
  });

const resolvedSchema = z
  .object({
    outcome: z.enum(['resolved', 'already_resolved']),
    inbox_item_id: z.string(),
    resolution: z.string(),
    attribution_id: z.string().nullable(),
    fact: z.string().nullable(),
    consequence: consequenceSchema.or(z.null()).openapi({ description: 'null = nothing moves.' }),
  })
  .openapi('Resolution');

function decisionOf(incoming: Incoming<{ id: string }, undefined, z.output<typeof resolveBody>>) {
  const { orgId, actor, params, body } = incoming;
  return { orgId, actor, inboxItemId: params.id, reason: body.reason, by: byOf(body) };
}

function byOf(body: z.output<typeof resolveBody>): ResolveBy {
  switch (body.how) {
    case 'attach':
      return { how: 'attach', mentorId: body.mentor_id ?? '' };
    case 'correct_code':
      return { how: 'correct_code', code: body.code ?? '' };
    case 'link':
      return { how: 'link', attributionId: body.attribution_id ?? '', mentorId: body.mentor_id };
    case 'dismiss':
      return { how: 'dismiss' };
  }
}

function showResolved(resolved: Resolved) {
  const shown = toWire(resolved) as Record<string, unknown>;
  const fact = resolved.fact === null ? null : snakeCase(resolved.fact);
  return { ...shown, outcome: snakeCase(resolved.outcome), fact };
}

const resolveRoute = {
  tag,
  access: callersWho('inbox.resolve'),
  params: idParams,
  body: resolveBody,
  bodyExample: { how: 'dismiss', reason: 'Known already' },
} as const;
const problems = ['conflict', 'about_oneself', 'unprocessable', 'invalid_code'] as const;

export const inbox = [
  operation({
    id: 'listInboxItems',
    method: 'get',
    path: '/api/v1/inbox',
    tag,
    summary: 'List what needs a person',
    access: callersWho('inbox.read'),
    query: z.object({
      ...pagingQuery,
      status: z.enum(['open', 'resolved']).optional().openapi({ description: '(Default: open)' }),
      kind: z.enum(kinds).optional(),
      mentor_id: uuid.optional(),
    }),
    answers: { 200: listForm(itemSchema, 'A page of cases, newest first.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'inbox.read');
      const { status = 'open', kind, mentor_id: mentorId } = incoming.query;
      const conditions: ListCondition[] = [{ sql: 'listed.status = ?', value: status }];
      if (kind !== undefined) conditions.push({ sql: 'listed.kind = ?', value: kind });
      if (mentorId !== undefined) conditions.push({ sql: 'listed.mentor_id = ?', value: mentorId });
      const answer = await answerList(incoming, 'listInboxItems', inboxSource, conditions);
      const body = answer.body as { data: Record<string, unknown>[] };
      return { ...answer, body: { ...body, data: await nameActors(incoming, body.data, ['resolved_by']) } };
    },
  }),
  operation({
    id: 'getInboxItem',
    method: 'get',
    path: '/api/v1/inbox/{id}',
    tag,
    summary: 'Read a case',
    access: callersWho('inbox.read'),
    params: idParams,
    answers: { 200: { description: 'The case.', schema: itemSchema } },
    handle: async (incoming) => {
      requireAnywhere(incoming.actor, 'inbox.read');
      const row = await readVisible(incoming, inboxSource, [{ sql: 'listed.id = ?', value: incoming.params.id }]);
      const [body] = await nameActors(incoming, [row], ['resolved_by']);
      return { status: 200, body };
    },
  }),
  operation({
    ...resolveRoute,
    id: 'resolveInboxItem',
    method: 'post',
    path: '/api/v1/inbox/{id}/resolve',
    summary: 'Settle a case',
    description: 'With a reason. Safe to repeat: a settled one answers how it was settled.',
    answers: { 200: { description: 'How it was settled.', schema: resolvedSchema } },
    problems,
    handle: (incoming) =>
      incoming.write(async (nouns) => ({
        status: 200,
        body: showResolved(await nouns.inbox.resolve(decisionOf(incoming))),
      })),
  }),
  operation({
    ...resolveRoute,
    id: 'previewResolveInboxItem',
    method: 'post',
    path: '/api/v1/inbox/{id}/resolve/preview',
    summary: 'Settle a case: preview',
    description: 'Tells what settling would move, without writing.',
    answers: { 200: { description: 'What would happen.', schema: resolvedSchema } },
    problems,
    runsAnew: true,
    handle: async (incoming) => ({
      status: 200,
      body: showResolved(await incoming.runtime.verve.inbox.previewResolve(decisionOf(incoming))),
    }),
  }),
  operation({
    id: 'reopenInboxItem',
    method: 'post',
    path: '/api/v1/inbox/{id}/reopen',
    tag,
    summary: 'Reopen a settled case',
    description: 'Undoes the resolution where that is possible. Safe to repeat.',
    access: callersWho('inbox.resolve'),
    params: idParams,
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    bodyExample: { reason: 'Wrong mentor' },
    answers: {
      200: {
        description: 'Open again.',
        schema: z.object({ outcome: z.enum(['reopened', 'already_open']), inbox_item_id: z.string() }),
      },
    },
    problems,
    handle: (incoming) =>
      incoming.write(async (nouns) => {
        const { orgId, actor, params, body } = incoming;
        const result = await nouns.inbox.reopen({ orgId, actor, inboxItemId: params.id, reason: body.reason });
        return { status: 200, body: { outcome: snakeCase(result.outcome), inbox_item_id: result.inboxItemId } };
      }),
  }),
];
