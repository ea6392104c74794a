/**
 * The server's own address, opened by itself, leads to the dashboard; an organisation's link domain has a root of its own and
 * is asked before. null = another path.
 */
export function answerFrontDoor(request: Request): Response | null {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || new URL(request.url).pathname !== '/') return null;
  return new Response(null, { status: 303, headers: { location: '/app', 'cache-control': 'no-store' } });
}
