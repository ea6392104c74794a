import { type ReactNode, useId, useState } from 'react';
import { say } from '../say.ts';

/** Filters stand in the row that they are put in; on a phone they fold behind a button that says how many are set. */
export function Filters({ count, children }: { count: number; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        className="btn neutral sm unfold"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {count === 0 ? say('common.filters') : say('common.filtersSet', { n: count })}
      </button>
      <div id={id} className={isOpen ? 'folding open' : 'folding'}>
        {children}
      </div>
    </>
  );
}
