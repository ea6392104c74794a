import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// Brand and words in a real Chromium: what an administrator changes, sees beforehand, and finds on the public pages.

const {
  site,
  own,
  call,
  path,
  admin,
  visitors,
  openPage: brandPage,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/brand');

const stored = () => site.verve.organisations.get(call);
const save = (page: Page) => page.getByRole('button', { name: 'Lagre', exact: true });
async function saved(page: Page): Promise<void> {
  await save(page).click();
  await page.getByText('Lagret. Last siden på nytt').waitFor();
  await page.getByText('Ikke lagret').waitFor({ state: 'detached' });
}
const phone = (page: Page) => page.locator('.brand-phone');

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path, `${path}?lang=en`] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
    const status = await page.evaluate(
      async (at) =>
        (await fetch(at, { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/json' } })).status,
      `/api/v1/organisations/${own.orgId}`,
    );
    expect(status).toBe(403);
  });
});

describe('a colour', () => {
  test('is shown with what it becomes before it is saved, and then stands on the join page', async () => {
    const page = await brandPage();
    await page.getByLabel('Hovedfarge', { exact: true }).fill('#F2A33A');
    const readable = page.locator('#brand-readable');
    await readable.getByText('Vi bruker svart tekst. Hvit ville gitt 2,1 : 1 og vært for svak.').waitFor();
    expect(await readable.textContent()).toContain('2,1 → 6,6 : 1');
    expect(await readable.textContent()).toContain('#7E551E');
    const press = phone(page).locator('.press');
    expect(await press.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(242, 163, 58)');
    expect((await stored()).brand.colour).toBeNull();
    expect(await violationsOf(page)).toEqual([]);
    await saved(page);
    expect((await stored()).brand.colour).toBe('#f2a33a');
    const code = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
    const join = await site.get(`/join/${'code' in code ? code.code.code : ''}`);
    expect(await join.text()).toContain('--accent-base:#f2a33a');
  });

  test('that is none is told at its field, which gets the focus, and nothing is saved', async () => {
    const page = await brandPage();
    const before = (await stored()).updatedAt;
    await page.fill('#brand-colour', 'rød');
    await save(page).click();
    await page.getByText('Skriv fargen med # og seks tegn, for eksempel #14595F').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'brand-colour');
    expect(await page.getAttribute('#brand-colour', 'aria-invalid')).toBe('true');
    expect(await violationsOf(page)).toEqual([]);
    expect((await stored()).updatedAt).toEqual(before);
    await page.getByRole('button', { name: 'Forkast' }).click();
    expect(await page.inputValue('#brand-colour')).not.toBe('rød');
  });
});

describe('words', () => {
  test('are changed for one language, seen in the preview, and kept beside those of the others', async () => {
    const page = await brandPage('?lang=nn');
    const forms = { singular: 'fadder', singular_definite: 'fadderen', plural: 'fadrar', plural_definite: 'fadrane' };
    for (const [form, word] of Object.entries(forms)) await page.fill(`#brand-${form}`, word);
    await phone(page).getByText('Kva får fadderen vite?').waitFor();
    await saved(page);
    await page.getByRole('button', { name: 'English' }).click();
    await page.fill('#brand-singular', 'sponsor');
    await save(page).click();
    await page.getByText('Skriv alle fire formene, eller la alle stå tomme').waitFor();
    for (const form of Object.keys(forms)) await page.fill(`#brand-${form}`, `${form} sponsor`);
    await saved(page);
    const { terms } = await stored();
    expect(terms.nn).toMatchObject({ singular: 'fadder', pluralDefinite: 'fadrane' });
    expect(terms.en?.plural).toBe('plural sponsor');
    expect(terms.nb).toBeUndefined();
  });

  test('that lack a form lead to their language', async () => {
    const page = await brandPage('?lang=nn');
    await page.fill('#brand-singular', '');
    await page.getByRole('button', { name: 'Bokmål' }).click();
    await save(page).click();
    await page.getByText('Skriv alle fire formene, eller la alle stå tomme').waitFor();
    expect(new URL(page.url()).searchParams.get('lang')).toBe('nn');
  });

  test('of a shared message need the link, which a button puts in', async () => {
    const page = await brandPage();
    await page.fill('#brand-share-message', 'Bli med du også: ');
    await save(page).click();
    await page.getByText('Sett inn lenken, så den følger med meldingen').waitFor();
    await page.getByRole('button', { name: 'Sett inn lenken: Melding som blir delt' }).click();
    expect(await page.inputValue('#brand-share-message')).toBe('Bli med du også: {url}');
    await page.locator('.brand-message').getByText(`Bli med du også: https://${own.slug}.example/join/`).waitFor();
    await saved(page);
    expect((await stored()).brand.sentences.nb).toEqual({ 'share.message': 'Bli med du også: {url}' });
  });
});

describe('a logo', () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4H0z"/></svg>');
  const choose = (page: Page, name: string, mimeType: string, buffer: Buffer) =>
    page.setInputFiles('#brand-logo-file', { name, mimeType, buffer });

  test('is saved at once, shown in the preview, and can be taken away', async () => {
    const page = await brandPage();
    await choose(page, 'lydhor.svg', 'image/svg+xml', svg);
    await page.getByText('Logoen er lagret').waitFor();
    await phone(page).locator('img').waitFor();
    expect(
      await phone(page)
        .locator('img')
        .evaluate((image: HTMLImageElement) => image.decode().then(() => true)),
    ).toBe(true);
    expect((await stored()).logoType).toBe('image/svg+xml');
    await page.getByRole('button', { name: 'Fjern logoen' }).click();
    await page.getByText('Logoen er fjernet').waitFor();
    expect((await stored()).logoType).toBeNull();
  });

  test('that is too large or no picture is refused in words', async () => {
    const page = await brandPage();
    await choose(page, 'stor.svg', 'image/svg+xml', Buffer.concat([svg, Buffer.alloc(200_001, 32)]));
    await page.getByText('Filen er for stor. En logo er på høyst 200 kB.').waitFor();
    await choose(page, 'tekst.png', 'image/png', Buffer.from('dette er ikke et bilde'));
    await page.getByText('Filen er ikke et bilde vi kan vise').waitFor();
    expect((await stored()).logoType).toBeNull();
  });
});

describe('what is not saved', () => {
  test('stays while one walks through the dashboard, and leaving the dashboard asks', async () => {
    const page = await brandPage();
    await page.fill('#brand-name', 'Lydhør Vest');
    await page.getByRole('link', { name: 'Oversikt' }).click();
    await page.goBack();
    await page.waitForSelector('#brand-name');
    expect(await page.inputValue('#brand-name')).toBe('Lydhør Vest');
    const asked = page.waitForEvent('dialog');
    const leaving = page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
    await leaving;
  });

  test('stands on top of what somebody else saved meanwhile, and both are kept', async () => {
    const page = await brandPage();
    await page.fill('#brand-name', 'Lydhør Norge');
    await site.verve.organisations.update({ ...call, change: { brand: { colour: '#14595f' } } });
    await save(page).click();
    await page.getByText('Noen andre har lagret i mellomtiden.').waitFor();
    expect((await stored()).name).toBe('Lydhør');
    expect(await page.inputValue('#brand-name')).toBe('Lydhør Norge');
    expect(await page.inputValue('#brand-colour')).toBe('#14595F');
    expect(await violationsOf(page)).toEqual([]);
    await saved(page);
    expect(await stored()).toMatchObject({ name: 'Lydhør Norge', brand: { colour: '#14595f' } });
  });
});
