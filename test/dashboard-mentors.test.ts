import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// The list of mentors in a real Chromium: who shared and when, filters and order, also on a phone.

const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
let movedTo: Date | null = null;
const site = await openDashboard({ clock: () => movedTo ?? new Date() });
const place = await site.organisation(); // with Solveig Tveitmo, who has never shared
const call = { orgId: place.orgId, actor: hostActor };
const coordinator = await site.person('coordinator', place);
const visitors = visitorsOf(site, place);
const branch = await site.verve.branches.create({ ...call, name: 'Voss' });

/** A mentor with this many members, who shared so many days ago. */
async function mentor(displayName: string, members: number, sharedDaysAgo: number): Promise<void> {
  const made = await site.verve.mentors.create({ ...call, displayName, branchId: branch.branchId });
  const mentorId = 'mentor' in made ? made.mentor.mentorId : '';
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId });
  const code = 'code' in given ? given.code.code : '';
  movedTo = dayAgo(sharedDaysAgo);
  await site.verve.shares.record({ ...call, mentorId, channel: 'sms' });
  movedTo = null;
  for (let member = 0; member < members; member += 1)
    await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: `${displayName} ${member}` });
}
await mentor('Marit Fjellanger', 2, 0);
await mentor('Odd Arne Bakkeli', 1, 800);

const namesOn = async (page: Page) =>
  (await page.locator('tbody th a').allTextContents()).map((name) => name.split(' ')[0]);
const lastShared = async (page: Page) =>
  (await page.locator('tbody .spare').allTextContents()).map((text) => text.replace(/^\d+\. \p{L}+ /u, 'day '));

describe('the screen', () => {
  testScreens({ visitors, userId: coordinator, paths: ['/mentors', '/mentors?activity=never&sort=lastShared'] });

  test('says when each shared last, also before the days that are looked at, and sorts by it', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await visitors.visit(page, '/mentors');
    expect(await lastShared(page)).toEqual(['I dag', `day ${dayAgo(800).getFullYear()}`, 'Aldri']);
    await page.getByRole('button', { name: 'Sist delt' }).click();
    expect(await namesOn(page)).toEqual(['Marit', 'Odd', 'Solveig']);
    await page.getByRole('button', { name: 'Sist delt' }).click();
    expect(await namesOn(page)).toEqual(['Solveig', 'Odd', 'Marit']);
    expect(page.url()).toContain('sort=-lastShared');
  });

  test('tells who did not share in the period from who never did', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await visitors.visit(page, '/mentors');
    await page.getByLabel('Aktivitet').selectOption('notShared');
    expect(await namesOn(page)).toEqual(['Odd', 'Solveig']);
    await page.getByLabel('Aktivitet').selectOption('never');
    expect(await namesOn(page)).toEqual(['Solveig']);
  });

  test('leaves out on a tablet only when each shared last', async () => {
    const { page } = await visitors.open({ userId: coordinator, width: 768 });
    await visitors.visit(page, '/mentors');
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
      'Likeperson',
      'Delt',
      'Klikket',
      'Innmeldt',
      'Medlemmer',
      'Klikk til medlem',
    ]);
    await visitors.visit(page, '/channels');
    expect(await page.getByRole('columnheader', { name: 'Medlemmer' }).isVisible()).toBe(true);
  });
});

describe('on a phone', () => {
  test('filters and order fold behind a button that counts the filters', async () => {
    const { page } = await visitors.open({ userId: coordinator, width: 360 });
    await visitors.visit(page, '/mentors');
    const unfold = page.getByRole('button', { name: /^Filtre/ });
    expect(await page.getByLabel('Lag').isVisible()).toBe(false);
    expect(await unfold.getAttribute('aria-expanded')).toBe('false');
    await unfold.press('Enter');
    await page.getByLabel('Lag').selectOption({ label: 'Voss' });
    expect(await namesOn(page)).toEqual(['Marit', 'Odd']);
    await page.getByLabel('Sorter etter').selectOption({ label: 'Likeperson' });
    await page.getByLabel('Lag').selectOption('');
    expect(await namesOn(page)).toEqual(['Marit', 'Odd', 'Solveig']);
    await page.getByLabel('Aktivitet').selectOption('never');
    expect(await unfold.textContent()).toBe('Filtre (1)');
    expect(await violationsOf(page)).toEqual([]);
    await page.reload();
    await settled(page);
    expect(await unfold.textContent()).toBe('Filtre (1)');
    expect(page.url()).toContain('sort=name');
  });
});
