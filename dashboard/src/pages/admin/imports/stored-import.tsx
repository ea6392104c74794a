import { type ReactNode, useEffect, useState } from 'react';
import type { Import } from '../../../../../src/client/index.ts';
import { api, orNothing } from '../../../api.ts';
import { Progress } from '../../../parts/progress.tsx';
import { Empty, Failure, Skeleton } from '../../../parts/states.tsx';
import { say } from '../../../say.ts';
import { Report } from './report.tsx';

const pollMs = 1_000;

/** A long file that a server works through: how far it is, then what became of it. It goes on when one leaves. */
export function StoredImport({
  id,
  another,
  children,
}: {
  id: string;
  /** The way back to choosing a file, where nothing else can be done. */
  another: ReactNode;
  children: (one: Import) => ReactNode;
}) {
  const [one, setOne] = useState<Import | 'none' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks anew
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isCurrent = true;
    orNothing(api.getImport({ path: { id } })).then(
      (found) => {
        if (!isCurrent) return;
        setOne(found ?? 'none');
        setError(null);
        if (found === null) return;
        const isOver = found.status === 'succeeded' || found.status === 'failed';
        if (!isOver) timer = setTimeout(() => setRound((before) => before + 1), pollMs);
      },
      (refusal: unknown) => isCurrent && setError(refusal),
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [id, round]);
  if (error !== null) return <Failure error={error} onRetry={() => setRound(round + 1)} />;
  if (one === null) return <Skeleton lines={4} />;
  if (one === 'none') {
    return (
      <Empty title={say('import.gone')}>
        <p>{say('import.gone.text')}</p>
        {another}
      </Empty>
    );
  }
  if (one.status === 'failed') {
    return (
      <div className="alert danger" role="alert">
        <div className="stack g4">
          <b>{say('import.failed', { n: one.lines_done })}</b>
          <p className="small" lang="en">
            {one.error_detail ?? one.error_code}
          </p>
          {another}
        </div>
      </div>
    );
  }
  if (one.status !== 'succeeded') {
    const label = say(one.is_preview ? 'import.reading' : 'import.running', {
      done: one.lines_done,
      total: one.total_lines,
    });
    return (
      <div className="card stack">
        <Progress label={label} done={one.lines_done} total={one.total_lines} />
        <p className="small sub">{say('import.mayLeave')}</p>
      </div>
    );
  }
  return <Report report={one}>{children(one)}</Report>;
}
