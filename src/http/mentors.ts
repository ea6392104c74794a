import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import type { Mentor } from '../engine/mentors/service.ts';
import { callersWho } from './access.ts';
import { answerList, listForm, pagingQuery } from './lists/answer-list.ts';
import type { ListCondition } from './lists/list-source.ts';
import { readVisible } from './lists/read-visible.ts';
import { idParams, time, timeOrNull, uuid } from './lists/schemas.ts';
import { operation } from './operation.ts';
import { requireAnywhere } from './permission-anywhere.ts';
import { mentorSource } from './rows/mentor-rows-repository.ts';
import { snakeCase } from './wire.ts';

const tag = 'People';

const mentorSchema = z
  .object({
    id: z.string(),
    org_id: z.string(),
    display_name: z.string(),
    branch_id: z.string().nullable(),
    status: z.enum(['active', 'paused', 'left']),
    is_on_leaderboard: z.boolean(),
    created_at: time,
    updated_at: time,
    left_at: timeOrNull,
  })
  .openapi('Mentor');

const fields = {
  user_id: uuid.nullable().optional().openapi({ description: 'The auth system’s user id.' }),
  display_name: z.string().trim().min(1).max(200),
  branch_id: uuid.nullable().optional(),
  member_id: z
    .string()
    .trim()
    .min(1)
    .max(128)
    .nullable()
    .optional()
    .openapi({ description: 'The mentor’s own member id, to refuse self-referral. Only its keyed hash is kept.' }),
};
const newBody = z.strictObject({ id: uuid.optional(), ...fields });
const changeBody = z.strictObject({
  ...fields,
  display_name: fields.display_name.optional(),
  status: z
    .enum(['active', 'paused', 'left'])
    .optional()
    .openapi({ description: 'Leaving ends the code in the same transaction.' }),
  is_on_leaderboard: z.boolean().optional(),
});

function showMentor(mentor: Mentor) {
  return {
    id: mentor.mentorId,
    org_id: mentor.orgId,
    display_name: mentor.displayName,
    branch_id: mentor.branchId,
    status: mentor.status,
    is_on_leaderboard: mentor.isOnLeaderboard,
    created_at: mentor.createdAt,
    updated_at: mentor.updatedAt,
    left_at: mentor.leftAt,
  };
}

function newMentor(body: z.output<typeof newBody>) {
  return {
    displayName: body.display_name,
    ...(body.id === undefined ? {} : { mentorId: body.id }),
    ...(body.user_id === undefined ? {} : { userId: body.user_id }),
    ...(body.branch_id === undefined ? {} : { branchId: body.branch_id }),
    ...(body.member_id === undefined ? {} : { memberId: body.member_id }),
  };
}

/** Why a mentor could not be made. */
function refuseMentor(outcome: 'userTaken' | 'unknownBranch'): VerveError {
  return outcome === 'userTaken'
    ? new VerveError('already_exists', 'This user is another mentor here already.')
    : new VerveError('unprocessable', 'There is no such branch here.');
}

const outcomeSchema = z.object({ outcome: z.string(), mentor: mentorSchema.or(z.null()) });

export const mentors = [
  operation({
    id: 'listMentors',
    method: 'get',
    path: '/api/v1/mentors',
    tag,
    summary: 'List mentors',
    access: callersWho('mentor.read'),
    query: z.object({
      ...pagingQuery,
      branch_id: uuid.optional().openapi({ description: 'Of this branch itself.' }),
      status: z.enum(['active', 'paused', 'left']).optional(),
      q: z.string().trim().min(1).max(100).optional().openapi({ description: 'Part of the name.' }),
    }),
    answers: { 200: listForm(mentorSchema, 'A page of mentors.') },
    problems: ['invalid_cursor', 'invalid_paging'],
    handle: (incoming) => {
      requireAnywhere(incoming.actor, 'mentor.read');
      const { branch_id: branchId, status, q } = incoming.query;
      const conditions: ListCondition[] = [];
      if (branchId !== undefined) conditions.push({ sql: 'listed.branch_id = ?', value: branchId });
      if (status !== undefined) conditions.push({ sql: 'listed.status = ?', value: status });
      if (q !== undefined) conditions.push({ sql: 'position(lower(?) in lower(listed.display_name)) > 0', value: q });
      return answerList(incoming, 'listMentors', mentorSource, conditions);
    },
  }),
  operation({
    id: 'createMentor',
    method: 'post',
    path: '/api/v1/mentors',
    tag,
    summary: 'Make a mentor',
    description: 'Safe to repeat with an `id` of your own.',
    access: callersWho('mentor.create'),
    body: newBody,
    bodyExample: { display_name: 'Solveig Tveitmo', user_id: '3f2b1c0d-0000-4000-8000-000000000010' },
    answers: {
      200: { description: 'There already, under this id.', schema: mentorSchema },
      201: { description: 'Made.', schema: mentorSchema, headers: { Location: 'Address of the mentor.' } },
    },
    problems: ['already_exists', 'unprocessable'],
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const made = await engine.mentors.create({ orgId, actor, ...newMentor(body) });
        if (!('mentor' in made)) throw refuseMentor(made.outcome);
        const location = `/api/v1/mentors/${made.mentor.mentorId}`;
        return { status: made.outcome === 'created' ? 201 : 200, body: showMentor(made.mentor), headers: { location } };
      }),
  }),
  operation({
    id: 'importMentors',
    method: 'post',
    path: '/api/v1/mentors/import',
    tag,
    summary: 'Make many mentors',
    description: 'Up to 1,000 and 1 MiB in one transaction; what cannot be made says why, the rest is made.',
    access: callersWho('mentor.create'),
    body: z.strictObject({ mentors: z.array(newBody).min(1).max(1_000) }),
    maxBodyBytes: 1_048_576,
    bodyExample: { mentors: [{ display_name: 'Solveig Tveitmo' }] },
    answers: {
      200: { description: 'One outcome each, in the order given.', schema: z.object({ data: z.array(outcomeSchema) }) },
    },
    handle: (incoming) =>
      incoming.write(async (engine) => {
        const { orgId, actor, body } = incoming;
        const made = await engine.mentors.createMany({ orgId, actor, mentors: body.mentors.map(newMentor) });
        const data = made.map((one) => ({
          outcome: snakeCase(one.outcome),
          mentor: 'mentor' in one ? showMentor(one.mentor) : null,
        }));
        return { status: 200, body: { data } };
      }),
  }),
  operation({
    id: 'getMentor',
    method: 'get',
    path: '/api/v1/mentors/{id}',
    tag,
    summary: 'Read a mentor',
    access: callersWho('mentor.read'),
    params: idParams,
    answers: { 200: { description: 'The mentor.', schema: mentorSchema } },
    handle: async (incoming) => ({
      status: 200,
      body: await readVisible(incoming, mentorSource, [{ sql: 'listed.id = ?', value: incoming.params.id }]),
    }),
  }),
  operation({
    id: 'updateMentor',
    method: 'patch',
    path: '/api/v1/mentors/{id}',
    tag,
    summary: 'Change a mentor',
    description:
      'Name, account, branch and member id: administrators. Status: coordinators in scope. Leaderboard: also the mentor. Safe to repeat.',
    access: callersWho('mentor.read'),
    params: idParams,
    body: changeBody,
    bodyExample: { status: 'paused' },
    answers: { 200: { description: 'The mentor as it is now.', schema: mentorSchema } },
    problems: ['already_exists'],
    handle: async (incoming) => {
      const { orgId, actor, params, body, runtime } = incoming;
      const call = { orgId, actor, mentorId: params.id };
      const { status, is_on_leaderboard: isOnLeaderboard, ...profile } = body;
      const { mentors: service } = runtime.verve;
      const change = {
        ...(profile.display_name === undefined ? {} : { displayName: profile.display_name }),
        ...(profile.user_id === undefined ? {} : { userId: profile.user_id }),
        ...(profile.branch_id === undefined ? {} : { branchId: profile.branch_id }),
        ...(profile.member_id === undefined ? {} : { memberId: profile.member_id }),
      };
      let mentor: Mentor | null = null;
      if (Object.keys(change).length > 0) mentor = await service.update({ ...call, change });
      if (status !== undefined) mentor = (await service.setStatus({ ...call, status })).mentor;
      if (isOnLeaderboard !== undefined) mentor = await service.setLeaderboard({ ...call, isOnLeaderboard });
      return { status: 200, body: showMentor(mentor ?? (await service.get(call))) };
    },
  }),
];
