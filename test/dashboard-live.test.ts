import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { settled, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// Figures that follow by themselves, in a real Chromium: quietly, not often, not under a hand, and through broken connections.

const site = await openDashboard();

async function withCoordinator() {
  const place = await site.organisation();
  const call = { orgId: place.orgId, actor: hostActor };
  const userId = await site.person('coordinator', place);
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId: place.mentorId });
  const code = 'code' in given ? given.code.code : '';
  const recruit = (member: number) =>
    site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: `member-${member}` });
  /** A code that nobody has: a case for the inbox. */
  const mistype = (member: number) =>
    site.verve.attributions.confirmRecruitment({ ...call, code: '0000000000', newMemberId: `lost-${member}` });
  const visitors = visitorsOf(site, place);
  return { place, call, userId, code, recruit, mistype, ...visitors };
}

/** Counts requests whose address has this in it, from now on. */
function countOf(page: Page, part: string): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.url().includes(part)) count += 1;
  });
  return () => count;
}

const streamOpen = (page: Page) => page.waitForRequest((request) => request.url().includes('/api/v1/events'));

/** The page as it is when another tab is in front, or again when it is. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

describe('the overview', () => {
  test('follows what is credited, also what happened before the stream was open', async () => {
    const own = await withCoordinator();
    const { page } = await own.open({ userId: own.userId });
    // Between the page and its stream.
    const late = async (route: Route) => {
      await own.recruit(1);
      await route.continue();
    };
    await page.route('**/api/v1/events*', late, { times: 1 });
    await own.visit(page, '/overview');
    await page.waitForSelector('h1:has-text("1 nytt medlem")');
    await own.recruit(2);
    await page.waitForSelector('h1:has-text("2 nye medlemmer")');
    expect(await page.textContent('.live')).toBe('Oppdateres fortløpende');
  }, 60_000);

  test('asks once for a hundred events, not a hundred times', async () => {
    const own = await withCoordinator();
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, '/overview');
    await opened;
    const asked = countOf(page, '/reports/funnel');
    await Promise.all(Array.from({ length: 100 }, (_, member) => own.recruit(member)));
    await page.waitForSelector('h1:has-text("100 nye medlemmer")');
    expect(asked()).toBeLessThanOrEqual(2);
  }, 60_000);

  test('does not change under a hand: a key that is pressed again and again, a dialog that is open', async () => {
    const own = await withCoordinator();
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, '/overview');
    await opened;
    const asked = countOf(page, '/reports/funnel');
    await page.getByRole('button', { name: 'Velg datoer' }).click();
    await own.recruit(1);
    for (let press = 0; press < 8; press += 1) {
      await page.keyboard.press('Shift');
      await page.waitForTimeout(500);
    }
    expect(asked()).toBe(0);
    await page.keyboard.press('Escape');
    await page.waitForSelector('h1:has-text("1 nytt medlem")');
  }, 60_000);

  test('stops while the page is hidden, and goes on where it was', async () => {
    const own = await withCoordinator();
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, '/overview');
    const first = await opened;
    const ended = page.waitForEvent('requestfailed', (request) => request === first);
    await setHidden(page, true);
    await ended;
    const asked = countOf(page, '/api/v1/');
    await own.recruit(1);
    await page.waitForTimeout(3_000);
    expect(asked()).toBe(0);
    const again = streamOpen(page);
    await setHidden(page, false);
    expect((await again).headers()['last-event-id']).toMatch(/^[0-9a-f-]{36}$/);
    await page.waitForSelector('h1:has-text("1 nytt medlem")');
  }, 60_000);

  test('says when the connection is broken, keeps the figures, and follows again after', async () => {
    const own = await withCoordinator();
    const { page } = await own.open({ userId: own.userId });
    await page.route('**/api/v1/events*', (route) => route.abort());
    await own.visit(page, '/overview');
    await page.waitForSelector('.live.broken');
    expect(await page.textContent('.live')).toMatch(/^Tilkoblingen er brutt\. Tallene er fra kl\. \d\d[.:]\d\d\.$/);
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.textContent('h1')).toBe('0 nye medlemmer siste 30 dager');
    await own.recruit(1);
    await page.unroute('**/api/v1/events*');
    await page.waitForSelector('.live:not(.broken)');
    await page.waitForSelector('h1:has-text("1 nytt medlem")');
  }, 60_000);
});

describe('lists', () => {
  test('the inbox counts at once, offers what is new, and leaves what others decide where it is', async () => {
    const own = await withCoordinator();
    await own.mistype(1);
    const [first] = await site.verve.inbox.list(own.call);
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, '/inbox');
    await opened;
    await site.verve.inbox.claimRecruitment({
      ...own.call,
      claimant: 'mentor',
      mentorId: own.place.mentorId,
      metOn: '2026-11-09',
      channel: 'qr',
    });
    await page.getByRole('button', { name: 'Vis 1 ny' }).waitFor();
    expect(await page.locator('.rowlink.case').count()).toBe(1);
    expect(await page.textContent('h1')).toBe('2 saker venter på deg');
    await page.waitForSelector('.nav .count:has-text("2")');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Vis 1 ny' }).press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('.rowlink.case').length === 2);
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('news');
    const inboxItemId = first?.inboxItemId ?? '';
    await site.verve.inbox.resolve({ ...own.call, inboxItemId, by: { how: 'dismiss' }, reason: 'Ingen' });
    await page.waitForSelector('.rowlink.gone:has-text("Avgjort")');
    expect(await page.locator('.rowlink.case').count()).toBe(2);
    expect(await page.textContent('h1')).toBe('1 sak venter på deg');
    expect(await violationsOf(page)).toEqual([]);
  }, 90_000);

  test('a recruitment changes in its row, and a new one waits to be shown', async () => {
    const own = await withCoordinator();
    const { code } = own;
    await site.verve.attributions.registerReferral({ ...own.call, code });
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, '/attributions');
    await opened;
    expect(await page.textContent('.rowlink')).toContain('Venter på bekreftelse');
    await own.recruit(1);
    await site.verve.attributions.registerReferral({ ...own.call, code });
    await page.waitForSelector('.rowlink:has-text("Godskrevet")');
    expect(await page.locator('.rowlink').count()).toBe(1);
    await page.getByRole('button', { name: 'Vis 1 ny' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.rowlink').length === 2);
  }, 60_000);

  test('a case that somebody else decides says so, and what was written stays', async () => {
    const own = await withCoordinator();
    await own.mistype(1);
    const [item] = await site.verve.inbox.list(own.call);
    const inboxItemId = item?.inboxItemId ?? '';
    const { page } = await own.open({ userId: own.userId });
    const opened = streamOpen(page);
    await own.visit(page, `/inbox/${inboxItemId}`);
    await opened;
    await page.getByRole('radio').last().check();
    await page.fill('#decision-reason', 'Ringte og spurte');
    await site.verve.inbox.resolve({ ...own.call, inboxItemId, by: { how: 'dismiss' }, reason: 'Ingen' });
    await page.getByText('Saken ble endret mens du så på den.').waitFor();
    expect(await page.inputValue('#decision-reason')).toBe('Ringte og spurte');
    await settled(page);
  }, 60_000);
});

test('one recruitment and its mentor’s page follow what becomes of them', async () => {
  const own = await withCoordinator();
  const registered = await site.verve.attributions.registerReferral({ ...own.call, code: own.code });
  const attributionId = 'attributionId' in registered ? registered.attributionId : '';
  const one = await own.open({ userId: own.userId });
  const mentor = await own.open({ userId: own.userId });
  const opened = Promise.all([streamOpen(one.page), streamOpen(mentor.page)]);
  await own.visit(one.page, `/attributions/${attributionId}`);
  await own.visit(mentor.page, `/mentors/${own.place.mentorId}`);
  await opened;
  await own.recruit(1);
  await one.page.waitForSelector('h1:has-text("Solveig Tveitmo fikk denne vervingen")');
  await mentor.page.waitForSelector('h1:has-text("Solveig Tveitmo har vervet 1 medlem")');
}, 60_000);

test('a mentor’s own pages open no stream', async () => {
  const own = await withCoordinator();
  const { page } = await own.open({ userId: own.place.userId });
  const asked = countOf(page, '/api/v1/events');
  await own.visit(page, '/me');
  await own.visit(page, '/me/recruits');
  expect(asked()).toBe(0);
});
