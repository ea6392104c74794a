import { type FormEvent, useState } from 'react';
import type { Branch } from '../../../../../src/client/index.ts';
import { api, problemCode } from '../../../api.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { SelectField, TextField } from '../../../parts/field.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { say } from '../../../say.ts';
import { possibleParents } from './branch-tree.ts';

const kinds = ['county', 'local', 'other'] as const;

/** A branch with its name, kind and place; `branch` null = a new one, under `parentId`. */
export function BranchDialog({
  branch,
  parentId,
  branches,
  onClose,
  onSaved,
}: {
  branch: Branch | null;
  parentId: string | null;
  branches: readonly Branch[];
  onClose: () => void;
  onSaved: () => void;
}) {
  const [name, setName] = useState(branch?.name ?? '');
  const [kind, setKind] = useState<(typeof kinds)[number]>(branch?.kind ?? (parentId === null ? 'county' : 'local'));
  const [parent, setParent] = useState(branch === null ? parentId : branch.parent_id);
  const [wrong, setWrong] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  function refuseName(text: string): void {
    setWrong(text);
    document.getElementById('branch-name')?.focus();
  }
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === '') return refuseName(say('branch.name.wrong'));
    const body = { name: name.trim(), kind, parent_id: parent };
    try {
      if (branch === null) await api.createBranch({ body });
      else await api.updateBranch({ path: { id: branch.id }, body });
      onSaved();
    } catch (refusal) {
      if (problemCode(refusal) === 'already_exists') refuseName(say('branch.name.taken'));
      else setError(refusal);
    }
  }
  const parents = new Map(
    possibleParents(branches, branch?.id ?? null).map(({ branch: one, depth }) => [
      one.id,
      `${'– '.repeat(depth)}${one.name}`,
    ]),
  );
  return (
    <Dialog title={say(branch === null ? 'branch.add' : 'branch.change')} onClose={onClose}>
      <form className="stack" onSubmit={save} noValidate>
        <Refusal error={error} />
        <TextField
          id="branch-name"
          label={say('branch.name')}
          maxLength={200}
          value={name}
          error={wrong}
          onChange={(value) => {
            setName(value);
            setWrong(null);
          }}
        />
        <SelectField
          id="branch-kind"
          label={say('branch.kind')}
          value={kind}
          options={kinds}
          sayOption={(one) => say(`branch.kind.${one}`)}
          onChange={setKind}
        />
        <SelectField
          id="branch-parent"
          label={say('branch.parent')}
          help={branch === null ? undefined : say('branch.parent.help')}
          value={parent ?? ''}
          options={['', ...parents.keys()]}
          sayOption={(id) => parents.get(id) ?? say('branch.parent.none')}
          onChange={(value) => setParent(value === '' ? null : value)}
        />
        <button type="submit" className="btn block">
          {say('common.save')}
        </button>
      </form>
    </Dialog>
  );
}
