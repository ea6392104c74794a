/**
 * Whether one of our own pages sent a request, by what browsers say and pages cannot: `Sec-Fetch-Site`, else `Origin`. A
 * request that says neither is nobody's page, and is not taken for ours.
 */
export function isSameOrigin(request: Request, publicUrl: string): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  if (origin === null) return false;
  return origin === new URL(request.url).origin || origin === new URL(publicUrl).origin;
}
