// An organisation's apps: association files, store links. Facts: links-qr-sharing §3.1–3.4. Pure.
import { z } from 'zod';
import { channelLetters, type ShareChannel } from '../share/channels.ts';

/** An iOS app. `appId` is team id and bundle id, `ABCDE12345.no.example.app`. */
const iosApp = z.object({
  platform: z.literal('ios'),
  appId: z.string().regex(/^[A-Z0-9]{10}\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/),
  /** Number in the App Store; null = no store link and no banner. */
  storeId: z
    .string()
    .regex(/^[0-9]{5,12}$/)
    .nullable()
    .default(null),
  /** App Clip of the same team; null = none. */
  clipAppId: z
    .string()
    .regex(/^[A-Z0-9]{10}\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/)
    .nullable()
    .default(null),
  /** Custom URL scheme, without colon; null = none. */
  scheme: z
    .string()
    .regex(/^[a-z][a-z0-9+.-]{1,40}$/)
    .nullable()
    .default(null),
});

/** An Android app. Give the fingerprint of Play App Signing, not that of the upload key. */
const androidApp = z.object({
  platform: z.literal('android'),
  packageName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+$/)
    .max(200),
  fingerprints: z
    .array(z.string().regex(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/))
    .min(1)
    .max(10),
  scheme: z
    .string()
    .regex(/^[a-z][a-z0-9+.-]{1,40}$/)
    .nullable()
    .default(null),
});

/** The apps of an organisation, as stored in its settings: at most ten, several may be white-label apps. */
export const appsSchema = z.array(z.discriminatedUnion('platform', [iosApp, androidApp])).max(10);
export type App = z.output<typeof appsSchema>[number];

const linkPaths = ['/join/*', '/r/*', '/q/*', '/referral/*'] as const;

/**
 * `/.well-known/apple-app-site-association`. Paths match in any case, because QR codes hold upper-case addresses; `/R/*`
 * and `/Q/*` are listed besides for readers that overlook `caseSensitive`. `#web` keeps a link in the browser.
 */
export function appleAppSiteAssociation(apps: readonly App[]): object {
  const ios = apps.filter((app) => app.platform === 'ios');
  const appIDs = [...new Set(ios.map((app) => app.appId))];
  const clips = [...new Set(ios.flatMap((app) => (app.clipAppId === null ? [] : [app.clipAppId])))];
  const components = [
    { '#': 'web', exclude: true, comment: 'stays in the browser' },
    ...linkPaths.map((path) => ({ '/': path, caseSensitive: false, comment: 'referral links' })),
    { '/': '/join', '?': { ref: '?*' }, caseSensitive: false, comment: 'the older form of a referral link' },
    { '/': '/R/*', comment: 'referral links in upper case' },
    { '/': '/Q/*', comment: 'QR codes' },
  ];
  return {
    applinks: { details: appIDs.length === 0 ? [] : [{ appIDs, components }] },
    ...(clips.length === 0 ? {} : { appclips: { apps: clips } }),
  };
}

/** `/.well-known/assetlinks.json`: one statement for each Android app. */
export function assetLinks(apps: readonly App[]): object[] {
  return apps
    .filter((app) => app.platform === 'android')
    .map((app) => ({
      relation: ['delegate_permission/common.handle_all_urls'],
      target: {
        namespace: 'android_app',
        package_name: app.packageName,
        sha256_cert_fingerprints: [...app.fingerprints],
      },
    }));
}

/**
 * The Play Store link that hands the code to the app at its first start (Install Referrer, kept 90 days). The referrer
 * holds code and channel and nothing about the person.
 */
export function playStoreUrl(packageName: string, code: string, channel: ShareChannel | null): string {
  const referrer = `utm_source=verve&code=${code}${channel === null ? '' : `&channel=${channelLetters[channel]}`}`;
  return `https://play.google.com/store/apps/details?id=${encodeURIComponent(packageName)}&referrer=${encodeURIComponent(referrer)}`;
}

/** The App Store link. iOS hands nothing through it: there the person types or scans the code. */
export function appStoreUrl(storeId: string): string {
  return `https://apps.apple.com/no/app/id${storeId}`;
}

/** Opens an installed app through its own scheme with the code filled in: `app://onboarding?ref=CODE`. */
export function openInAppUrl(scheme: string, code: string): string {
  return `${scheme}://onboarding?ref=${code}`;
}
