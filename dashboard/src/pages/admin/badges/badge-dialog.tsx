import { type FormEvent, useState } from 'react';
import type { BadgeDefinition } from '../../../../../src/client/index.ts';
import { api, problemCode } from '../../../api.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { TextField } from '../../../parts/field.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { say } from '../../../say.ts';

const longestName = 100;
const mostCount = 1_000_000;

/** A badge with its name, count and text; `badge` null = a new one. */
export function BadgeDialog({
  badge,
  onClose,
  onSaved,
}: {
  badge: BadgeDefinition | null;
  onClose: () => void;
  onSaved: () => void;
}) {
  const [name, setName] = useState(badge?.name ?? '');
  const [count, setCount] = useState(String(badge?.criteria_value ?? ''));
  const [description, setDescription] = useState(badge?.description ?? '');
  const [wrong, setWrong] = useState<{ name?: string; count?: string }>({});
  const [error, setError] = useState<unknown>(null);
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const number = Number(count.trim());
    const isCount = /^\d{1,7}$/.test(count.trim()) && number >= 1 && number <= mostCount;
    const found = {
      ...(name.trim() === '' ? { name: say('badge.name.wrong') } : {}),
      ...(isCount ? {} : { count: say('wrong.number', { from: 1, to: mostCount }) }),
    };
    setWrong(found);
    if (Object.keys(found).length > 0) {
      document.getElementById(found.name === undefined ? 'badge-count' : 'badge-name')?.focus();
      return;
    }
    const body = { name: name.trim(), criteria_value: number, description: description.trim() };
    try {
      if (badge === null) await api.createBadgeDefinition({ body });
      else await api.updateBadgeDefinition({ path: { id: badge.id }, body });
      onSaved();
    } catch (refusal) {
      if (problemCode(refusal) === 'already_exists') setWrong({ name: say('badge.name.taken') });
      else setError(refusal);
    }
  }
  return (
    <Dialog title={say(badge === null ? 'badge.add' : 'badge.change')} onClose={onClose}>
      <form className="stack" onSubmit={save} noValidate>
        <Refusal error={error} />
        <TextField
          id="badge-name"
          label={say('badge.name')}
          maxLength={longestName}
          value={name}
          error={wrong.name}
          onChange={setName}
        />
        <TextField
          id="badge-count"
          label={say('badge.count')}
          help={say('badge.count.help')}
          inputMode="numeric"
          maxLength={7}
          value={count}
          error={wrong.count}
          onChange={setCount}
        />
        <TextField
          id="badge-text"
          label={say('badge.text')}
          rows={2}
          maxLength={500}
          value={description}
          onChange={setDescription}
        />
        <button type="submit" className="btn block">
          {say('common.save')}
        </button>
      </form>
    </Dialog>
  );
}
