import { useRef } from 'react';
import { say } from '../say.ts';

/** Offers what is new in a list, read out when it comes; shown only when pressed. Focus goes to where the list begins. */
export function NewRows({ newCount, showNew }: { newCount: number; showNew: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  return (
    <div ref={ref} role="status" tabIndex={-1} className="news">
      {newCount > 0 && (
        <button
          type="button"
          className="btn sec sm"
          onClick={() => {
            showNew();
            ref.current?.focus();
          }}
        >
          {say('live.showNew', { n: newCount })}
        </button>
      )}
    </div>
  );
}
