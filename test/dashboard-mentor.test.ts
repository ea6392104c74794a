import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// One mentor's page for coordinators, in a real Chromium: figures, the code and what can be done about it, status.

const site = await openDashboard();

/** An organisation with a coordinator and a mentor who has shared, recruited one and waits for another. */
async function withMentor() {
  const place = await site.organisation();
  const { orgId, mentorId } = place;
  const call = { orgId, actor: hostActor };
  const coordinator = await site.person('coordinator', place);
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId });
  const code = 'code' in given ? given.code.code : '';
  await site.verve.badges.createDefinition(call, { name: 'Fem vervet', criteriaValue: 5 });
  await site.verve.shares.record({ ...call, mentorId, channel: 'whatsapp' });
  await site.verve.attributions.registerReferral({ ...call, code });
  await site.verve.attributions.registerReferral({ ...call, code });
  await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: 'member-1' });
  return { place, call, coordinator, mentorId, code, path: `/mentors/${mentorId}` };
}

const kept = await withMentor();
const visitors = visitorsOf(site, kept.place);
const shown = (code: string): string => `${code.slice(0, 5)}-${code.slice(5)}`;

async function codesOf({ call, mentorId }: Awaited<ReturnType<typeof withMentor>>) {
  const { items } = await site.verve.codes.listCodesByOrganisation(call);
  return items.filter((one) => one.mentorId === mentorId);
}

/** Presses a button, reads what the dialog says will happen, and goes through with it. */
async function goThrough(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  const said = (await dialog.locator('li').allTextContents()).join(' ');
  await dialog.getByRole('button', { name: button }).click();
  await dialog.waitFor({ state: 'detached' });
  await settled(page);
  return said;
}

describe('the screen', () => {
  testScreens({ visitors, userId: kept.coordinator, paths: [kept.path, '/mentors/no-such-mentor'] });

  test.each(['light', 'dark'] as const)('is free of barriers when %s while it asks', async (theme) => {
    const { page } = await visitors.open({ userId: kept.coordinator, theme, language: 'nn' });
    await visitors.visit(page, kept.path);
    await page.getByRole('button', { name: 'Avslutt koden' }).click();
    expect(await violationsOf(page)).toEqual([]);
  });

  test('says who recruited how many, by what code, and how it went', async () => {
    const { page } = await visitors.open({ userId: kept.coordinator });
    await visitors.visit(page, kept.path);
    expect(await page.textContent('h1')).toBe('Solveig Tveitmo har vervet 1 medlem');
    expect(await page.textContent('.code span')).toBe(shown(kept.code));
    expect(await page.textContent('.fun')).toMatch(/Delt.*1.*Innmeldt.*2.*Godskrevet.*1/);
    expect(await page.textContent('.pairs')).toBe('Delt1Klikket0Venter på bekreftelse1Medlemmer1Klikk til medlem–');
    expect(await page.locator('.rowlink').count()).toBe(2);
    expect(await page.locator('.rowlink', { hasText: 'Godskrevet' }).count()).toBe(1);
    expect(await page.textContent('section[aria-labelledby=shares]')).toContain('WhatsApp');
    expect(await page.textContent('section[aria-labelledby=badges]')).toContain('4 igjen til merket «Fem vervet»');
    expect(await page.content()).not.toContain('member-1');
    expect(await page.getByRole('link', { name: 'Plakat' }).getAttribute('href')).toBe(`/print/${kept.code}/poster`);
  });

  test('is where the list of mentors leads, by keyboard, and keeps the range', async () => {
    const { page } = await visitors.open({ userId: kept.coordinator });
    await visitors.visit(page, '/mentors?range=7');
    await page.getByRole('link', { name: 'Solveig Tveitmo' }).press('Enter');
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Solveig Tveitmo har vervet'));
    expect(page.url()).toContain(`${kept.path}?range=7`);
    await page.getByRole('link', { name: 'Likepersoner' }).last().click();
    await page.waitForSelector('h1:has-text("Likepersoner")');
    expect(page.url()).toContain('/mentors?range=7');
  });

  test('is nobody else’s: a mentor, another branch and another organisation see none', async () => {
    const mentor = await visitors.open({ userId: kept.place.userId });
    await visitors.visit(mentor.page, kept.path);
    await expectRefused(mentor.page);
    const branch = await site.verve.branches.create({ ...kept.call, name: 'Voss' });
    const narrow = await site.person('coordinator', { ...kept.place, branchId: branch.branchId });
    const other = await visitors.open({ userId: narrow });
    await visitors.visit(other.page, kept.path);
    await expectRefused(other.page);
    const elsewhere = await withMentor();
    const foreign = await visitorsOf(site, elsewhere.place).open({ userId: elsewhere.coordinator });
    await foreign.page.goto(`/app/${elsewhere.place.slug}${kept.path}`);
    await settled(foreign.page);
    await expectRefused(foreign.page);
  });
});

describe('the code', () => {
  test('is replaced after saying how long the old one counts, and the old one stands below', async () => {
    const own = await withMentor();
    const { page } = await visitorsOf(site, own.place).open({ userId: own.coordinator });
    await page.goto(`/app/${own.place.slug}${own.path}`);
    const said = await goThrough(page, 'Bytt kode');
    expect(said).toContain(`Plakater og lenker med ${shown(own.code)} teller i 365 dager til.`);
    expect(said).toContain('Dette kan ikke angres.');
    await page.waitForFunction((old) => document.querySelector('.code span')?.textContent !== old, shown(own.code));
    const codes = await codesOf(own);
    expect(codes.map(({ status }) => status)).toEqual(['active', 'rotated']);
    expect(await page.textContent('.code span')).toBe(shown(codes[0]?.code ?? ''));
    expect(await page.textContent('details')).toMatch(new RegExp(`${shown(own.code)}.*Byttet ut.*Teller til`));
  });

  test('is ended for good, and only then given anew', async () => {
    const own = await withMentor();
    const { page } = await visitorsOf(site, own.place).open({ userId: own.coordinator });
    await page.goto(`/app/${own.place.slug}${own.path}`);
    const ending = await goThrough(page, 'Avslutt koden');
    expect(ending).toContain('slutter å telle med det samme');
    await page.getByText('Bare en koordinator kan gi en ny.').waitFor();
    expect((await codesOf(own)).map(({ status }) => status)).toEqual(['invalidated']);
    const giving = await goThrough(page, 'Gi ny kode');
    expect(giving).toContain(`Den gamle koden, ${shown(own.code)}, kommer ikke tilbake.`);
    await page.waitForSelector('.code');
    expect((await codesOf(own)).map(({ status }) => status)).toEqual(['active', 'invalidated']);
  });

  test('that somebody else replaced meanwhile stays as that one left it, and the dialog says so', async () => {
    const own = await withMentor();
    const { page } = await visitorsOf(site, own.place).open({ userId: own.coordinator });
    await page.goto(`/app/${own.place.slug}${own.path}`);
    await page.getByRole('button', { name: 'Bytt kode' }).click();
    await site.verve.codes.rotateCode({ ...own.call, mentorId: own.mentorId });
    await page.getByRole('dialog').getByRole('button', { name: 'Bytt kode' }).click();
    await page.getByRole('alert').waitFor();
    expect((await codesOf(own)).map(({ status }) => status)).toEqual(['active', 'rotated']);
  });
});

describe('the status', () => {
  const statusOf = async ({ call, mentorId }: Awaited<ReturnType<typeof withMentor>>) =>
    (await site.verve.mentors.get({ ...call, mentorId })).status;

  test('becomes paused, as was said without harm to links, and Undo takes it back', async () => {
    const own = await withMentor();
    const { page } = await visitorsOf(site, own.place).open({ userId: own.coordinator });
    await page.goto(`/app/${own.place.slug}${own.path}`);
    expect(await goThrough(page, 'Sett på pause')).toContain('Plakater og lenker virker fortsatt');
    await page.getByText('Solveig Tveitmo har pause.').waitFor();
    expect(await statusOf(own)).toBe('paused');
    const credit = { ...own.call, code: own.code, newMemberId: 'member-2' };
    expect(await site.verve.attributions.confirmRecruitment(credit)).toMatchObject({ outcome: 'confirmed' });
    await page.getByRole('button', { name: 'Angre' }).click();
    await page.getByRole('button', { name: 'Sett på pause' }).waitFor();
    expect(await statusOf(own)).toBe('active');
  });

  test('becomes left with the code, and active again with another one', async () => {
    const own = await withMentor();
    const { page } = await visitorsOf(site, own.place).open({ userId: own.coordinator });
    await page.goto(`/app/${own.place.slug}${own.path}`);
    expect(await goThrough(page, 'Har sluttet')).toContain('Koden avsluttes med det samme');
    await page.getByText('Koden ble avsluttet da Solveig Tveitmo sluttet.').waitFor();
    expect(await statusOf(own)).toBe('left');
    expect((await codesOf(own)).map(({ status }) => status)).toEqual(['invalidated']);
    expect(await page.textContent('h1')).toBe('Solveig Tveitmo har vervet 1 medlem');
    expect(await goThrough(page, 'Gjør aktiv igjen')).toContain('får en ny kode');
    await page.getByRole('button', { name: 'Har sluttet' }).waitFor();
    expect(await statusOf(own)).toBe('active');
  });
});
