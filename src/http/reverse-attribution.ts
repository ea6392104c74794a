import type { z } from '@hono/zod-openapi';
import type { FactOutcome } from '../engine/attributions/fact.ts';
import { authoriseAboutMentor } from '../engine/branches/authorise-about-mentor.ts';
import type { Session } from '../engine/database.ts';
import { VerveError } from '../engine/errors.ts';
import type { Verve } from '../engine/verve.ts';
import type { reverseBody } from './decide-attribution.ts';
import { findMemberIds } from './lists/member-ids-repository.ts';
import type { Incoming } from './operation.ts';
import { findConfirmable } from './rows/confirmable-repository.ts';
import { readTotal } from './rows/total-repository.ts';

/** A reversal by a person or key, as the fact it is: the same rules as for one from the membership system. */
export async function reverseById(
  verve: Verve,
  session: Session,
  incoming: Incoming<{ id: string }, undefined, z.output<typeof reverseBody>>,
) {
  const { params, actor, body, caller, requestId } = incoming;
  const row = await findConfirmable(session, params.id);
  if (row === null || row.kind !== 'conversion') throw new VerveError('not_found');
  await authoriseAboutMentor(session, actor, 'attribution.reverse', row.mentorId);
  const memberId = (await findMemberIds(session, [params.id])).get(params.id);
  if (memberId === undefined) throw new VerveError('unprocessable', 'This registration is not tied to a member yet.');
  const before = row.mentorId === null ? 0 : await readTotal(session, row.mentorId);
  const [outcome] = await verve.intake.applyFactsIn(session, [
    {
      actor,
      fact: {
        kind: 'reversed',
        memberId,
        code: row.code,
        registrationRef: row.registrationRef,
        occurredAt: body.reversed_at === undefined ? null : new Date(body.reversed_at),
        reason: body.reason ?? null,
        source: caller.kind === 'person' ? 'person' : 'api',
        sourceRef: `http:${requestId}`,
      },
    },
  ]);
  const after = row.mentorId === null ? 0 : await readTotal(session, row.mentorId);
  const totals = row.mentorId === null ? [] : [{ mentorId: row.mentorId, before, after }];
  const { outcome: name } = outcome as FactOutcome;
  return { outcome: name, attributionId: params.id, mentorId: row.mentorId, consequence: { totals, milestones: [], badges: [] } };
}
