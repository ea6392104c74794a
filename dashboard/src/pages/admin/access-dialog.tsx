import { type FormEvent, useState } from 'react';
import type { Branch } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { say } from '../../say.ts';

const offices = ['coordinator', 'org_admin'] as const;

/** Gives access: to somebody new by an address, or another role to an account that is here (`userId`). */
export function AccessDialog({
  userId,
  branches,
  onClose,
  onGiven,
}: {
  userId: string | null;
  branches: readonly Branch[];
  onClose: () => void;
  onGiven: () => void;
}) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<(typeof offices)[number]>('coordinator');
  const [branch, setBranch] = useState('');
  const names = new Map(branches.map(({ id, name }) => [id, name]));
  const [error, setError] = useState<unknown>(null);
  async function give(event: FormEvent): Promise<void> {
    event.preventDefault();
    const scope = role === 'coordinator' && branch !== '' ? { branch_id: branch } : {};
    try {
      await giveAccess({ userId, email, role: { role, ...scope } });
      onGiven();
    } catch (refusal) {
      setError(refusal);
    }
  }
  return (
    <Dialog title={say(userId === null ? 'people.add' : 'people.addRole')} onClose={onClose}>
      <form className="stack" onSubmit={give}>
        <Refusal error={error} />
        {userId === null && (
          <TextField
            id="person-email"
            label={say('people.email')}
            help={say('people.add.text')}
            type="email"
            required
            maxLength={254}
            value={email}
            onChange={setEmail}
          />
        )}
        <SelectField
          id="person-role"
          label={say('people.role')}
          options={offices}
          sayOption={(one) => say(`people.role.${one}`)}
          value={role}
          onChange={setRole}
        />
        {role === 'coordinator' && branches.length > 0 && (
          <SelectField
            id="person-branch"
            label={say('people.scope')}
            options={['', ...names.keys()]}
            sayOption={(id) =>
              id === '' ? say('people.scope.all') : say('people.scope.below', { branch: names.get(id) ?? id })
            }
            value={branch}
            onChange={setBranch}
          />
        )}
        <button type="submit" className="btn block">
          {say('people.give')}
        </button>
      </form>
    </Dialog>
  );
}

/** A new person gets an account, the role, then the address; where the address is refused, the role goes again. */
async function giveAccess(wish: {
  userId: string | null;
  email: string;
  role: { role: (typeof offices)[number]; branch_id?: string };
}): Promise<void> {
  const userId = wish.userId ?? crypto.randomUUID();
  const given = await api.grantRole({ body: { user_id: userId, ...wish.role } });
  if (wish.userId !== null) return;
  try {
    await api.setSignInAddress({ path: { user_id: userId }, body: { email: wish.email } });
  } catch (refusal) {
    await api.revokeRole({ path: { id: given.id } });
    throw refusal;
  }
}
