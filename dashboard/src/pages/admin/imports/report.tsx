import type { ReactNode } from 'react';
import type { ImportReport } from '../../../../../src/client/index.ts';
import { saveFile } from '../../../parts/save-file.ts';
import { say, sayNumber } from '../../../say.ts';
import { countLines, refusalsFile, sayResult } from './results.ts';

/** What became of a file, or would: the sum in a sentence, how many ended how, and the lines that want a look. */
export function Report({ report, children }: { report: ImportReport; children?: ReactNode }) {
  const { entries, total, wanting } = countLines(report);
  const { lines, is_preview: isPreview, ignored_columns: ignored } = report;
  return (
    <section className="card stack" aria-labelledby="import-report">
      <h2 id="import-report">{say(isPreview ? 'import.wouldTake' : 'import.taken', { n: total - wanting, total })}</h2>
      <p className={wanting === 0 ? 'sub' : ''}>{say('import.wanting', { n: wanting })}</p>
      {ignored.length > 0 && <p className="small sub">{say('import.ignored', { columns: ignored.join(', ') })}</p>}
      <ul className="import-counts">
        {entries.map(([result, count]) => (
          <li key={result} className="row between">
            <span>{sayResult(result)}</span>
            <b className="num">{sayNumber(count)}</b>
          </li>
        ))}
      </ul>
      {lines.length > 0 && (
        <details>
          <summary>{say('import.lines', { n: lines.length })}</summary>
          <ul className="lined import-lines">
            {lines.map(({ line, result, explanation }) => (
              <li key={`${line} ${result}`}>
                <p>
                  <b>{say('import.line', { n: line })}</b> {sayResult(result)}
                </p>
                <p className="small sub" lang="en">
                  {explanation}
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="row g8 wrap">
        {children}
        {lines.length > 0 && (
          <button type="button" className="btn neutral sm" onClick={() => saveFile('import.csv', refusalsFile(report))}>
            {say('import.saveRefusals')}
          </button>
        )}
      </div>
      {lines.length < wanting && <p className="small sub">{say('import.onlyFirst', { n: lines.length })}</p>}
    </section>
  );
}
