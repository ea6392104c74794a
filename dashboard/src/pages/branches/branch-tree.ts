import type { BranchReportRow } from '../../../../src/client/index.ts';

/** A branch with everything below it. */
export interface BranchNode {
  /** null = mentors of no branch. */
  id: string | null;
  name: string | null;
  depth: number;
  mentors: number;
  shared: number;
  clicked: number;
  registered: number;
  credited: number;
  /** Credited by clicks: 0 without clicks, at most 1. */
  rate: number;
  children: BranchNode[];
}

const counts = ['mentors', 'shared', 'clicked', 'registered', 'credited'] as const;

/**
 * The branches as a tree, each with the sums of what is below it, by name. What stands under a branch that is not shown begins
 * a tree of its own; mentors of no branch come last.
 */
export function growTree(rows: readonly BranchReportRow[]): BranchNode[] {
  const known = new Set(rows.map(({ branch_id: id }) => id));
  const below = new Map<string | null, BranchReportRow[]>();
  for (const row of rows) {
    const parent = row.parent_id !== null && known.has(row.parent_id) ? row.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const grow = (row: BranchReportRow, depth: number): BranchNode => {
    const children = row.branch_id === null ? [] : growAll(row.branch_id, depth + 1);
    const sums = Object.fromEntries(
      counts.map((count) => [count, children.reduce((sum, child) => sum + child[count], row[count])]),
    ) as Record<(typeof counts)[number], number>;
    const rate = sums.clicked === 0 ? 0 : Math.min(1, sums.credited / sums.clicked);
    return { id: row.branch_id, name: row.name, depth, ...sums, rate, children };
  };
  const growAll = (parent: string | null, depth: number): BranchNode[] =>
    (below.get(parent) ?? []).map((row) => grow(row, depth)).sort(byName);
  return growAll(null, 0);
}

function byName(one: BranchNode, other: BranchNode): number {
  if (one.name === null || other.name === null) return Number(one.name === null) - Number(other.name === null);
  return one.name.localeCompare(other.name, 'nb');
}

/** The branch with this id, wherever it stands; null = it is not there. */
export function findNode(nodes: readonly BranchNode[], id: string): BranchNode | null {
  for (const node of nodes) {
    const found = node.id === id ? node : findNode(node.children, id);
    if (found !== null) return found;
  }
  return null;
}

/** From the top down to this branch. */
export function pathTo(nodes: readonly BranchNode[], id: string): BranchNode[] {
  for (const node of nodes) {
    if (node.id === id) return [node];
    const path = pathTo(node.children, id);
    if (path.length > 0) return [node, ...path];
  }
  return [];
}
