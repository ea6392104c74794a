import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { dialog, openAdministration } from './dashboard-administration.ts';
import { settled, testScreens, violationsOf } from './dashboard-visitor.ts';

// Privacy in a real Chromium: what is held about a person, handing it out, and erasing it after a typed word.

const { site, own, call, path, admin, visitors, openPage, expectRefusedToCoordinator } =
  await openAdministration('/admin/privacy');
const { open, visit } = visitors;
let code = '';

beforeAll(async () => {
  const made = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
  code = 'code' in made ? made.code.code : '';
});

/** A recruited member of this organisation. */
async function member(): Promise<string> {
  const memberId = `M-${randomUUID().slice(0, 8)}`;
  await site.verve.attributions.confirmRecruitment({ ...call, code, newMemberId: memberId });
  return memberId;
}

async function lookAt(memberId: string): Promise<Page> {
  const page = await openPage();
  await page.getByLabel('Medlemsnummer').fill(memberId);
  await page.getByRole('button', { name: 'Se hva vi har' }).click();
  await page.getByText(memberId).first().waitFor();
  await settled(page);
  return page;
}
const previewOf = (memberId: string) => site.verve.privacy.previewEraseMember({ ...call, memberId });
const creditedOf = () => site.verve.attributions.getTotalRecruitments({ ...call, mentorId: own.mentorId });

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
    const status = await page.evaluate(async () => {
      const body = JSON.stringify({ member_id: '1' });
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/api/v1/privacy/erase/preview', { method: 'POST', body, headers })).status;
    });
    expect(status).toBe(403);
  });

  test('shows how long each kind is kept, as the rules say', async () => {
    await site.verve.organisations.update({ ...call, change: { settings: { retention: { contactDays: 14 } } } });
    const { page } = await open({ userId: admin });
    await visit(page, path);
    const kept = await page.getByRole('region', { name: 'Hvor lenge vi beholder' }).textContent();
    expect(kept).toContain('Kontaktopplysninger fra skjemaet14 dager');
  });
});

describe('a member', () => {
  test('is looked up without the number in the address; what is held is told with what would become of it', async () => {
    const memberId = await member();
    const page = await lookAt(memberId);
    expect(page.url()).not.toContain(memberId);
    const held = (await page.getByRole('list', { name: 'Hva vi har' }).textContent()) ?? '';
    expect(held).toContain('Medlemsnummeret1Blir stående uten det som peker på personen');
    expect(held).toContain('Vervinger1');
    expect(await violationsOf(page)).toEqual([]);
  });

  test('is handed out as a file that holds everything', async () => {
    const memberId = await member();
    const page = await lookAt(memberId);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Last ned alt' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe(`member-${memberId}.json`);
    const held = JSON.parse(await readFile(await file.path(), 'utf8'));
    expect(held.tables.sources).toMatchObject([{ ref: memberId }]);
  });

  test('is erased only after the number is typed; the count stays', async () => {
    const memberId = await member();
    const page = await lookAt(memberId);
    const before = await creditedOf();
    await page.getByRole('button', { name: 'Slett personen' }).click();
    expect(await dialog(page).textContent()).toContain('Dette kan ikke angres.');
    expect(await violationsOf(page)).toEqual([]);
    await dialog(page).getByLabel(`Skriv «${memberId}» for å bekrefte`).fill('noe annet');
    await dialog(page).getByRole('button', { name: 'Slett for godt' }).click();
    await dialog(page).getByText(`Skriv nøyaktig «${memberId}»`).waitFor();
    expect((await previewOf(memberId)).outcome).toBe('wouldErase');
    await dialog(page).getByLabel(`Skriv «${memberId}» for å bekrefte`).fill(memberId);
    await dialog(page).getByRole('button', { name: 'Slett for godt' }).click();
    await page.getByText('Personen er slettet').waitFor();
    await page.getByRole('heading', { name: `${memberId} er slettet her` }).waitFor();
    expect((await previewOf(memberId)).outcome).toBe('alreadyErased');
    expect(await creditedOf()).toEqual(before);
    expect(await violationsOf(page)).toEqual([]);
  });

  test('whom nobody knows is told as such; an empty field says what it wants', async () => {
    const page = await lookAt('X-1');
    await page.getByRole('heading', { name: 'Vi har ingenting om X-1' }).waitFor();
    await page.getByLabel('Medlemsnummer').fill(' ');
    await page.getByRole('button', { name: 'Se hva vi har' }).click();
    await page.getByText('Skriv et medlemsnummer').waitFor();
    expect(await page.getByLabel('Medlemsnummer').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('a mentor', () => {
  test('is found by name, and erased after the name is typed', async () => {
    const made = await site.verve.mentors.create({ ...call, displayName: 'Turid Nesse' });
    const mentorId = 'mentor' in made ? made.mentor.mentorId : '';
    const { page } = await open({ userId: admin });
    await visit(page, path);
    await page.getByRole('button', { name: 'Likeperson', exact: true }).click();
    await page.getByLabel('Navn på likepersonen').fill('turid');
    await page.getByRole('button', { name: 'Turid Nesse' }).click();
    await page.getByRole('heading', { name: 'Det vi har om Turid Nesse' }).waitFor();
    await page.getByRole('button', { name: 'Slett personen' }).click();
    await dialog(page).getByLabel('Skriv «Turid Nesse» for å bekrefte').fill('Turid Nesse');
    await dialog(page).getByRole('button', { name: 'Slett for godt' }).click();
    await page.getByText('Personen er slettet').waitFor();
    const { displayName, status } = await site.verve.mentors.get({ ...call, mentorId });
    expect({ displayName, status }).toEqual({ displayName: 'Slettet', status: 'left' });
  });
});
