import { beforeAll, describe, expect, test } from 'vitest';
import { dialog, openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// The tree of branches in a real Chromium: a new one, another name, another place.

const {
  site,
  call,
  path,
  admin,
  visitors,
  elsewhere,
  openPage: treePage,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/branches');

beforeAll(async () => {
  const { branchId } = await site.verve.branches.create({ ...call, name: 'Vestland fylkeslag', kind: 'county' });
  await site.verve.branches.create({ ...call, name: 'Bergen lokallag', kind: 'local', parentId: branchId });
  await site.verve.branches.create({ ...call, name: 'Rogaland fylkeslag', kind: 'county' });
});

const named = async (name: string) => (await site.verve.branches.list(call)).find((branch) => branch.name === name);

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
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
