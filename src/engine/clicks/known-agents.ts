/**
 * What the library's list does not say: which agents fetch for a link preview or scan mail, and what it misses or
 * refuses wrongly. Measured by `npm run bench:bots` against public lists (docs/clicks.md).
 */

/** Agents that open a link to draw a preview of it in a message or post. Matched anywhere, in any case. */
const previewTokens = [
  'facebookexternalhit',
  'facebot',
  'facebookcatalog',
  'meta-external(?:fetcher|hit)',
  '^whatsapp',
  'whatsapp/2',
  'twitterbot',
  'telegrambot',
  'slackbot',
  'slack-imgproxy',
  'discordbot',
  'linkedinbot',
  'skypeuripreview',
  'microsoftpreview',
  '^viber$',
  'snap url preview',
  'pinterestbot',
  '^pinterest/0\\.\\d',
  'redditbot',
  'vkshare',
  'mastodon/',
  '^(?:friendica|pleroma|akkoma|misskey|lemmy)\\b',
  'summalybot',
  '^bluesky',
  'cardyb',
  'synapse \\(',
  'mattermost-bot',
  '^rocket\\.chat/',
  'nextcloud server crawler',
  '^notion/',
  'tiktokspider',
  'groupmebot',
  'keybasebot',
  'odklbot',
  'linespider',
  'dingtalkbot',
  'discourse forum onebox',
  'evernoterichlinkbot',
  'steamchaturllookup',
  'google web preview',
  'iframely',
  'embedly',
  'bitlybot',
  '^tumblr/',
  'flipboardproxy',
  'google-pagerenderer',
  'google\\.com/\\+/web/snippet',
  'googlemessages',
  'google-?inspectiontool',
  'bingpreview',
  'imessagebot',
  'kakaotalk-scrap',
  'line-poker',
  'zoombot',
  'nuzzel',
  'qwantify',
  'outbrain',
  'xing-contenttabreceiver',
  'xing bot',
  'unfurl',
  'url ?preview',
  'link ?preview',
  'opengraph',
];

/** Agents that no library pattern covers and that are not people. */
const crawlerTokens = [
  'applebot',
  'meta-externalagent',
  'proofpoint',
  'barracuda',
  'mimecast',
  'safelinks',
  'urldefense',
  'headlesschrome',
  'phantomjs',
  'electron/.*(?:fetch|scan)',
  'prerender',
  'jsdom/',
  'slimerjs',
  '\\b(?:dart|ruby|perl|python|php|rust|deno|bun|go|containerd|cri-o)/\\d',
  'python \\d',
  'lighthouse',
  'pagespeed',
  'ptst/',
  'wget/',
  'curl/',
  'okhttp/',
  'go-http-client',
  'axios/',
  'node-fetch',
  'undici',
  'powershell/\\d',
  'siege/\\d',
  'zombie\\.js',
  'screenshot',
  'webthumb',
  'wkhtmlto',
  'debugbear',
  'gtmetrix',
  'criteo',
  'observatory/\\d',
  '\\bylt\\b',
  'snapsearch',
  'seolizer',
  'miniature\\.io',
  '^(?:docker|gradle|kubectl)/',
  'claude-web',
  // Office asks for a link before it hands it to the browser: one press would be two openings.
  '\\bms-?office\\b',
  '^microsoft office/',
  '\\bmicrosoft outlook \\d',
  '^mac_?outlook/',
  '^outlook-express/',
  '\\(macintosh; intel mac os x\\) (?:word|excel|powerpoint|outlook)/',
  // Apple's networking as apps use it; the browsers inside them begin with Mozilla, and Apple's own with Safari.
  '^(?!mozilla/|(?:mobile)?safari[/\\d]).*\\bcfnetwork/\\d',
  '^networkingextension/',
  '^com\\.apple\\.',
  // «compatible» names a machine wherever it does not name an old browser.
  '^mozilla/\\d\\.\\d+ \\(compatible\\b(?!.*(?:msie|trident|konqueror|netpositive|amiga|gecko|webkit|presto|opera|netfront|nokia|samsung|windows ce))',
  'like gecko; compatible;',
];

/** Browsers inside apps, which the library takes for machines; a person taps there. */
const personTokens = [
  '\\[fb(?:an|av|_iab)',
  'instagram \\d',
  '; ?wv\\).*google/google',
  'google/google pixel',
  'ucbrowser/\\d',
  'micromessenger/\\d.*process/',
  'aliapp\\(',
  '^mobilesafari/\\d',
];

/**
 * How the agents of browsers begin, or what a phone too old for that names: who gives neither is a program. «Dalvik» is how
 * Android's own networking names a phone, without a browser: docs/clicks.md says why it is taken for one.
 */
const browserTokens = [
  '^(?:mozilla/|opera/|safari[/\\d])',
  'android|linux|windows|macintosh|iphone|ipad|\\bios\\b|symbian|midp|dalvik',
  'applewebkit|gecko|hbbtv|lynx/|^e?links\\b|mosaic|amiga|browser|ucweb|obigo|teleca|netfront|\\[fban',
  'blackberry|nokia|ericsson|samsung|docomo|kddi|softbank|vodafone|j-phone|dv\\(iph|^(?:sec|lg|mot)\\b',
];

const anyOf = (tokens: readonly string[]): RegExp => new RegExp(tokens.join('|'), 'i');

export const previewAgents: RegExp = anyOf(previewTokens);
export const crawlerAgents: RegExp = anyOf(crawlerTokens);
export const personAgents: RegExp = anyOf(personTokens);
export const browserAgents: RegExp = anyOf(browserTokens);

const androidModel = /^(Mozilla\/5\.0 \(Linux; (?:U; )?(?:arm_64; )?Android [\w.]+)(;[^()]*)(\) AppleWebKit\/)/i;
const build = /\bBuild\/[^;]*/i;
const machineInModel = /[\w-]\/v?\d|https?:|compatible/i;

/**
 * An Android browser's agent without the name of the phone, because phones are called «Discovery», «Radar» and «M bot 60».
 * A machine that gives its own name and version there, or an address, keeps it.
 */
export function withoutModel(userAgent: string): string {
  return userAgent.replace(androidModel, (whole, start: string, model: string, end: string) =>
    machineInModel.test(model.replace(build, '')) ? whole : `${start}${end}`,
  );
}
