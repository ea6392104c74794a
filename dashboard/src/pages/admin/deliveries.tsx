import { useState } from 'react';
import type { WebhookDelivery } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { tell } from '../../parts/message.tsx';
import { Shown } from '../../parts/states.tsx';
import { changeQuery, usePlace } from '../../router.tsx';
import { say, sayMoment } from '../../say.ts';
import { useLoad } from '../../use-load.ts';

const perPage = 20;
const statuses = ['pending', 'delivered', 'parked', 'cancelled'] as const;
const looks = { pending: 'info', delivered: 'success', parked: 'danger', cancelled: 'outline' } as const;

/** The log of one receiver, newest first; the address says which status. Another `round` asks anew. */
export function Deliveries({ endpointId, round }: { endpointId: string; round: number }) {
  const { query } = usePlace();
  const status = statuses.find((one) => one === query.get('status')) ?? null;
  const [count, setCount] = useState(perPage);
  const [replays, setReplays] = useState(0);
  const [looked, setLooked] = useState<WebhookDelivery | null>(null);
  const loaded = useLoad(`deliveries ${endpointId} ${status} ${count} ${round} ${replays}`, () =>
    api.listWebhookDeliveries({
      path: { id: endpointId },
      query: { page: 1, limit: count, ...(status === null ? {} : { status }) },
    }),
  );
  async function replay(delivery: WebhookDelivery): Promise<void> {
    try {
      await api.replayWebhookDelivery({ path: { id: delivery.id } });
      tell(say('deliveries.replayed'));
    } catch {
      tell(say('deliveries.replay.refused'));
    }
    setReplays(replays + 1);
  }
  return (
    <section className="stack g12" aria-labelledby="deliveries">
      <h2 id="deliveries">{say('deliveries.title')}</h2>
      <fieldset className="row g8 wrap" aria-label={say('deliveries.filter')}>
        {[null, ...statuses].map((one) => (
          <button
            key={one}
            type="button"
            className={one === status ? 'chip on' : 'chip'}
            aria-pressed={one === status}
            onClick={() => {
              setCount(perPage);
              changeQuery({ status: one });
            }}
          >
            {say(one === null ? 'common.all' : `deliveries.status.${one}`)}
          </button>
        ))}
      </fieldset>
      <Shown loaded={loaded} lines={5}>
        {({ data, pagination }) => (
          <div className="stack g12">
            {data.length === 0 ? (
              <p className="card sub">{say('deliveries.none')}</p>
            ) : (
              <ul className="card lined">
                {data.map((delivery) => (
                  <Delivery
                    key={delivery.id}
                    delivery={delivery}
                    onReplay={() => replay(delivery)}
                    onLook={() => setLooked(delivery)}
                  />
                ))}
              </ul>
            )}
            {(pagination?.total ?? 0) > count && count < 200 && (
              <div>
                <button type="button" className="btn sec sm" onClick={() => setCount(Math.min(200, count + 60))}>
                  {say('admin.more')}
                </button>
              </div>
            )}
          </div>
        )}
      </Shown>
      {looked !== null && <DeliveryDialog delivery={looked} onClose={() => setLooked(null)} />}
    </section>
  );
}

const eventOf = ({ event_type: type }: WebhookDelivery): string => type ?? say('deliveries.testEvent');

const failures = ['timeout', 'address_refused', 'name_not_found', 'connection_failed', 'tls_failed'] as const;

/** Why no answer came, in words where there are any; null = it was not tried, or answered. */
function sayFailure(failure: string | null): string | null {
  const known = failures.find((one) => one === failure);
  return known === undefined ? failure : say(`deliveries.failure.${known}`);
}

function Delivery({
  delivery,
  onReplay,
  onLook,
}: {
  delivery: WebhookDelivery;
  onReplay: () => void;
  onLook: () => void;
}) {
  const { status, attempts, last_status: answer, last_failure: failure } = delivery;
  const named = { event: eventOf(delivery), time: sayMoment(delivery.created_at) };
  const heard = answer === null ? sayFailure(failure) : say('deliveries.answer', { status: String(answer) });
  return (
    <li className="row between wrap">
      <div className="stack g4 grow">
        <h3 className="item breakable">
          {named.event} <span className={`tag ${looks[status]}`}>{say(`deliveries.status.${status}`)}</span>
        </h3>
        <p className="small sub">
          {[named.time, say('deliveries.attempts', { n: attempts }), heard].filter(Boolean).join(' · ')}
        </p>
      </div>
      <div className="row g8 wrap">
        <button
          type="button"
          className="btn neutral sm"
          aria-label={say('deliveries.look.label', named)}
          onClick={onLook}
        >
          {say('deliveries.look')}
        </button>
        {status !== 'pending' && delivery.event_id !== null && (
          <button
            type="button"
            className="btn neutral sm"
            aria-label={say('deliveries.replay.label', named)}
            onClick={onReplay}
          >
            {say('deliveries.replay')}
          </button>
        )}
      </div>
    </li>
  );
}

/** What was sent, and every try. */
function DeliveryDialog({ delivery, onClose }: { delivery: WebhookDelivery; onClose: () => void }) {
  const loaded = useLoad(`delivery ${delivery.id}`, () => api.getWebhookDelivery({ path: { id: delivery.id } }));
  return (
    <Dialog title={eventOf(delivery)} onClose={onClose}>
      <Shown loaded={loaded}>
        {({ body, tries }) => (
          <div className="stack">
            <ul className="lined">
              {tries.map(({ attempt, tried_at: triedAt, status, failure, duration_ms: ms }) => (
                <li key={attempt} className="row between wrap small">
                  <span>{sayMoment(triedAt)}</span>
                  <span>
                    {status === null
                      ? (sayFailure(failure) ?? say('deliveries.noAnswer'))
                      : say('deliveries.answer', { status: String(status) })}{' '}
                    · {say('deliveries.inMs', { n: ms })}
                  </span>
                </li>
              ))}
            </ul>
            {body === null ? (
              <p className="sub">{say('deliveries.notTried')}</p>
            ) : (
              <Field id="body" label={say('deliveries.body')}>
                <textarea id="body" className="input mono" readOnly rows={10} value={body} />
              </Field>
            )}
          </div>
        )}
      </Shown>
    </Dialog>
  );
}
