import { z } from '@hono/zod-openapi';
import { authoriseAboutMentor } from '../engine/branches/authorise-about-mentor.ts';
import { attributionOf, type Fact, type FactOutcome } from '../engine/attributions/fact.ts';
import { readCode } from '../engine/codes/read-code.ts';
import { VerveError } from '../engine/errors.ts';
import { inOrganisation } from '../engine/parts.ts';
import { codeInput, instant } from './lists/schemas.ts';
import type { Answer, Incoming } from './operation.ts';
import { readAttribution } from './referral-attributions.ts';
import { findConfirmable } from './rows/confirmable-repository.ts';
import { snakeCase } from './wire.ts';

export const confirmBody = z.strictObject({
  code: codeInput.optional().openapi({ description: 'Where given, it must be the row’s own.' }),
  new_member_id: z.string().trim().min(1).max(128),
  confirmed_at: instant.optional().openapi({ description: 'When the membership became real. (Default: now)' }),
  membership_type: z.string().min(1).max(64).optional(),
});

type ConfirmIncoming = Incoming<{ id: string }, undefined, z.output<typeof confirmBody>>;

/**
 * Confirms by the id of a conversion or of a click (spec §6). A conversion is confirmed itself; a click lends its code,
 * time and channel, once.
 */
export async function confirmById(incoming: ConfirmIncoming): Promise<Answer> {
  const { runtime, orgId, actor, params, body } = incoming;
  const { verve } = runtime;
  const found = await inOrganisation(verve.parts, { orgId }, async (session) => {
    const row = await findConfirmable(session, params.id);
    if (row !== null) await authoriseAboutMentor(session, actor, 'attribution.confirm', row.mentorId);
    return row;
  });
  if (found === null) throw new VerveError('not_found');
  if (found.kind === 'pruned_click') throw new VerveError('click_pruned');
  if (body.code !== undefined && readCode(body.code) !== found.code) throw new VerveError('code_mismatch');
  const fact: Fact = {
    kind: 'confirmed',
    memberId: body.new_member_id,
    code: found.code,
    registrationRef: found.registrationRef,
    occurredAt: body.confirmed_at === undefined ? null : new Date(body.confirmed_at),
    membershipType: body.membership_type ?? null,
    source: incoming.caller.kind === 'person' ? 'person' : 'api',
    sourceRef: `http:${incoming.requestId}`,
    click: found.kind === 'click' ? found.click : null,
  };
  const [outcome] = await verve.intake.applyFacts({ orgId, actor, facts: [fact] });
  return answerOutcome(incoming, outcome as FactOutcome);
}

async function answerOutcome(incoming: ConfirmIncoming, outcome: FactOutcome): Promise<Answer> {
  const attributionId = attributionOf(outcome);
  if (outcome.outcome === 'conflict') {
    throw new VerveError('conflict', 'Another mentor is credited for this member; a coordinator decides, in the inbox.');
  }
  if (attributionId === null) return { status: 202, body: { outcome: snakeCase(outcome.outcome) } };
  return {
    status: 200,
    body: { ...(await readAttribution(incoming, attributionId)), outcome: snakeCase(outcome.outcome) },
    headers: { 'content-location': `/api/v1/referral-attributions/${attributionId}` },
  };
}
