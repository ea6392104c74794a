import { z } from '@hono/zod-openapi';
import { readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { callersWho } from './access.ts';
import {
  attributionSchema,
  clickSchema,
  isOnlyMentor,
  memberIdsFor,
  pendingSinceOf,
  readAttribution,
  showAttribution,
} from './attribution-form.ts';
import { confirmBody, confirmById } from './confirm-attribution.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import { codeInput, idParams, time, timeOrNull, uuid } from './lists/schemas.ts';
import { readClick } from './one-click.ts';
import { type Incoming, operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { requireMentor } from './require-mentor.ts';
import {
  attributionConditions,
  attributionSource,
  clickSource,
  recruitSource,
} from './rows/attribution-rows-repository.ts';
import { snakeCase, toWire } from './wire.ts';

const tag = 'Attributions';

const listQuery = z.object({
  ...pagingQuery,
  type: z.enum(['conversion', 'click']).optional().openapi({ description: '(Default: conversion)' }),
  status: z.enum(['pending', 'confirmed', 'rejected', 'reversed', 'expired']).optional(),
  review_state: z.enum(['none', 'waiting', 'approved', 'rejected', 'withdrawn']).optional(),
  flag: z.enum(['same_device', 'velocity', 'code_mismatch', 'late_after_end', 'code_order']).optional(),
  mentor_id: uuid.optional(),
  code: codeInput.optional(),
});

/** A page of conversions or clicks, as far as the caller may see them. */
async function listAttributions<Params, Body>(
  incoming: Incoming<Params, z.output<typeof listQuery>, Body>,
  operationId: string,
  mentorId: string | undefined,
) {
  requireAnywhere(incoming.actor, 'attribution.read');
  const { query } = incoming;
  if (query.type === 'click') {
    const conditions = [
      ...(mentorId === undefined ? [] : [{ sql: 'listed.mentor_id = ?', value: mentorId }]),
      ...(query.code === undefined ? [] : [{ sql: 'listed.code = ?', value: readCode(query.code) ?? query.code }]),
    ];
    const fixed = { id: null, type: 'click', status: 'pending', is_confirmed: false, new_member_id: null };
    return answerList(incoming, operationId, clickSource, conditions, ({ channel, ...row }) => ({
      ...row,
      ...fixed,
      channel: channel === 'unknown' ? null : channel, // a link that named none
    }));
  }
  const pendingSince = await pendingSinceOf(incoming);
  const source = isOnlyMentor(incoming) ? recruitSource : attributionSource;
  const conditions = attributionConditions({ ...query, mentor_id: mentorId }, pendingSince, isOnlyMentor(incoming));
  const answer = await answerList(incoming, operationId, source, conditions, (row) =>
    showAttribution(row, pendingSince),
  );
  const body = answer.body as { data: { id: string; new_member_id: string | null }[] };
  const memberIds = await memberIdsFor(
    incoming,
    body.data.map(({ id }) => id),
  );
  for (const row of body.data) row.new_member_id = memberIds.get(row.id) ?? null;
  return answer;
}

const factSchema = z.object({
  fact_id: z.string(),
  seq: z.number(),
  kind: z.string(),
  code: z.string().nullable(),
  is_same_code: z.boolean().nullable(),
  occurred_at: time,
  received_at: time,
  via: z.string(),
  actor: z.string(),
  membership_type: z.string().nullable(),
  reason: z.string().nullable(),
  outcome: z.string(),
  is_applied: z.boolean(),
});

const explanationSchema = z
  .object({
    attribution: attributionSchema,
    sentence: z
      .string()
      .openapi({ example: 'Solveig Tveitmo is credited because the confirmation carried Solveig Tveitmo’s code.' }),
    strength_of_link: z.enum(['certain', 'by_code', 'by_order', 'decided_by_person', 'not_linked']),
    checks: z.array(
      z.object({
        rule: z.string(),
        result: z.enum(['passed', 'failed', 'noted']),
        text: z.string(),
        section: z.string(),
      }),
    ),
    history: z.array(
      z.object({
        at: time,
        kind: z.enum(['fact', 'event', 'review']),
        name: z.string(),
        text: z.string(),
        is_applied: z.boolean().nullable(),
      }),
    ),
    facts: z.array(factSchema),
    events: z.array(
      z.object({
        event_id: z.string(),
        seq: z.number(),
        type: z.string(),
        occurred_at: time,
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    reviews: z.array(
      z.object({
        review_id: z.string(),
        state: z.string(),
        flags: z.array(z.string()),
        required_roles: z.array(z.string()),
        reason_code: z.string().nullable(),
        reason_text: z.string().nullable(),
        decided_by: z.string().nullable(),
        opened_at: time,
        decided_at: timeOrNull,
        approvals: z.array(z.object({ approver: z.string(), role: z.string(), approved_at: z.string() })),
      }),
    ),
    predecessor_id: z.string().nullable(),
  })
  .openapi('Explanation');

export const referralAttributions = [
  operation({
    id: 'listReferralAttributions',
    method: 'get',
    path: '/api/v1/referral-attributions',
    tag,
    summary: 'List conversions or clicks',
    description: 'Conversions unless `type=click`. A mentor sees own ones, with days and without times, as of 06:00.',
    access: callersWho('attribution.read'),
    query: listQuery,
    answers: { 200: listForm(z.union([attributionSchema, clickSchema]), 'A page.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => listAttributions(incoming, 'listReferralAttributions', incoming.query.mentor_id),
  }),
  operation({
    id: 'listReferralAttributionsOfMentor',
    method: 'get',
    path: '/api/v1/referral-attributions/mentor/{mentorId}',
    tag,
    summary: 'List a mentor’s conversions',
    access: callersWho('attribution.read'),
    params: z.object({ mentorId: uuid }),
    query: listQuery.omit({ mentor_id: true }),
    answers: { 200: listForm(z.union([attributionSchema, clickSchema]), 'A page.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: async (incoming) => {
      await requireMentor(incoming, incoming.params.mentorId, 'attribution.read');
      return listAttributions(incoming, 'listReferralAttributionsOfMentor', incoming.params.mentorId);
    },
  }),
  operation({
    id: 'getReferralAttribution',
    method: 'get',
    path: '/api/v1/referral-attributions/{id}',
    tag,
    summary: 'Read an attribution',
    description: 'A conversion; or, with the id that the answer to a click gave, that click.',
    access: callersWho('attribution.read'),
    params: idParams,
    answers: {
      200: { description: 'As it is now.', schema: z.union([attributionSchema, clickSchema]) },
    },
    problems: ['click_pruned'],
    handle: async (incoming) => ({
      status: 200,
      body: (await readClick(incoming)) ?? (await readAttribution(incoming)),
    }),
  }),
  operation({
    id: 'confirmReferralAttribution',
    method: 'put',
    path: '/api/v1/referral-attributions/{id}',
    tag,
    summary: 'Confirm an attribution',
    description:
      'With a conversion’s id it confirms that one; with a click’s id the member is confirmed under the click’s code, and the answer is the conversion. ' +
      'The same member again is 200 with `outcome: already_confirmed`; a click already used credits by code without a click.',
    access: callersWho('attribution.confirm'),
    params: idParams,
    body: confirmBody,
    bodyExample: { code: '3PKCM78AQS', new_member_id: '10293', confirmed_at: '2026-11-20T11:00:00.000Z' },
    answers: {
      200: {
        description: 'The conversion as it is now, and what happened.',
        schema: z
          .object({ ...attributionSchema.shape, outcome: z.string().openapi({ example: 'confirmed' }) })
          .openapi('ConfirmedAttribution'),
        headers: { 'Content-Location': 'Address of the conversion.' },
      },
      202: {
        description: 'Kept: it waits, or a person is asked (`conflict`: another mentor is known for this member).',
        schema: z.object({ outcome: z.string() }),
        example: { outcome: 'unmatched' },
      },
    },
    problems: ['code_mismatch', 'click_pruned'],
    handle: confirmById,
  }),
  operation({
    id: 'getReferralAttributionExplanation',
    method: 'get',
    path: '/api/v1/referral-attributions/{id}/explanation',
    tag,
    summary: 'Explain an attribution',
    description: 'Every fact and rule that led to the credit, in order. Holds no member id.',
    access: callersWho('attribution.read'),
    params: idParams,
    answers: { 200: { description: 'Why it stands as it does.', schema: explanationSchema } },
    handle: async (incoming) => {
      if (isOnlyMentor(incoming))
        throw new VerveError(
          'forbidden',
          'A mentor sees the status of own recruits; the whole history is for coordinators.',
        );
      const attribution = await readAttribution(incoming);
      const { runtime, orgId, actor, params } = incoming;
      const call = { orgId, actor, attributionId: params.id };
      const { attribution: _, ...explanation } = await runtime.verve.attributions.explain(call);
      // Their numbers in the record would tell how much happens in all organisations: here they count from one.
      const facts = explanation.facts.map((fact, at) => ({ ...fact, seq: at + 1, outcome: snakeCase(fact.outcome) }));
      const events = explanation.events.map((event, at) => ({ ...event, seq: at + 1 }));
      const shown = toWire({ ...explanation, facts, events }, ['data']) as Record<string, unknown>;
      return { status: 200, body: { ...shown, attribution } };
    },
  }),
];
