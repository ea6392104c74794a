import { useState } from 'react';
import { boot } from '../../boot.ts';
import { ChevronDownIcon, ChevronRightIcon } from '../../icons.tsx';
import { keepRange } from '../../parts/range.tsx';
import { Link, usePlace } from '../../router.tsx';
import { say, sayNumber, sayPercent } from '../../say.ts';
import type { BranchNode } from './branch-tree.ts';

/** Trees up to this many rows are shown whole; larger ones are unfolded by hand. */
const mostShown = 40;

/** A table of branches, those below a branch under it: each row has the sums of everything below. On a phone a card each. */
export function BranchTable({ nodes, caption }: { nodes: readonly BranchNode[]; caption: string }) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const isSmall = countOf(nodes) <= mostShown;
  const isOpen = ({ id }: BranchNode): boolean => isSmall !== toggled.has(id ?? '');
  function toggle(id: string): void {
    const next = new Set(toggled);
    if (!next.delete(id)) next.add(id);
    setToggled(next);
  }
  const base = nodes[0]?.depth ?? 0;
  return (
    <div className="card flush">
      <table className="stk branches">
        <caption className="vh">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{say('mentors.branch')}</th>
            {columns.map(({ name, label }) => (
              <th key={name} scope="col" className="r">
                {label()}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shownOf(nodes, isOpen).map((node) => (
            <Row
              key={node.id ?? 'none'}
              node={node}
              depth={node.depth - base}
              isOpen={node.children.length === 0 ? null : isOpen(node)}
              onToggle={() => toggle(node.id ?? '')}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const columns = [
  { name: 'mentors', label: () => boot.terms.MentorTermPlural ?? '' },
  { name: 'shared', label: () => say('funnel.shared') },
  { name: 'clicked', label: () => say('funnel.clicked') },
  { name: 'registered', label: () => say('funnel.registered') },
  { name: 'credited', label: () => say('mentors.col.members') },
  { name: 'rate', label: () => say('mentors.col.rate') },
] as const;

function Row(given: { node: BranchNode; depth: number; isOpen: boolean | null; onToggle: () => void }) {
  const { node, depth, isOpen, onToggle } = given;
  const carried = keepRange(usePlace().query);
  const name = node.name ?? say('branches.none');
  return (
    <tr>
      <th scope="row" className={`depth${Math.min(depth, 4)}`}>
        <span className="row g4">
          {isOpen !== null && (
            <button
              type="button"
              className="fold"
              aria-expanded={isOpen}
              aria-label={say('branches.below', { branch: name })}
              onClick={onToggle}
            >
              {isOpen ? <ChevronDownIcon /> : <ChevronRightIcon />}
            </button>
          )}
          {node.id === null ? name : <Link to={`/branches/${node.id}${carried}`}>{name}</Link>}
        </span>
      </th>
      {columns.map(({ name: column, label }) => (
        <td key={column} className="r" data-l={label()}>
          {column === 'rate' ? (node.clicked === 0 ? '–' : sayPercent(node.rate)) : sayNumber(node[column])}
        </td>
      ))}
    </tr>
  );
}

function shownOf(nodes: readonly BranchNode[], isOpen: (node: BranchNode) => boolean): BranchNode[] {
  return nodes.flatMap((node) => [node, ...(isOpen(node) ? shownOf(node.children, isOpen) : [])]);
}

const countOf = (nodes: readonly BranchNode[]): number =>
  nodes.reduce((sum, { children }) => sum + 1 + countOf(children), 0);
