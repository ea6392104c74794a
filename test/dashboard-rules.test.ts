import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../src/engine/organisations/settings.ts';
import { dialog, openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// Rules and settings in a real Chromium: what a change leads to is said before it is saved.

const {
  site,
  call,
  path,
  admin,
  visitors,
  openPage: rulesPage,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/rules');
const { open, visit } = visitors;

const stored = () => site.verve.organisations.get(call);
const press = (page: Page) => page.locator('.form-acts').getByRole('button', { name: 'Lagre' }).click();
async function confirm(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Lagre' }).click();
  await dialog(page).waitFor({ state: 'detached' });
}

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator', async () => {
    await expectRefusedToCoordinator();
  });

  test('has a field for every setting but that of Dataverse and the counted models', async () => {
    const page = await rulesPage();
    const { dataverse: _, ...sections } = readSettings({});
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const names = Object.entries(sections).flatMap(([section, values]) =>
      Object.keys(values).map((key) => `settings-${snake(section)}-${snake(key)}`),
    );
    const wanting = [];
    for (const name of names) if ((await page.locator(`[id^=${name}]`).count()) === 0) wanting.push(name);
    expect(wanting).toEqual(['settings-rules-counted_source_models']);
  });
});

describe('a change', () => {
  test('can be saved from anywhere on a phone; before there is one, nothing lies over the form', async () => {
    const { page } = await open({ userId: admin, width: 360 });
    await visit(page, path);
    const acts = page.locator('.form-acts');
    const lastCard = page.locator('.form-page .card').last();
    const topOf = async (place: typeof acts) => (await place.boundingBox())?.y ?? 0;
    const end = (await topOf(lastCard)) + ((await lastCard.boundingBox())?.height ?? 0);
    expect(await topOf(acts)).toBeGreaterThanOrEqual(end);
    await page.getByLabel('Dager enkeltklikk beholdes').fill('31');
    await page.evaluate(() => scrollTo(0, 0));
    expect(await topOf(acts)).toBeLessThan(900);
    await acts.getByRole('button', { name: 'Forkast' }).click();
    expect(await topOf(acts)).toBeGreaterThan(900);
  });

  test('is told with what it leads to, is not made when one thinks better of it, and is made when confirmed', async () => {
    const page = await rulesPage();
    await page.getByLabel('Hvilke vervinger skal godkjennes?').selectOption('flagged');
    await page.getByLabel('Dager enkeltklikk beholdes').fill('30');
    await page.getByLabel('Medlemstyper som ikke teller').fill('gave\n\n  prøve ');
    await press(page);
    const told = (await dialog(page).textContent()) ?? '';
    expect(told).toContain('Lagre 3 endringer?');
    expect(told).toContain('Fra Ingen til De som er merket');
    expect(told).toContain('Fra 90 dager til 30 dager');
    expect(told).toContain('Det som er eldre, slettes neste natt og kan ikke hentes tilbake.');
    expect(told).toContain('Fra ingenting til gave, prøve');
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Avbryt' }).click();
    expect((await stored()).settings.rules.review).toBe('off');
    await press(page);
    await confirm(page);
    await page.getByText('Lagret', { exact: true }).waitFor();
    expect((await stored()).settings).toMatchObject({
      rules: { review: 'flagged', excludedMembershipTypes: ['gave', 'prøve'] },
      retention: { clickDays: 30 },
    });
  });

  test('of notice, code lifetime and roles is kept as it was meant, and goes back to nothing', async () => {
    const page = await rulesPage();
    await page.getByLabel('Tekst på nynorsk').fill('Vi handsamar opplysningane varsamt.');
    await page.getByLabel('Dager en ny kode lever').fill('365');
    await page.getByLabel('Hvem må godkjenne?').selectOption('coordinator,org_admin');
    await page.getByLabel('Toppliste for dem som vil').check();
    await press(page);
    await confirm(page);
    expect((await stored()).settings).toMatchObject({
      notice: { text: { nn: 'Vi handsamar opplysningane varsamt.' } },
      codes: { lifetimeDays: 365 },
      rules: { reviewRoles: ['coordinator', 'org_admin'] },
      mentors: { hasLeaderboard: true },
    });
    await page.getByLabel('Tekst på nynorsk').fill('');
    await page.getByLabel('Dager en ny kode lever').fill('');
    await press(page);
    await confirm(page);
    const { settings } = await stored();
    expect({ text: settings.notice.text, days: settings.codes.lifetimeDays }).toEqual({ text: {}, days: null });
  });

  test('of the join page is led by the link domains', async () => {
    const page = await rulesPage();
    await page.getByLabel('Domener for lenker').fill('verv.lydhor.example\nmedlem.lydhor.example');
    const joinUrl = page.getByRole('textbox', { name: 'Deres egen innmeldingsside' });
    await joinUrl.fill('https://medlem.lydhor.example/bli?ref=');
    await page.getByRole('button', { name: 'Sett inn vervekoden: Deres egen innmeldingsside' }).click();
    expect(await joinUrl.inputValue()).toBe('https://medlem.lydhor.example/bli?ref={code}');
    await press(page);
    await confirm(page);
    expect(await stored()).toMatchObject({
      linkDomains: ['verv.lydhor.example', 'medlem.lydhor.example'],
      joinUrlTemplate: 'https://medlem.lydhor.example/bli?ref={code}',
    });
    await joinUrl.fill('https://annet.example/{code}');
    await press(page);
    await confirm(page);
    await page.getByText('Skriv en https-adresse på et av domenene over').waitFor();
    expect((await stored()).joinUrlTemplate).toBe('https://medlem.lydhor.example/bli?ref={code}');
  });
});

describe('a value that cannot be', () => {
  test.each([
    ['Dager før en innmelding vises som utløpt', '0', 'Skriv et helt tall fra 1 til 3'],
    ['Dager enkeltklikk beholdes', 'mange', 'Skriv et helt tall fra 2 til 800'],
    ['Versjon av teksten', '', 'Skriv en versjon med bokstaver og tall'],
  ])('in «%s» is told before anything is asked', async (label, value, wrong) => {
    const page = await rulesPage();
    const field = page.getByLabel(label);
    await field.fill(value);
    await press(page);
    await page.getByText(wrong).waitFor();
    expect(await dialog(page).count()).toBe(0);
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await violationsOf(page)).toEqual([]);
  });

  test.each([
    ['Personvernerklæringen deres', 'lydhor.example/personvern', 'Skriv en adresse som begynner med https://'],
    ['Tidssone', 'Mars/Olympus', 'Skriv en tidssone, for eksempel Europe/Oslo'],
    ['Domener for lenker', 'https://verv.example', 'Skriv bare domenet'],
    ['Hvem får brev når innboksen venter?', 'ikke en adresse', 'Skriv én e-postadresse på hver linje'],
    ['Timer et klikk kan ligge før innmeldingen', '720', 'Må være kortere enn tiden enkeltklikk beholdes.'],
  ])('in «%s» by the server’s own check is told at the field, and nothing is saved', async (label, value, wrong) => {
    const page = await rulesPage();
    const before = (await stored()).updatedAt;
    await page.getByLabel(label).fill(value);
    await press(page);
    await confirm(page);
    await page.getByText('Noe ble ikke godtatt. Ingenting er lagret.').waitFor();
    await page.getByText(wrong).first().waitFor();
    expect(await page.getByLabel(label).getAttribute('aria-invalid')).toBe('true');
    expect((await stored()).updatedAt).toEqual(before);
  });
});
