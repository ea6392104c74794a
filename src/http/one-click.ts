import { recordAction } from '../engine/audit/record-action.ts';
import { authoriseAboutMentor } from '../engine/branches/authorise-about-mentor.ts';
import { VerveError } from '../engine/errors.ts';
import { inOrganisation } from '../engine/parts.ts';
import { isOnlyMentor } from './attribution-form.ts';
import type { Incoming } from './operation.ts';
import { findConversion } from './rows/confirmable-repository.ts';

/** A click by the id that the answer to it gave: lists never tell one. */
type Request = Pick<Incoming<{ id: string }, unknown, unknown>, 'runtime' | 'orgId' | 'actor' | 'params'>;

/** The click with this id in the contract's form; null = the id is no click's, or is a mentor's to ask. */
export async function readClick(incoming: Request): Promise<object | null> {
  const { runtime, actor, params } = incoming;
  if (isOnlyMentor(incoming)) return null;
  const click = await inOrganisation(runtime.verve.parts, incoming, async (session) => {
    if ((await findConversion(session, params.id)) !== null) return null;
    const found = await runtime.verve.clicks.getClick(session, params.id);
    if (found === 'pruned') throw new VerveError('click_pruned');
    if (found !== null) await authoriseAboutMentor(session, actor, 'attribution.read', found.mentorId);
    return found;
  });
  if (click === null) return null;
  const { clickId, code, mentorId, channel, platform, occurredAt, createdAt } = click;
  return {
    id: clickId,
    type: 'click',
    code,
    mentor_id: mentorId,
    status: 'pending',
    is_confirmed: false,
    new_member_id: null,
    class: click.class,
    channel,
    platform,
    occurred_at: occurredAt,
    created_at: createdAt,
  };
}

/** Takes a click out of its day. False = the id is no click's. Safe to repeat. */
export function deleteClick({ runtime, actor, params, orgId }: Request): Promise<boolean> {
  return inOrganisation(runtime.verve.parts, { orgId }, async (session) => {
    if ((await findConversion(session, params.id)) !== null) return false;
    await authoriseAboutMentor(session, actor, 'attribution.remove', null);
    const found = await runtime.verve.clicks.getClick(session, params.id);
    if (found === null || found === 'pruned') return found !== null;
    await runtime.verve.clicks.deleteClick(session, found.clickId);
    await recordAction(session, { actor, action: 'click.remove', subjectId: found.codeId });
    return true;
  });
}
