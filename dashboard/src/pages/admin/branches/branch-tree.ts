import type { Branch } from '../../../../../src/client/index.ts';
import { locale } from '../../../say.ts';

export interface BranchNode {
  branch: Branch;
  below: BranchNode[];
}

/** The branches as they stand under one another, siblings by name. */
export function treeOf(branches: readonly Branch[], parentId: string | null = null): BranchNode[] {
  return branches
    .filter((branch) => branch.parent_id === parentId)
    .sort((one, other) => one.name.localeCompare(other.name, locale))
    .map((branch) => ({ branch, below: treeOf(branches, branch.id) }));
}

/** The tree from top to bottom, each with how deep it stands. */
export function inOrder(tree: readonly BranchNode[], depth = 0): { branch: Branch; depth: number }[] {
  return tree.flatMap(({ branch, below }) => [{ branch, depth }, ...inOrder(below, depth + 1)]);
}

/** Where a branch may stand: anywhere but under itself. */
export function possibleParents(
  branches: readonly Branch[],
  branchId: string | null,
): { branch: Branch; depth: number }[] {
  const without = branches.filter(({ id }) => id !== branchId);
  return inOrder(treeOf(without));
}
