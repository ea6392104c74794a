import { describe, expect, it } from 'vitest';
import { parseLink } from '../src/engine/links/parse-link.ts';
import { shareChannels } from '../src/engine/share/channels.ts';
import { makeShareKit, type ShareItem, type ShareKitOptions } from '../src/engine/share/share-kit.ts';
import { languages } from '../src/engine/words/language.ts';
import { speak } from '../src/engine/words/words.ts';
import { makeSite } from './http-site.ts';

const link = { code: '3PKCM78AQS', linkDomain: 'verv.lydhor.example', allowedDomains: ['verv.lydhor.example'] };

function items(options?: ShareKitOptions, org = 'Lydhør & venner'): Record<string, ShareItem> {
  const kit = makeShareKit(link, speak({ language: 'nb', org }), options);
  if (kit.outcome !== 'kit') throw new Error(kit.code);
  return Object.fromEntries(kit.items.map((item) => [item.channel, item]));
}

describe('the share kit', () => {
  it('has a link of its own for every channel, which parses back to it', () => {
    const kit = items();
    expect(Object.keys(kit)).toEqual([...shareChannels]);
    for (const channel of shareChannels) {
      expect(parseLink(kit[channel]?.url ?? '')).toMatchObject({ code: link.code, channel });
      expect(kit[channel]?.text).toContain(kit[channel]?.url);
    }
  });

  it('opens each channel at its documented address, with %20 for blanks', () => {
    const kit = items();
    const text = encodeURIComponent(kit.whatsapp?.text ?? '');
    expect(kit.whatsapp?.openUrl).toBe(`https://wa.me/?text=${text}`);
    expect(kit.sms?.openUrl).toBe(`sms:?&body=${encodeURIComponent(kit.sms?.text ?? '')}`);
    expect(items({ platform: 'ios' }).sms?.openUrl).toMatch(/^sms:&body=Hei/);
    expect(items({ platform: 'android' }).sms?.openUrl).toMatch(/^sms:\?body=Hei/);
    expect(kit.email?.openUrl).toMatch(/^mailto:\?subject=Bli%20med%20i%20Lydh%C3%B8r%20%26%20venner&body=Hei!%20Jeg/);
    expect(kit.facebook?.openUrl).toBe(
      'https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fverv.lydhor.example%2Fr%2F3PKCM78AQS%2Ff',
    );
    expect(kit.messenger?.openUrl).toMatch(/^fb-messenger:\/\/share\/\?link=https%3A/);
    expect(items({ facebookAppId: '42' }).messenger?.openUrl).toMatch(
      /^https:\/\/www\.facebook\.com\/dialog\/send\?app_id=42&link=/,
    );
    for (const item of Object.values(kit)) expect(item.openUrl ?? '').not.toContain('+');
    for (const printed of ['qr', 'poster', 'copy', 'other']) expect(kit[printed]?.openUrl).toBeNull();
  });

  it('cannot be led astray by the name of an organisation', () => {
    const kit = items({}, 'A&body=x\r\nBcc: evil@example.com #');
    const mail = kit.email?.openUrl ?? '';
    expect(mail.match(/&body=/g)).toHaveLength(1);
    expect(mail).not.toMatch(/[\r\n #]/);
  });

  it.each(languages)('is written in the organisation’s words in %s', (language) => {
    const kit = makeShareKit(link, speak({ language, org: 'Lydhør' }));
    expect(kit).toMatchObject({ outcome: 'kit' });
    if (kit.outcome === 'kit') expect(kit.items[0]?.text).toMatch(/likeperson i Lydhør|peer mentor in Lydhør/);
  });

  it('says what is missing without a link domain', () => {
    const kit = makeShareKit({ ...link, linkDomain: null }, speak({ language: 'nb', org: 'Lydhør' }));
    expect(kit).toEqual({ outcome: 'refused', code: 'missing_link_domain' });
  });
});

describe('the share kit over HTTP', () => {
  it('is the mentor’s own, in the language asked for, with a link for every channel', async () => {
    const site = await makeSite();
    const { slug, mentor } = await site.organisation();
    const { token } = await mentor();
    const made = await site.send('POST', '/api/v1/referral-codes', { as: token });
    const path = `/api/v1/referral-codes/${String(made.body.id)}/share-kit`;
    const kit = await site.send('GET', `${path}?language=nn&platform=ios`, { as: token });
    const data = kit.body.data as { channel: string; url: string; text: string; open_url: string | null }[];
    expect(data.map((item) => item.channel)).toEqual([...shareChannels]);
    expect(data[0]?.url).toBe(`https://${slug}.example/r/${String(made.body.code)}/w`);
    expect(data[0]?.text).toMatch(/^Hei! Eg er likeperson i /);
    expect(data[1]?.open_url).toMatch(/^sms:&body=/);
    const other = await mentor();
    expect((await site.send('GET', path, { as: other.token })).status).toBe(403);
    expect((await site.send('GET', path)).status).toBe(401);
  });

  it('opens Messenger on a computer with the organisation’s own app id, which takes digits alone', async () => {
    const site = await makeSite();
    const { orgId, key, mentor } = await site.organisation();
    const { token } = await mentor();
    const change = (facebookAppId: string) =>
      site.send('PATCH', `/api/v1/organisations/${orgId}`, {
        as: key,
        body: { settings: { share: { facebookAppId } } },
      });
    expect((await change('1&link=https://evil.example')).status).toBe(400);
    expect((await change('123456789012345')).status).toBe(200);
    const made = await site.send('POST', '/api/v1/referral-codes', { as: token });
    const messenger = async (platform: string) => {
      const path = `/api/v1/referral-codes/${String(made.body.id)}/share-kit?platform=${platform}`;
      const kit = await site.send('GET', path, { as: token });
      return (kit.body.data as { channel: string; open_url: string }[]).find((item) => item.channel === 'messenger')
        ?.open_url;
    };
    expect(await messenger('other')).toMatch(
      /^https:\/\/www\.facebook\.com\/dialog\/send\?app_id=123456789012345&link=/,
    );
    expect(await messenger('android')).toMatch(/^fb-messenger:\/\/share\//);
  });
});
