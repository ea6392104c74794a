/**
 * Cross-origin reading by browsers (CORS). Callers of other origins prove themselves by a header that no browser adds by
 * itself. No answer lets credentials in, so that a page elsewhere never reads what the dashboard's cookie would show, and for
 * changes that cookie counts from our own pages alone: an origin that is let in can do nothing that a script elsewhere could
 * not. None is let in unless named.
 * Named for the whole installation, as a preflight says neither caller nor organisation.
 */
export interface CrossOrigin {
  /** Adds what lets the page of an admitted origin read the answer; to a preflight, what the page may send. */
  admit: (request: Request, headers: Headers) => void;
}

/** What a page may send beside what every page may. */
const sentHeaders = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'Last-Event-ID',
  'Verve-Organisation',
  'X-Request-Id',
  'traceparent',
];
/** What a page may read beside what every page may. */
const readHeaders = [
  'Allow',
  'Content-Disposition',
  'Content-Location',
  'Idempotency-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'X-Total-Count',
];
/** Seconds that a browser remembers a preflight. */
const rememberSeconds = 600;

/** @param origins such as `https://app.example.org`; `*` = every origin. */
export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  const isAnybody = origins.includes('*');
  const named = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  return {
    admit(request, headers) {
      if (origins.length === 0) return;
      if (!isAnybody) headers.append('vary', 'Origin');
      const origin = request.headers.get('origin');
      if (origin === null || !(isAnybody || named.has(origin.toLowerCase()))) return;
      headers.set('access-control-allow-origin', isAnybody ? '*' : origin);
      if (request.method === 'OPTIONS') {
        headers.set('access-control-allow-methods', headers.get('allow') ?? '');
        headers.set('access-control-allow-headers', sentHeaders.join(', '));
        headers.set('access-control-max-age', String(rememberSeconds));
      } else headers.set('access-control-expose-headers', readHeaders.join(', '));
    },
  };
}
