import { hostActor } from '../engine/actor.ts';
import { authoriseAboutMentor } from '../engine/branches/authorise-about-mentor.ts';
import { inOrganisation } from '../engine/parts.ts';
import type { Operation } from '../engine/permissions.ts';
import type { Incoming } from './operation.ts';

/** Refuses a mentor who is not of this organisation (`not_found`), and a caller who may not do this about one who is. */
export async function requireMentor(
  incoming: Pick<Incoming<unknown, unknown, unknown>, 'runtime' | 'orgId' | 'actor'>,
  mentorId: string,
  permission: Operation,
): Promise<void> {
  const { runtime, orgId, actor } = incoming;
  await inOrganisation(runtime.verve.parts, { orgId }, (session) =>
    authoriseAboutMentor(session, actor, permission, mentorId),
  );
  await runtime.verve.mentors.get({ orgId, actor: hostActor, mentorId });
}
