import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { Boot as Read } from '../dashboard/src/boot.ts';
import { hostActor } from '../src/engine/actor.ts';
import type { Boot as Told } from '../src/http/dashboard/shell.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// The dashboard in a real Chromium, as its people use it.

const site = await openDashboard();
const own = await site.organisation();
const admin = await site.person('org_admin', own);
const visitors = visitorsOf(site, own);
const { open, visit } = visitors;
let attributionId = '';

beforeAll(async () => {
  const { orgId, mentorId } = own;
  const call = { orgId, actor: hostActor };
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId });
  const code = 'code' in given ? given.code.code : '';
  for (let member = 0; member < 3; member += 1) {
    await site.verve.attributions.registerReferral({ ...call, code });
  }
  const confirmed = await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: 'member-1' });
  attributionId = 'attributionId' in confirmed ? confirmed.attributionId : '';
  await site.verve.organisations.update({ ...call, change: { settings: { mentors: { figures: 'live' } } } });
}, 60_000);

const mentorPaths = ['/me', '/me/recruits', '/me/badges', '/me/more', '/me/qr'];
const adminPaths = (): string[] => [
  '/overview',
  '/overview?view=table',
  '/mentors',
  '/attributions',
  `/attributions/${attributionId}`,
  '/settings',
  '/no-such-page',
];

test('what the page tells is what its script reads', () => {
  expectTypeOf<Told>().toEqualTypeOf<Read>(); // checked with the types
});

describe('the screens', () => {
  testScreens({ visitors, userId: own.userId, paths: mentorPaths }, { visitors, userId: admin, paths: adminPaths });
});

describe('a mentor', () => {
  test('has the code, its picture and the figures on the first page', async () => {
    const { page } = await open({ userId: own.userId, width: 360 });
    await visit(page, '');
    expect(page.url()).toBe(`${site.origin}/app/${own.slug}/me`);
    const [code] = (await site.verve.codes.listCodesByOrganisation({ orgId: own.orgId, actor: hostActor })).items;
    const shown = `${code?.code.slice(0, 5)}-${code?.code.slice(5)}`;
    expect(await page.textContent('.code span')).toBe(shown);
    expect(await page.getAttribute('.qr img', 'alt')).toContain(shown);
    expect(await page.textContent('.figs')).toMatch(/0 klikk.*3 innmeldt.*1 medlem/);
  });

  test('copies the link, and hears so', async () => {
    const { page } = await open({ userId: own.userId });
    await visit(page, '/me');
    await page.getByRole('button', { name: 'Kopier' }).click();
    await page.waitForSelector('.toast');
    expect(await page.textContent('[role=status] .toast')).toContain('Lenke kopiert');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`${own.slug}.example/join/`);
  });

  test('is shown the link where the browser lets no page copy, as over plain http', async () => {
    const { page } = await open({ userId: own.userId });
    await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await visit(page, '/me');
    await page.getByRole('button', { name: 'Kopier' }).click();
    await page.waitForSelector('.toast');
    const told = await page.textContent('[role=status] .toast');
    expect(told).toMatch(/ikke kopiere.*example\/join\//);
    expect(await violationsOf(page)).toEqual([]);
  });

  test('changes the text before sharing: the dialog keeps focus, and Escape gives it back', async () => {
    const { page } = await open({ userId: own.userId });
    await visit(page, '/me');
    await page.getByRole('button', { name: 'Del lenken min' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog textarea');
    await page.fill('dialog textarea', 'Kom til oss');
    const sms = await page.getByRole('link', { name: 'SMS' }).getAttribute('href');
    expect(decodeURIComponent(sms ?? '')).toContain('body=Kom til oss');
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Del lenken min');
  });

  test('sees days and statuses of recruits, filtered by the address, and nothing of anybody’s', async () => {
    const { page } = await open({ userId: own.userId });
    await visit(page, '/me/recruits');
    expect(await page.locator('main li.card').count()).toBe(3);
    await page.getByRole('button', { name: /^Medlem/ }).click();
    expect(page.url()).toContain('?status=member');
    expect(await page.locator('main li.card').count()).toBe(1);
    await page.goBack();
    expect(await page.locator('main li.card').count()).toBe(3);
    expect(await page.content()).not.toContain('member-1');
  });

  test('misses somebody: the claim reaches the coordinators', async () => {
    const { page } = await open({ userId: own.userId });
    await visit(page, '/me/recruits');
    await page.getByRole('button', { name: 'Savner du noen?' }).click();
    await page.fill('#claim-day', new Date().toISOString().slice(0, 10));
    await page.getByRole('button', { name: 'Send til koordinator' }).click();
    await page.waitForSelector('.toast');
    const cases = await site.verve.inbox.list({ orgId: own.orgId, actor: hostActor });
    expect(cases.filter(({ kind }) => kind === 'claim')).toHaveLength(1);
  });

  test('has the code without network too, once it was seen', async () => {
    const { page } = await open({ userId: own.userId });
    await visit(page, '/me');
    const code = await page.textContent('.code span');
    await page.getByRole('link', { name: 'Merker' }).click();
    await page.waitForSelector('h1:has-text("merker")');
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Min kode' }).click();
    await page.waitForSelector('.strip');
    expect(await page.textContent('.strip')).toBe('Uten nett. Koden virker likevel.');
    expect(await page.textContent('.code span')).toBe(code);
  });

  test('is shown no page and no figures of coordinators', async () => {
    const { page } = await open({ userId: own.userId });
    for (const path of ['/overview', '/mentors', `/attributions/${attributionId}`, '/settings']) {
      await visit(page, path);
      await expectRefused(page);
    }
    const status = await page.evaluate(async () => (await fetch('/api/v1/roles')).status);
    expect(status).toBe(403);
  });
});

describe('a coordinator', () => {
  test('reads the answer as the heading, and another range changes it without losing focus', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, '/overview');
    expect(await page.textContent('h1')).toBe('1 nytt medlem siste 30 dager');
    await page.getByRole('button', { name: '7 dager' }).click();
    await page.waitForFunction(() => document.querySelector('h1')?.textContent?.includes('7 dager'));
    expect(page.url()).toContain('range=7');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('7 dager');
  });

  test('moves by keyboard: skip link, then the page’s heading has focus and the title tells it', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, '/overview');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Hopp til innholdet');
    await page.getByRole('link', { name: 'Likepersoner', exact: true }).press('Enter');
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    expect(await page.title()).toBe('Likepersoner – Lydhør');
    expect(await page.getAttribute('.nav a[aria-current=page]', 'href')).toBe(`/app/${own.slug}/mentors`);
  });

  test('searches 2,000 mentors, sorts and pages them, and the address says how', async () => {
    const many = await site.organisation();
    const call = { orgId: many.orgId, actor: hostActor };
    const userId = crypto.randomUUID();
    await site.verve.roles.grant({ ...call, userId, role: 'coordinator' });
    const names = Array.from({ length: 1_999 }, (_, index) => `Mentor ${String(index).padStart(4, '0')}`);
    for (const part of [names.slice(0, 1_000), names.slice(1_000)]) {
      await site.verve.mentors.createMany({ ...call, mentors: part.map((displayName) => ({ displayName })) });
    }
    const { page } = await visitorsOf(site, many).open({ userId });
    await page.goto(`/app/${many.slug}/mentors?sort=name`);
    await page.waitForSelector('tbody tr');
    expect(await page.locator('tbody tr').count()).toBe(50);
    expect(await page.textContent('tbody th')).toContain('Mentor 0000');
    await page.fill('#mentor-search', '0420');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    expect((await page.textContent('[role=status].small'))?.replace('\u00a0', ' ')).toBe('Viser 1 av 2 000');
    await page.waitForFunction(() => location.search.includes('q=0420'));
    expect(page.url()).toContain('sort=name');
  }, 60_000);
});

describe('one recruitment', () => {
  test('says who got it, why, what was checked and what happened, and leads back to the list', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, '/attributions?status=confirmed');
    await page.locator('.rowlink').click();
    await page.waitForURL(`**/attributions/${attributionId}`);
    await page.waitForSelector('h1:has-text("Solveig Tveitmo fikk denne vervingen")');
    const text = (await page.textContent('main')) ?? '';
    expect(text).toContain('vi koblet den til den eldste innmeldingen som ventet');
    expect(text).toContain('Koblet etter rekkefølge');
    expect(text).toContain('Koden var aktiv da innmeldingen kom');
    expect(await page.locator('.history li b').allTextContents()).toEqual([
      'Innmeldt',
      'Bekreftet av medlemssystemet',
      'Godskrevet Solveig Tveitmo',
    ]);
    expect(text).toContain('member-1');
    await page.goBack();
    await page.waitForSelector('.rowlink');
    expect(page.url()).toContain('status=confirmed');
  });

  test('hides the member from coordinators, and one of another organisation looks like none', async () => {
    const userId = crypto.randomUUID();
    await site.verve.roles.grant({ orgId: own.orgId, actor: hostActor, userId, role: 'coordinator' });
    const { page } = await open({ userId });
    await visit(page, `/attributions/${attributionId}`);
    expect(await page.textContent('.facts')).toContain('Vises bare for administratorer');
    expect(await page.content()).not.toContain('member-1');
    const elsewhere = await site.organisation();
    const stranger = crypto.randomUUID();
    await site.verve.roles.grant({ orgId: elsewhere.orgId, actor: hostActor, userId: stranger, role: 'org_admin' });
    const foreign = await visitorsOf(site, elsewhere).open({ userId: stranger });
    await foreign.page.goto(`/app/${elsewhere.slug}/attributions/${attributionId}`);
    await foreign.page.waitForSelector('h1:has-text("Denne siden er ikke her")');
  });
});

test('signing out ends the session: the page asks to sign in again, and comes back to where one was', async () => {
  const { page } = await open({ userId: admin });
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Logg ut', exact: true }).click();
  await page.waitForURL(/\/app\/sign-in/);
  await page.goto(`/app/${own.slug}/mentors?sort=name`);
  expect(new URL(page.url()).searchParams.get('next')).toBe(`/app/${own.slug}/mentors?sort=name`);
});

describe('compressed script', () => {
  /** What a page has loaded so far, each file once. */
  function weigh(page: Page): () => Promise<number> {
    const loaded = new Map<string, Promise<number>>();
    page.on('response', (response) => {
      if (response.headers()['content-type']?.startsWith('text/javascript') !== true) return;
      loaded.set(
        response.url(),
        response.body().then((body) => gzipSync(body).length),
      );
    });
    return async () => {
      expect(loaded.size).toBeGreaterThan(1);
      return (await Promise.all(loaded.values())).reduce((sum, bytes) => sum + bytes, 0);
    };
  }

  test.each(['/me', '/inbox', '/overview'])('of %s as the first page is at most 120 kB', async (path) => {
    const { page } = await open({ userId: path === '/me' ? own.userId : admin });
    const weight = weigh(page);
    await visit(page, path);
    expect(await weight()).toBeLessThan(120_000);
  });

  test('of everything before the largest screen is at most 250 kB', async () => {
    const { page } = await open({ userId: admin });
    const weight = weigh(page);
    for (const path of [...adminPaths(), '/inbox', '/health', '/admin/people']) await visit(page, path);
    expect(await weight()).toBeLessThan(250_000);
  });
});
