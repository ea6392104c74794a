import { useState } from 'react';
import type { Branch } from '../../../../../src/client/index.ts';
import { api } from '../../../api.ts';
import { tell } from '../../../parts/message.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { Empty, Shown } from '../../../parts/states.tsx';
import { say } from '../../../say.ts';
import { useLoad } from '../../../use-load.ts';
import { BranchDialog } from './branch-dialog.tsx';
import { type BranchNode, treeOf } from './branch-tree.ts';

async function loadBranches(): Promise<Branch[]> {
  const found: Branch[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await api.listBranches({ query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } });
    found.push(...page.data);
    cursor = page.next_cursor ?? null;
  }
  return found;
}

type Open = { branch: Branch } | { parentId: string | null } | null;

/** The tree of county and local branches: a new one, another name, another place. */
export function BranchTreePage() {
  const loaded = useLoad('branch tree', loadBranches);
  const [open, setOpen] = useState<Open>(null);
  return (
    <>
      <PageHead title={say('nav.admin.branches')} intro={say('branch.intro')}>
        <button type="button" className="btn sm" onClick={() => setOpen({ parentId: null })}>
          {say('branch.add')}
        </button>
      </PageHead>
      <Shown loaded={loaded} lines={5}>
        {(branches) => (
          <>
            {branches.length === 0 ? (
              <Empty title={say('branch.none')}>
                <p className="sub">{say('branch.none.text')}</p>
              </Empty>
            ) : (
              <div className="card branch-tree">
                <Level nodes={treeOf(branches)} onOpen={setOpen} />
              </div>
            )}
            {open !== null && (
              <BranchDialog
                branch={'branch' in open ? open.branch : null}
                parentId={'parentId' in open ? open.parentId : null}
                branches={branches}
                onClose={() => setOpen(null)}
                onSaved={() => {
                  tell(say('branch.saved'));
                  setOpen(null);
                  loaded.reload();
                }}
              />
            )}
          </>
        )}
      </Shown>
    </>
  );
}

function Level({ nodes, onOpen }: { nodes: readonly BranchNode[]; onOpen: (open: Open) => void }) {
  return (
    <ul>
      {nodes.map(({ branch, below }) => (
        <li key={branch.id}>
          <div className="row wrap">
            <p className="grow breakable">
              <b>{branch.name}</b> <span className="small sub">{say(`branch.kind.${branch.kind}`)}</span>
            </p>
            <div className="row g8">
              <button
                type="button"
                className="btn neutral sm"
                aria-label={`${say('form.change')}: ${branch.name}`}
                onClick={() => onOpen({ branch })}
              >
                {say('form.change')}
              </button>
              <button
                type="button"
                className="btn ter sm"
                aria-label={`${say('branch.addBelow')}: ${branch.name}`}
                onClick={() => onOpen({ parentId: branch.id })}
              >
                {say('branch.addBelow')}
              </button>
            </div>
          </div>
          {below.length > 0 && <Level nodes={below} onOpen={onOpen} />}
        </li>
      ))}
    </ul>
  );
}
