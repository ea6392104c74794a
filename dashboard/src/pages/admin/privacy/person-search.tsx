import { type FormEvent, useEffect, useState } from 'react';
import type { Mentor } from '../../../../../src/client/index.ts';
import { api } from '../../../api.ts';
import { TextField } from '../../../parts/field.tsx';
import { Segments } from '../../../parts/segments.tsx';
import { say } from '../../../say.ts';

/** Whom it is about. `name` is what an administrator types to confirm. */
export interface Subject {
  kind: 'member' | 'mentor';
  id: string;
  name: string;
}

const kinds = ['member', 'mentor'] as const;
const restMs = 300;

/** Chooses a member by number, or a mentor by name. Neither stands in the address: it is kept in histories. */
export function PersonSearch({ onChosen }: { onChosen: (subject: Subject) => void }) {
  const [kind, setKind] = useState<Subject['kind']>('member');
  const [number, setNumber] = useState('');
  const [isMissing, setMissing] = useState(false);
  function look(event: FormEvent): void {
    event.preventDefault();
    const memberId = number.trim();
    setMissing(memberId === '');
    if (memberId === '') document.getElementById('privacy-number')?.focus();
    else onChosen({ kind: 'member', id: memberId, name: memberId });
  }
  return (
    <section className="card stack" aria-labelledby="privacy-who">
      <div className="row between wrap">
        <h2 id="privacy-who">{say('privacy.who')}</h2>
        <Segments
          label={say('privacy.who')}
          value={kind}
          options={kinds.map((one) => ({ value: one, label: say(`privacy.kind.${one}`) }))}
          onChange={setKind}
        />
      </div>
      {kind === 'member' ? (
        <form className="stack g12" onSubmit={look} noValidate>
          <TextField
            id="privacy-number"
            label={say('privacy.number')}
            help={say('privacy.number.help')}
            maxLength={128}
            value={number}
            error={isMissing ? say('privacy.number.missing') : null}
            onChange={(value) => {
              setNumber(value);
              setMissing(false);
            }}
          />
          <div>
            <button type="submit" className="btn sec">
              {say('privacy.look')}
            </button>
          </div>
        </form>
      ) : (
        <MentorSearch onChosen={onChosen} />
      )}
    </section>
  );
}

function MentorSearch({ onChosen }: { onChosen: (subject: Subject) => void }) {
  const [wanted, setWanted] = useState('');
  const [found, setFound] = useState<{ wanted: string; mentors: readonly Mentor[] } | null>(null);
  useEffect(() => {
    const q = wanted.trim();
    if (q === '') return setFound(null);
    let isCurrent = true;
    const timer = setTimeout(
      () =>
        api.listMentors({ query: { q, limit: 10 } }).then(
          ({ data }) => isCurrent && setFound({ wanted: q, mentors: data }),
          () => undefined, // what was found before stays
        ),
      restMs,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wanted]);
  return (
    <div className="stack g12">
      <TextField id="privacy-name" label={say('privacy.name')} maxLength={100} value={wanted} onChange={setWanted} />
      <p className="small sub" role="status">
        {found !== null && say('privacy.found', { n: found.mentors.length })}
      </p>
      {found !== null && found.mentors.length > 0 && (
        <ul className="row g8 wrap">
          {found.mentors.map((mentor) => (
            <li key={mentor.id}>
              <button
                type="button"
                className="chip"
                onClick={() => onChosen({ kind: 'mentor', id: mentor.id, name: mentor.display_name })}
              >
                {mentor.display_name}
                {mentor.status === 'left' && <span className="sub">{say('mentors.status.left')}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
