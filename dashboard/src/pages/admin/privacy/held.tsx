import { useState } from 'react';
import { api } from '../../../api.ts';
import { tell } from '../../../parts/message.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { saveFile } from '../../../parts/save-file.ts';
import { Empty, Shown } from '../../../parts/states.tsx';
import { TypedDialog } from '../../../parts/typed-dialog.tsx';
import { say, sayNumber } from '../../../say.ts';
import { useLoad } from '../../../use-load.ts';
import { describeHeld } from './held-tables.ts';
import type { Subject } from './person-search.tsx';

const bodyOf = ({ kind, id }: Subject) => (kind === 'member' ? { member_id: id } : { mentor_id: id });

/** What is held about a person, what erasing would do to each, and the two acts. */
export function Held({ subject }: { subject: Subject }) {
  const loaded = useLoad(`held ${subject.kind} ${subject.id}`, () => api.previewErasePerson({ body: bodyOf(subject) }));
  const [isErasing, setErasing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function download(): Promise<void> {
    setError(null);
    try {
      const held = await api.exportPerson({ body: bodyOf(subject) });
      saveFile(
        `${subject.kind}-${subject.id.replace(/[^\w-]/g, '_')}.json`,
        new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }),
      );
      tell(say('privacy.downloaded'));
    } catch (refusal) {
      setError(refusal);
    }
  }
  const { kind, name } = subject;
  return (
    <Shown loaded={loaded} lines={6}>
      {({ outcome, rows }) =>
        outcome !== 'would_erase' ? (
          <Empty title={say(`privacy.${outcome}`, { name })} isGood={outcome === 'already_erased'}>
            <p className="sub">{say(`privacy.${outcome}.text`)}</p>
          </Empty>
        ) : (
          <section className="card stack" aria-labelledby="privacy-held">
            <h2 id="privacy-held" className="breakable">
              {say(`privacy.held.${kind}`, { name })}
            </h2>
            <Refusal error={error} />
            <ul className="lined" aria-label={say('privacy.col.what')}>
              {describeHeld(kind, rows).map(({ table, label, count, fate }) => (
                <li key={table} className="privacy-row">
                  <p className="row between">
                    <b>{label === null ? table : say(label)}</b>
                    <span className="num">{sayNumber(count)}</span>
                  </p>
                  <p className="small sub">{say(fate === null ? 'fate.stays' : `fate.${fate}`)}</p>
                </li>
              ))}
            </ul>
            <p className="small sub">{say(`privacy.after.${kind}`)}</p>
            <div className="row g8 wrap">
              <button type="button" className="btn sec" onClick={download}>
                {say('privacy.download')}
              </button>
              <button type="button" className="btn danger" onClick={() => setErasing(true)}>
                {say('privacy.erase')}
              </button>
            </div>
            <p className="small sub">{say('privacy.download.help')}</p>
            {isErasing && (
              <TypedDialog
                title={say(`privacy.erase.title.${kind}`)}
                act={say('privacy.erase.act')}
                word={name}
                onClose={() => setErasing(false)}
                onAct={async () => {
                  await api.erasePerson({ body: { ...bodyOf(subject), confirm: 'erase' } });
                  tell(say('privacy.erased'));
                  setErasing(false);
                  loaded.reload();
                }}
              >
                <p>{say(`privacy.erase.text.${kind}`)}</p>
                <p>{say('privacy.erase.backup')}</p>
                <p>
                  <b>{say('admin.cannotUndo')}</b>
                </p>
              </TypedDialog>
            )}
          </section>
        )
      }
    </Shown>
  );
}
