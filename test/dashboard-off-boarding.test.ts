import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { dialog, openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// An organisation leaves, in a real Chromium: everything out, what would go, then gone after a typed word.

const {
  site,
  own,
  other: leaving,
  path,
  admin,
  visitors,
  elsewhere: theirs,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/off-boarding');
const { open, visit } = visitors;

const isThere = async ({ orgId }: { orgId: string }) =>
  (await site.verve.organisations.get({ orgId, actor: hostActor })).offboardedAt === null;

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator', async () => {
    await expectRefusedToCoordinator();
  });

  test('is reached from privacy, and asks for a file or a tick before it lets one leave', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, '/admin/privacy');
    await page.getByRole('link', { name: 'Slutter Lydhør?' }).click();
    const leave = page.getByRole('button', { name: 'Avslutt for Lydhør' });
    await leave.waitFor();
    expect(await leave.isDisabled()).toBe(true);
    await page.waitForSelector('.import-counts');
    expect(await page.textContent('.import-counts')).toContain('Likepersoner1');
    await page.getByLabel('Vi trenger ingen fil').check();
    await leave.click();
    expect(await dialog(page).textContent()).toContain('Dere har valgt å ikke ta ut noe.');
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByLabel(`Skriv «${own.slug}» for å bekrefte`).fill('lydhør');
    await dialog(page).getByRole('button', { name: 'Slett alt' }).click();
    await dialog(page).getByText(`Skriv nøyaktig «${own.slug}»`).waitFor();
    expect(await isThere(own)).toBe(true);
  });
});

test('an organisation takes everything out, and is gone after the word; another is as it was', async () => {
  const { page } = await theirs.open({ userId: admin });
  await theirs.visit(page, path);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Last ned alt' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe(`${leaving.slug}.ndjson`);
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n');
  await page.getByText(/Ferdig: \d+ rader i filen/).waitFor();
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ receipt: expect.any(String), rows: lines.length - 1 });
  await page.getByRole('button', { name: 'Avslutt for Lydhør' }).click();
  await dialog(page).getByLabel(`Skriv «${leaving.slug}» for å bekrefte`).fill(leaving.slug);
  await dialog(page).getByRole('button', { name: 'Slett alt' }).click();
  await page.waitForURL(/\/app\/sign-in/);
  expect(await isThere(leaving)).toBe(false);
  expect(await isThere(own)).toBe(true);
});
