import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// Administration in a real Chromium: people with their access, and keys of other systems.

const site = await openDashboard();
const own = await site.organisation();
const other = await site.organisation();
const call = { orgId: own.orgId, actor: hostActor };
const { branchId } = await site.verve.branches.create({ ...call, name: 'Vestland fylkeslag', kind: 'county' });
const admin = await site.person('org_admin', own, other);
const coordinator = await site.person('coordinator', { ...own, branchId });
const visitors = visitorsOf(site, own);
const { open, visit } = visitors;
const elsewhere = visitorsOf(site, other);
const paths = ['/admin/people', '/admin/connections/keys'];

beforeAll(async () => {
  await site.verve.apiKeys.create({ ...call, name: 'Medlemssystemet', scopes: ['attributions:confirm'] });
  const { key } = await site.verve.apiKeys.create({ ...call, name: 'Gammelt nettsted', scopes: ['codes:read'] });
  await site.verve.apiKeys.revoke({ ...call, apiKeyId: key.apiKeyId });
});

async function administration(path: string): Promise<Page> {
  const { page } = await open({ userId: admin });
  await visit(page, path);
  return page;
}
const toast = async (page: Page): Promise<string | null> => {
  await page.waitForSelector('.toast');
  return page.textContent('.toast .grow');
};
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const keysNow = () => site.verve.apiKeys.list(call);

describe('the screens', () => {
  testScreens({ visitors, userId: admin, paths });

  test('are not there for a coordinator, who has no entry to them, and the API refuses too', async () => {
    const { page } = await open({ userId: coordinator });
    for (const path of paths) {
      await visit(page, path);
      await expectRefused(page);
      expect(await page.getByRole('link', { name: 'Administrasjon' }).count()).toBe(0);
    }
    for (const path of ['roles', 'api-keys']) {
      expect(await page.evaluate(async (at) => (await fetch(`/api/v1/${at}`)).status, path)).toBe(403);
    }
  });

  test('are reached by keyboard from the menu, which unfolds and marks one entry', async () => {
    const page = await administration('/overview');
    await page.getByRole('link', { name: 'Administrasjon' }).press('Enter');
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    expect(await page.title()).toBe('Personer og tilgang – Lydhør');
    await page.locator('.subnav').getByRole('link', { name: 'Nøkler' }).press('Enter');
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Nøkler');
    expect(await page.locator('.nav [aria-current=page]').allInnerTexts()).toEqual(['Nøkler']);
  });

  test('show one organisation nothing of another', async () => {
    const { page } = await elsewhere.open({ userId: admin });
    await elsewhere.visit(page, '/admin/connections/keys');
    expect(await page.textContent('main')).toContain('Ingen nøkler ennå');
    await elsewhere.visit(page, '/admin/people');
    expect(await page.textContent('main')).not.toContain(coordinator);
  });
});

describe('a key', () => {
  test('is made with a name and rights, is shown this once, and works', async () => {
    const page = await administration('/admin/connections/keys');
    await button(page, 'Lag nøkkel').click();
    await page.fill('#key-name', 'Nettstedet');
    await page.locator('dialog button[type=submit]').click();
    expect(await page.textContent('#scopes-wanting')).toBe('Velg minst én rettighet');
    await page.getByLabel('Lese koder').check();
    expect(await violationsOf(page)).toEqual([]);
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('#secret');
    const secret = await page.inputValue('#secret');
    expect(await violationsOf(page)).toEqual([]);
    const answer = await site.get('/api/v1/referral-codes', { authorization: `Bearer ${secret}` });
    expect(answer.status).toBe(200);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.waitForFunction(() => document.querySelector('main')?.textContent?.includes('Nettstedet'));
    expect(await page.content()).not.toContain(secret);
    await page.reload();
    await settled(page);
    expect(await page.content()).not.toContain(secret);
  });

  test('is revoked only after a question that says what happens', async () => {
    const page = await administration('/admin/connections/keys');
    await button(page, 'Trekk tilbake: Medlemssystemet').click();
    expect(await page.textContent('dialog')).toContain('Dette kan ikke angres.');
    expect(await violationsOf(page)).toEqual([]);
    await button(page, 'Avbryt').click();
    const live = async () => (await keysNow()).items.find(({ name }) => name === 'Medlemssystemet')?.revokedAt;
    expect(await live()).toBeNull();
    await button(page, 'Trekk tilbake: Medlemssystemet').click();
    await page.locator('dialog .btn.danger').click();
    expect(await toast(page)).toBe('«Medlemssystemet» er trukket tilbake');
    expect(await live()).not.toBeNull();
    await button(page, 'Trekk tilbake: Medlemssystemet').waitFor({ state: 'detached' });
  });
});

describe('a person', () => {
  const rolesNow = () => site.verve.roles.list(call);

  test('gets access to a branch by an address, and asks for a link there', async () => {
    const page = await administration('/admin/people');
    await button(page, 'Gi noen tilgang').click();
    await page.fill('#person-email', 'berit@epost.example');
    await page.selectOption('#person-branch', { label: 'Vestland fylkeslag og alt under' });
    expect(await violationsOf(page)).toEqual([]);
    await button(page, 'Gi tilgang').click();
    expect(await toast(page)).toBe('Tilgangen er gitt');
    const [given] = await rolesNow();
    expect(given).toMatchObject({ role: 'coordinator', branchId: expect.any(String) });
    await page.waitForFunction((id) => document.querySelector('main')?.textContent?.includes(id), given?.userId ?? '');
    expect(await page.content()).not.toContain('berit@');
    const before = site.letters.length;
    await site.post('/app/sign-in', { organisation: own.slug, email: 'berit@epost.example' });
    await expect.poll(() => site.letters.slice(before).map(({ to }) => to)).toEqual(['berit@epost.example']);
  });

  test('whose address another person has gets none: no role is left behind', async () => {
    await site.verve.signIn.setAddress({ ...call, userId: coordinator, email: 'taken@epost.example' });
    const before = (await rolesNow()).length;
    const page = await administration('/admin/people');
    await button(page, 'Gi noen tilgang').click();
    await page.fill('#person-email', 'taken@epost.example');
    await button(page, 'Gi tilgang').click();
    await page.waitForSelector('dialog [role=alert]');
    expect(await page.textContent('dialog [role=alert]')).toContain('En annen person her har denne adressen.');
    expect(await page.inputValue('#person-email')).toBe('taken@epost.example');
    expect(await rolesNow()).toHaveLength(before);
  });

  test('gets another role, and loses it again; the own office has no button', async () => {
    const userId = randomUUID();
    await site.verve.roles.grant({ ...call, userId, role: 'coordinator' });
    const page = await administration('/admin/people');
    const row = page.locator('.card.lined > li', { hasText: userId });
    await row.getByRole('button', { name: 'Gi en rolle til' }).click();
    await page.selectOption('#person-role', 'org_admin');
    await button(page, 'Gi tilgang').click();
    await row.getByText('Administrator', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Ta bort rollen Administrator' }).click();
    expect(await violationsOf(page)).toEqual([]);
    await page.locator('dialog .btn.danger').click();
    await row.getByText('Administrator', { exact: true }).waitFor({ state: 'detached' });
    expect((await rolesNow()).filter((held) => held.userId === userId)).toHaveLength(1);
    const mine = page.locator('.card.lined > li', { hasText: admin });
    expect(await mine.textContent()).toContain('Deg');
    expect(await mine.getByRole('button', { name: /^Ta bort/ }).count()).toBe(0);
  });

  test('is signed out where the address is removed', async () => {
    const userId = randomUUID();
    await site.verve.roles.grant({ ...call, userId, role: 'coordinator' });
    await site.verve.signIn.setAddress({ ...call, userId, email: 'gone@epost.example' });
    const theirs = await open({ userId });
    const page = await administration('/admin/people');
    const row = page.locator('.card.lined > li', { hasText: userId });
    await row.getByRole('button', { name: 'Adresse for innlogging' }).click();
    expect(await violationsOf(page)).toEqual([]);
    await button(page, 'Fjern adressen og logg ut').click();
    expect(await toast(page)).toBe('Adressen er fjernet');
    await theirs.page.goto(`/app/${own.slug}/overview`);
    expect(new URL(theirs.page.url()).pathname).toBe('/app/sign-in');
  });
});
