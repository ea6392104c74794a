// Link previews: what the services that draw them are documented to send, and what they need to find (docs/join-page.md).
import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { languages, openGraphLocales } from '../src/engine/words/language.ts';
import { openSite, type Site } from './pages-site.ts';

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Safari/537.36';

/** Agents as their owners document them; `rest` = further headers that they are known to send. */
const unfurlers: readonly { name: string; agent: string; rest?: Record<string, string> }[] = [
  {
    name: 'Facebook, Instagram, Threads',
    agent: 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    rest: { range: 'bytes=0-524287', 'accept-encoding': 'deflate, gzip' },
  },
  { name: 'Facebook, short form', agent: 'facebookexternalhit/1.1' },
  {
    name: 'Facebook’s fetcher',
    agent: 'meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)',
  },
  { name: 'WhatsApp on Android', agent: 'WhatsApp/2.23.20.0 A' },
  { name: 'WhatsApp on iOS', agent: 'WhatsApp/2.23.18.78 i' },
  { name: 'WhatsApp on a computer', agent: 'WhatsApp/2.2336.9 N' },
  { name: 'Signal', agent: 'WhatsApp/2', rest: { accept: 'text/html' } },
  {
    name: 'iMessage',
    agent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  },
  {
    name: 'Slack',
    agent: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    rest: { range: 'bytes=0-32768' },
  },
  { name: 'Slack’s robot', agent: 'Slackbot 1.0 (+https://api.slack.com/robots)' },
  { name: 'Slack’s pictures', agent: 'Slack-ImgProxy (+https://api.slack.com/robots)' },
  { name: 'LinkedIn', agent: 'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)' },
  { name: 'X', agent: 'Twitterbot/1.0' },
  { name: 'Discord', agent: 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)' },
  { name: 'Telegram', agent: 'TelegramBot (like TwitterBot)' },
  {
    name: 'Teams and Skype',
    agent: 'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
  },
  {
    name: 'Microsoft',
    agent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview`,
  },
  { name: 'Bing', agent: 'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b' },
  { name: 'Viber', agent: 'Viber' },
  { name: 'Mastodon', agent: 'http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/)' },
  { name: 'Mastodon since 4.3', agent: 'Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)' },
  { name: 'Misskey', agent: 'SummalyBot/5.1.0' },
  { name: 'Lemmy', agent: 'Lemmy/0.19.8; +https://lemmy.example' },
  { name: 'Bluesky', agent: 'Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)' },
  {
    name: 'Google',
    agent: `Mozilla/5.0 (X11; Linux x86_64) ${chrome} Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)`,
  },
  {
    name: 'Google, the older',
    agent:
      'Mozilla/5.0 (Windows NT 6.1; rv:6.0) Gecko/20110814 Firefox/6.0 Google (+https://developers.google.com/+/web/snippet/)',
  },
  { name: 'Pinterest', agent: 'Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)' },
  { name: 'Reddit', agent: 'Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)' },
  { name: 'Snapchat', agent: 'Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots' },
  { name: 'LINE', agent: 'facebookexternalhit/1.1;line-poker/1.0' },
  {
    name: 'KakaoTalk',
    agent: 'facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984',
  },
  { name: 'VK', agent: 'Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)' },
  { name: 'OK', agent: 'Mozilla/5.0 (compatible; OdklBot/1.0 like Linux; klass@odnoklassniki.ru)' },
  { name: 'Matrix', agent: 'Synapse (bot; +https://github.com/matrix-org/synapse)' },
  { name: 'Mattermost', agent: 'Mattermost-Bot/1.1' },
  { name: 'Rocket.Chat', agent: 'Rocket.Chat/6.5.0 (https://chat.example)' },
  { name: 'Zulip', agent: 'Mozilla/5.0 (compatible; ZulipURLPreview/4.0; +https://zulip.example)' },
  { name: 'Nextcloud Talk', agent: 'Mozilla/5.0 (compatible; Nextcloud Server Crawler)' },
  { name: 'Discourse', agent: 'Discourse Forum Onebox v3.3.0.beta1-dev' },
  { name: 'Notion', agent: 'Notion/1.0 (https://notion.so; team@makenotion.com)' },
  { name: 'Iframely', agent: 'Iframely/1.3.1 (+https://iframely.com/docs/about)' },
  { name: 'Embedly', agent: 'Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)' },
  { name: 'GroupMe', agent: 'GroupMeBot/1.0' },
  { name: 'Steam', agent: 'Valve/Steam HTTP Client 1.0 (SteamChatURLLookup)' },
  { name: 'Tumblr', agent: 'Tumblr/14.0.835.186' },
  { name: 'Flipboard', agent: 'Mozilla/5.0 (compatible; FlipboardProxy/1.2; +http://flipboard.com/browserproxy)' },
];

let site: Site;
let place: { orgId: string; slug: string; code: string };
beforeAll(async () => {
  site = await openSite();
  place = await site.organisation({ brand: { colour: '#14595f' } });
});

/** Asks as an unfurler does, who follows a redirect and keeps no cookie. */
const ask = (path: string, { agent, rest = {} }: (typeof unfurlers)[number], method = 'GET') =>
  fetch(`${site.origin}${path}`, { method, headers: { accept: '*/*', ...rest, 'user-agent': agent } });

/** Tags by name, as a parser reads them that knows `property` and `name`. */
function tagsOf(text: string): Record<string, string> {
  const found = text.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name, content]) => [name, content]));
}

async function classesOf(orgId: string): Promise<Record<string, number>> {
  const rows = await site.rows<{ class: string; hits: number }>(
    'select class, count(*)::int as hits from verve.referral_clicks where org_id = $1 group by class',
    [orgId],
  );
  return Object.fromEntries(rows.map((row) => [row.class, row.hits]));
}

describe('a link in a message', () => {
  test.each(unfurlers)('is drawn by $name with the organisation’s card, and is no click', async (unfurler) => {
    const { slug, code, orgId } = place;
    const before = await classesOf(orgId);
    const answer = await ask(`/r/${code}/w`, unfurler);
    const text = await answer.text();
    expect(answer).toMatchObject({ status: 200, redirected: true });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(tagsOf(text)).toMatchObject({
      'og:type': 'website',
      'og:site_name': 'Lydhør',
      'og:title': 'Bli medlem i Lydhør',
      'og:description': 'Her kan du bli medlem i Lydhør.',
      'og:locale': 'nb_NO',
      'og:url': `https://${slug}.example/join/${code}`,
      'og:image': `https://${slug}.example/assets/organisations/${slug}/preview.png`,
      'og:image:type': 'image/png',
      'og:image:width': '1200',
      'og:image:height': '630',
      'og:image:alt': 'Bli medlem i Lydhør',
      'twitter:card': 'summary_large_image',
      description: 'Her kan du bli medlem i Lydhør.',
    });
    expect(text).not.toMatch(/Solveig|Tveitmo/);
    // Slack reads no further than 32 kB, and no unfurler runs script.
    expect(text.indexOf('twitter:card')).toBeLessThan(4_000);
    const after = await classesOf(orgId);
    expect(after.preview).toBeGreaterThan(before.preview ?? 0);
    expect({ ...after, preview: 0 }).toEqual({ ...before, preview: 0 });
  });

  test.each(unfurlers.filter(({ name }) => /Signal|X|Discord|iMessage/.test(name)))(
    'answers a HEAD of $name as it answers a GET',
    async (unfurler) => {
      const answer = await ask(`/join/${place.code}`, unfurler, 'HEAD');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    },
  );

  test.each(languages)('speaks the language that the organisation or the reader has: %s', async (locale) => {
    const { code } = await site.organisation({ locale });
    const facebook = { name: '', agent: 'facebookexternalhit/1.1' };
    const own = tagsOf(await (await ask(`/join/${code}`, facebook)).text());
    expect(own['og:locale']).toBe(openGraphLocales[locale]);
    const english = { ...facebook, rest: { 'accept-language': 'en-GB,en;q=0.9' } };
    expect(tagsOf(await (await ask(`/join/${code}`, english)).text())['og:locale']).toBe(openGraphLocales.en);
  });

  test('has a picture that every one of them may have: PNG of the size it says, below 300 kB, from our own host', async () => {
    const text = await (await ask(`/join/${place.code}`, { name: '', agent: 'Twitterbot/1.0' })).text();
    const { pathname } = new URL(tagsOf(text)['og:image'] ?? '');
    for (const { agent } of unfurlers) {
      const answer = await fetch(`${site.origin}${pathname}`, { headers: { 'user-agent': agent }, redirect: 'error' });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('image/png');
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect(bytes.length).toBeLessThan(300_000);
      expect(decode(bytes)).toMatchObject({ width: 1200, height: 630 });
    }
    // Nothing keeps them away.
    expect((await fetch(`${site.origin}/robots.txt`)).status).toBe(404);
  });

  test('of an organisation with a page of its own leads there at once, with the code: the card is that page’s', async () => {
    const { orgId, slug, code } = await site.organisation();
    const joinUrlTemplate = `https://${slug}.example/bli?ref={code}`;
    await site.organisations.update({ actor: hostActor, orgId, change: { joinUrlTemplate } });
    const headers = { 'user-agent': 'facebookexternalhit/1.1' };
    const answer = await fetch(`${site.origin}/r/${code}`, { headers, redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(`https://${slug}.example/bli?ref=${code}`);
    expect(await classesOf(orgId)).toEqual({ preview: 1 });
  });

  test('of an organisation whose name is markup is text', async () => {
    const { code } = await site.organisation({}, 'A "B" <script>alert(1)</script> & C');
    const text = await (await ask(`/join/${code}`, { name: '', agent: 'Slackbot 1.0' })).text();
    expect(text).not.toContain('<script');
    expect(tagsOf(text)['og:site_name']).toBe('A &quot;B&quot; &lt;script&gt;alert(1)&lt;/script&gt; &amp; C');
  });
});
