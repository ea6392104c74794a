import { type FormEvent, useState } from 'react';
import type { Branch } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
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
          <div className="field">
            <label htmlFor="person-email">{say('people.email')}</label>
            <input
              id="person-email"
              className="input"
              type="email"
              required
              maxLength={254}
              autoComplete="off"
              aria-describedby="person-email-text"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <p id="person-email-text" className="small sub">
              {say('people.add.text')}
            </p>
          </div>
        )}
        <div className="field">
          <label htmlFor="person-role">{say('people.role')}</label>
          <select
            id="person-role"
            className="input"
            value={role}
            onChange={(event) => setRole(offices.find((one) => one === event.target.value) ?? 'coordinator')}
          >
            {offices.map((one) => (
              <option key={one} value={one}>
                {say(`people.role.${one}`)}
              </option>
            ))}
          </select>
        </div>
        {role === 'coordinator' && branches.length > 0 && (
          <div className="field">
            <label htmlFor="person-branch">{say('people.scope')}</label>
            <select
              id="person-branch"
              className="input"
              value={branch}
              onChange={(event) => setBranch(event.target.value)}
            >
              <option value="">{say('people.scope.all')}</option>
              {branches.map(({ id, name }) => (
                <option key={id} value={id}>
                  {say('people.scope.below', { branch: name })}
                </option>
              ))}
            </select>
          </div>
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
