import { useState } from 'react';
import type { Import, ImportReport } from '../../../../../src/client/index.ts';
import { api, VerveProblem } from '../../../api.ts';
import { WarningIcon } from '../../../icons.tsx';
import { tell } from '../../../parts/message.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { saveFile } from '../../../parts/save-file.ts';
import { changeQuery, usePlace } from '../../../router.tsx';
import { say } from '../../../say.ts';
import { EarlierImports } from './earlier.tsx';
import { type ChosenFile, FileForm } from './file-form.tsx';
import { Report } from './report.tsx';
import { StoredImport } from './stored-import.tsx';

/** A file of memberships: a preview first, then the import; a long file's result stands at its own address. */
export function ImportsPage() {
  const { query } = usePlace();
  const importId = query.get('import');
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function send(from: ChosenFile, isPreview: boolean): Promise<void> {
    setBusy(true);
    setError(null);
    setReport(null);
    setChosen(from);
    try {
      const preview = isPreview ? 'true' : 'false';
      const answer = await api.importMemberships({ query: { ...from.query, preview }, body: from.file });
      if ('id' in answer) changeQuery({ import: answer.id });
      else setReport(answer);
      if (!isPreview && !('id' in answer)) tell(say('import.done'));
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  async function saveAll(from: ChosenFile): Promise<void> {
    try {
      const input = { query: { ...from.query, preview: 'true', format: 'csv' } as const, body: from.file };
      const answer: unknown = await api.importMemberships(input);
      if (answer instanceof Response) saveFile('import.csv', await answer.blob());
    } catch (refusal) {
      setError(refusal);
    }
  }

  function again(): void {
    setReport(null);
    setChosen(null);
    changeQuery({ import: null });
  }

  const another = (
    <button type="button" className="btn ter sm" onClick={again}>
      {say('import.another')}
    </button>
  );
  const acts = (shown: ImportReport | Import) => (
    <>
      {shown.is_preview && chosen !== null && (
        <>
          <button type="button" className="btn" disabled={isBusy} onClick={() => send(chosen, false)}>
            {say('import.run')}
          </button>
          <button type="button" className="btn neutral sm" onClick={() => saveAll(chosen)}>
            {say('import.saveAll')}
          </button>
        </>
      )}
      {another}
    </>
  );
  return (
    <>
      <PageHead title={say('import.title')} intro={say('import.intro')} />
      <div className="cols two">
        <div className="stack g24" aria-busy={isBusy}>
          {error !== null && <FileRefusal error={error} />}
          {importId !== null && (
            <StoredImport key={importId} id={importId} another={another}>
              {acts}
            </StoredImport>
          )}
          {importId === null && report !== null && <Report report={report}>{acts(report)}</Report>}
          {importId === null && report === null && <FileForm isBusy={isBusy} onChosen={(next) => send(next, true)} />}
        </div>
        <EarlierImports key={importId} />
      </div>
    </>
  );
}

/** Why a file as a whole was refused. The server's sentence names what to mend in the file. */
function FileRefusal({ error }: { error: unknown }) {
  const problem = error instanceof VerveProblem ? error : null;
  const key =
    problem?.code === 'unprocessable'
      ? 'import.unreadable'
      : problem?.code === 'body_too_large'
        ? 'import.tooLarge'
        : 'state.error.text';
  return (
    <div className="alert danger" role="alert">
      <WarningIcon />
      <div className="stack g4">
        <p>{say(key)}</p>
        {problem !== null && (
          <p className="small" lang="en">
            {problem.message}
          </p>
        )}
      </div>
    </div>
  );
}
