// The cookie of a signed-in browser: one an organisation, so that whoever works for two is signed in to both.

const form = /^(?:__Host-)?verve_([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=([A-Za-z0-9_-]{43})$/;

/** Prefixed over https, where the browser then promises host, path and encryption; http knows no such promise. */
function nameOf(slug: string, isSecure: boolean): string {
  return `${isSecure ? '__Host-' : ''}verve_${slug}`;
}

/** The session tokens that a request carries, by the organisation's slug. Over https only cookies with the prefix count. */
export function readSessionCookies(headers: Headers, isSecure: boolean): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of (headers.get('cookie') ?? '').slice(0, 8_192).split(';')) {
    const [, slug, token] = form.exec(part.trim()) ?? [];
    if (slug === undefined || token === undefined) continue;
    if (part.trim().startsWith(`${nameOf(slug, isSecure)}=`)) found.set(slug, token);
  }
  return found;
}

/** The header that keeps a session in the browser: no script reads it, and other sites' requests do not carry it. */
export function keepSession(given: { slug: string; token: string; maxAgeDays: number; isSecure: boolean }): string {
  return cookie(given.slug, given.token, given.maxAgeDays * 86_400, given.isSecure);
}

/** The header that takes a session out of the browser. */
export function forgetSession(slug: string, isSecure: boolean): string {
  return cookie(slug, '', 0, isSecure);
}

function cookie(slug: string, value: string, maxAge: number, isSecure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${isSecure ? '; Secure' : ''}`;
  return `${nameOf(slug, isSecure)}=${value}; ${attributes}`;
}
