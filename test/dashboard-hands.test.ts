import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { settled, visitorsOf } from './dashboard-visitor.ts';

// Every screen that the docs name, under other hands and eyes: keyboard alone, large text, no motion.

const site = await openDashboard();
const own = await site.organisation();
const call = { orgId: own.orgId, actor: hostActor };
const admin = await site.person('org_admin', own);
const { open, visit } = visitorsOf(site, own);

/** Addresses as the page of the docs has them, with what stands for `{id}`. */
const ids: Record<string, string> = {};
const read = (page: string): string => readFileSync(new URL(`../docs/${page}.md`, import.meta.url), 'utf8');
const documented = [
  ...Array.from(read('dashboard').matchAll(/^\| (`\/[^|]*)\|/gm), ([, cell = '']) =>
    Array.from(cell.matchAll(/`([^`?]+)[^`]*`/g), ([, path = '']) => path),
  ).flat(),
  ...Array.from(read('dashboard-administration').matchAll(/\(`(\/admin\/[\w-]+)[^`]*`\)/g), ([, path = '']) => path),
];
const whole = (path: string): string => (path.startsWith('/endpoints') ? `/admin/connections${path}` : path);
const pathOf = (path: string): string => whole(path).replace('{id}', ids[path] ?? 'unknown');
const isMentors = (path: string): boolean => path === '/me' || path.startsWith('/me/');

beforeAll(async () => {
  await site.person('coordinator', own);
  const made = await site.verve.mentors.create({ ...call, displayName: 'Odd Arne Bakkeli' });
  const mentorIds = [own.mentorId, 'mentor' in made ? made.mentor.mentorId : ''];
  const codes: string[] = [];
  for (const mentorId of mentorIds) {
    const given = await site.verve.codes.getOrCreate({ ...call, mentorId });
    codes.push('code' in given ? given.code.code : '');
  }
  for (const code of codes)
    await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: 'member-1' });
  await site.verve.organisations.update({ ...call, change: { settings: { rules: { review: 'all' } } } });
  const review = await site.verve.attributions.confirmRecruitment({
    ...call,
    code: codes[0] ?? '',
    newMemberId: 'm-2',
  });
  const [item] = await site.verve.inbox.list(call);
  const { endpoint } = await site.verve.webhookEndpoints.create(call, { url: 'https://merker.example/hook' });
  await site.verve.apiKeys.create({ ...call, name: 'Nettstedet', scopes: ['codes:read'] });
  const reviewed = 'attributionId' in review ? (review.attributionId ?? '') : '';
  Object.assign(ids, {
    '/inbox/{id}': item?.inboxItemId,
    '/inbox/reviews/{id}': reviewed,
    '/attributions/{id}': reviewed,
    '/mentors/{id}': own.mentorId,
    '/endpoints/{id}': endpoint.endpointId,
  });
});

/** Visits every documented screen, the mentor's as the mentor. */
async function onEvery(width: number, look: (page: Page) => Promise<unknown>): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const userId of [own.userId, admin]) {
    const { page } = await open({ userId, width });
    for (const path of documented.filter((one) => isMentors(one) === (userId === own.userId))) {
      await visit(page, pathOf(path));
      seen[path] = await look(page);
    }
    await page.context().close();
  }
  return seen;
}
const everywhere = (value: unknown) => Object.fromEntries(documented.map((path) => [path, value]));

test('the docs name the screens', () => {
  expect(documented).toContain('/me');
  expect(documented.length).toBeGreaterThan(15);
});

test('text of twice the size is lost nowhere', async () => {
  const excess = await onEvery(768, async (page) => {
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    return page.evaluate(() => {
      const within = (one: Element): boolean => one.closest('.scrolled, .vh, svg') !== null;
      const cut = [...document.querySelectorAll('h1, h2, p, b, button, a, label, td, th, dd, dt')].filter(
        (one) => !within(one) && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'visible',
      );
      return [document.documentElement.scrollWidth - innerWidth, ...cut.map(({ outerHTML }) => outerHTML)];
    });
  });
  expect(excess).toEqual(everywhere([0]));
}, 60_000);

test('nothing moves for who wants no motion', async () => {
  const moving = await onEvery(1440, async (page) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    return page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((one) => {
          const { animationName, transitionDuration } = getComputedStyle(one);
          return animationName !== 'none' || /[1-9]/.test(transitionDuration);
        }).length,
    );
  });
  expect(moving).toEqual(everywhere(0));
}, 60_000);

test('whatever Tab reaches is seen to have focus, and is large enough for a finger', async () => {
  const wanting = await onEvery(1440, async (page) => {
    const found: string[] = [];
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press('Tab');
      const told = await page.evaluate(() => {
        const one = document.activeElement;
        if (one === null || one === document.body) return 'end';
        const { outlineStyle, outlineWidth, display } = getComputedStyle(one);
        const box = (one.closest('label') ?? one).getBoundingClientRect();
        const isInText = display === 'inline' || one.tagName === 'SUMMARY';
        // A date has a mark of its own within, for its calendar.
        const isDate = one instanceof HTMLInputElement && one.type === 'date';
        const isSeen = isDate || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2);
        return isSeen && (isInText || box.height >= 24) ? '' : one.outerHTML.slice(0, 120);
      });
      if (told === 'end') break;
      if (told !== '') found.push(told);
    }
    return found;
  });
  expect(wanting).toEqual(everywhere([]));
}, 120_000);

describe('a dialog that Escape closes gives focus back to', () => {
  const openers: readonly [path: string, button: string][] = [
    ['/me', 'Del lenken min'],
    ['/me/recruits', 'Savner du noen?'],
    ['/me/more', 'Bytt kode'],
    ['/overview', 'Velg datoer'],
    ['/admin/people', 'Gi noen tilgang'],
    ['/admin/people', 'Gi en rolle til'],
    ['/admin/people', 'Adresse for innlogging'],
    ['/admin/people', 'Ta bort rollen Koordinator, hele organisasjonen'],
    ['/admin/connections', 'Legg til mottaker'],
    ['/admin/connections/keys', 'Lag nøkkel'],
    ['/admin/connections/keys', 'Trekk tilbake: Nettstedet'],
    ['/endpoints/{id}', 'Endre'],
    ['/endpoints/{id}', 'Ny hemmelighet'],
    ['/endpoints/{id}', 'Fjern'],
  ];

  test.each(openers)('%s «%s»', async (path, name) => {
    const { page } = await open({ userId: isMentors(path) ? own.userId : admin });
    await visit(page, pathOf(path));
    await page.getByRole('button', { name, exact: true }).first().press('Enter');
    await page.waitForSelector('dialog[open]');
    await settled(page);
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    const focused = await page.evaluate(() => {
      const one = document.activeElement;
      return one?.getAttribute('aria-label') ?? one?.textContent;
    });
    expect(focused).toBe(name);
    await page.context().close();
  });
});
