import { type ReactNode, useEffect, useId, useRef } from 'react';
import { CloseIcon } from '../icons.tsx';
import { say } from '../say.ts';

/** A modal dialog; a sheet at the bottom of a phone. Escape closes, and focus goes back to whoever opened it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opener = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={heading} onClose={onClose}>
      <div className="dialoghead">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="iconbtn" aria-label={say('common.close')} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
      {children}
    </dialog>
  );
}
