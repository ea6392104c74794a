import { say } from '../say.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { tell } from './message.tsx';

/** The one time that a secret is shown. */
export function SecretDialog({
  title,
  text,
  label,
  secret,
  onClose,
}: {
  title: string;
  text: string;
  label: string;
  secret: string;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">
        <p>{text}</p>
        <Field id="secret" label={label}>
          <input
            id="secret"
            className="input mono"
            readOnly
            value={secret}
            onFocus={(event) => event.target.select()}
          />
        </Field>
        <button
          type="button"
          className="btn"
          onClick={() => navigator.clipboard.writeText(secret).then(() => tell(say('admin.copied')))}
        >
          {say('admin.copy')}
        </button>
      </div>
    </Dialog>
  );
}
