import type { Integration, Reconciliation, WebhookEndpoint } from '../../../../src/client/index.ts';
import { EndpointStatus, hostOf } from '../../parts/endpoint-status.tsx';
import { Link } from '../../router.tsx';
import { say, sayMoment } from '../../say.ts';

/** The runs before the last one, each with what it brought. */
export function EarlierRuns({ runs }: { runs: readonly Reconciliation[] }) {
  return (
    <section className="card stack g12" aria-labelledby="earlier">
      <h2 id="earlier">{say('health.earlier')}</h2>
      <table className="mini light">
        <caption className="vh">{say('health.earlier')}</caption>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Link to={`/health/runs/${run.id}`}>{sayMoment(run.started_at)}</Link>
              </th>
              <td className="r sub">{outcomeOf(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function outcomeOf(run: Reconciliation): string {
  if (run.status !== 'succeeded') return say(`health.run.${run.status}`);
  return run.credited === 0 ? say('health.noDeviation') : say('health.run.taken', { n: run.credited });
}

/** Who gets events from here, and whether they answer: for administrators. */
export function Receivers({ endpoints }: { endpoints: readonly WebhookEndpoint[] }) {
  return (
    <section className="card stack g12" aria-labelledby="receivers">
      <h2 id="receivers">{say('health.endpoints')}</h2>
      {endpoints.length === 0 ? (
        <p className="sub">{say('health.endpoints.none')}</p>
      ) : (
        <ul className="lined">
          {endpoints.map((endpoint) => (
            <li key={endpoint.id} className="row between wrap">
              <span className="breakable">{endpoint.description || hostOf(endpoint.url)}</span>
              <EndpointStatus endpoint={endpoint} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Messages that were stored and could not be understood: when, how they came, and the reason for support. */
export function FailedMessages({ messages }: { messages: Integration['failed_messages'] }) {
  return (
    <section className="card stack g12" aria-labelledby="failed-messages">
      <h2 id="failed-messages">{say('health.failedMessages')}</h2>
      <p className="sub">{say('health.failedMessages.text')}</p>
      <ul className="lined">
        {messages.map((message) => (
          <li key={message.id} className="row between wrap">
            <span>{sayMoment(message.received_at)}</span>
            <code className="small breakable">{message.error_code ?? message.channel}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
