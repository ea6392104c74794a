import { type FormEvent, useState } from 'react';
import { CheckField, SelectField } from '../../../parts/fields.tsx';
import { say } from '../../../say.ts';

const statuses = ['registered', 'confirmed', 'rejected', 'reversed'] as const;

/** A file and how it is to be read. */
export interface ChosenFile {
  file: File;
  query: { status?: (typeof statuses)[number]; ignore_unknown_columns?: 'true' };
}

/** Chooses the file, what its lines mean where they do not say it, and what to do with columns that are not known. */
export function FileForm({ isBusy, onChosen }: { isBusy: boolean; onChosen: (chosen: ChosenFile) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [status, setStatus] = useState('');
  const [isIgnoring, setIgnoring] = useState(false);
  const [isMissing, setMissing] = useState(false);
  function preview(event: FormEvent): void {
    event.preventDefault();
    setMissing(file === null);
    if (file === null) {
      document.getElementById('import-file')?.focus();
      return;
    }
    const meant = statuses.find((one) => one === status);
    onChosen({
      file,
      query: {
        ...(meant === undefined ? {} : { status: meant }),
        ...(isIgnoring ? { ignore_unknown_columns: 'true' as const } : {}),
      },
    });
  }
  return (
    <form className="card stack" onSubmit={preview} noValidate>
      <div className="field">
        <label htmlFor="import-file">{say('import.file')}</label>
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
        {isMissing && (
          <p id="import-file-wrong" className="small wrong">
            {say('import.file.missing')}
          </p>
        )}
        <p id="import-file-help" className="small sub">
          {say('import.file.help')}
        </p>
      </div>
      <SelectField
        id="import-status"
        label={say('import.status')}
        help={say('import.status.help')}
        value={status}
        options={[
          { value: '', label: say('import.status.own') },
          ...statuses.map((value) => ({ value, label: say(`import.status.${value}`) })),
        ]}
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
