import type { ReactNode } from 'react';
import { BrokenLinkIcon, DownloadIcon, RefreshIcon, SendIcon } from '../../icons.tsx';
import { Link } from '../../router.tsx';
import { lowerFirst, say, sayAgo, sayMoment } from '../../say.ts';
import type { Health } from './load-health.ts';
import { lengthOf } from './run-card.tsx';

/** Four facts: what came in last, the last reconciliation, codes that met nobody, what waits to go out. */
export function Facts({ integration, runs }: Health) {
  const today = integration.messages_by_day.at(-1)?.received ?? 0;
  const lastRun = runs.find(({ finished_at: finishedAt }) => finishedAt !== null);
  const { last_message_at: lastMessage, last_reconciliation_at: lastReconciliation } = integration;
  return (
    <dl className="cols four vitals">
      <Fact
        Icon={DownloadIcon}
        name={say('health.lastIn')}
        value={lastMessage === null ? say('common.never') : sayAgo(lastMessage)}
      >
        {say('health.messagesToday', { n: today })}
      </Fact>
      <Fact
        Icon={RefreshIcon}
        name={say('health.lastRun')}
        value={lastReconciliation === null ? say('common.never') : sayMoment(lastReconciliation)}
      >
        {lastRun !== undefined && (lastRun.status === 'failed' ? say('health.run.failed') : lengthOf(lastRun))}
      </Fact>
      <Fact
        Icon={BrokenLinkIcon}
        name={say('health.unmatched')}
        value={
          integration.unmatched === 0 ? (
            say('health.noCodes')
          ) : (
            <Link to="/inbox">{say('health.unmatchedCodes', { n: integration.unmatched })}</Link>
          )
        }
      />
      <Fact
        Icon={SendIcon}
        name={say('health.out')}
        value={say('health.out.waiting', { n: integration.waiting_deliveries })}
      >
        {outOf(integration)}{' '}
        {integration.parked_deliveries > 0 && <Link to="/inbox?kind=stuck_delivery">{say('nav.inbox')}</Link>}
      </Fact>
    </dl>
  );
}

function outOf(integration: Health['integration']): string {
  const { failing_endpoints: failing, parked_deliveries: parked, last_delivered_at: delivered } = integration;
  const said = [
    failing > 0 ? say('health.out.failing', { n: failing }) : null,
    parked > 0 ? say('health.out.parked', { n: parked }) : null,
    failing === 0 && parked === 0 && delivered !== null
      ? say('health.out.last', { time: lowerFirst(sayMoment(delivered)) })
      : null,
  ];
  return said.filter((sentence) => sentence !== null).join(' ');
}

function Fact({
  Icon,
  name,
  value,
  children,
}: {
  Icon: () => ReactNode;
  name: string;
  value: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="card">
      <dt className="row sub small">
        <Icon />
        {name}
      </dt>
      <dd>{value}</dd>
      {children !== undefined && children !== '' && <dd className="small sub">{children}</dd>}
    </div>
  );
}
