import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { violationsOf, visitorsOf } from './dashboard-visitor.ts';

// An organisation leaves, in a real Chromium: everything out, what would go, then gone after a typed word.

const site = await openDashboard();
const own = await site.organisation();
const leaving = await site.organisation();
const [admin, coordinator] = [randomUUID(), randomUUID()];
const { open, visit, expectAccessible, expectFitting } = visitorsOf(site, own);
const theirs = visitorsOf(site, leaving);
const path = '/admin/off-boarding';

beforeAll(async () => {
  for (const { orgId } of [own, leaving]) {
    await site.verve.roles.grant({ orgId, actor: hostActor, userId: admin, role: 'org_admin' });
  }
  await site.verve.roles.grant({ orgId: own.orgId, actor: hostActor, userId: coordinator, role: 'coordinator' });
});

const dialog = (page: Page) => page.getByRole('dialog');
const isThere = async ({ orgId }: { orgId: string }) =>
  (await site.verve.organisations.get({ orgId, actor: hostActor })).offboardedAt === null;

describe('the screen', () => {
  test.each(['light', 'dark'] as const)(
    'is free of barriers when %s, in three languages',
    (theme) => expectAccessible(admin, theme, [path]),
    120_000,
  );
  test.each([320, 768, 1440])(
    'fits %i pixels, and asks nothing of others',
    (width) => expectFitting(admin, width, [path]),
    60_000,
  );

  test('is not there for a coordinator', async () => {
    const { page } = await open({ userId: coordinator });
    await visit(page, path);
    expect(await page.textContent('h1')).toBe('Denne siden er ikke her, eller ikke for deg');
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
