import type { Reconciliation } from '../../../../src/client/index.ts';
import { CheckIcon, WarningIcon } from '../../icons.tsx';
import { lowerFirst, say, sayDay, sayMoment, sayNumber } from '../../say.ts';

/** `Ferdig på 2 min 14 s`; '' while it runs. */
export function lengthOf({ started_at: startedAt, finished_at: finishedAt }: Reconciliation): string {
  if (finishedAt === null) return '';
  const seconds = Math.max(1, Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000));
  if (seconds < 60) return say('health.run.seconds', { s: seconds });
  return say('health.run.minutes', { m: Math.floor(seconds / 60), s: seconds % 60 });
}

/** One reconciliation: how it went, and what it found. */
export function RunCard({ run }: { run: Reconciliation }) {
  const isRunning = run.status === 'running';
  const rows = [
    { name: say('health.read'), count: run.seen },
    { name: say('health.equal'), count: run.already_known },
    { name: say('health.taken'), count: run.credited, isMain: true },
    { name: say('health.toInbox'), count: run.to_inbox },
    { name: say('health.errors'), count: run.failed },
  ];
  return (
    <section className="card stack g12" aria-labelledby="run">
      <div className="row between wrap">
        <h2 id="run">{say('health.fullRun', { day: sayDay(run.started_at) })}</h2>
        <RunStatus run={run} />
      </div>
      <p className="small sub">
        {run.since === null
          ? say('health.changesAll')
          : say('health.changesSince', { from: lowerFirst(sayMoment(run.since)) })}
      </p>
      {isRunning && (
        <div className="stack g8">
          <progress aria-label={say('health.run.running')} />
          <p role="status">{say('health.runningSeen', { done: run.seen })}</p>
        </div>
      )}
      {run.status === 'failed' && (
        <div className="alert danger">
          <WarningIcon />
          <div className="stack g8">
            <p>{say('health.run.failedText')}</p>
            {run.error_code !== null && (
              <details className="small">
                <summary>{say('attr.details')}</summary>
                {run.error_code} {run.error_detail}
              </details>
            )}
          </div>
        </div>
      )}
      <table className="mini light">
        <caption className="vh">{say('health.result')}</caption>
        <tbody>
          {rows.map(({ name, count, isMain }) => (
            <tr key={name} className={isMain === true ? 'main-row' : undefined}>
              <th scope="row">{name}</th>
              <td className="r">{sayNumber(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function RunStatus({ run }: { run: Reconciliation }) {
  const look = { running: 'info', succeeded: 'success', failed: 'danger' }[run.status];
  return (
    <span className={`tag ${look}`}>
      {run.status === 'succeeded' && <CheckIcon />}
      {run.status === 'failed' && <WarningIcon />}
      {say(`health.run.${run.status}`)}
    </span>
  );
}
