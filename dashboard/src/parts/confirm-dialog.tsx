import type { ReactNode } from 'react';
import { say } from '../say.ts';
import { Dialog } from './dialog.tsx';
import { Refusal } from './refusal.tsx';
import { useAct } from './use-act.ts';

/** Asks before an act: what will happen, then the button that names the act. What was refused stays in the dialog. */
export function ConfirmDialog({
  title,
  act,
  onAct,
  onClose,
  children,
}: {
  title: string;
  act: string;
  onAct: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { error, isActing, go } = useAct(onAct);
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">
        {children}
        <Refusal error={error} />
        <div className="row g8 wrap">
          <button type="button" className="btn danger" disabled={isActing} onClick={go}>
            {act}
          </button>
          <button type="button" className="btn neutral" onClick={onClose}>
            {say('common.cancel')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
