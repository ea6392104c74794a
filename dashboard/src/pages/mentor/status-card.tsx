import { useState } from 'react';
import type { Mentor } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { tell } from '../../parts/message.tsx';
import { say, sayDay } from '../../say.ts';

type Status = Mentor['status'];

/** Active, paused or left: what follows is said before. A pause has an Undo; who left can be active again with a new code. */
export function StatusCard({ mentor, reload }: { mentor: Mentor; reload: () => void }) {
  const [wanted, setWanted] = useState<Status | null>(null);
  const { id, status, display_name: name } = mentor;
  async function change(to: Status, undoTo: Status | null): Promise<void> {
    await api.updateMentor({ path: { id }, body: { status: to } });
    setWanted(null);
    tell(
      say(`mentor.${to}.done`, { mentor: name }),
      undoTo === null ? null : () => void change(undoTo, null).catch(() => tell(say('state.error.text'))),
    );
    reload();
  }
  return (
    <section className="card stack g12" aria-labelledby="status">
      <h2 id="status">{say('attr.statusLabel')}</h2>
      <p>
        {say(`mentor.is.${status}`, {
          mentor: name,
          day: sayDay(mentor.left_at ?? mentor.created_at),
        })}
      </p>
      <div className="row g8 wrap">
        {status !== 'active' && (
          <button type="button" className="btn sec sm" onClick={() => setWanted('active')}>
            {say('mentor.active')}
          </button>
        )}
        {status === 'active' && (
          <button type="button" className="btn neutral sm" onClick={() => setWanted('paused')}>
            {say('mentor.paused')}
          </button>
        )}
        {status !== 'left' && (
          <button type="button" className="btn danger sm" onClick={() => setWanted('left')}>
            {say('mentor.left')}
          </button>
        )}
      </div>
      {wanted !== null && (
        <ConfirmDialog
          title={say(`mentor.${wanted}.title`, { mentor: name })}
          act={say(`mentor.${wanted}`)}
          onAct={() => change(wanted, wanted === 'left' || status === 'left' ? null : status)}
          onClose={() => setWanted(null)}
        >
          <ul className="stack g8 bulleted">
            {consequencesOf(status, wanted, name).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </section>
  );
}

function consequencesOf(from: Status, to: Status, mentor: string): string[] {
  const days = boot.organisation.graceDays.invalidated;
  switch (to) {
    case 'paused':
      return [
        say('mentor.paused.hidden', { mentor }),
        say('mentor.paused.links'),
        say('mentor.paused.back', { mentor }),
      ];
    case 'left':
      return [
        say(days === 0 ? 'mentor.left.code' : 'mentor.left.codeAfter', { n: days }),
        say('mentor.left.keeps', { mentor }),
        say('mentor.left.back', { mentor }),
      ];
    case 'active':
      return [say(from === 'left' ? 'mentor.active.newCode' : 'mentor.active.sameCode', { mentor })];
  }
}
