import { type FormEvent, useState } from 'react';
import { CheckField, Field, SelectField } from '../../../parts/field.tsx';
import { say } from '../../../say.ts';

const statuses = ['registered', 'confirmed', 'rejected', 'reversed'] as const;
type Status = (typeof statuses)[number];

/** A file and how it is to be read. */
export interface ChosenFile {
  file: File;
  query: { status?: Status; ignore_unknown_columns?: 'true' };
}

/** Chooses the file, what its lines mean where they do not say it, and what to do with columns that are not known. */
export function FileForm({ isBusy, onChosen }: { isBusy: boolean; onChosen: (chosen: ChosenFile) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [status, setStatus] = useState<'' | Status>('');
  const [isIgnoring, setIgnoring] = useState(false);
  const [isMissing, setMissing] = useState(false);
  function preview(event: FormEvent): void {
    event.preventDefault();
    setMissing(file === null);
    if (file === null) {
      document.getElementById('import-file')?.focus();
      return;
    }
    onChosen({
      file,
      query: {
        ...(status === '' ? {} : { status }),
        ...(isIgnoring ? { ignore_unknown_columns: 'true' as const } : {}),
      },
    });
  }
  return (
    <form className="card stack" onSubmit={preview} noValidate>
      <Field
        id="import-file"
        label={say('import.file')}
        help={say('import.file.help')}
        error={isMissing ? say('import.file.missing') : null}
      >
        <input
          id="import-file"
          className="input"
          type="file"
          accept=".csv,text/csv,text/plain"
          aria-invalid={isMissing ? true : undefined}
          aria-describedby={isMissing ? 'import-file-wrong import-file-help' : 'import-file-help'}
          onChange={(event) => {
            setFile(event.target.files?.[0] ?? null);
            setMissing(false);
          }}
        />
      </Field>
      <SelectField
        id="import-status"
        label={say('import.status')}
        help={say('import.status.help')}
        value={status}
        options={['', ...statuses]}
        sayOption={(one) => say(one === '' ? 'import.status.own' : `import.status.${one}`)}
        onChange={setStatus}
      />
      <CheckField
        id="import-ignore"
        label={say('import.ignore')}
        help={say('import.ignore.help')}
        isChecked={isIgnoring}
        onChange={setIgnoring}
      />
      <div>
        <button type="submit" className="btn" disabled={isBusy}>
          {say('import.preview')}
        </button>
      </div>
    </form>
  );
}
