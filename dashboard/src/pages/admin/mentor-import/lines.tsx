import type { ReactNode } from 'react';
import { csvFile } from '../../../parts/csv-file.ts';
import { saveFile } from '../../../parts/save-file.ts';
import { say } from '../../../say.ts';
import type { MentorLine } from './read-mentors.ts';

const isFine = ({ result }: MentorLine): boolean => result === 'ready' || result === 'created';
const sayResult = ({ result }: MentorLine): string => say(`mentorImport.result.${result}`);

function fileOf(lines: readonly MentorLine[]): Blob {
  const head = [say('import.col.line'), say('mentorImport.name'), say('mentors.branch'), say('import.col.result')];
  const rows = lines.map((one) => [one.line, one.name, one.branch, sayResult(one)]);
  return csvFile([head, ...rows]);
}

/** What became of the lines of a file, or would: the sum in a sentence, then those that want a look. */
export function Lines({
  lines,
  isDone,
  children,
}: {
  lines: readonly MentorLine[];
  isDone: boolean;
  children: ReactNode;
}) {
  const wanting = lines.filter((one) => !isFine(one));
  const counts = { n: lines.length - wanting.length, total: lines.length };
  return (
    <section className="card stack" aria-labelledby="mentor-lines">
      <h2 id="mentor-lines">{say(isDone ? 'mentorImport.made' : 'mentorImport.wouldMake', counts)}</h2>
      <p className="sub">{say('import.wanting', { n: wanting.length })}</p>
      {wanting.length > 0 && (
        <details>
          <summary>{say('import.lines', { n: wanting.length })}</summary>
          <ul className="lined import-lines">
            {wanting.map((one) => (
              <li key={one.line}>
                <p>
                  <b>{say('import.line', { n: one.line })}</b> {sayResult(one)}
                </p>
                <p className="small sub breakable">{[one.name, one.branch].filter(Boolean).join(', ')}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="row g8 wrap">
        {children}
        {wanting.length > 0 && (
          <button type="button" className="btn neutral sm" onClick={() => saveFile('import.csv', fileOf(wanting))}>
            {say('import.saveRefusals')}
          </button>
        )}
      </div>
    </section>
  );
}
