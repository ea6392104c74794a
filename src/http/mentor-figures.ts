import { z } from '@hono/zod-openapi';
import { inOrganisation } from '../engine/parts.ts';
import { callersWho } from './access.ts';
import { isOnlyMentor } from './attribution-form.ts';
import { timeOrNull, uuid } from './lists/schemas.ts';
import { type Incoming, operation } from './operation.ts';
import { requireMentor } from './require-mentor.ts';
import { countShares, readOwnFigures } from './rows/own-figures-repository.ts';

const tag = 'Attributions';
const params = z.object({ mentorId: uuid });

const figuresSchema = z
  .object({
    mentor_id: z.string(),
    total_shares: z.int(),
    total_clicks: z.int(),
    pending_count: z.int(),
    confirmed_count: z.int(),
    without_click_count: z
      .int()
      .openapi({ description: 'Credited without any known click: told apart, so that the rate stays honest.' }),
    conversion_rate: z.number().openapi({ description: 'Credited ÷ clicks of people; 0 without clicks, at most 1.' }),
    as_of: timeOrNull.openapi({ description: 'Until when the figures go; null = now.' }),
  })
  .openapi('MentorFigures');

/** The figures of a mentor: for the mentor as of 06:00, for others as they are. */
async function readFigures(incoming: Incoming<{ mentorId: string }, undefined, undefined>) {
  const { orgId, actor, params: path, runtime } = incoming;
  await requireMentor(incoming, path.mentorId, 'report.read');
  if (isOnlyMentor(incoming)) {
    const own = await incoming.read((session) => readOwnFigures(session, orgId, path.mentorId));
    const rate = own.total_clicks === 0 ? 0 : Math.min(1, own.confirmed_count / own.total_clicks);
    return { mentor_id: path.mentorId, ...own, conversion_rate: rate };
  }
  const counts = await runtime.verve.attributions.getAttributionCounts({ orgId, actor, mentorId: path.mentorId });
  return {
    mentor_id: path.mentorId,
    total_shares: await inOrganisation(runtime.verve.parts, { orgId }, (session) =>
      countShares(session, path.mentorId),
    ),
    total_clicks: counts.totalClicks,
    pending_count: counts.pendingCount,
    confirmed_count: counts.confirmedCount,
    without_click_count: counts.withoutClickCount,
    conversion_rate: counts.conversionRate,
    as_of: null,
  };
}

export const mentorFigures = [
  operation({
    id: 'getMentorStats',
    method: 'get',
    path: '/api/v1/referral-attributions/mentor/{mentorId}/stats',
    tag,
    summary: 'A mentor’s figures',
    access: callersWho('report.read'),
    params,
    answers: { 200: { description: 'The figures.', schema: figuresSchema } },
    handle: async (incoming) => ({ status: 200, body: await readFigures(incoming) }),
  }),
  operation({
    id: 'getMentorConversionRate',
    method: 'get',
    path: '/api/v1/referral-attributions/mentor/{mentorId}/conversion-rate',
    tag,
    summary: 'A mentor’s conversion rate',
    access: callersWho('report.read'),
    params,
    answers: {
      200: {
        description: 'The rate.',
        schema: z.object({ conversion_rate: z.number() }),
        example: { conversion_rate: 0.2 },
      },
    },
    handle: async (incoming) => ({
      status: 200,
      body: { conversion_rate: (await readFigures(incoming)).conversion_rate },
    }),
  }),
];
