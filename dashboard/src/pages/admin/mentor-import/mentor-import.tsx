import { type FormEvent, useState } from 'react';
import { api } from '../../../api.ts';
import { Field } from '../../../parts/field.tsx';
import { tell } from '../../../parts/message.tsx';
import { PageHead } from '../../../parts/page.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { say } from '../../../say.ts';
import { Lines } from './lines.tsx';
import { type MentorLine, nameIn, type Present, readMentors, readText } from './read-mentors.ts';

/** As many as one call makes: whole, or not at all. */
const atOnce = 500;

async function loadPresent(): Promise<Present> {
  const branches = await everyPage((cursor) => api.listBranches({ query: { limit: 200, ...cursor } }));
  const mentors = await everyPage((cursor) => api.listMentors({ query: { limit: 200, ...cursor } }));
  return { branches, mentors: new Set(mentors.map((one) => nameIn(one.display_name, one.branch_id))) };
}

async function everyPage<Row>(
  ask: (cursor: { cursor?: string }) => Promise<{ data: Row[]; next_cursor?: string | null | undefined }>,
): Promise<Row[]> {
  const found: Row[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask(cursor === undefined ? {} : { cursor });
    found.push(...page.data);
    cursor = page.next_cursor ?? null;
  }
  return found;
}

/** Makes those that are ready, some hundreds at a time; each line has its outcome, also where a call fails. */
async function makeMentors(lines: readonly MentorLine[]): Promise<{ lines: MentorLine[]; error: unknown }> {
  const ready = lines.filter(({ result }) => result === 'ready');
  const outcomes = new Map<number, MentorLine['result']>();
  let error: unknown = null;
  for (let at = 0; at < ready.length && error === null; at += atOnce) {
    const some = ready.slice(at, at + atOnce);
    try {
      const { data } = await api.importMentors({ body: { mentors: some.map(({ mentor }) => mentor) } });
      for (const [place, { line }] of some.entries()) {
        outcomes.set(line, data[place]?.outcome === 'created' ? 'created' : 'refused');
      }
    } catch (refusal) {
      error = refusal;
    }
  }
  const after = lines.map((one) =>
    one.result === 'ready' ? { ...one, result: outcomes.get(one.line) ?? ('notSent' as const) } : one,
  );
  return { lines: after, error };
}

/** Mentors from a file: what would become of each line first, and nothing is written before the second button. */
export function MentorImportPage() {
  const [lines, setLines] = useState<readonly MentorLine[] | null>(null);
  const [isDone, setDone] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<'import.file.missing' | 'mentorImport.noNames' | 'mentorImport.empty' | null>(
    null,
  );
  const [error, setError] = useState<unknown>(null);

  async function act(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  function preview(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const input = event.currentTarget.elements.namedItem('mentor-file') as HTMLInputElement;
    const file = input.files?.[0];
    setWrong(file === undefined ? 'import.file.missing' : null);
    if (file === undefined) input.focus();
    else {
      void act(async () => {
        const read = readMentors(await readText(file), await loadPresent());
        setWrong(read === null ? 'mentorImport.noNames' : read.length === 0 ? 'mentorImport.empty' : null);
        if (read !== null && read.length > 0) setLines(read);
      });
    }
  }

  const run = (ready: readonly MentorLine[]): Promise<void> =>
    act(async () => {
      const made = await makeMentors(ready);
      setLines(made.lines);
      setDone(true);
      setError(made.error);
      if (made.error === null) tell(say('import.done'));
    });

  function again(): void {
    setLines(null);
    setDone(false);
    setError(null);
  }

  return (
    <>
      <PageHead title={say('mentorImport.title')} intro={say('mentorImport.intro')} />
      <div className="stack g24 narrow" aria-busy={isBusy}>
        {error !== null && <Refusal error={error} />}
        {lines === null ? (
          <form className="card stack" onSubmit={preview} noValidate>
            <Field
              id="mentor-file"
              label={say('import.file')}
              help={say('mentorImport.file.help')}
              error={wrong === null ? null : say(wrong)}
            >
              <input
                id="mentor-file"
                name="mentor-file"
                className="input"
                type="file"
                accept=".csv,text/csv,text/plain"
                aria-invalid={wrong === null ? undefined : true}
                aria-describedby={wrong === null ? 'mentor-file-help' : 'mentor-file-wrong mentor-file-help'}
                onChange={() => setWrong(null)}
              />
            </Field>
            <div>
              <button type="submit" className="btn" disabled={isBusy}>
                {say('import.preview')}
              </button>
            </div>
          </form>
        ) : (
          <Lines lines={lines} isDone={isDone}>
            {!isDone && lines.some(({ result }) => result === 'ready') && (
              <button type="button" className="btn" disabled={isBusy} onClick={() => run(lines)}>
                {say('import.run')}
              </button>
            )}
            <button type="button" className="btn ter sm" onClick={again}>
              {say('import.another')}
            </button>
          </Lines>
        )}
      </div>
    </>
  );
}
