import type { RoleHeld } from '../../engine/actor.ts';
import type { Session } from '../../engine/database.ts';

/** One organisation in which the signed-in person has a role or is a mentor. */
export interface Membership {
  orgId: string;
  slug: string;
  name: string;
  mentorId: string | null; // null = is no mentor there
  roles: RoleHeld[];
}

/** The organisations of the person whose claims the session carries. Needs a session as `authenticated`. */
export async function listMemberships(session: Session): Promise<Membership[]> {
  return session.query<Membership>(
    `select memberships.org_id as "orgId", memberships.slug, memberships.name, memberships.mentor_id as "mentorId", memberships.roles
     from verve_private.memberships() as memberships order by memberships.slug`,
    [],
    'people_memberships',
  );
}

/** What a mentor is called; null = is not to be seen. Needs a session as `authenticated`. */
export async function readMentorName(session: Session, orgId: string, mentorId: string): Promise<string | null> {
  const rows = await session.query<{ name: string }>(
    'select mentors.display_name as name from verve.mentors where mentors.org_id = $1 and mentors.id = $2',
    [orgId, mentorId],
    'people_mentor_name',
  );
  return rows[0]?.name ?? null;
}
