import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { growTree } from '../dashboard/src/pages/branches/branch-tree.ts';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// Branches in their tree, one branch, and channels, in a real Chromium.

const site = await openDashboard();
const place = await site.organisation();
const call = { orgId: place.orgId, actor: hostActor };
const county = await site.verve.branches.create({ ...call, name: 'Vestland', kind: 'county' });
const voss = await site.verve.branches.create({ ...call, name: 'Voss', parentId: county.branchId });
const stord = await site.verve.branches.create({ ...call, name: 'Stord', parentId: county.branchId });
const coordinator = await site.person('coordinator', place);
const narrow = await site.person('coordinator', { ...place, branchId: voss.branchId });

/** A mentor of a branch with this many members, who shared once. */
async function recruiter(displayName: string, branchId: string | null, members: number) {
  const made = await site.verve.mentors.create({ ...call, displayName, branchId });
  const mentorId = 'mentor' in made ? made.mentor.mentorId : '';
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId });
  const code = 'code' in given ? given.code.code : '';
  await site.verve.shares.record({ ...call, mentorId, channel: 'sms' });
  for (let member = 0; member < members; member += 1) {
    await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: `${displayName}-${member}` });
  }
  return mentorId;
}
const marit = await recruiter('Marit Fjellanger', voss.branchId, 2);
await recruiter('Odd Arne Bakkeli', stord.branchId, 1);
await recruiter('Kari Nes', county.branchId, 1);

const visitors = visitorsOf(site, place);
const paths = ['/branches', `/branches/${county.branchId}`, '/channels', '/channels?range=7'];

describe('the screens', () => {
  testScreens({ visitors, userId: coordinator, paths });
});

test('days and shares are written as nynorsk writes them, also by a browser that does not know it', async () => {
  const { page } = await visitors.open({ userId: coordinator, language: 'nn' });
  await visitors.visit(page, '/branches');
  expect(await page.textContent('.pagehead .sub')).toMatch(/^\d{1,2}\. \p{Ll}+ til \d{1,2}\. \p{Ll}+\.$/u);
  await visitors.visit(page, '/overview');
  expect(await page.locator('.chart text').last().textContent()).toMatch(/^\d{1,2}\. \p{Ll}+\.?$/u);
});

test('each branch has the sums of what is below it, and folds', async () => {
  const { page } = await visitors.open({ userId: coordinator });
  await visitors.visit(page, '/branches');
  expect(await page.textContent('h1')).toBe('Vestland har vervet flest: 4 medlemmer');
  const rows = () => page.locator('tbody tr').allInnerTexts();
  const cells = (row: string | undefined) => row?.trim().split(/\s+/);
  expect((await rows()).map((row) => cells(row)?.slice(0, 2))).toEqual([
    ['Vestland', '3'],
    ['Stord', '1'],
    ['Voss', '1'],
    ['Uten', 'lag'],
  ]);
  expect(cells((await rows())[0])).toEqual(['Vestland', '3', '3', '0', '4', '4', '–']);
  const fold = page.getByRole('button', { name: 'Lagene under Vestland' });
  expect(await fold.getAttribute('aria-expanded')).toBe('true');
  await fold.press('Enter');
  expect((await rows()).length).toBe(2);
  expect(await violationsOf(page)).toEqual([]);
});

test('one branch leads down to its mentors, and the way up and the range are kept', async () => {
  const { page } = await visitors.open({ userId: coordinator });
  await visitors.visit(page, '/branches?range=90');
  await page.getByRole('link', { name: 'Vestland' }).click();
  await page.waitForSelector('h1:has-text("Vestland: 4 nye medlemmer siste 90 dager")');
  await page.getByRole('link', { name: 'Voss' }).click();
  await page.waitForSelector('h1:has-text("Voss: 2 nye medlemmer siste 90 dager")');
  expect(await page.textContent('.crumbs')).toContain('Vestland');
  await page.getByRole('link', { name: 'Marit Fjellanger' }).click();
  await page.waitForSelector('h1:has-text("Marit Fjellanger har vervet 2 medlemmer")');
  expect(page.url()).toContain(`/mentors/${marit}?range=90`);
  await page.getByRole('link', { name: 'Voss' }).click();
  await page.waitForSelector('h1:has-text("Voss")');
  expect(page.url()).toContain(`/branches/${voss.branchId}?range=90`);
});

test('a coordinator of a branch sees that branch, and no other one', async () => {
  const { page } = await visitors.open({ userId: narrow });
  await visitors.visit(page, '/branches');
  expect(await page.locator('tbody tr').count()).toBe(1);
  expect(await page.textContent('tbody')).toContain('Voss');
  for (const path of [`/branches/${stord.branchId}`, `/branches/${randomUUID()}`]) {
    await visitors.visit(page, path);
    await expectRefused(page);
  }
});

test('channels stand by members, and what came without a click is told', async () => {
  const { page } = await visitors.open({ userId: coordinator });
  await visitors.visit(page, '/channels');
  expect(await page.textContent('h1')).toBe('Ingen medlemmer fra en kjent kanal i perioden');
  const rows = await page.locator('tbody tr').allInnerTexts();
  expect(rows.map((row) => row.trim().split(/\s+/))).toEqual([
    ['Ukjent', 'kanal', '0', '0', '4', '4'],
    ['SMS', '3', '0', '0', '0'],
  ]);
  expect(await page.textContent('.tablenote')).toContain('4 medlemmer oppga koden uten å klikke.');
  await visitors.visit(page, '/overview');
  await page.getByRole('link', { name: 'Alle kanaler' }).click();
  await page.waitForSelector('h1:has-text("kjent kanal")');
  await settled(page);
});

test('a branch whose parent is not shown begins a tree of its own', () => {
  const none = { shared: 0, clicked: 0, joined: 0, registered: 0, confirmed: 0, credited: 1, conversion_rate: 0 };
  const row = (id: string | null, name: string | null, parent: string | null) => ({
    branch_id: id,
    name,
    parent_id: parent,
    kind: 'local',
    mentors: 1,
    ...none,
  });
  const tree = growTree([row(null, null, null), row('2', 'Voss', '9'), row('3', 'Eid', '2'), row('1', 'Bergen', null)]);
  expect(tree.map(({ name, credited, depth }) => [name, credited, depth])).toEqual([
    ['Bergen', 1, 0],
    ['Voss', 2, 0],
    [null, 1, 0],
  ]);
});
