import { beforeAll, describe, expect, it } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
let slug: string;
let code: string;

beforeAll(async () => {
  site = await makeSite();
  const tenant = await site.organisation();
  slug = tenant.slug;
  const { mentorId } = await tenant.mentor();
  const made = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  code = String(made.body.code);
  await site.verve.organisations.update({
    orgId: tenant.orgId,
    actor: hostActor,
    change: { appIds: [{ platform: 'ios', appId: 'ABCDE12345.no.lydhor.app', scheme: 'lydhor' }] },
  });
});

const parse = (body: unknown) => site.send('POST', '/api/v1/deep-links/parse', { body });

describe('POST /api/v1/deep-links/parse', () => {
  it.each([
    ['https://{slug}.example/join/{code}', 'join', null],
    ['https://{slug}.example/join?ref={code}', 'join_query', null],
    ['https://{slug}.example/referral/{code}', 'referral', null],
    ['HTTPS://{slug}.EXAMPLE/Q/{code}/P', 'qr', 'poster'],
    ['https://{slug}.example/r/{code}/w', 'short', 'whatsapp'],
    ['http://verve.example/r/{code}', 'short', null],
    ['app://referral?token={code}', 'app_referral', null],
    ['app://onboarding?ref={code}', 'app_onboarding', null],
    ['lydhor://onboarding?ref={code}', 'app_onboarding', null],
    ['{code}', 'typed', null],
  ])('understands %s and looks the code up', async (form, expected, channel) => {
    const url = form.replace('{slug}', slug).replace('{code}', code);
    expect(await parse({ url })).toMatchObject({
      status: 200,
      body: {
        kind: 'referral',
        form: expected,
        code,
        channel,
        state: 'valid',
        organisation: { slug },
        join_url: `https://${slug}.example/join/${code}`,
      },
    });
  });

  it('understands what the Play Store handed over', async () => {
    const answer = await parse({ install_referrer: `utm_source=verve&code=${code}&channel=q` });
    expect(answer.body).toMatchObject({
      kind: 'referral',
      form: 'install_referrer',
      code,
      channel: 'qr',
      state: 'valid',
    });
    expect((await parse({ install_referrer: 'utm_source=google-play&utm_medium=organic' })).body.kind).toBe('other');
  });

  it.each([
    'no.bankid.example://callback?state=1',
    'vipps://?token={code}',
    'https://login.bankid.example/join/{code}',
    'https://evil.example/r/{code}',
    'other://onboarding?ref={code}',
    'other://onboarding',
    'https://evil.example/join',
  ])('passes %s on untouched', async (form) => {
    expect((await parse({ url: form.replace('{code}', code) })).body).toMatchObject({
      kind: 'other',
      code: null,
      state: null,
    });
  });

  it('tells a missing code, an unreadable one and an unknown one apart', async () => {
    const reason = async (url: string) => (await parse({ url })).body;
    expect(await reason(`https://${slug}.example/join`)).toMatchObject({ kind: 'malformed', reason: 'missing_code' });
    expect(await reason('app://referral?token=')).toMatchObject({ kind: 'malformed', reason: 'missing_code' });
    expect(await reason(`https://${slug}.example/r/nei`)).toMatchObject({
      kind: 'malformed',
      reason: 'unreadable_code',
    });
    expect(await reason('0000000000')).toMatchObject({ kind: 'referral', state: 'unknown', organisation: null });
  });

  it('says where a code stands that has ended', async () => {
    const tenant = await site.organisation();
    const { mentorId } = await tenant.mentor();
    const call = { as: tenant.key, body: { mentor_id: mentorId } };
    const first = await site.send('POST', '/api/v1/referral-codes', call);
    const rotate = { as: tenant.key, body: { mentor_id: mentorId, action: 'rotate' } };
    const second = await site.send('PUT', `/api/v1/referral-codes/${String(first.body.id)}`, rotate);
    expect((await parse({ url: String(first.body.code) })).body.state).toBe('replaced');
    expect((await parse({ url: String(second.body.code) })).body.state).toBe('valid');
    const latest = String((await site.send('POST', '/api/v1/referral-codes', call)).body.id);
    await site.send('DELETE', `/api/v1/referral-codes/${latest}`, { as: tenant.key });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await parse({ url: String(second.body.code) })).body.state).toBe('ended');
  });

  it('takes exactly one link, and echoes nothing of it', async () => {
    for (const body of [
      {},
      { url: 'a', install_referrer: 'b' },
      { url: '' },
      { url: 'x'.repeat(3_000) },
      { link: 'x' },
    ]) {
      const answer = await parse(body);
      expect(answer.status).toBe(400);
    }
    const hostile = await parse({ url: 'https://evil.example/<script>alert(1)</script>' });
    expect(hostile.text).not.toContain('script');
  });
});
