import type { ReactNode } from 'react';
import { ChevronRightIcon } from '../../icons.tsx';
import { copyLink } from '../../parts/copy-link.ts';
import { Heading } from '../../parts/page.tsx';
import { Link, navigate } from '../../router.tsx';
import { say } from '../../say.ts';
import type { Case, Kind } from './load-cases.ts';

/** The case after this one; after the last the first, and none = null. */
export function nextOf(cases: readonly Case[], to: string): Case | null {
  const at = cases.findIndex((one) => one.to === to);
  return cases[at + 1] ?? cases.find((one) => one.to !== to) ?? null;
}

/** To the next case; to the inbox, which says that nothing waits, after the last. */
export function goOnFrom(cases: readonly Case[], to: string): void {
  navigate(nextOf(cases, to)?.to ?? '/inbox');
  scrollTo(0, 0);
}

/** A case's page: where it stands among those that wait, the question, what is known beside the decision. */
export function CasePage(given: {
  kind: Kind;
  to: string;
  cases: readonly Case[];
  intro?: string | undefined;
  children: ReactNode;
  decision: ReactNode;
}) {
  const { kind, to, cases, intro, children, decision } = given;
  const at = cases.findIndex((one) => one.to === to);
  const next = nextOf(cases, to);
  return (
    <>
      <div className="row between">
        <nav className="crumbs" aria-label={say('common.breadcrumbs')}>
          <Link to="/inbox">{say('nav.inbox')}</Link>
          <span aria-hidden="true">/</span>
          <span>{say(`inbox.kind.${kind}`)}</span>
        </nav>
        <span className="row small sub">
          {at >= 0 && say('item.position', { i: at + 1, n: cases.length })}
          {next !== null && (
            <Link className="btn ter sm" to={next.to}>
              {say('item.next')}
              <ChevronRightIcon />
            </Link>
          )}
        </span>
      </div>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={say(`item.title.${kind}`)} />
          {intro !== undefined && <p className="sub">{intro}</p>}
        </div>
      </div>
      <div className="cols two">
        <div className="stack g24">
          {children}
          <p className="small sub">
            {say('item.memberHidden')}{' '}
            <button type="button" className="linkish" onClick={() => void copyLink(location.href)}>
              {say('item.copy')}
            </button>
          </p>
        </div>
        {decision}
      </div>
    </>
  );
}
