import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appleAppSiteAssociation,
  appsSchema,
  assetLinks,
  openInAppUrl,
  playStoreUrl,
} from '../src/engine/links/apps.ts';
import { checkJoinTemplate, joinTarget } from '../src/engine/links/join-target.ts';
import { parseInstallReferrer, parseLink } from '../src/engine/links/parse-link.ts';
import { channelUrl, printedUrl, qrUrl, shareableUrl } from '../src/engine/links/shareable-url.ts';
import { channelLetters, shareChannels } from '../src/engine/share/channels.ts';

const code = '3PKCM78AQS';
const hosts = ['verv.lydhor.example'];
const link = { code, linkDomain: 'verv.lydhor.example', allowedDomains: hosts };

describe('parseLink', () => {
  it.each([
    ['https://verv.lydhor.example/join/3PKCM78AQS', 'join', null],
    ['https://verv.lydhor.example/join?ref=3PKCM78AQS', 'join_query', null],
    ['https://verv.lydhor.example/join/?REF=3pkcm-78aqs', 'join_query', null],
    ['https://verv.lydhor.example/referral/3PKCM78AQS', 'referral', null],
    ['https://verv.lydhor.example/r/3PKCM78AQS', 'short', null],
    ['https://verv.lydhor.example/r/3PKCM78AQS/w', 'short', 'whatsapp'],
    ['HTTPS://VERV.LYDHOR.EXAMPLE/R/3PKCM78AQS', 'short', null],
    ['HTTPS://VERV.LYDHOR.EXAMPLE/Q/3PKCM78AQS', 'qr', 'qr'],
    ['HTTPS://VERV.LYDHOR.EXAMPLE/Q/3PKCM78AQS/P', 'qr', 'poster'],
    ['https://verv.lydhor.example/q/3pkcm-78aqs/', 'qr', 'qr'],
    ['https://verv.lydhor.example/JOIN/3PKCM%2D78AQS', 'join', null],
    ['https://verv.lydhor.example/r/3PKCM78AQS.', 'short', null],
    ['https://verv.lydhor.example/r/3PKCM78AQS/w).', 'short', 'whatsapp'],
    ['https://verv.lydhor.example/join/3PKCM78AQS%E2%80%A6', 'join', null],
    ['https://verv.lydhor.example/join/3PKCM78AQS&amp;utm_source=brev', 'join', null],
    ['app://referral?token=3PKCM78AQS', 'app_referral', null],
    ['app://onboarding?ref=3PKCM78AQS', 'app_onboarding', null],
    ['app:///onboarding/?ref=3PKCM78AQS', 'app_onboarding', null],
    ['lydhor://referral?token=3PKCM78AQS', 'app_referral', null],
    ['3pkcm 78aqs', 'typed', null],
    ['3PKCM-78AQS', 'typed', null],
  ])('reads %s', (text, form, channel) => {
    expect(parseLink(text, { hosts, schemes: ['lydhor'] })).toEqual({ kind: 'referral', form, code, channel });
  });

  it('reads letters that look like digits', () => {
    expect(parseLink('https://verv.lydhor.example/r/ihv4ywoskl')).toMatchObject({ code: '1HV4YW0SK1' });
  });

  it.each([
    'https://verv.lydhor.example/join',
    'https://verv.lydhor.example/join?ref=',
    'https://verv.lydhor.example/r/',
    'https://verv.lydhor.example/referral',
    'app://referral?token=',
    'app://onboarding',
  ])('says that the code is missing in %s', (text) => {
    expect(parseLink(text, { hosts })).toMatchObject({ kind: 'malformed', reason: 'missing_code' });
  });

  it.each([
    'https://verv.lydhor.example/r/3PKCM78AQ',
    'https://verv.lydhor.example/r/3PKCM78AQSS',
    'https://verv.lydhor.example/r/3PKCM78AQU',
    'https://verv.lydhor.example/r/3PKCM%2F78AQS',
    'https://verv.lydhor.example/r/%E0%A4%A',
    'https://verv.lydhor.example/r/3PKCM78AQS/x',
    'https://verv.lydhor.example/r/3PKCM78AQS/w/more',
    'https://verv.lydhor.example/r//3PKCM78AQS',
    "https://verv.lydhor.example/r/'%20or%201=1--",
    'app://referral?token=<script>',
  ])('says that the code cannot be read in %s', (text) => {
    expect(parseLink(text, { hosts })).toMatchObject({ kind: 'malformed' });
  });

  it.each([
    '',
    'hei',
    'no.bankid.example://callback?nonce=1',
    'vipps://?token=3PKCM78AQS',
    'https://verv.lydhor.example/',
    'https://verv.lydhor.example/app/lydhor/me',
    'https://login.bankid.example/join/3PKCM78AQS',
    'https://verv.lydhor.example.evil.example/r/3PKCM78AQS',
    'https://verv.lydhor.example@evil.example/r/3PKCM78AQS',
    'https://evil.example\\@verv.lydhor.example/r/3PKCM78AQS',
    '//verv.lydhor.example/r/3PKCM78AQS',
    'javascript:location="/r/3PKCM78AQS"',
    'https://verv.lydhor.example/r/3PKCM78AQS\r\nSet-Cookie: a=b',
    `https://verv.lydhor.example/r/${'A'.repeat(3_000)}`,
  ])('passes %j on untouched', (text) => {
    expect(parseLink(text, { hosts })).toEqual({ kind: 'other' });
  });

  it('never throws and never makes up a code, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' })),
        (text) => {
          const parsed = parseLink(text);
          if (parsed.kind === 'referral') expect(parsed.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('reads every link that is made', () => {
    for (const channel of shareChannels) {
      const made = channelUrl(link, channel);
      if (made.outcome !== 'url') throw new Error(made.code);
      expect(parseLink(made.url, { hosts })).toMatchObject({ kind: 'referral', code, channel });
    }
  });
});

describe('a channel', () => {
  it('has a letter of its own', () => {
    expect(new Set(Object.values(channelLetters)).size).toBe(shareChannels.length);
  });
});

describe('parseInstallReferrer', () => {
  it('reads the code that the store link carried', () => {
    const store = new URL(playStoreUrl('no.lydhor.app', code, 'poster'));
    expect(store.searchParams.get('id')).toBe('no.lydhor.app');
    const handed = store.searchParams.get('referrer') ?? '';
    expect(parseInstallReferrer(handed)).toEqual({
      kind: 'referral',
      form: 'install_referrer',
      code,
      channel: 'poster',
    });
  });

  it('passes an organic install on', () => {
    expect(parseInstallReferrer('utm_source=google-play&utm_medium=organic')).toEqual({ kind: 'other' });
  });
});

describe('the shareable URL', () => {
  it('is https on the allow-listed domain with the path /join/{code}', () => {
    expect(shareableUrl(link)).toEqual({ outcome: 'url', url: 'https://verv.lydhor.example/join/3PKCM78AQS' });
    expect(shareableUrl({ ...link, linkDomain: 'https://Verv.Lydhor.example/' })).toMatchObject({ outcome: 'url' });
  });

  it.each([
    [null, 'missing_link_domain'],
    ['  ', 'missing_link_domain'],
    ['http://verv.lydhor.example', 'invalid_link_scheme'],
    ['javascript:alert(1)', 'invalid_link_scheme'],
    ['ftp://verv.lydhor.example', 'invalid_link_scheme'],
    ['verv.lydhor.example:8443', 'link_domain_not_allowed'],
    ['https://verv.lydhor.example:443', 'link_domain_not_allowed'],
    ['https://verv.lydhor.example/path', 'link_domain_not_allowed'],
    ['https://me@verv.lydhor.example', 'link_domain_not_allowed'],
    ['sub.verv.lydhor.example', 'link_domain_not_allowed'],
    ['evil.example', 'link_domain_not_allowed'],
    ['//evil.example', 'link_domain_not_allowed'],
    ['verv.lydhor.example\r\n', 'url'],
    ['verv.lydhor.example\r\nevil', 'link_domain_not_allowed'],
    ['127.0.0.1', 'link_domain_not_allowed'],
    ['*.lydhor.example', 'link_domain_not_allowed'],
  ])('answers %j with %s', (linkDomain, expected) => {
    const result = shareableUrl({ ...link, linkDomain });
    expect(result.outcome === 'url' ? 'url' : result.code).toBe(expected);
  });

  it('is upper case in a QR code, and short without scheme in print', () => {
    expect(qrUrl(link)).toEqual({ outcome: 'url', url: 'HTTPS://VERV.LYDHOR.EXAMPLE/Q/3PKCM78AQS' });
    expect(qrUrl(link, 'poster')).toMatchObject({ url: 'HTTPS://VERV.LYDHOR.EXAMPLE/Q/3PKCM78AQS/P' });
    expect(printedUrl(link)).toMatchObject({ url: 'verv.lydhor.example/r/3PKCM78AQS' });
  });
});

describe('the join target', () => {
  const allowedDomains = ['medlem.lydhor.example', 'verv.lydhor.example'];
  const template = 'https://medlem.lydhor.example/bli?ref={code}&reg={registration_ref}#skjema';
  const input = { template, allowedDomains, code, registrationRef: '6f1e' };

  it('carries code and registration reference and nothing else', () => {
    expect(joinTarget(input)).toBe('https://medlem.lydhor.example/bli?ref=3PKCM78AQS&reg=6f1e#skjema');
  });

  it('leaves out what is not there', () => {
    expect(joinTarget({ ...input, code: null, registrationRef: null })).toBe(
      'https://medlem.lydhor.example/bli#skjema',
    );
    const inPath = { ...input, template: 'https://medlem.lydhor.example/bli/{code}/ny', code: null };
    expect(joinTarget(inPath)).toBe('https://medlem.lydhor.example/bli/ny');
  });

  it('keeps hostile values in their place', () => {
    const target = joinTarget({ ...input, code: '//evil.example/\r\nX: y&reg=1#', registrationRef: '\\evil' });
    expect(new URL(target ?? '').host).toBe('medlem.lydhor.example');
    expect(target).not.toMatch(/[\r\n\\]/);
    expect(new URL(target ?? '').searchParams.get('ref')).toBe('//evil.example/\r\nX: y&reg=1#');
  });

  it.each([
    ['http://medlem.lydhor.example/{code}', 'not_https'],
    ['//evil.example/{code}', 'not_a_url'],
    ['\\\\evil.example/{code}', 'not_a_url'],
    ['/\\evil.example', 'not_a_url'],
    ['https:\\\\evil.example', 'not_a_url'],
    ['https:///evil.example', 'not_a_url'],
    ['https:evil.example', 'not_a_url'],
    ['javascript:alert(1)//{code}', 'not_a_url'],
    ['data:text/html,{code}', 'not_a_url'],
    ['https://evil.example/{code}', 'host_not_allowed'],
    ['https://medlem.lydhor.example.evil.example/', 'host_not_allowed'],
    ['https://medlem.lydhor.example@evil.example/', 'not_a_url'],
    ['https://evil@medlem.lydhor.example/', 'not_a_url'],
    ['https://medlem.lydhor.example:8443/', 'not_a_url'],
    ['https://{code}.lydhor.example/', 'misplaced_placeholder'],
    ['https://medlem.lydhor.example{code}/', 'misplaced_placeholder'],
    ['https://medlem.lydhor.example/{member_id}', 'unknown_placeholder'],
    ['https://medlem.lydhor.example/{code', 'not_a_url'],
    ['https://medlem.lydhor.example/%2f%2fevil.example', 'not_a_url'],
    ['https://medlem.lydhor.example/%5cevil.example', 'not_a_url'],
    ['https://medlem.lydhor.example/%0d%0aSet-Cookie:a', 'not_a_url'],
    ['https://medlem.lydhor.example/\r\nSet-Cookie: a=b', 'not_a_url'],
    ['https://medlem.lydhor.example/ {code}', 'not_a_url'],
    ['https://mëdlem.lydhor.example/', 'host_not_allowed'],
    ['https://medlem。lydhor.example/', 'host_not_allowed'],
    ['https://[::1]/', 'not_a_url'],
  ])('refuses %j', (hostile, reason) => {
    expect(checkJoinTemplate(hostile, allowedDomains)).toEqual({ outcome: 'refused', reason });
    expect(joinTarget({ ...input, template: hostile })).toBeNull();
  });

  it('never leaves the allow-listed hosts, whatever the template and the values', () => {
    const piece = fc.constantFrom(
      'https://',
      '//',
      '/',
      '\\',
      '@',
      ':',
      '?',
      '#',
      '{code}',
      '%2f',
      'evil.example',
      'medlem.lydhor.example',
      '\r\n',
      '.',
      'a',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.string(), (pieces, value) => {
        const target = joinTarget({ ...input, template: pieces.join(''), code: value });
        if (target !== null) expect(allowedDomains).toContain(new URL(target).host);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the association files', () => {
  const fingerprint = Array.from({ length: 32 }, () => 'A7').join(':');
  const apps = appsSchema.parse([
    {
      platform: 'ios',
      appId: 'ABCDE12345.no.lydhor.app',
      storeId: '123456789',
      clipAppId: 'ABCDE12345.no.lydhor.app.Clip',
    },
    { platform: 'ios', appId: 'ABCDE12345.no.nabo.app' },
    { platform: 'android', packageName: 'no.lydhor.app', fingerprints: [fingerprint] },
    { platform: 'android', packageName: 'no.nabo.app', fingerprints: [fingerprint, fingerprint], scheme: 'nabo' },
  ]);

  it('name every iOS app and match links in any case', () => {
    const file = appleAppSiteAssociation(apps) as {
      applinks: { details: { appIDs: string[]; components: Record<string, unknown>[] }[] };
      appclips: { apps: string[] };
    };
    const [details] = file.applinks.details;
    expect(details?.appIDs).toEqual(['ABCDE12345.no.lydhor.app', 'ABCDE12345.no.nabo.app']);
    expect(details?.components).toContainEqual(expect.objectContaining({ '/': '/r/*', caseSensitive: false }));
    expect(details?.components.map((component) => component['/'])).toEqual(expect.arrayContaining(['/R/*', '/Q/*']));
    expect(file.appclips.apps).toEqual(['ABCDE12345.no.lydhor.app.Clip']);
  });

  describe('opens on an iPhone', () => {
    type Component = {
      '/'?: string;
      '?'?: Record<string, string>;
      '#'?: string;
      exclude?: boolean;
      caseSensitive?: boolean;
    };
    // Apple's rules: the first component that matches decides; * is any text, ? one character; what is not named matches.
    const fits = (pattern: string, text: string, isCaseSensitive: boolean) => {
      const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('?', '.')
        .replaceAll('*', '.*');
      return new RegExp(`^${source}$`, isCaseSensitive ? '' : 'i').test(text);
    };
    const opensApp = (address: string): boolean => {
      const file = appleAppSiteAssociation(apps) as { applinks: { details: { components: Component[] }[] } };
      const url = new URL(address);
      const found = file.applinks.details[0]?.components.find((component) => {
        const { '/': path = '*', '?': query = {}, '#': fragment = '*', caseSensitive: exact = true } = component;
        const hasQuery = Object.entries(query).every(([name, pattern]) =>
          fits(pattern, url.searchParams.get(name) ?? '', exact),
        );
        return fits(path, url.pathname, exact) && fits(fragment, url.hash.slice(1), exact) && hasQuery;
      });
      return found !== undefined && found.exclude !== true;
    };
    const host = 'https://verv.lydhor.example';

    it.each(shareChannels)('every link of the channel %s', (channel) => {
      const made = channelUrl(
        { code, linkDomain: 'verv.lydhor.example', allowedDomains: ['verv.lydhor.example'] },
        channel,
      );
      expect(made.outcome === 'url' && opensApp(made.url)).toBe(true);
    });

    it.each([
      [`/join/${code}`, true],
      [`/join?ref=${code}`, true],
      [`/JOIN/${code}`, true],
      [`/Q/${code}/P`, true],
      [`/referral/${code}`, true],
      [`/join/${code}#web`, false],
      ['/join', false],
      ['/join?ref=', false],
      ['/', false],
      ['/personvern', false],
      [`/print/${code}/poster`, false],
      ['/api/v1/me', false],
      ['/joining/x', false],
    ])('%s: %s', (path, isOpened) => expect(opensApp(host + path)).toBe(isOpened));

    it('is far below the 128 kB that Apple reads, with as many apps as may be', () => {
      const many = appsSchema.parse(
        Array.from({ length: 10 }, (_, index) => ({
          platform: 'ios',
          appId: `ABCDE1234${index}.no.${'a'.repeat(60)}.app`,
        })),
      );
      expect(JSON.stringify(appleAppSiteAssociation(many)).length).toBeLessThan(16_000);
    });
  });

  it('name every Android app with its fingerprints', () => {
    expect(assetLinks(apps)).toHaveLength(2);
    expect(assetLinks(apps)[0]).toEqual({
      relation: ['delegate_permission/common.handle_all_urls'],
      target: { namespace: 'android_app', package_name: 'no.lydhor.app', sha256_cert_fingerprints: [fingerprint] },
    });
  });

  it('are valid and empty without apps', () => {
    expect(appleAppSiteAssociation([])).toEqual({ applinks: { details: [] } });
    expect(assetLinks([])).toEqual([]);
  });

  it.each([
    { platform: 'ios', appId: 'no.lydhor.app' },
    { platform: 'android', packageName: 'lydhor', fingerprints: [fingerprint] },
    { platform: 'android', packageName: 'no.lydhor.app', fingerprints: ['14:6D'] },
    { platform: 'android', packageName: 'no.lydhor.app', fingerprints: [fingerprint], scheme: 'java script' },
  ])('cannot be made from %j', (app) => {
    expect(appsSchema.safeParse([app]).success).toBe(false);
  });

  it('open an app through its own scheme', () => {
    expect(parseLink(openInAppUrl('nabo', code), { schemes: ['nabo'] })).toMatchObject({ kind: 'referral', code });
  });
});
