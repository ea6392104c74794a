import { displayCode } from '../../engine/codes/read-code.ts';
import { appStoreUrl, openInAppUrl, playStoreUrl } from '../../engine/links/apps.ts';
import type { ShareChannel } from '../../engine/share/channels.ts';
import { type Html, html } from './html.ts';
import type { PageContext } from './page-organisation.ts';

/** The Smart App Banner of iOS, which hands the page's address to the app; null without an app in the App Store. */
export function smartBanner({ organisation, pageUrl }: PageContext, code: string): Html | null {
  const app = organisation?.apps.find((one) => one.platform === 'ios' && one.storeId !== null);
  if (app?.platform !== 'ios' || app.storeId === null) return null;
  const argument = pageUrl ?? (app.scheme === null ? null : openInAppUrl(app.scheme, code));
  const content = `app-id=${app.storeId}${argument === null ? '' : `, app-argument=${argument}`}`;
  return html`<meta name="apple-itunes-app" content="${content}">`;
}

/** For those who have, or want, the app: open it with the code filled in, or fetch it. Nothing without apps. */
export function appSection(
  { organisation, say }: PageContext,
  { code, channel }: { code: string; channel: ShareChannel | null },
): Html | null {
  const apps = organisation?.apps ?? [];
  if (apps.length === 0) return null;
  const schemes = [...new Set(apps.flatMap((app) => (app.scheme === null ? [] : [app.scheme])))];
  const stores = apps.flatMap((app) => {
    if (app.platform === 'android')
      return [{ store: 'Google Play', url: playStoreUrl(app.packageName, code, channel) }];
    return app.storeId === null ? [] : [{ store: 'App Store', url: appStoreUrl(app.storeId) }];
  });
  return html`<section class="stack rule" aria-labelledby="app"><h2 id="app">${say('join.app')}</h2>
${schemes.slice(0, 1).map((scheme) => html`<a class="btn second" href="${openInAppUrl(scheme, code)}">${say('join.openApp')}</a>`)}
${stores.map(({ store, url }) => html`<a class="btn second" href="${url}" rel="noreferrer">${say('join.getApp', { store })}</a>`)}
<p class="small sub">${say('join.appHint', { code: displayCode(code) })}</p></section>`;
}
