import { z } from 'zod';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { refuseTaken } from '../database-faults.ts';
import { VerveError } from '../errors.ts';
import { isUuid, notAnId, requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import {
  type Branch,
  findBranch,
  insertBranches,
  listBranches,
  listDescendants,
  lockTree,
  updateBranch,
} from './repository.ts';

export type { Branch } from './repository.ts';

const id = z
  .string()
  .refine(isUuid, notAnId)
  .transform((text) => text.toLowerCase());
const branchFields = z.strictObject({
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['county', 'local', 'other']).default('local'),
  /** null = directly under the organisation. */
  parentId: id.nullable().default(null),
});
const newBranch = branchFields.extend({ branchId: id.optional() });
const branchChange = z.strictObject({
  name: branchFields.shape.name.optional(),
  kind: z.enum(['county', 'local', 'other']).optional(),
  parentId: id.nullable().optional(),
});

export type BranchesService = ReturnType<typeof createBranches>;

/** The tree of county and local branches. A mentor belongs to at most one. */
export function createBranches(parts: EngineParts) {
  async function requireBranch(session: Session, branchId: string): Promise<Branch> {
    const branch = await findBranch(session, branchId);
    if (branch === null) throw new VerveError('not_found');
    return branch;
  }

  return {
    /**
     * Makes a branch. A host may give the id. Not safe to repeat: a name taken among its siblings, or a taken id, is
     * refused with `already_exists`; an unknown parent with `not_found`.
     */
    async create(call: Call & z.input<typeof newBranch>): Promise<Branch> {
      const { orgId: _, actor, ...rest } = call;
      requireMay(actor, 'branch.manage');
      const values = readInput(newBranch, rest);
      return inOrganisation(parts, call, async (session) => {
        if (values.parentId !== null) await requireBranch(session, values.parentId);
        const branchId = values.branchId ?? parts.random.uuid();
        const stored = await insertBranches(session, [{ ...values, branchId }]);
        if (stored.length === 0) throw new VerveError('already_exists', 'A branch of that name stands there already.');
        await recordAction(session, { actor, action: 'branch.create', subjectId: branchId });
        return requireBranch(session, branchId);
      });
    },

    /** A branch. Refuses with `not_found`. */
    async get(call: Call & { branchId: string }): Promise<Branch> {
      requireMay(call.actor, 'branch.read');
      const branchId = requireUuid(call.branchId, 'branch_id');
      return inOrganisation(parts, call, (session) => requireBranch(session, branchId));
    },

    /** Every branch of the organisation, by name. */
    async list(call: Call): Promise<Branch[]> {
      requireMay(call.actor, 'branch.read');
      return inOrganisation(parts, call, listBranches);
    },

    /** The ids of a branch and of everything below it. Refuses with `not_found`. */
    async descendants(call: Call & { branchId: string }): Promise<string[]> {
      requireMay(call.actor, 'branch.read');
      const branchId = requireUuid(call.branchId, 'branch_id');
      return inOrganisation(parts, call, async (session) => {
        const ids = await listDescendants(session, branchId);
        if (ids.length === 0) throw new VerveError('not_found');
        return ids;
      });
    },

    /** Changes name, kind or place in the tree. Safe to repeat. A branch cannot come under itself (`conflict`). */
    async update(call: Call & { branchId: string; change: z.input<typeof branchChange> }): Promise<Branch> {
      requireMay(call.actor, 'branch.manage');
      const branchId = requireUuid(call.branchId, 'branch_id');
      const { name, kind, parentId } = readInput(branchChange, call.change);
      return inOrganisation(parts, call, async (session) => {
        await lockTree(session);
        const before = await requireBranch(session, branchId);
        const next = {
          branchId,
          name: name ?? before.name,
          kind: kind ?? before.kind,
          parentId: parentId === undefined ? before.parentId : parentId,
        };
        if (next.parentId !== null && next.parentId !== before.parentId) {
          await requireBranch(session, next.parentId);
          const below = await listDescendants(session, branchId);
          if (below.includes(next.parentId)) throw new VerveError('conflict', 'A branch cannot stand under itself.');
        }
        const detail = 'A branch of that name stands there already.';
        const changed = await refuseTaken(
          'branches_name_is_unique_among_siblings',
          detail,
          updateBranch(session, next),
        );
        const details = { fields: Object.keys(call.change).sort() };
        await recordAction(session, { actor: call.actor, action: 'branch.change', subjectId: branchId, details });
        return changed;
      });
    },
  };
}
