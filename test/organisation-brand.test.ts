import { beforeAll, describe, expect, test } from 'vitest';
import { describeReadability } from '../src/engine/brand/readability.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

// Colour, words and logo over HTTP, and a change that another one came before.

let site: Site;
let tenant: Tenant;
let admin: string;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  admin = (await tenant.person('org_admin')).token;
});

const at = (path = '') => `/api/v1/organisations/${tenant.orgId}${path}`;
const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';
const sendLogo = (body: string, type: string, as = admin) =>
  site.send('PUT', at('/logo'), { as, body, headers: { 'content-type': type } });

describe('readability', () => {
  test('of the drawn amber is told as it is drawn', () => {
    expect(describeReadability('#f2a33a')).toEqual({
      button: { text: '#000000', ratio: 10.1, other: '#ffffff', otherRatio: 2.1 },
      link: { colour: '#7e551e', ratio: 6.6, wishedRatio: 2.1 },
      border: { colour: '#a36e27', ratio: 4.4 },
      qr: { colour: '#000000', ratio: 21 },
    });
  });
});

describe('a preview', () => {
  const preview = (body: object, as = admin) => site.send('POST', at('/brand/preview'), { as, body });

  test('tells the tones and how the words would read, and writes nothing', async () => {
    const before = (await site.send('GET', at(), { as: admin })).body;
    const reply = await preview({
      language: 'nn',
      colour: '#f2a33a',
      terms: { singular: 'fadder', singular_definite: 'fadderen', plural: 'fadrar', plural_definite: 'fadrane' },
      sentences: { 'share.message': 'Bli med i {org}: {url}' },
    });
    expect(reply.body).toMatchObject({
      readability: { button: { text: '#000000' } },
      tones: { light: { base: '#f2a33a', contrast: '#000000', text: '#7e551e' }, dark: { text: expect.any(String) } },
      words: {
        'join.intro': 'Ein fadder hos oss har invitert deg. Fint at du er her!',
        'share.message': `Bli med i Lydhør: https://${tenant.slug}.example/join/…`,
      },
      built_in: {
        terms: { singular: 'likeperson', plural_definite: 'likepersonane' },
        sentences: { 'join.intro': 'Ein {mentorTerm} hos oss har invitert deg. Fint at du er her!' },
      },
    });
    expect((await site.send('GET', at(), { as: admin })).body).toEqual(before);
  });

  test('is for administrators and their keys', async () => {
    const coordinator = (await tenant.person('coordinator')).token;
    expect((await preview({ language: 'nb', colour: null }, coordinator)).status).toBe(403);
    expect((await preview({ language: 'nb', colour: null }, await tenant.keyWith(['reports:read']))).status).toBe(403);
    expect((await preview({ language: 'nb', colour: null }, (await site.organisation()).key)).status).toBe(404);
  });

  test.each([
    [{ colour: 'red' }, 'colour'],
    [{ colour: null, terms: { singular: 'x' } }, 'terms.singular_definite'],
    [{ colour: null, sentences: { 'join.intro': '' } }, 'sentences.*'],
  ])('of %j is refused at its field', async (wrong, field) => {
    const { status, body } = await preview({ language: 'nb', ...wrong });
    expect({ status, field: (body.errors as { field: string }[])[0]?.field }).toEqual({ status: 400, field });
  });
});

describe('a logo', () => {
  test('is shown at an address that changes with it, and can be taken away', async () => {
    const first = await sendLogo(svg, 'image/svg+xml');
    expect(first.body.logo_url).toMatch(new RegExp(`^/assets/organisations/${tenant.slug}/logo\\?v=`));
    const again = await sendLogo(svg, 'image/svg+xml; charset=utf-8');
    expect(again.body.logo_url).not.toBe(first.body.logo_url);
    const gone = await site.send('DELETE', at('/logo'), { as: admin });
    expect(gone.body.logo_url).toBeNull();
    expect((await site.send('DELETE', at('/logo'), { as: admin })).status).toBe(200);
  });

  test('is refused when it is no picture, not what it says, or too large', async () => {
    expect((await sendLogo(svg, 'text/html')).body.code).toBe('unsupported_media_type');
    expect((await sendLogo(svg, 'image/png')).body.code).toBe('unprocessable');
    expect((await sendLogo(svg.padEnd(200_001), 'image/svg+xml')).body.code).toBe('body_too_large');
    expect((await site.send('GET', at(), { as: admin })).body.logo_url).toBeNull();
  });

  test('is for administrators of the organisation', async () => {
    const coordinator = (await tenant.person('coordinator')).token;
    expect((await sendLogo(svg, 'image/svg+xml', coordinator)).status).toBe(403);
    expect((await sendLogo(svg, 'image/svg+xml', (await site.organisation()).key)).status).toBe(404);
  });
});

describe('a change with the time that was read', () => {
  const change = (body: object) => site.send('PATCH', at(), { as: admin, body });

  test('is made where nothing has changed since, and refused where something has', async () => {
    const { updated_at: read } = (await site.send('GET', at(), { as: admin })).body;
    const first = await change({ name: 'Lydhør', expected_updated_at: read });
    expect(first.status).toBe(200);
    const late = await change({ name: 'Lydhør Norge', expected_updated_at: read });
    expect(late).toMatchObject({ status: 409, body: { code: 'changed_meanwhile' } });
    expect((await site.send('GET', at(), { as: admin })).body.name).toBe('Lydhør');
    const { updated_at: now } = first.body;
    expect((await change({ name: 'Lydhør', expected_updated_at: now })).status).toBe(200);
  });

  test('is made by one of many at once', async () => {
    const { updated_at: read } = (await site.send('GET', at(), { as: admin })).body;
    const names = ['a', 'b', 'c', 'd', 'e'];
    const replies = await Promise.all(names.map((name) => change({ name, expected_updated_at: read })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });
});
