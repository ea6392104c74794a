import { useState } from 'react';

/** An act of a dialog that closes when it is done: whether it is under way, and why it was refused. */
export function useAct(onAct: () => Promise<void>) {
  const [error, setError] = useState<unknown>(null);
  const [isActing, setActing] = useState(false);
  async function go(): Promise<void> {
    setActing(true);
    try {
      await onAct();
    } catch (refusal) {
      setError(refusal);
      setActing(false);
    }
  }
  return { error, isActing, go };
}
