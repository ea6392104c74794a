import type { TrafficSigns } from '../engine/clicks/classify-traffic.ts';

/** What of a request tells people from machines. Read for the class, never stored. */
export function readTrafficSigns(request: Request): TrafficSigns {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  return {
    method: request.method,
    userAgent: header('user-agent'),
    secPurpose: header('sec-purpose'),
    purpose: header('purpose'),
    xPurpose: header('x-purpose'),
    xMoz: header('x-moz'),
    secFetchDest: header('sec-fetch-dest'),
  };
}
