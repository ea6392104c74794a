import type { Session } from '../database.ts';

export type RoleName = 'peer_mentor' | 'coordinator' | 'org_admin';

/** A role that a person holds. */
export interface Role {
  roleId: string;
  orgId: string;
  userId: string;
  role: RoleName;
  branchId: string | null; // null = the whole organisation
  createdAt: Date;
}

const columns = `roles.id as "roleId", roles.org_id as "orgId", roles.user_id as "userId", roles.role,
  roles.branch_id as "branchId", roles.created_at as "createdAt"`;

/** The roles of one person (null = of everybody), newest first. */
export async function listRoles(session: Session, userId: string | null): Promise<Role[]> {
  return session.query<Role>(
    `select ${columns} from verve.roles where roles.org_id = $1 and ($2::uuid is null or roles.user_id = $2)
    order by roles.created_at desc, roles.id desc`,
    [session.orgId, userId],
    'roles_list',
  );
}

/** Stores a role unless it is held; true = it was not. */
export async function insertRole(
  session: Session,
  role: { roleId: string; userId: string; role: RoleName; branchId: string | null },
): Promise<boolean> {
  const rows = await session.query(
    `insert into verve.roles (id, org_id, user_id, role, branch_id) values ($2, $1, $3, $4, $5)
    on conflict on constraint roles_held_once do nothing returning id`,
    [session.orgId, role.roleId, role.userId, role.role, role.branchId],
  );
  return rows.length === 1;
}

/** Takes a role away; the role that was taken, or null = nobody held it. */
export async function deleteRole(session: Session, roleId: string): Promise<Role | null> {
  const rows = await session.query<Role>(
    `delete from verve.roles where roles.org_id = $1 and roles.id = $2 returning ${columns}`,
    [session.orgId, roleId],
  );
  return rows[0] ?? null;
}

/** The mentor who this user is, or null. */
export async function findMentorOfUser(session: Session, userId: string): Promise<string | null> {
  const rows = await session.query<{ id: string }>(
    'select mentors.id from verve.mentors where mentors.org_id = $1 and mentors.user_id = $2',
    [session.orgId, userId],
    'roles_find_mentor_of_user',
  );
  return rows[0]?.id ?? null;
}
