import { z } from '@hono/zod-openapi';
import { attributionOf, type Fact, type FactOutcome, FUTURE_TOLERANCE_MS } from '../engine/attributions/fact.ts';
import { authoriseAboutMentor } from '../engine/branches/authorise-about-mentor.ts';
import { readCode } from '../engine/codes/read-code.ts';
import type { Session } from '../engine/database.ts';
import { VerveError } from '../engine/errors.ts';
import { inOrganisation } from '../engine/parts.ts';
import { readAttribution } from './attribution-form.ts';
import { codeInput, instant } from './lists/schemas.ts';
import type { Answer, Incoming } from './operation.ts';
import { findConversion, isClickUsed } from './rows/confirmable-repository.ts';
import { snakeCase } from './wire.ts';

export const confirmBody = z.strictObject({
  code: codeInput.optional().openapi({ description: 'Where given, it must be the row’s own.' }),
  new_member_id: z.string().trim().min(1).max(128),
  confirmed_at: instant.optional().openapi({ description: 'When the membership became real. (Default: now)' }),
  membership_type: z.string().min(1).max(64).optional(),
});

type ConfirmIncoming = Incoming<{ id: string }, undefined, z.output<typeof confirmBody>>;

/** What an id of `PUT /referral-attributions/{id}` stands for. */
interface Confirmable {
  mentorId: string | null;
  code: string;
  registrationRef: string | null;
  click: NonNullable<Fact['click']> | null; // null = a conversion, or a click that another conversion has used
}

/**
 * Confirms by the id of a conversion or of a click (spec §6). A conversion is confirmed itself; a click lends its code,
 * time and channel, once. Safe to repeat.
 */
export async function confirmById(incoming: ConfirmIncoming): Promise<Answer> {
  const { runtime, orgId, actor, params, body } = incoming;
  const { verve } = runtime;
  const found = await inOrganisation(verve.parts, { orgId }, async (session) => {
    const row = await findConfirmable(incoming, session, params.id);
    await authoriseAboutMentor(session, actor, 'attribution.confirm', row.mentorId);
    return row;
  });
  if (body.code !== undefined && readCode(body.code) !== found.code) throw new VerveError('code_mismatch');
  const occurredAt = body.confirmed_at === undefined ? null : new Date(body.confirmed_at);
  if (occurredAt !== null && occurredAt.getTime() > runtime.now().getTime() + FUTURE_TOLERANCE_MS) {
    const fields = [{ field: 'confirmed_at', message: 'lies in the future' }];
    throw new VerveError('invalid_request', 'confirmed_at lies in the future.', { fields });
  }
  const fact: Fact = {
    kind: 'confirmed',
    memberId: body.new_member_id,
    code: found.code,
    registrationRef: found.registrationRef,
    occurredAt,
    membershipType: body.membership_type ?? null,
    source: incoming.caller.kind === 'person' ? 'person' : 'api',
    sourceRef: `http:${incoming.requestId}`,
    click: found.click,
  };
  const [outcome] = await verve.attributions.applyFacts({ orgId, actor, facts: [fact] });
  return answerOutcome(incoming, outcome as FactOutcome);
}

async function findConfirmable(incoming: ConfirmIncoming, session: Session, id: string): Promise<Confirmable> {
  const conversion = await findConversion(session, id);
  if (conversion !== null) return { ...conversion, click: null };
  const click = await incoming.runtime.verve.clicks.getClick(session, id);
  if (click === null) throw new VerveError('not_found');
  if (click === 'pruned') throw new VerveError('click_pruned');
  const { mentorId, code, occurredAt, channel } = click;
  const isUsed = await isClickUsed(session, id);
  return {
    mentorId,
    code,
    registrationRef: null,
    click: isUsed ? null : { clickId: id, clickedAt: occurredAt, channel },
  };
}

async function answerOutcome(incoming: ConfirmIncoming, outcome: FactOutcome): Promise<Answer> {
  const attributionId = attributionOf(outcome);
  // A conflict is about another mentor's row: kept for the inbox, and 2xx for who sent it (spec §2.6).
  if (attributionId === null || outcome.outcome === 'conflict')
    return { status: 202, body: { outcome: snakeCase(outcome.outcome) } };
  return {
    status: 200,
    body: { ...(await readAttribution(incoming, attributionId)), outcome: snakeCase(outcome.outcome) },
    headers: { 'content-location': `/api/v1/referral-attributions/${attributionId}` },
  };
}
