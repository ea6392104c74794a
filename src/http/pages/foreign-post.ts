/**
 * Whether a page of somebody else's posted one of our public forms: by `Sec-Fetch-Site`, which browsers send over https, else
 * by `Origin`. Neither = no page sent it. `Origin: null` is let through: our own pages ask for no referrer, and then browsers
 * say that of them. There is no cookie to misuse; a foreign post would only put words into a person's mouth, so it is shown to
 * him rather than taken.
 *
 * @param linkDomains of the page's organisation, where a proxy in front may have changed the host.
 */
export function isForeignPost(request: Request, publicUrl: string, linkDomains: readonly string[]): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'cross-site';
  const origin = request.headers.get('origin');
  if (origin === null || origin === 'null') return false;
  // Which of the two schemes is not compared: a proxy in front may have taken the https away.
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return true;
  const { host, hostname } = new URL(origin);
  const isOwn = host === new URL(request.url).host || host === new URL(publicUrl).host;
  return !isOwn && !linkDomains.includes(hostname);
}
