import { problemCode } from '../api.ts';
import { WarningIcon } from '../icons.tsx';
import { say, type WordKey } from '../say.ts';

const known: Readonly<Record<string, WordKey>> = {
  already_exists: 'people.email.taken',
  about_oneself: 'people.oneself',
};

/** Why an act did not go through, read out when it comes; the problem's code for support. Nothing for null. `words` say more of a code. */
export function Refusal({ error, words = {} }: { error: unknown; words?: Readonly<Record<string, WordKey>> }) {
  if (error === null) return null;
  const code = problemCode(error);
  return (
    <div className="alert danger" role="alert">
      <WarningIcon />
      <div className="stack g8">
        <p>{say('admin.refused', { why: say(words[code ?? ''] ?? known[code ?? ''] ?? 'state.error.text') })}</p>
        {code !== null && (
          <details className="small">
            <summary>{say('attr.details')}</summary>
            {code}
          </details>
        )}
      </div>
    </div>
  );
}
