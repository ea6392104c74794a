import { requirePermission } from '../attributions/act.ts';
import { reassign } from '../attributions/reassign.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import * as repository from './repository.ts';
import type { CreditCall, ResolveBy, Settlement } from './settlement.ts';

/**
 * Accepts a claim that names no member by the recruitment that it is about (spec §2.19): the coordinator knows it by its days
 * and its code, the member stays hidden. It goes to the mentor of the claim where it is another's, as by any reassignment.
 *
 * Refuses a case that names its member, and a recruitment that was moved or removed.
 */
export async function linkClaim(
  parts: EngineParts,
  session: Session,
  { item, by, reason, actor }: CreditCall<Extract<ResolveBy, { how: 'link' }>>,
): Promise<Settlement> {
  if (item.kind !== 'claim' || item.sourceId !== null)
    throw new VerveError('unprocessable', 'Only a claim that names no member is linked: attach this case to a mentor.');
  const attributionId = requireUuid(by.attributionId, 'attribution_id');
  const about = await repository.linkableOf(session, attributionId);
  if (about === null) throw new VerveError('not_found', 'There is no such recruitment.');
  const named = by.mentorId ?? item.mentorId ?? (await repository.mentorOfCode(session, item.code));
  const toMentorId = named ?? about.mentorId;
  if (toMentorId === null)
    throw new VerveError('unprocessable', 'Neither the claim nor the recruitment names a mentor: say whose it is.');
  const concerned = [...new Set([toMentorId, ...(about.mentorId === null ? [] : [about.mentorId])])];
  await requirePermission(session, actor, 'inbox.resolve', concerned);
  if (!about.isCurrent)
    throw new VerveError('conflict', 'This recruitment was moved or removed: link the claim to one that stands.');
  const moved = await reassign(parts, session, { attributionId, toMentorId, reason, actor });
  const { consequence } = moved;
  if (moved.outcome === 'unchanged')
    return { resolution: 'accepted', attributionId, fact: null, consequence, details: { undo: null } };
  const details = { undo: { attribution_id: moved.attributionId, from_mentor_id: about.mentorId } };
  return { resolution: 'reassigned', attributionId: moved.attributionId, fact: null, consequence, details };
}
