import { type FormEvent, type ReactNode, useState } from 'react';
import { say } from '../say.ts';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';
import { Refusal } from './refusal.tsx';
import { useAct } from './use-act.ts';

/** Asks before what cannot be undone: what will happen, a word to type as a sign that it is meant, then the act. */
export function TypedDialog({
  title,
  act,
  word,
  onAct,
  onClose,
  children,
}: {
  title: string;
  act: string;
  /** What is to be typed. */
  word: string;
  onAct: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const { error, isActing, go } = useAct(onAct);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (typed.trim() === word) {
      void go();
      return;
    }
    setWrong(true);
    document.getElementById('typed-word')?.focus();
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {children}
        <Refusal error={error} />
        <TextField
          id="typed-word"
          label={say('typed.label', { word })}
          value={typed}
          error={isWrong ? say('typed.wrong', { word }) : null}
          onChange={(value) => {
            setTyped(value);
            setWrong(false);
          }}
        />
        <div className="row g8 wrap">
          <button type="submit" className="btn danger" disabled={isActing}>
            {act}
          </button>
          <button type="button" className="btn neutral" onClick={onClose}>
            {say('common.cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
