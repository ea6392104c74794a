import { type FormEvent, useState } from 'react';
import { api, problemCode } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { say } from '../../say.ts';

/** Where a person's sign-in links go: another address, or none. It can be replaced, never read. */
export function AddressDialog({
  userId,
  onClose,
  onDone,
}: {
  userId: string;
  onClose: () => void;
  onDone: (text: string) => void;
}) {
  const [email, setEmail] = useState('');
  const [error, setError] = useState<unknown>(null);
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    try {
      await api.setSignInAddress({ path: { user_id: userId }, body: { email } });
      onDone(say('people.address.saved'));
    } catch (refusal) {
      setError(refusal);
    }
  }
  async function remove(): Promise<void> {
    try {
      await api.removeSignInAddress({ path: { user_id: userId } });
      onDone(say('people.address.removed'));
    } catch (refusal) {
      if (problemCode(refusal) === 'not_found') onDone(say('people.address.none'));
      else setError(refusal);
    }
  }
  return (
    <Dialog title={say('people.address')} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <p id="address-text">{say('people.address.text')}</p>
        <Refusal error={error} />
        <TextField
          id="address"
          label={say('people.email')}
          type="email"
          required
          maxLength={254}
          aria-describedby="address-text"
          value={email}
          onChange={setEmail}
        />
        <div className="row g8 wrap">
          <button type="submit" className="btn">
            {say('people.address.save')}
          </button>
          <button type="button" className="btn neutral" onClick={remove}>
            {say('people.address.remove')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
