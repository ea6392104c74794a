import { useState } from 'react';
import type { Backfill } from '../../../../../src/client/index.ts';
import { api } from '../../../api.ts';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';
import { tell } from '../../../parts/message.tsx';
import { Refusal } from '../../../parts/refusal.tsx';
import { say } from '../../../say.ts';

/** What mentors had passed before it was set: seen first, then granted. */
export function BackfillCard() {
  const [found, setFound] = useState<Backfill | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isAsking, setAsking] = useState(false);
  async function look(): Promise<void> {
    setError(null);
    try {
      setFound(await api.previewMilestoneBackfill());
    } catch (refusal) {
      setError(refusal);
    }
  }
  const counts = { milestones: found?.milestones.length ?? 0, badges: found?.badges.length ?? 0 };
  const isNothing = counts.milestones + counts.badges === 0;
  return (
    <section className="card stack" aria-labelledby="backfill">
      <h2 id="backfill">{say('backfill.title')}</h2>
      <p className="sub">{say('backfill.intro')}</p>
      <Refusal error={error} />
      <p role="status">{found !== null && (isNothing ? say('backfill.none') : say('backfill.found', counts))}</p>
      <div className="row g8 wrap">
        <button type="button" className="btn sec" onClick={look}>
          {say('backfill.look')}
        </button>
        {found !== null && !isNothing && (
          <button type="button" className="btn" onClick={() => setAsking(true)}>
            {say('backfill.grant')}
          </button>
        )}
      </div>
      {isAsking && (
        <ConfirmDialog
          title={say('backfill.ask')}
          act={say('backfill.grant')}
          onClose={() => setAsking(false)}
          onAct={async () => {
            const granted = await api.grantMilestoneBackfill();
            tell(say('backfill.granted', { milestones: granted.milestones.length, badges: granted.badges.length }));
            setFound(null);
            setAsking(false);
          }}
        >
          <p>{say('backfill.found', counts)}</p>
          <p>{say('backfill.told')}</p>
          <p>{say('admin.cannotUndo')}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
