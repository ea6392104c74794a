import { describe, expect, test } from 'vitest';
import { classifyAgent, classifyTraffic } from '../src/engine/clicks/classify-traffic.ts';
import { readClickMetadata } from '../src/engine/clicks/click-metadata.ts';
import { shortKeyedHash } from '../src/engine/clicks/short-keyed-hash.ts';
import { webKeyedHash } from '../src/engine/secrets/keyed-hash.ts';
import { nodeKeyedHash } from '../src/server/keyed-hash.ts';
import { measureAgents } from './agent-lists.ts';
import { phone } from './clicks-harness.ts';

describe('the class of an agent', () => {
  test('lets at most 1 % of crawlers pass for people and refuses at most 0.5 % of people’s browsers', () => {
    const { crawlers, people } = measureAgents();
    expect(crawlers.total).toBeGreaterThan(2_000);
    expect(people.total).toBeGreaterThanOrEqual(10_000);
    expect(crawlers.missed.length / crawlers.total).toBeLessThanOrEqual(0.01);
    expect(people.refused.length / people.total).toBeLessThanOrEqual(0.005);
  });

  test.each([
    'WhatsApp/2.23.20.0 A',
    'WhatsApp/2.2587.9 i',
    'WhatsApp/2',
    `${phone} facebookexternalhit/1.1 Facebot Twitterbot/1.0`,
    'TelegramBot (like TwitterBot)',
    'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
    'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
    'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
    'Twitterbot/1.0',
    'Viber',
    'Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots',
    'Mozilla/5.0 (Windows Phone 8.1) BingPreview/1.0b',
    'meta-externalfetcher/1.1',
  ])('%s is a preview', (agent) => expect(classifyAgent(agent)).toBe('preview'));

  test.each([
    `${phone} [FBAN/FBIOS;FBAV/454.0.0.31.107;FBBV/577;FBDV/iPhone14,5;FBLC/nb_NO]`,
    `${phone} Instagram 320.0.0.42.101 (iPhone14,5; iOS 17_5; nb_NO)`,
    'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 Chrome/125.0 Mobile Safari/537.36 Google/google',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
    'Mozilla/5.0 (Linux; Android 7.1.2; G011A; wv) AppleWebKit/537.36 Chrome/66.0.3359.158 Safari/537.36 Viber/11.9.5.8',
    `${phone} musical_ly_35.0.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/nb Region/NO BytedanceWebview/d8a21c6`,
    'Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.49.2600(0x28003137) Process/toolsmp',
    'Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 AlipayDefined(ws:360|640|1.5) AliApp(AP/10.5)',
    'AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile DuckDuckGo/5 Safari/537.36',
    'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)',
    'Mozilla/3.0 (compatible; NetPositive/2.2.1; BeOS)',
    'Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1d',
    'Nokia2730c-1/2.0 (10.47) Profile/MIDP-2.1 Configuration/CLDC-1.1',
  ])('%s is a person', (agent) => expect(classifyAgent(agent)).toBe('human'));

  test.each([
    'Discovery SE',
    'M bot 51',
    'Radar Deluxe 2',
    'Newsday_A2',
    'XBot Junior Build/OPM1.171019.019; wv',
    'Capture+',
  ])('a phone called %s is a person’s', (model) => {
    const agent = `Mozilla/5.0 (Linux; Android 13; ${model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile Safari/537.36`;
    expect(classifyAgent(agent)).toBe('human');
    expect(classifyAgent(`${agent} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`)).toBe('crawler');
  });

  test.each([
    'XBot/1.0',
    'compatible; ExampleSpider',
    '+https://example.org/bot',
    'Pixel 2 Build/OPD3.17; DuplexWeb-Google/1.0',
  ])('a machine that says %s where the phone’s name stands is a crawler', (name) =>
    expect(
      classifyAgent(
        `Mozilla/5.0 (Linux; Android 8.0; ${name}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.131 Mobile Safari/537.36`,
      ),
    ).toBe('crawler'),
  );

  test('Safari on a Mac that names only its networking is a person', () => {
    expect(classifyAgent('Safari/11601.1.56 CFNetwork/760.0.5 Darwin/15.0.0 (x86_64) (MacBookPro11%2C4)')).toBe(
      'human',
    );
    expect(classifyAgent('MobileSafari/9537.53 CFNetwork/672.0.2 Darwin/14.0.0')).toBe('human');
  });

  test.each([
    'Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)',
    'Dalvik/1.6.0 (Linux; U; Android 4.4.2; GT-I9505)',
  ])('%s counts as a person, as the lists of phones have it', (agent) => expect(classifyAgent(agent)).toBe('human'));

  test.each([
    'Dart/2.16 (dart:io)',
    'IPinfoClient/Ruby/2.2.1',
    'tool/1.0/Python 3.11.8 (main)',
    'Mozilla/5.0 (win32) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/15.2.1',
    'Applebot/0.1',
    'curl/8.5.0',
    'Mozilla/5.0 HeadlessChrome/120.0 Safari/537.36',
    'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0; .NET4.0E; ms-office; MSOffice 16)',
    'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.17726; Pro)',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X) Word/16.86',
    'ExampleChat/1 CFNetwork/1496.0.7 Darwin/23.5.0',
    'NetworkingExtension/8621.3.11.10.3 Network/4277.140.33 iOS/18.6.2',
    'Mozilla/5.0 (compatible; evc-batch/2.0.20170110125844)',
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36',
    'kube-probe/1.29+',
    'a program (that nobody knows)',
  ])('%s is a crawler', (agent) => expect(classifyAgent(agent)).toBe('crawler'));

  test('without an agent is other', () => {
    expect(classifyTraffic({ method: 'GET', userAgent: undefined })).toBe('other');
    expect(classifyTraffic({ method: 'GET', userAgent: '  ' })).toBe('other');
  });

  test('a HEAD with a browser’s agent is no person', () => {
    expect(classifyTraffic({ method: 'HEAD', userAgent: phone })).toBe('other');
  });

  test.each(['prefetch', 'prefetch;prerender', 'prefetch;anonymous-client-ip', 'Prefetch'])(
    'Sec-Purpose: %s is a prefetch',
    (value) => expect(classifyTraffic({ method: 'GET', userAgent: phone, secPurpose: value })).toBe('prefetch'),
  );
});

describe('click metadata', () => {
  test('is a closed list', () => {
    expect(readClickMetadata({ share_channel: 'sms', platform: 'ios', locale: 'nb-NO' })).toEqual({
      shareChannel: 'sms',
      platform: 'ios',
      locale: 'nb-NO',
    });
    expect(readClickMetadata({ share_channel: null })).toEqual({ shareChannel: null, platform: null, locale: null });
  });

  test.each([
    { screen: '390x844' },
    { share_channel: 'pigeon' },
    { platform: 7 },
    { locale: 'not a locale' },
    [],
    'text',
  ])('%j is refused', (given) =>
    expect(() => readClickMetadata(given)).toThrow(expect.objectContaining({ code: 'invalid_metadata' })),
  );
});

describe('the keyed hashes', () => {
  test('the quick HMAC is the platform’s', async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    for (const text of ['', 'abc', 'ø'.repeat(40), 'x'.repeat(700), 'x'.repeat(70_000)]) {
      const expected = Buffer.from(await webKeyedHash(key, text));
      expect(Buffer.from(await nodeKeyedHash(key, text))).toEqual(expected);
      expect(Buffer.from(await nodeKeyedHash(key, Buffer.from(text)))).toEqual(expected);
    }
  });

  test('HalfSipHash gives the published first vector', () => {
    const key = new Uint32Array([0x03020100, 0x07060504]);
    expect(shortKeyedHash(key, '')).toBe((0xc83cb8b9 >>> 11) * 2 ** 32 + 0x591f8d21);
  });
});
