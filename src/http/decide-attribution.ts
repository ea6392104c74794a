import { z } from '@hono/zod-openapi';
import { rehearse } from '../engine/attributions/act.ts';
import { reassign, remove, restore } from '../engine/attributions/reassign.ts';
import type { Session } from '../engine/database.ts';
import { inOrganisation } from '../engine/parts.ts';
import { approve, reject, rejectionReasons } from '../engine/reviews/service.ts';
import type { Verve } from '../engine/verve.ts';
import { callersWho } from './access.ts';
import { idParams, instant, uuid } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { reverseById } from './reverse-attribution.ts';
import { snakeCase, toWire } from './wire.ts';

const tag = 'Attributions';

/** What an act moves: counts before and after, milestones, badges. */
export const consequenceSchema = z
  .object({
    totals: z.array(z.object({ mentor_id: z.string(), before: z.int(), after: z.int() })),
    milestones: z.array(z.object({ mentor_id: z.string(), threshold: z.int() })),
    badges: z.array(z.object({ mentor_id: z.string(), badge_definition_id: z.string() })),
  })
  .openapi('Consequence');

const decisionSchema = z
  .object({
    outcome: z.string().openapi({ example: 'reassigned' }),
    attribution_id: z.string(),
    superseded_attribution_id: z.string().optional(),
    mentor_id: z.string().nullable().optional(),
    missing_roles: z.array(z.string()).optional(),
    consequence: consequenceSchema,
  })
  .openapi('Decision');

const decided = { 200: { description: 'What happened, and what it moved.', schema: decisionSchema } };
const foreseen = { 200: { description: 'What would happen. Nothing is written.', schema: decisionSchema } };
const reason = z.string().trim().min(1).max(500);

const approveBody = z.strictObject({ role: z.enum(['coordinator', 'org_admin']).optional() });
const rejectBody = z.strictObject({ reason_code: z.enum(rejectionReasons), reason_text: z.string().max(500).optional() });
const reassignBody = z.strictObject({ mentor_id: uuid, reason });
export const reverseBody = z.strictObject({ reversed_at: instant.optional(), reason: z.string().trim().min(1).max(64).optional() });

type Act<Body> = (verve: Verve, session: Session, call: Incoming<{ id: string }, undefined, Body>) => Promise<object>;

/** The outcome of an act as the contract shows it. */
export function showDecision(result: object) {
  const shown = toWire(result) as Record<string, unknown>;
  return { ...shown, outcome: snakeCase(String(shown.outcome)) };
}

/** One act and its preview: the same code, run to its end and taken back. */
function actAndPreview<Body extends z.ZodType>(declared: {
  name: string; path: string; summary: string; description: string; access: ReturnType<typeof callersWho>; body: Body;
  bodyExample: unknown; isBodyOptional?: boolean; act: Act<z.output<Body>>;
}) {
  const { name, path, summary, description, access, body, bodyExample, act } = declared;
  const shared = { tag, access, params: idParams, body, bodyExample, isBodyOptional: declared.isBodyOptional ?? false } as const;
  const problems = ['conflict', 'about_oneself', 'already_decided', 'already_credited', 'unprocessable'] as const;
  return [
    operation({
      ...shared, id: `${name}Attribution`, method: 'post', path: `/api/v1/referral-attributions/{id}/${path}`, summary, description,
      answers: decided, problems,
      handle: (incoming) =>
        incoming.write(async (verve) => {
          const { orgId } = incoming;
          const result = await inOrganisation(verve.parts, { orgId }, (session) => act(verve, session, incoming));
          return { status: 200, body: showDecision(result) };
        }),
    }),
    operation({
      ...shared, id: `preview${name[0]?.toUpperCase()}${name.slice(1)}Attribution`, method: 'post',
      path: `/api/v1/referral-attributions/{id}/${path}/preview`, summary: `${summary}: preview`,
      description: 'Tells counts, badges and who keeps what, as the act itself would, without writing.', answers: foreseen, problems,
      handle: async (incoming) => {
        const { verve } = incoming.runtime;
        const result = await rehearse(verve.parts, incoming.orgId, (session) => act(verve, session, incoming));
        return { status: 200, body: showDecision(result) };
      },
    }),
  ];
}

export const attributionDecisions = [
  ...actAndPreview({
    name: 'approve', path: 'approve', summary: 'Approve a waiting recruitment',
    description: 'As one person; the last missing approval credits it. Safe to repeat. Nobody approves own recruits.',
    access: callersWho('attribution.approve'), body: approveBody, isBodyOptional: true, bodyExample: {},
    act: ({ parts }, session, { params, actor, body }) =>
      approve(parts, session, { attributionId: params.id, actor, ...(body.role === undefined ? {} : { role: body.role }) }),
  }),
  ...actAndPreview({
    name: 'reject', path: 'reject', summary: 'Reject a waiting recruitment',
    description: 'With a reason code. Safe to repeat. After credit it is a conflict: use reverse.',
    access: callersWho('attribution.reject'), body: rejectBody, bodyExample: { reason_code: 'not_a_new_member' },
    act: ({ parts }, session, { params, actor, body }) =>
      reject(parts, session, { attributionId: params.id, actor, reasonCode: body.reason_code, reasonText: body.reason_text ?? null }),
  }),
  ...actAndPreview({
    name: 'reassign', path: 'reassign', summary: 'Move a recruitment to another mentor',
    description: 'The old row is superseded, a new one made, counts move, awards stay. Never to or from oneself.',
    access: callersWho('attribution.reassign'), body: reassignBody,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000003', reason: 'Solveig met the member first' },
    act: ({ parts }, session, { params, actor, body }) =>
      reassign(parts, session, { attributionId: params.id, toMentorId: body.mentor_id, reason: body.reason, actor }),
  }),
  ...actAndPreview({
    name: 'reverse', path: 'reverse', summary: 'Reverse a confirmed recruitment',
    description: 'The membership was not real after all: the credit goes, awards stay. Safe to repeat.',
    access: callersWho('attribution.reverse'), body: reverseBody, isBodyOptional: true, bodyExample: { reason: 'unpaid' },
    act: reverseById,
  }),
  operation({
    id: 'deleteReferralAttribution', method: 'delete', path: '/api/v1/referral-attributions/{id}', tag, summary: 'Remove a recruitment',
    description: 'Softly and with a reason; counts stay right, redelivery does not bring it back, `restore` does. Safe to repeat.',
    access: callersWho('attribution.remove'), params: idParams, query: z.object({ reason: z.string().trim().min(1).max(500) }),
    answers: decided,
    handle: async (incoming) => {
      const { runtime, orgId, actor, params, query } = incoming;
      const { parts } = runtime.verve;
      const call = { attributionId: params.id, reason: query.reason, actor };
      const result = await inOrganisation(parts, { orgId }, (session) => remove(parts, session, call));
      return { status: 200, body: showDecision(result) };
    },
  }),
  operation({
    id: 'restoreAttribution', method: 'post', path: '/api/v1/referral-attributions/{id}/restore', tag, summary: 'Restore a removed recruitment',
    description: 'Safe to repeat.', access: callersWho('attribution.restore'), params: idParams, answers: decided,
    handle: (incoming) =>
      incoming.write(async ({ parts }) => {
        const { orgId, actor, params } = incoming;
        const result = await inOrganisation(parts, { orgId }, (session) => restore(parts, session, { attributionId: params.id, actor }));
        return { status: 200, body: showDecision(result) };
      }),
  }),
];
