import { changeQuery } from '../router.tsx';
import { say } from '../say.ts';

/** The page before and the next one; which it is stands in the address. */
export function Pages({ count, page }: { count: number; page: number }) {
  const go = (to: number): void => changeQuery({ page: to === 1 ? null : String(to) });
  return (
    <nav className="row g8 wrap" aria-label={say('common.pages')}>
      <button type="button" className="btn neutral sm" disabled={page <= 1} onClick={() => go(page - 1)}>
        {say('common.previous')}
      </button>
      <span className="small sub">{say('common.pageOf', { i: page, n: count })}</span>
      <button type="button" className="btn neutral sm" disabled={page >= count} onClick={() => go(page + 1)}>
        {say('common.next')}
      </button>
    </nav>
  );
}
