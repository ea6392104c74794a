import { useEffect, useState } from 'react';
import { api, problemCode } from '../../api.ts';
import { isAdmin } from '../../boot.ts';
import { RefreshIcon, WarningIcon } from '../../icons.tsx';
import { tell } from '../../parts/message.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Heading } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { lowerFirst, say, sayDay, sayMoment, sayTime } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { Facts } from './facts.tsx';
import { HowToConnect } from './how-to-connect.tsx';
import { type Health, lastHeard, loadHealth, stateOf } from './load-health.ts';
import { Messages } from './messages.tsx';
import { EarlierRuns, FailedMessages, Receivers } from './more-cards.tsx';
import { RunCard } from './run-card.tsx';

/** Whether the data can be trusted, or why not; figures follow by themselves. */
export function HealthPage() {
  const loaded = useHealth();
  const { data } = loaded;
  return (
    <>
      <div className="pagehead">
        <div className="stack g4">
          <Heading title={data === null ? say('nav.integration') : sentenceOf(data)} />
          <p className="sub" role="status">
            {data !== null && foundOf(data)}
          </p>
        </div>
        {isAdmin && data !== null && stateOf(data, Date.now()) !== 'never' && (
          <ReconcileNow isRunning={data.runs[0]?.status === 'running'} onStarted={loaded.reload} />
        )}
      </div>
      {loaded.isBroken && data !== null && (
        <p className="strip" role="status">
          <WarningIcon />
          {say('common.liveOff', { time: sayTime(data.at) })}
        </p>
      )}
      <Shown loaded={loaded} lines={6}>
        {(health) => <Cards health={health} />}
      </Shown>
    </>
  );
}

function Cards({ health }: { health: Health }) {
  const { integration, runs, endpoints } = health;
  const [newest, ...earlier] = runs;
  const isNew = stateOf(health, Date.now()) === 'never';
  return (
    <div className="stack g24">
      {isNew ? <HowToConnect /> : <Facts {...health} />}
      <div className={isNew ? 'stack g24' : 'cols half top'}>
        <div className="stack g24">
          {newest === undefined ? (
            !isNew && (
              <section className="card">
                <p className="sub">{say('health.noRun')}</p>
              </section>
            )
          ) : (
            <RunCard run={newest} />
          )}
          {endpoints !== null && <Receivers endpoints={endpoints} />}
        </div>
        <div className="stack g24">
          {!isNew && <Messages days={integration.messages_by_day} />}
          {earlier.length > 0 && <EarlierRuns runs={earlier} />}
          {integration.failed_messages.length > 0 && <FailedMessages messages={integration.failed_messages} />}
        </div>
      </div>
    </div>
  );
}

/** One reconciliation under its own address. */
export function RunPage({ runId }: { runId: string }) {
  const loaded = useHealth();
  const run = loaded.data?.runs.find(({ id }) => id === runId);
  if (loaded.data !== null && run === undefined) return <NoAccess />;
  const title = run === undefined ? say('health.lastRun') : say('health.fullRun', { day: sayDay(run.started_at) });
  return (
    <div className="stack g24 narrow">
      <Link className="small" to="/health">
        {say('health.run.all')}
      </Link>
      <Heading title={title} />
      <Shown loaded={loaded}>{() => run !== undefined && <RunCard run={run} />}</Shown>
    </div>
  );
}

/** Asks again every 30 seconds, every 2 while a reconciliation runs. What was shown stays while the network is away. */
function useHealth() {
  const loaded = useLoad('health', loadHealth);
  const { data, error, reload } = loaded;
  const everyMs = data?.runs[0]?.status === 'running' ? 2_000 : 30_000;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  return { ...loaded, error: data === null ? error : null, isBroken: error !== null && data !== null };
}

function ReconcileNow({ isRunning, onStarted }: { isRunning: boolean; onStarted: () => void }) {
  const [isAsked, setAsked] = useState(false);
  async function start(): Promise<void> {
    setAsked(true);
    try {
      await api.startReconciliation();
      tell(say('health.started'));
    } catch (error) {
      const code = problemCode(error);
      if (code === 'conflict') tell(say('health.alreadyRunning'));
      else tell(say(code === 'unprocessable' ? 'health.notSetUp' : 'state.error.text'));
    }
    setAsked(false);
    onStarted();
  }
  return (
    <button type="button" className="btn sm" disabled={isAsked || isRunning} onClick={start}>
      <RefreshIcon /> {say('health.reconcile')}
    </button>
  );
}

function sentenceOf(health: Health): string {
  const heard = lastHeard(health.integration);
  const state = stateOf(health, Date.now());
  return say(`health.title.${state}`, { time: heard === null ? '' : lowerFirst(sayMoment(heard)) });
}

function foundOf({ runs }: Health): string {
  const last = runs.find(({ status }) => status === 'succeeded');
  if (last === undefined) return '';
  return last.credited === 0 ? say('health.foundNone') : say('health.found', { n: last.credited });
}
