import { type App, appleAppSiteAssociation, assetLinks } from '../../engine/links/apps.ts';
import type { PublicPagesOptions } from './pages-options.ts';

/**
 * `/.well-known/apple-app-site-association` and `/.well-known/assetlinks.json` of the organisation whose link domain it
 * is: JSON without redirect. An installation with one organisation answers with that one on every host. Without apps, or
 * on the host of nobody, the files are valid and name none.
 */
export async function appFile(url: URL, options: PublicPagesOptions): Promise<Response | null> {
  switch (url.pathname) {
    case '/.well-known/apple-app-site-association':
      return send(appleAppSiteAssociation(await appsOf(url, options)));
    case '/.well-known/assetlinks.json':
      return send(assetLinks(await appsOf(url, options)));
    default:
      return null;
  }
}

async function appsOf(url: URL, { verve: { organisations } }: PublicPagesOptions): Promise<readonly App[]> {
  const orgId = (await organisations.findIdByHost(url.hostname)) ?? onlyOne(await organisations.listIds());
  const organisation = orgId === null ? null : await organisations.recent(orgId);
  return organisation?.appIds ?? [];
}

function onlyOne(orgIds: readonly string[]): string | null {
  return orgIds.length === 1 ? (orgIds[0] ?? null) : null;
}

function send(file: object): Response {
  return new Response(JSON.stringify(file), {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    },
  });
}
