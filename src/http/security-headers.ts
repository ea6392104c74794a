/**
 * Headers of every answer of the API. Pages set their own Content-Security-Policy; an API answer is never rendered, so it
 * may load nothing at all.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'interest-cohort=()',
};

/**
 * Adds what an answer does not say itself, to the answer as it is, so that its length stays known. HSTS only over https: on
 * plain loopback it would lock a developer out.
 */
export function withSecurityHeaders(response: Response, isSecure: boolean): Response {
  const answer = isMutable(response) ? response : new Response(response.body, response);
  const { headers } = answer;
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  if (isSecure && !headers.has('strict-transport-security')) {
    headers.set('strict-transport-security', 'max-age=31536000; includeSubDomains');
  }
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  return answer;
}

/** What a fallback fetched or redirected has headers that cannot be changed. */
function isMutable(response: Response): boolean {
  try {
    response.headers.delete('x-powered-by');
    return true;
  } catch {
    return false;
  }
}
