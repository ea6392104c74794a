import type { WebhookEndpoint } from '../../../src/client/index.ts';
import { lowerFirst, say, sayMoment } from '../say.ts';

/** A receiver's host. An address without one stands as it is. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Whether a receiver answers. */
export function EndpointStatus({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { status, failing_since: failingSince } = endpoint;
  if (status !== 'enabled') return <span className="tag outline">{say('health.endpoint.disabled')}</span>;
  if (failingSince !== null) {
    return (
      <span className="tag warning">
        {say('health.endpoint.failing', { time: lowerFirst(sayMoment(failingSince)) })}
      </span>
    );
  }
  return <span className="tag success">{say('health.endpoint.enabled')}</span>;
}
