import { VerveError } from '../engine/errors.ts';
import type { Metrics } from '../http/metrics.ts';
import { isSameSecret } from './same-secret.ts';

/** What a proxy adds to what it passes on: whoever comes with one of these is not of this machine. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * Keeps the page of metrics to those whom it is for: with a token, who sends it as a bearer token; without one, programs on
 * this machine that come directly. Others are refused with `unauthenticated` or `forbidden`.
 */
export function guardMetrics(
  metrics: Metrics,
  options: {
    /** null = none is set. */
    token: string | null;
    /** The address of the connection itself. */
    peerOf: (request: Request) => string;
  },
): Metrics {
  const { token, peerOf } = options;
  return {
    ...metrics,
    async render(request) {
      if (token !== null) {
        const given = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
        if (!isSameSecret(given, token))
          throw new VerveError('unauthenticated', 'Send VERVE_METRICS_TOKEN as a bearer token.');
      } else if (!isLoopback(peerOf(request)) || PROXY_HEADERS.some((name) => request.headers.has(name))) {
        throw new VerveError('forbidden', 'Metrics are for this machine alone, unless VERVE_METRICS_TOKEN is set.');
      }
      return metrics.render(request);
    },
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
