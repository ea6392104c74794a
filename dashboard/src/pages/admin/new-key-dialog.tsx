import { type FormEvent, useState } from 'react';
import type { NewApiKey } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { dayFromToday, say } from '../../say.ts';

/** What an organisation's administrator may give; what reaches beyond it, only the installation gives. */
const scopes = [
  'attributions:confirm',
  'attributions:read',
  'attributions:review',
  'registrations:write',
  'clicks:write',
  'claims:write',
  'codes:read',
  'codes:write',
  'mentors:read',
  'mentors:write',
  'members:read',
  'reports:read',
  'admin',
] as const;
type Scope = (typeof scopes)[number];

/** Name, rights, and a last day if wished. */
export function NewKeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (key: NewApiKey) => void }) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>([]);
  const [lastDay, setLastDay] = useState('');
  const [isWanting, setWanting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    setWanting(chosen.length === 0);
    if (chosen.length === 0) return;
    const until = lastDay === '' ? {} : { expires_at: new Date(`${lastDay}T23:59:59`).toISOString() };
    try {
      onMade(await api.createApiKey({ body: { name: name.trim(), scopes: [...chosen], ...until } }));
    } catch (refusal) {
      setError(refusal);
    }
  }
  return (
    <Dialog title={say('keys.make')} onClose={onClose}>
      <form className="stack" onSubmit={make}>
        <Refusal error={error} />
        <TextField
          id="key-name"
          label={say('keys.name')}
          required
          maxLength={100}
          pattern=".*\S.*"
          value={name}
          onChange={setName}
        />
        <fieldset className="choices" aria-describedby={isWanting ? 'scopes-wanting' : undefined}>
          <legend className="legend">{say('keys.scopes')}</legend>
          {isWanting && (
            <p id="scopes-wanting" className="alert danger" role="alert">
              {say('keys.scopesMissing')}
            </p>
          )}
          {scopes.map((scope) => (
            <label key={scope} className="choice">
              <input
                type="checkbox"
                checked={chosen.includes(scope)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
                }
              />
              <span>
                {say(`scope.${scope}`)} <code className="small sub">{scope}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <TextField
          id="key-until"
          label={say('keys.expires')}
          type="date"
          min={dayFromToday(0)}
          value={lastDay}
          onChange={setLastDay}
        />
        <button type="submit" className="btn block">
          {say('keys.make')}
        </button>
      </form>
    </Dialog>
  );
}
