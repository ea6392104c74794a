import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { violationsOf, visitorsOf } from './dashboard-visitor.ts';

// The tree of branches in a real Chromium: a new one, another name, another place.

const site = await openDashboard();
const own = await site.organisation();
const other = await site.organisation();
const call = { orgId: own.orgId, actor: hostActor };
const [admin, coordinator] = [randomUUID(), randomUUID()];
const { open, visit, expectAccessible, expectFitting } = visitorsOf(site, own);
const elsewhere = visitorsOf(site, other);
const path = '/admin/branches';

beforeAll(async () => {
  await site.verve.roles.grant({ ...call, userId: admin, role: 'org_admin' });
  await site.verve.roles.grant({ ...call, userId: coordinator, role: 'coordinator' });
  await site.verve.roles.grant({ ...call, orgId: other.orgId, userId: admin, role: 'org_admin' });
  const { branchId } = await site.verve.branches.create({ ...call, name: 'Vestland fylkeslag', kind: 'county' });
  await site.verve.branches.create({ ...call, name: 'Bergen lokallag', kind: 'local', parentId: branchId });
  await site.verve.branches.create({ ...call, name: 'Rogaland fylkeslag', kind: 'county' });
});

async function treePage(): Promise<Page> {
  const { page } = await open({ userId: admin });
  await visit(page, path);
  return page;
}
const dialog = (page: Page) => page.getByRole('dialog');
const named = async (name: string) => (await site.verve.branches.list(call)).find((branch) => branch.name === name);

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

  test('is not there for a coordinator, and the API refuses too', async () => {
    const { page } = await open({ userId: coordinator });
    await visit(page, path);
    expect(await page.textContent('h1')).toBe('Denne siden er ikke her, eller ikke for deg');
    const status = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/v1/branches', { method: 'POST', body: '{"name":"Oslo"}', headers })).status;
    });
    expect(status).toBe(403);
  });

  test('shows nothing of another organisation, and says that being empty is fine', async () => {
    const { page } = await elsewhere.open({ userId: admin });
    await elsewhere.visit(page, path);
    expect(await page.textContent('main')).toContain('Ingen lag ennå');
    expect(await page.textContent('main')).not.toContain('Vestland');
  });
});

describe('a branch', () => {
  test('is made below another, and its name is its own among its siblings', async () => {
    const page = await treePage();
    await page.getByRole('button', { name: 'Nytt under: Vestland fylkeslag' }).click();
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await dialog(page).getByText('Skriv et navn').waitFor();
    await dialog(page).getByLabel('Navn').fill('Bergen lokallag');
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await dialog(page).getByText('Et lag på samme sted heter det samme').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByLabel('Navn').fill('Voss lokallag');
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await page.getByText('Laget er lagret').waitFor();
    await page.getByText('Voss lokallag').waitFor();
    expect(await named('Voss lokallag')).toMatchObject({
      kind: 'local',
      parentId: (await named('Vestland fylkeslag'))?.branchId,
    });
  });

  test('gets another name and place, and is never offered a place under itself', async () => {
    const page = await treePage();
    await page.getByRole('button', { name: 'Endre: Vestland fylkeslag' }).click();
    const places = await dialog(page).getByLabel('Hører til under').locator('option').allInnerTexts();
    expect(places).toEqual(['Organisasjonen selv', 'Rogaland fylkeslag']);
    await dialog(page).getByLabel('Navn').fill('Vestlandet');
    await dialog(page).getByLabel('Hører til under').selectOption({ label: 'Rogaland fylkeslag' });
    await dialog(page).getByRole('button', { name: 'Lagre' }).click();
    await page.getByText('Laget er lagret').waitFor();
    expect(await named('Vestlandet')).toMatchObject({ parentId: (await named('Rogaland fylkeslag'))?.branchId });
    expect(await named('Bergen lokallag')).toMatchObject({ parentId: (await named('Vestlandet'))?.branchId });
  });
});
