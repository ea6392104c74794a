import { type ReactNode, useEffect, useState } from 'react';
import { problemCode } from '../api.ts';
import { CheckCircleIcon, WarningIcon } from '../icons.tsx';
import { say } from '../say.ts';
import type { Loaded } from '../use-load.ts';

/** Nothing for 200 ms, then bars where the content will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div aria-busy="true" />;
  return (
    <div className="card stack" aria-busy="true">
      <span className="vh" role="status">
        {say('state.loading')}
      </span>
      {Array.from({ length: lines }, (_, index) => `bar ${index}`).map((name, index) => (
        <span key={name} className="sk" style={{ width: `${[45, 70, 58, 64][index % 4]}%`, height: 20 }} />
      ))}
    </div>
  );
}

/** What failed, that nothing is lost, and trying again: only in the place that failed. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const code = problemCode(error);
  return (
    <div className="alert danger" role="alert">
      <WarningIcon />
      <span className="stack g8 start">
        <b>{say('state.error.title')}</b>
        <span>{say('state.error.text')}</span>
        <button type="button" className="btn neutral sm" onClick={onRetry}>
          {say('common.retry')}
        </button>
        {code !== null && (
          <details className="small">
            <summary>{say('attr.details')}</summary>
            {code}
          </details>
        )}
      </span>
    </div>
  );
}

/** Says whether being empty is good, and the one thing to do. */
export function Empty({ title, isGood = false, children }: { title: string; isGood?: boolean; children?: ReactNode }) {
  return (
    <div className="card empty">
      {isGood && (
        <span className="sub emblem">
          <CheckCircleIcon />
        </span>
      )}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Shows what was loaded; until then a skeleton, after a failure what failed. Old figures stay while new ones come. */
export function Shown<Data>({
  loaded,
  lines,
  children,
}: {
  loaded: Loaded<Data>;
  lines?: number;
  children: (data: Data) => ReactNode;
}) {
  if (loaded.error !== null) return <Failure error={loaded.error} onRetry={loaded.reload} />;
  if (loaded.data === null) return <Skeleton {...(lines === undefined ? {} : { lines })} />;
  return <div aria-busy={loaded.isBusy}>{children(loaded.data)}</div>;
}
