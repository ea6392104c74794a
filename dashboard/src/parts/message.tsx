import { useSyncExternalStore } from 'react';
import { CheckIcon, CloseIcon } from '../icons.tsx';
import { say } from '../say.ts';

interface Message {
  text: string;
  undo: (() => void) | null;
}

let current: Message | null = null;
const listeners = new Set<() => void>();

/** Tells what was done. The message stays until it is closed or the next act. */
export function tell(text: string, undo: (() => void) | null = null): void {
  current = { text, undo };
  for (const listener of listeners) listener();
}

function close(): void {
  current = null;
  for (const listener of listeners) listener();
}

/** Where messages appear: bottom left, read out when they come. */
export function Messages() {
  const message = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  return (
    <div role="status" className="messages">
      {message !== null && (
        <div className="toast">
          <CheckIcon />
          <span className="grow">{message.text}</span>
          {message.undo !== null && (
            <button type="button" onClick={message.undo}>
              {say('common.undo')}
            </button>
          )}
          <button type="button" onClick={close} aria-label={say('common.close')}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  );
}
