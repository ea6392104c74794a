import { z } from '@hono/zod-openapi';
import { rejectionReasons } from '../engine/reviews/service.ts';
import type { Nouns } from '../engine/verve.ts';
import { callersWho } from './access.ts';
import { idParams, uuid } from './lists/schemas.ts';
import { deleteClick } from './one-click.ts';
import { type Incoming, operation } from './operation.ts';
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
const rejectBody = z.strictObject({
  reason_code: z.enum(rejectionReasons),
  reason_text: z.string().max(500).optional(),
});
const reassignBody = z.strictObject({ mentor_id: uuid, reason });
const reverseBody = z.strictObject({ reason: z.string().trim().min(1).max(64).optional() });

type Call<Body> = Incoming<{ id: string }, undefined, Body>;
type Attributions = Nouns['attributions'];

/** The outcome of an act as the contract shows it. */
export function showDecision(result: object) {
  const shown = toWire(result) as Record<string, unknown>;
  return { ...shown, outcome: snakeCase(String(shown.outcome)) };
}

function on(incoming: Call<unknown>) {
  const { orgId, actor, params } = incoming;
  return { orgId, actor, attributionId: params.id };
}

/** One act and its preview: the same code, run to its end and taken back. */
function actAndPreview<Body extends z.ZodType>(declared: {
  name: string;
  summary: string;
  description: string;
  access: ReturnType<typeof callersWho>;
  body: Body;
  bodyExample: unknown;
  isBodyOptional?: boolean;
  act: (attributions: Attributions, call: Call<z.output<Body>>) => Promise<object>;
  preview: (attributions: Attributions, call: Call<z.output<Body>>) => Promise<object>;
}) {
  const { name, summary, description, access, body, bodyExample, act, preview } = declared;
  const isBodyOptional = declared.isBodyOptional ?? false;
  const shared = { tag, access, params: idParams, body, bodyExample, isBodyOptional } as const;
  const problems = ['conflict', 'about_oneself', 'already_decided', 'already_credited', 'unprocessable'] as const;
  return [
    operation({
      ...shared,
      id: `${name}Attribution`,
      method: 'post',
      path: `/api/v1/referral-attributions/{id}/${name}`,
      summary,
      description,
      answers: decided,
      problems,
      handle: (incoming) =>
        incoming.write(async (nouns) => ({
          status: 200,
          body: showDecision(await act(nouns.attributions, incoming as Call<z.output<Body>>)),
        })),
    }),
    operation({
      ...shared,
      id: `preview${name[0]?.toUpperCase()}${name.slice(1)}Attribution`,
      method: 'post',
      path: `/api/v1/referral-attributions/{id}/${name}/preview`,
      summary: `${summary}: preview`,
      description: 'Tells counts, badges and who keeps what, as the act itself would, without writing.',
      answers: foreseen,
      problems,
      runsAnew: true,
      handle: async (incoming) => ({
        status: 200,
        body: showDecision(await preview(incoming.runtime.verve.attributions, incoming as Call<z.output<Body>>)),
      }),
    }),
  ];
}

const approval = (incoming: Call<z.output<typeof approveBody>>) => ({
  ...on(incoming),
  ...(incoming.body.role === undefined ? {} : { role: incoming.body.role }),
});
const rejection = (incoming: Call<z.output<typeof rejectBody>>) => ({
  ...on(incoming),
  reasonCode: incoming.body.reason_code,
  reasonText: incoming.body.reason_text ?? null,
});
const move = (incoming: Call<z.output<typeof reassignBody>>) => ({
  ...on(incoming),
  toMentorId: incoming.body.mentor_id,
  reason: incoming.body.reason,
});
const reversal = (incoming: Call<z.output<typeof reverseBody>>) => ({
  ...on(incoming),
  reason: incoming.body.reason ?? null,
});

/** What a reversal moves, from its outcome: one credit less, where it counted. */
async function reversed(outcome: Promise<object>, attributionId: string) {
  const result = (await outcome) as { outcome: string; mentorId?: string | null; total?: number | null };
  const { mentorId = null, total = null } = result;
  const totals = mentorId === null || total === null ? [] : [{ mentorId, before: total + 1, after: total }];
  return { outcome: result.outcome, attributionId, mentorId, consequence: { totals, milestones: [], badges: [] } };
}

export const attributionDecisions = [
  ...actAndPreview({
    name: 'approve',
    summary: 'Approve a waiting recruitment',
    description: 'As one person; the last missing approval credits it. Safe to repeat. Nobody approves own recruits.',
    access: callersWho('attribution.approve'),
    body: approveBody,
    isBodyOptional: true,
    bodyExample: {},
    act: (attributions, incoming) => attributions.approve(approval(incoming)),
    preview: (attributions, incoming) => attributions.preview.approve(approval(incoming)),
  }),
  ...actAndPreview({
    name: 'reject',
    summary: 'Reject a waiting recruitment',
    description: 'With a reason code. Safe to repeat. After credit it is a conflict: use reverse.',
    access: callersWho('attribution.reject'),
    body: rejectBody,
    bodyExample: { reason_code: 'not_a_new_member' },
    act: (attributions, incoming) => attributions.reject(rejection(incoming)),
    preview: (attributions, incoming) => attributions.preview.reject(rejection(incoming)),
  }),
  ...actAndPreview({
    name: 'reassign',
    summary: 'Move a recruitment to another mentor',
    description: 'The old row is superseded, a new one made, counts move, awards stay. Never to or from oneself.',
    access: callersWho('attribution.reassign'),
    body: reassignBody,
    bodyExample: { mentor_id: '0b0b0b0b-0000-4000-8000-000000000003', reason: 'Solveig met the member first' },
    act: (attributions, incoming) => attributions.reassign(move(incoming)),
    preview: (attributions, incoming) => attributions.preview.reassign(move(incoming)),
  }),
  ...actAndPreview({
    name: 'reverse',
    summary: 'Reverse a confirmed recruitment',
    description: 'The membership was not real after all: the credit goes, awards stay. Safe to repeat.',
    access: callersWho('attribution.reverse'),
    body: reverseBody,
    isBodyOptional: true,
    bodyExample: { reason: 'unpaid' },
    act: (attributions, incoming) => reversed(attributions.reverse(reversal(incoming)), incoming.params.id),
    preview: (attributions, incoming) => reversed(attributions.preview.reverse(reversal(incoming)), incoming.params.id),
  }),
  operation({
    id: 'deleteReferralAttribution',
    method: 'delete',
    path: '/api/v1/referral-attributions/{id}',
    tag,
    summary: 'Remove a recruitment or a click',
    description:
      'A recruitment softly and with a reason; counts stay right, redelivery does not bring it back, `restore` does. ' +
      'A click is taken out of its day, for good. Safe to repeat.',
    access: callersWho('attribution.remove'),
    params: idParams,
    query: z.object({ reason }),
    answers: { ...decided, 204: { description: 'The click is gone.', schema: null } },
    handle: async (incoming) => {
      if (await deleteClick(incoming)) return { status: 204 };
      const call = { orgId: incoming.orgId, actor: incoming.actor, attributionId: incoming.params.id };
      const result = await incoming.runtime.verve.attributions.remove({ ...call, reason: incoming.query.reason });
      return { status: 200, body: showDecision(result) };
    },
  }),
  operation({
    id: 'restoreAttribution',
    method: 'post',
    path: '/api/v1/referral-attributions/{id}/restore',
    tag,
    summary: 'Restore a removed recruitment',
    description: 'Safe to repeat.',
    access: callersWho('attribution.restore'),
    params: idParams,
    answers: decided,
    handle: (incoming) =>
      incoming.write(async (nouns) => {
        const { orgId, actor, params } = incoming;
        const result = await nouns.attributions.restore({ orgId, actor, attributionId: params.id });
        return { status: 200, body: showDecision(result) };
      }),
  }),
];
