import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { contrast, type Rgb } from '../src/engine/brand/colour.ts';
import { parseLink } from '../src/engine/links/parse-link.ts';
import { languages } from '../src/engine/words/language.ts';
import { openBrowser } from './browser.ts';
import { openSite, type Site } from './pages-site.ts';
import { pictureOf, readByJsqr, readByZxing } from './qr-picture.ts';

let site: Site;
let axe: string;
/** One address for every drawn state. */
let states: Record<string, string>;

beforeAll(async () => {
  site = await openSite();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const fingerprint = Array.from({ length: 32 }, () => 'A7').join(':');
  const { orgId, slug, mentorId, code } = await site.organisation({
    brand: { colour: '#14595f' },
    settings: {
      joinForm: { phone: 'optional' },
      notice: { privacyUrl: 'https://lydhor.example/personvern', text: { nb: 'Vi er en forening for alle.' } },
    },
    appIds: [
      { platform: 'ios', appId: 'ABCDE12345.no.lydhor.app', storeId: '123456789', scheme: 'lydhor' },
      { platform: 'android', packageName: 'no.lydhor.app', fingerprints: [fingerprint], scheme: 'lydhor' },
    ],
  });
  const amber = await site.organisation({ brand: { colour: '#f2a33a' }, settings: { joinForm: { isShown: false } } });
  const joinUrlTemplate = `https://${amber.slug}.example/bli?ref={code}`;
  await site.organisations.update({ actor: hostActor, orgId: amber.orgId, change: { joinUrlTemplate } });
  const replaced = await site.addCode({ orgId, mentorId, status: 'rotated', endedAt: new Date() });
  const ended = await site.addCode({ orgId, mentorId, status: 'invalidated', endedAt: new Date(Date.now() - 1_000) });
  states = {
    join: `/join/${code}`,
    handOff: `/join/${amber.code}`,
    replaced: `/join/${replaced}`,
    ended: `/join/${ended}`,
    unknown: '/join?ref=0000000000',
    missing: '/join',
    thanks: `/join/${code}/registered`,
    duplicate: `/join/${code}/registered?again=1`,
    claim: `/join/${code}/claim`,
    withoutCode: `/join/${ended}/without`,
    known: `/join/${ended}/without?again=1`,
    lost: '/jion',
    poster: `/print/${code}/poster`,
    cards: `/print/${code}/cards`,
    slug,
    code,
  };
});

/** A page that notes every request, console message and cookie. */
async function newPage(
  options: BrowserContextOptions = {},
): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const context = await (await openBrowser()).newContext({ viewport: { width: 360, height: 740 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, requests, complaints };
}

/** What axe finds; in dark mode only the colours are another page. */
async function violations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async (isAll) => {
    type Axe = { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const runner = (globalThis as unknown as { axe: Axe }).axe;
    const found = await runner.run(isAll ? {} : { runOnly: ['color-contrast'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  }, rules === 'all');
}

const drawn = [
  'join',
  'handOff',
  'replaced',
  'ended',
  'unknown',
  'missing',
  'thanks',
  'duplicate',
  'claim',
  'withoutCode',
  'known',
  'lost',
  'poster',
  'cards',
];
const withQuery = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

describe('every public page', () => {
  it.each(languages.flatMap((language) => drawn.map((state) => [state, language] as const)))(
    '%s in %s: no axe violation in light and dark, no foreign request, no cookie, no complaint, no sideways scrolling',
    async (state, language) => {
      const { page, requests, complaints } = await newPage();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(site.origin + withQuery(states[state] ?? '', `lang=${language}`));
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        expect(await violations(page, colorScheme === 'light' ? 'all' : 'colours')).toEqual([]);
      }
      for (const [width, textPercent] of [
        [320, 100],
        [360, 200],
        [320, 200],
        [1440, 100],
      ] as const) {
        await page.setViewportSize({ width, height: 740 });
        const overflow = await page.evaluate((percent) => {
          document.documentElement.style.fontSize = `${percent}%`;
          return document.documentElement.scrollWidth - document.documentElement.clientWidth;
        }, textPercent);
        expect(overflow, `${width} px at ${textPercent} %`).toBeLessThanOrEqual(0);
      }
      expect(requests.filter((url) => !url.startsWith(site.origin) && !url.startsWith('data:'))).toEqual([]);
      expect(await page.context().cookies()).toEqual([]);
      // A 404 or 410 is what these pages are; Chromium notes it.
      expect(complaints.filter((text) => !/status of (404|410)/.test(text))).toEqual([]);
      await page.context().close();
    },
  );

  it.each(languages)('that answers a mistake, a failure or too many tries is as good in %s', async (language) => {
    const busy = await openSite({ isTargetUp: async () => false });
    const { orgId, slug, code } = await busy.organisation();
    const { page, complaints } = await newPage({ viewport: { width: 320, height: 740 } });
    const check = async () => {
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await violations(page)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    };
    for (const path of [`/join/${code}`, `/join/${code}/claim`]) {
      await page.goto(`${busy.origin}${path}?lang=${language}`);
      if (path.endsWith('/claim')) await page.locator('#code').fill('');
      await page.locator('button.btn').click();
      await page.locator('.wrong').first().waitFor();
      await check();
    }
    const change = {
      joinUrlTemplate: `https://${slug}.example/bli?ref={code}`,
      settings: { joinForm: { isShown: false } },
    };
    await busy.organisations.update({ actor: hostActor, orgId, change });
    await page.goto(`${busy.origin}/join/${code}?lang=${language}`);
    await page.locator('button.btn').click();
    await page.locator('.emblem').waitFor();
    await check();
    for (let i = 0; i < 61; i += 1) await fetch(`${busy.origin}/join/0000000000`);
    await page.goto(`${busy.origin}/join/0000000000?lang=${language}`);
    await check();
    expect(complaints.filter((text) => !/status of (404|422|429|503)/.test(text))).toEqual([]);
    await page.context().close();
  });

  it('has targets of 48 px for everything that is pressed, at 320 px, also among the errors', async () => {
    const { page } = await newPage({ viewport: { width: 320, height: 740 } });
    for (const state of ['join', 'handOff', 'ended', 'missing', 'claim', 'withoutCode', 'wrong']) {
      await page.goto(site.origin + states[state === 'wrong' ? 'join' : state]);
      if (state === 'wrong') await Promise.all([page.waitForURL(/lang=/), page.locator('button.btn').click()]);
      // A link within a sentence is as high as its line.
      const low = await page
        .locator('.btn, .input, .link, .foot a, .consent label, .alert a')
        .evaluateAll((found) =>
          found.filter((one) => one.getBoundingClientRect().height < 48).map((one) => one.outerHTML),
        );
      expect(low, state).toEqual([]);
    }
    await page.context().close();
  });

  it.each(['#ffffff', '#fffde7', '#f2a33a', '#21292b', '#000000'])(
    'shows where its buttons are, whatever the colour: %s',
    async (colour) => {
      const { code } = await site.organisation({ brand: { colour } });
      const { page } = await newPage();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(`${site.origin}/join/${code}`);
        const [ground, ...edges] = await page.evaluate(() => {
          const style = (selector: string) => getComputedStyle(document.querySelector(selector) as Element);
          const seen = ({ borderTopColor, backgroundColor }: CSSStyleDeclaration) =>
            borderTopColor === 'rgba(0, 0, 0, 0)' ? backgroundColor : borderTopColor;
          return [style('body').backgroundColor, seen(style('.btn')), seen(style('.tile'))];
        });
        const rgb = (text = '') => (text.match(/\d+/g) ?? []).map(Number) as unknown as Rgb;
        for (const edge of edges) expect(contrast(rgb(edge), rgb(ground))).toBeGreaterThanOrEqual(3);
      }
      await page.context().close();
    },
  );
});

describe('what a reader has set on the device', () => {
  it('is heeded: no motion where none is wished, frames where the colours are the reader’s own', async () => {
    const { page } = await newPage();
    const style = (selector: string, name: 'transitionDuration' | 'borderTopStyle' | 'borderTopColor') =>
      page.locator(selector).evaluate((one, key) => getComputedStyle(one)[key], name);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await page.goto(site.origin + states.join);
    expect(await style('form .btn', 'transitionDuration')).not.toBe('0s');
    await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    expect(await style('form .btn', 'transitionDuration')).toBe('0s');
    for (const framed of ['form .btn', '#name', '.tint']) {
      expect(await style(framed, 'borderTopStyle')).toBe('solid');
      expect(await style(framed, 'borderTopColor')).not.toBe('rgba(0, 0, 0, 0)');
    }
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('finds the parts of a page in their order and by their names, and other languages marked as such', async () => {
    const { page } = await newPage();
    await page.goto(`${site.origin}${states.join}?lang=nb`);
    const levels = await page.locator('h1, h2').evaluateAll((found) => found.map((one) => one.tagName));
    expect(levels).toEqual(['H1', 'H2', 'H2', 'H2']);
    for (const role of ['banner', 'main', 'contentinfo'] as const) expect(await page.getByRole(role).count()).toBe(1);
    for (const name of ['Navn', 'Mobilnummer (valgfritt)', 'E-post']) {
      expect(await page.getByRole('textbox', { name, exact: true }).count()).toBe(1);
    }
    for (const [name, language] of [
      ['English', 'en'],
      ['Nynorsk', 'nn'],
    ] as const) {
      expect(await page.getByRole('link', { name }).getAttribute('lang')).toBe(language);
    }
    await page.context().close();
  });
});

describe('the sign-up by keyboard alone', () => {
  it('reaches the content, the fields in order and the button; after an error the summary has the focus', async () => {
    const { orgId, code } = await site.organisation();
    const { page } = await newPage();
    await page.goto(`${site.origin}/join/${code}`);
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.id || document.activeElement?.className || document.activeElement?.tagName,
      );
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('skip');
    await page.keyboard.press('Enter');
    const order: unknown[] = [];
    for (let i = 0; i < 5; i += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual(['name', 'phone', 'email', 'consent', 'btn']);
    await page.keyboard.press('Enter');
    await page.waitForURL(/lang=/);
    expect(await focused()).toBe('wrong');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('name');
    await page.keyboard.type('Kari Nord');
    await page.keyboard.press('Tab');
    await page.keyboard.type('400 00 000');
    await page.keyboard.press('Tab');
    await page.keyboard.type('kari@epost.example');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/registered/);
    expect(await page.locator('h1').textContent()).toBe('Takk!');
    expect(await site.registrations(orgId)).toMatchObject([{ status: 'pending', has_contact: true }]);
    await page.context().close();
  });
});

/** The browser of the test says «HeadlessChrome», which is rightly a machine. */
const phone =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36';

describe('a phone at a printed poster', () => {
  it('reads the QR code off the page and comes to a registration, without script', async () => {
    const { orgId, slug, code } = await site.organisation({ brand: { colour: '#0a5fa8' } });
    const printed = await newPage({ viewport: { width: 900, height: 1300 } });
    await printed.page.goto(`${site.origin}/print/${code}/poster`);
    const shot = pictureOf(await printed.page.locator('.qr').screenshot());
    const [text = ''] = await readByZxing(shot);
    expect(readByJsqr(shot)).toBe(text);
    expect(text).toBe(`HTTPS://${slug}.EXAMPLE/Q/${code}/P`.toUpperCase());
    expect(parseLink(text, { hosts: [`${slug}.example`] })).toMatchObject({ code, channel: 'poster' });
    await printed.page.context().close();

    // The phone goes where the code leads, short link and redirect included; only the host is the test's.
    const { page } = await newPage({
      userAgent: phone,
      javaScriptEnabled: false,
      viewport: { width: 320, height: 640 },
      hasTouch: true,
    });
    await page.goto(site.origin + new URL(text).pathname);
    expect(page.url()).toMatch(new RegExp(`^${site.origin}/join/${code}/p\\?t=`));
    await page.locator('#name').fill('Ola Sør');
    await page.locator('#email').fill('ola@epost.example');
    await page.locator('#consent').check();
    await Promise.all([page.waitForURL(/registered/), page.locator('button.btn').tap()]);
    expect(await page.locator('h1').textContent()).toBe('Takk!');
    expect(await site.registrations(orgId)).toMatchObject([{ status: 'pending', has_contact: true }]);
    await page.context().close();
    const clicks = await site.rows(
      'select class, channel, count(*)::int as hits from verve.referral_clicks where org_id = $1 group by 1, 2 order by 1',
      [orgId],
    );
    expect(clicks).toEqual([
      { class: 'human', channel: 'poster', hits: 1 },
      { class: 'join', channel: 'poster', hits: 1 },
    ]);
  });

  it.each([
    ['many words', `Landsforbundet for ${'døvblitte og tunghørte, '.repeat(8)}med flere`.slice(0, 200)],
    ['one word', 'Menneskerettighetsorganisasjonssamarbeid'.repeat(5)],
  ])('still has one sheet, whole cards and codes that read where the name is %s of 200 characters', async (_, name) => {
    const { code } = await site.organisation({ brand: { colour: '#ffffff' } }, name);
    const { page } = await newPage({ viewport: { width: 900, height: 1300 } });
    for (const kind of ['poster', 'cards']) {
      await page.goto(`${site.origin}/print/${code}/${kind}`);
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
      expect(/\/Count (\d+)/.exec(pdf)?.[1]).toBe('1');
      const last = page.locator('.qr').last();
      const [text = ''] = await readByZxing(pictureOf(await last.screenshot()));
      expect(text).toContain(code);
      const cut = await page.locator('.sheet.poster, .card').evaluateAll((sheets) =>
        sheets.flatMap((sheet) => {
          const edge = sheet.getBoundingClientRect();
          return [...sheet.querySelectorAll('h1, h2, p, .qr')]
            .filter((part) => {
              const box = part.getBoundingClientRect();
              const isClipped = part.scrollHeight > part.clientHeight + 1 && part.tagName === 'H2';
              return isClipped || box.bottom > edge.bottom + 1 || box.right > edge.right + 1 || box.top < edge.top - 1;
            })
            .map((part) => part.outerHTML.slice(0, 80));
        }),
      );
      expect(cut).toEqual([]);
    }
    await page.context().close();
  });

  it.each(['poster', 'cards'])('has %s that print on exactly one A4 sheet', async (kind) => {
    const { page } = await newPage();
    await page.goto(site.origin + (states[kind] ?? ''));
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
    expect(/\/Type \/Pages[^>]*\/Count (\d+)/s.exec(pdf)?.[1] ?? /\/Count (\d+)/.exec(pdf)?.[1]).toBe('1');
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
    expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    await page.emulateMedia({ media: 'print' }); // on a narrow screen the sheet is shown smaller than it is
    const card = await page.locator('.qr').first().boundingBox();
    expect(((card?.width ?? 0) / 96) * 25.4).toBeGreaterThanOrEqual(25); // millimetres
    expect(await page.textContent('body')).toContain(`${states.code?.slice(0, 5)}-${states.code?.slice(5)}`);
    await page.context().close();
  });
});
