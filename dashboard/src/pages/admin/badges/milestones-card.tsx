import { type FormEvent, useState } from 'react';
import { api } from '../../../api.ts';
import { TextField } from '../../../parts/field.tsx';
import { tell } from '../../../parts/message.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { say } from '../../../say.ts';

const most = 50;

/** The counts at which a milestone is reached, as one list. */
export function MilestonesCard({ thresholds, onSaved }: { thresholds: readonly number[]; onSaved: () => void }) {
  const saved = thresholds.join(', ');
  const [text, setText] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shown = text ?? saved;
  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const parts = shown.split(/[\s,;]+/).filter((part) => part !== '');
    const isGood = parts.length > 0 && parts.length <= most && parts.every((part) => /^[1-9]\d{0,5}$/.test(part));
    setWrong(!isGood);
    setError(null);
    if (!isGood) {
      document.getElementById('milestones')?.focus();
      return;
    }
    try {
      await api.setMilestones({ body: { thresholds: parts.map(Number) } });
      setText(null);
      tell(say('milestones.saved'));
      onSaved();
    } catch (refusal) {
      setError(refusal);
    }
  }
  return (
    <form className="card stack" aria-labelledby="milestones-title" onSubmit={save} noValidate>
      <h2 id="milestones-title">{say('milestones.title')}</h2>
      <Refusal error={error} />
      <TextField
        id="milestones"
        label={say('milestones.list')}
        help={say('milestones.help')}
        value={shown}
        error={isWrong ? say('milestones.wrong', { n: most }) : null}
        onChange={(value) => {
          setText(value);
          setWrong(false);
        }}
      />
      <div>
        <button type="submit" className="btn sec" disabled={shown === saved}>
          {say('common.save')}
        </button>
      </div>
    </form>
  );
}
