import { beforeAll, describe, expect, test } from 'vitest';
import { dialog, openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// Badges and milestones in a real Chromium: made, changed, taken out of use, and granted to who had passed them before.

const {
  site,
  own,
  call,
  path,
  admin,
  visitors,
  openPage: badgePage,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/badges');

beforeAll(async () => {
  await site.verve.milestones.setThresholds(call, [1, 5, 10, 25, 50]);
});

const definitions = () => site.verve.badges.listDefinitions(call, {});
const named = async (name: string) => (await definitions()).find((badge) => badge.name === name);

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
    const status = await page.evaluate(
      async () => (await fetch('/api/v1/milestones/backfill/preview', { method: 'POST' })).status,
    );
    expect(status).toBe(403);
  });
});

describe('a badge', () => {
  test('is made with what it takes, which becomes a milestone; wrong fields say so', async () => {
    const page = await badgePage();
    await page.getByRole('button', { name: 'Lag merke' }).click();
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await dialog(page).getByText('Skriv et navn').waitFor();
    expect(await dialog(page).getByText('Skriv et helt tall fra 1 til').count()).toBe(1);
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByLabel('Navn').fill('Trippel');
    await dialog(page).getByLabel('Antall medlemmer som skal til').fill('3');
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await page.getByText('Merket er lagret').waitFor();
    expect(await named('Trippel')).toMatchObject({ criteriaValue: 3 });
    await expect.poll(() => page.inputValue('#milestones')).toBe('1, 3, 5, 10, 25, 50');
  });

  test('that has the name of another is refused at its name', async () => {
    const page = await badgePage();
    await page.getByRole('button', { name: 'Lag merke' }).click();
    await dialog(page).getByLabel('Navn').fill('Trippel');
    await dialog(page).getByLabel('Antall medlemmer som skal til').fill('7');
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await dialog(page).getByText('Et annet merke heter det samme').waitFor();
  });

  test('is changed, and taken out of use after a question', async () => {
    const page = await badgePage();
    await page.getByRole('button', { name: 'Endre merket: Trippel' }).click();
    await dialog(page).getByLabel('Hva merket er for').fill('For de tre første');
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await page.getByText('For de tre første').waitFor();
    await page.getByRole('button', { name: 'Ta ut av bruk: Trippel' }).click();
    expect(await dialog(page).textContent()).toContain('De som har det, beholder det.');
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Ta ut av bruk' }).click();
    await page.getByText('Ute av bruk').waitFor();
    expect(await named('Trippel')).toBeUndefined();
  });
});

test('milestones are one list; what is no list of numbers is refused at the field', async () => {
  const page = await badgePage();
  await page.fill('#milestones', '1, fem');
  const save = page.locator('form', { has: page.locator('#milestones') }).getByRole('button', { name: 'Lagre' });
  await save.click();
  await page.getByText('Skriv ett til 50 hele tall med komma mellom').waitFor();
  await page.fill('#milestones', '2 1,5; 10 25');
  await save.click();
  await page.getByText('Milepælene er lagret').waitFor();
  expect(await site.verve.milestones.listThresholds(call)).toEqual([1, 2, 5, 10, 25]);
});

test('what was passed before is seen, and granted after a question', async () => {
  const made = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
  const code = 'code' in made ? made.code.code : '';
  for (const one of ['a', 'b', 'c'])
    await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: one });
  await site.verve.milestones.setThresholds(call, [1, 3, 5, 10, 25]);
  const page = await badgePage();
  await page.getByRole('button', { name: 'Se hva som mangler' }).click();
  await page.getByText('1 milepæl og 0 merker mangler').waitFor();
  await page.getByRole('button', { name: 'Del ut', exact: true }).click();
  expect(await violationsOf(page)).toEqual([]);
  await dialog(page).getByRole('button', { name: 'Del ut' }).click();
  await page.getByText('Delt ut: 1 milepæl og 0 merker').waitFor();
  await page.getByRole('button', { name: 'Se hva som mangler' }).click();
  await page.getByText('Ingenting mangler').waitFor();
});
