import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { settled, visitorsOf } from './dashboard-visitor.ts';

// A mentor's own code and its picture without network, in a real Chromium with its service worker.

const site = await openDashboard();

/** A mentor who opened the own page, and whose browser has kept it. */
async function withKeptPage() {
  const place = await site.organisation();
  const call = { orgId: place.orgId, actor: hostActor };
  await site.verve.mentors.create({ ...call, displayName: 'Odd Arne Bakkeli' });
  const visitors = visitorsOf(site, place);
  const visitor = await visitors.open({ userId: place.userId, width: 360 });
  await visitors.visit(visitor.page, '');
  await keptBy(visitor.page);
  const code = (await visitor.page.textContent('.code span')) ?? '';
  return { place, call, code, ...visitors, ...visitor };
}

/** The addresses in what is kept; none where no copy is whole. */
function addressesIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      const paths = requests.map(({ url }) => new URL(url).pathname);
      if (paths.some((path) => path.endsWith('/me'))) return paths;
    }
    return [];
  });
}

/** Waits until a whole copy is kept. */
async function keptBy(page: Page): Promise<string[]> {
  await expect.poll(() => addressesIn(page), { timeout: 10_000 }).not.toEqual([]);
  return addressesIn(page);
}

const cacheNames = (page: Page) => page.evaluate(() => caches.keys());
const keptCodes = (page: Page) => page.evaluate(() => Object.keys(localStorage));

describe('without network', () => {
  test('the code and its picture open again after a reload, and the large picture too', async () => {
    const { page, place, code } = await withKeptPage();
    await page.context().setOffline(true);
    await page.goto(`/app/${place.slug}/me`);
    await page.waitForSelector('.strip');
    expect(await page.textContent('.code span')).toBe(code);
    expect(await page.getAttribute('.qr img', 'src')).toMatch(/^data:image\/svg/);
    await page.reload();
    await page.waitForSelector('.strip');
    expect(await page.textContent('.code span')).toBe(code);
    await page.goto(`/app/${place.slug}/me/qr`);
    await page.waitForSelector('.qrpage img[alt]:not([alt=""])');
    expect(await page.textContent('.code span')).toBe(code);
  }, 60_000);

  test('only the own page and its files are kept: no answer of the API, nobody else', async () => {
    const { page, place } = await withKeptPage();
    const paths = await keptBy(page);
    const files = paths.filter((path) => path !== `/app/${place.slug}/me`);
    expect(files.length).toBeGreaterThan(5);
    for (const path of files) expect(path).toMatch(/^\/assets\//);
    const shell = await page.evaluate(
      async (path) => (await (await caches.match(path, { ignoreVary: true }))?.text()) ?? '',
      `/app/${place.slug}/me`,
    );
    expect(shell).toContain('Solveig Tveitmo');
    expect(shell).not.toContain('Odd Arne');
    expect(await keptCodes(page)).toEqual([`verve/${place.slug}/${place.mentorId}/code`]);
  });

  test('the policy of the page holds for the kept one, and lets no inline script in', async () => {
    const { page, place, complaints } = await withKeptPage();
    const policy = await page.evaluate(
      async (path) => (await caches.match(path, { ignoreVary: true }))?.headers.get('content-security-policy'),
      `/app/${place.slug}/me`,
    );
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("worker-src 'self'");
    expect(policy).not.toMatch(/unsafe/);
    expect(complaints).toEqual([]);
    const script = await site.get('/app/service-worker.js');
    expect(script.headers.get('cache-control')).toBe('no-cache');
    expect(script.headers.get('content-security-policy')).toBe("default-src 'none'; connect-src 'self'");
  });
});

describe('what is kept', () => {
  test('stays whole where a new version does not arrive, and is replaced where it does', async () => {
    const { page, place, code } = await withKeptPage();
    const before = await cacheNames(page);
    await page.goto(`/app/${place.slug}/me`);
    const send = (files: string[]) =>
      page.evaluate(async (given) => {
        const registration = await navigator.serviceWorker.ready;
        registration.active?.postMessage(given);
      }, files);
    const missing = page.context().waitForEvent('response', (response) => response.url().includes('/none.js'));
    await send(['/assets/dashboard/none.js']);
    expect((await missing).status()).toBe(404);
    expect(await cacheNames(page)).toEqual(before);
    const files = (await keptBy(page)).filter((path) => path.startsWith('/assets/'));
    await send([...files, `${files[0]}?new`]);
    await expect.poll(() => cacheNames(page)).not.toEqual(before);
    await expect.poll(() => cacheNames(page)).toHaveLength(1);
    await page.context().setOffline(true);
    await page.reload();
    await page.waitForSelector('.strip');
    expect(await page.textContent('.code span')).toBe(code);
  }, 60_000);

  test('goes when signing out, so that the next one at this machine finds nothing', async () => {
    const { page, place } = await withKeptPage();
    await page.goto(`/app/${place.slug}/me/more`);
    await page.getByRole('button', { name: 'Logg ut', exact: true }).click();
    await page.waitForURL(/\/app\/sign-in/);
    await expect.poll(() => cacheNames(page)).toEqual([]);
    expect(await keptCodes(page)).toEqual([]);
    await page.context().setOffline(true);
    await expect(page.goto(`/app/${place.slug}/me`)).rejects.toThrow();
  }, 60_000);

  test('goes when the session ended elsewhere, as soon as the page is asked for', async () => {
    const { page, place } = await withKeptPage();
    await page.context().clearCookies();
    await page.goto(`/app/${place.slug}/me`);
    await page.waitForURL(/\/app\/sign-in/);
    await expect.poll(() => cacheNames(page)).toEqual([]);
  });

  test('is a mentor’s alone: who coordinates has no worker', async () => {
    const { call, open, visit } = await withKeptPage();
    const userId = randomUUID();
    await site.verve.roles.grant({ ...call, userId, role: 'coordinator' });
    const { page } = await open({ userId });
    await visit(page, '/mentors');
    await settled(page);
    const workers = await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    expect(workers).toBe(0);
    expect(await keptCodes(page)).toEqual([]);
  });
});
