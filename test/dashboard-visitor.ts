// A person at the dashboard in a real Chromium, and what every screen has to hold.
import axe, { type AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import type { DashboardSite } from './dashboard-site.ts';

type Place = Awaited<ReturnType<DashboardSite['organisation']>>;

export interface Wish {
  userId: string;
  language?: 'nb' | 'nn' | 'en';
  theme?: 'light' | 'dark';
  width?: number;
}

/** Visitors of one organisation. What a page asks of others, and what it complains of, is noted. */
export function visitorsOf(site: DashboardSite, place: Place) {
  const contexts: BrowserContext[] = [];
  afterAll(() => Promise.all(contexts.map((context) => context.close())));

  async function open({ userId, language = 'nb', theme = 'light', width = 1440 }: Wish) {
    const browser = await openBrowser();
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ viewport, colorScheme: theme, baseURL: site.origin });
    contexts.push(context);
    const [name = '', value = ''] = (await site.enter({ ...place, userId })).split('=');
    await context.addCookies([
      { name, value, url: site.origin, httpOnly: true },
      { name: 'verve-language', value: language, url: site.origin },
    ]);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(site.origin) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, foreign, complaints };
  }

  async function visit(page: Page, path: string): Promise<void> {
    await page.goto(`/app/${place.slug}${path}`);
    await settled(page);
  }

  /** In light and dark, in three languages: axe finds nothing, no word is missing, the page complains of nothing. */
  async function expectAccessible(userId: string, theme: 'light' | 'dark', paths: readonly string[]): Promise<void> {
    for (const language of ['nb', 'nn', 'en'] as const) {
      const { page, complaints } = await open({ userId, theme, language });
      for (const path of paths) {
        await visit(page, path);
        expect(await page.getAttribute('html', 'lang')).toBe(language);
        expect({ path, found: await violationsOf(page) }).toEqual({ path, found: [] });
        expect(await page.evaluate(() => document.getElementById('dashboard')?.textContent)).not.toMatch(/\{\w+\}/);
      }
      expect(complaints).toEqual([]);
      await page.context().close(); // its stream of events ends with it: one person has ten at most
    }
  }

  /** Nothing scrolls sideways, nothing is asked of others. */
  async function expectFitting(userId: string, width: number, paths: readonly string[]): Promise<void> {
    const { page, foreign, complaints } = await open({ userId, width });
    for (const path of paths) {
      await visit(page, path);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ path, excess }).toEqual({ path, excess: 0 });
    }
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
    await page.context().close();
  }

  return { open, visit, expectAccessible, expectFitting };
}

export type Visitors = ReturnType<typeof visitorsOf>;

/** Addresses as one person sees them; a function where they are known only when the tests run. */
export interface Screens {
  visitors: Visitors;
  userId: string;
  paths: readonly string[] | (() => readonly string[]);
}

/** What every screen holds: free of barriers in light and dark and in three languages, fitting, asking nothing of others. */
export function testScreens(...screens: readonly Screens[]): void {
  const pathsOf = ({ paths }: Screens) => (typeof paths === 'function' ? paths() : paths);
  test.each(['light', 'dark'] as const)(
    'is free of barriers when %s, in three languages',
    async (theme) => {
      for (const one of screens) await one.visitors.expectAccessible(one.userId, theme, pathsOf(one));
    },
    120_000,
  );
  test.each([320, 768, 1440])(
    'fits %i pixels, and asks nothing of others',
    async (width) => {
      for (const one of screens) await one.visitors.expectFitting(one.userId, width, pathsOf(one));
    },
    120_000,
  );
}

/** The page says that it is not here, or not for this person. */
export async function expectRefused(page: Page): Promise<void> {
  expect(await page.textContent('h1')).toBe('Denne siden er ikke her, eller ikke for deg');
}

/** Waits until the page has its heading and nothing is being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('.sk, [aria-busy=true]') === null);
}

export async function violationsOf(page: Page): Promise<string[]> {
  // What is still fading in has not its contrast yet.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined))),
  );
  // What the page's own policy forbids to a page, a test may still do.
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
