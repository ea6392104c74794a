import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { refuseMissing } from '../database-faults.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { deleteRole, findMentorOfUser, insertRole, listRoles, type Role, type RoleName } from './repository.ts';

export type { Role, RoleName } from './repository.ts';

export type RolesService = ReturnType<typeof createRoles>;

/** Who may look and act in an organisation, and over which branches. */
export function createRoles(parts: EngineParts) {
  return {
    /**
     * Gives a person a role. Safe to repeat (`alreadyHeld`). Only a coordinator's role can be narrowed to a branch with
     * everything below it; an unknown branch is refused with `not_found`.
     */
    async grant(
      call: Call & { userId: string; role: RoleName; branchId?: string | null | undefined },
    ): Promise<{ outcome: 'granted' | 'alreadyHeld'; role: Role }> {
      requireMay(call.actor, 'role.manage');
      const userId = requireUuid(call.userId, 'user_id');
      const branchId = call.branchId == null ? null : requireUuid(call.branchId, 'branch_id');
      if (branchId !== null && call.role !== 'coordinator') {
        throw new VerveError('invalid_request', 'Only a coordinator’s role can be narrowed to a branch.');
      }
      return inOrganisation(parts, call, async (session) => {
        const wanted = { roleId: parts.random.uuid(), userId, role: call.role, branchId };
        const write = insertRole(session, wanted);
        const isNew = await refuseMissing('roles_branch_in_same_organisation', 'There is no such branch.', write);
        const held = (await listRoles(session, userId)).find(
          (one) => one.role === call.role && one.branchId === branchId,
        );
        if (isNew) await record(session, call.actor, 'role.grant', held as Role);
        return { outcome: isNew ? 'granted' : 'alreadyHeld', role: held as Role };
      });
    },

    /** Takes a role away. Safe to repeat: `notHeld` once it is gone. Nobody takes his own `org_admin` (`about_oneself`). */
    async revoke(call: Call & { roleId: string }): Promise<{ outcome: 'revoked' | 'notHeld' }> {
      requireMay(call.actor, 'role.manage');
      const roleId = requireUuid(call.roleId, 'role_id');
      return inOrganisation(parts, call, async (session) => {
        const taken = await deleteRole(session, roleId);
        if (taken === null) return { outcome: 'notHeld' };
        if (taken.role === 'org_admin' && call.actor.kind === 'person' && call.actor.userId === taken.userId) {
          throw new VerveError('about_oneself');
        }
        await record(session, call.actor, 'role.revoke', taken);
        return { outcome: 'revoked' };
      });
    },

    /** The roles of one person, or of everybody, newest first. */
    async list(call: Call & { userId?: string | undefined }): Promise<Role[]> {
      requireMay(call.actor, 'role.manage');
      const userId = call.userId === undefined ? null : requireUuid(call.userId, 'user_id');
      return inOrganisation(parts, call, (session) => listRoles(session, userId));
    },

    /**
     * The actor that a signed-in person is in an organisation: the roles held and the mentor the person is; null = neither,
     * the organisation is nothing to the person. For whoever has verified the sign-in.
     */
    async actorOf(call: Pick<Call, 'orgId'> & { userId: string }): Promise<Extract<Actor, { kind: 'person' }> | null> {
      const userId = requireUuid(call.userId, 'user_id');
      return inOrganisation(parts, call, async (session) => {
        const held = await listRoles(session, userId);
        const mentorId = await findMentorOfUser(session, userId);
        if (held.length === 0 && mentorId === null) return null;
        return { kind: 'person', userId, mentorId, roles: held.map(({ role, branchId }) => ({ role, branchId })) };
      });
    },
  };
}

function record(session: Session, actor: Actor, action: 'role.grant' | 'role.revoke', held: Role): Promise<string> {
  const details = { user_id: held.userId, role: held.role, branch_id: held.branchId };
  return recordAction(session, { actor, action, subjectId: held.roleId, details });
}
