import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openAdministration } from './dashboard-administration.ts';
import { testScreens, violationsOf } from './dashboard-visitor.ts';

// Mentors from a file in a real Chromium: a preview that writes nothing, the mentors, what became of each line.

const { site, own, call, path, admin, visitors, openPage, expectRefusedToCoordinator } =
  await openAdministration('/admin/mentor-import');

async function choose(page: Page, text: string | Buffer): Promise<void> {
  const buffer = Buffer.from(text as string);
  await page.setInputFiles('#mentor-file', { name: 'navn.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Forhåndsvis' }).click();
}
const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();
async function mentors(name: string) {
  const { items } = await site.verve.mentors.list({ ...call, page: { limit: 200 }, filter: { name } });
  return items.filter(({ displayName }) => displayName === name);
}

testScreens({ visitors, userId: admin, paths: [path] });

test('is not there for a coordinator', async () => {
  await expectRefusedToCoordinator();
});

test('a file is previewed without a trace, then imported; imported again, it adds nobody', async () => {
  const branch = await site.verve.branches.create({ ...call, name: 'Kárášjohka ja Ávjovárri', kind: 'county' });
  const text = [
    '\ufeffNavn;Lag;Medlemsnummer',
    'Áilu Čáppagiid-Đorggu;kárášjohka ja ávjovárri;10293',
    '"Berg; Kari ""Kaja""";;',
    ';;',
    ';Kárášjohka ja Ávjovárri;',
    '=HYPERLINK("x");Ingensteds;',
    'Solveig Tveitmo;;',
    '"Berg; Kari ""Kaja""";;',
  ].join('\r\n');
  const page = await openPage();
  await choose(page, text);
  await heading(page, '2 av 6 linjer kan legges inn');
  expect(await mentors('Áilu Čáppagiid-Đorggu')).toEqual([]);
  await page.getByText('Vis 4 linjer').click();
  for (const line of [
    'Linje 5: Navnet mangler',
    'Linje 6: Laget finnes ikke',
    'Linje 7: Finnes fra før i dette laget, legges ikke inn igjen',
    'Linje 8: Står flere ganger i filen, legges inn én gang',
  ]) {
    expect(await page.getByText(line).count()).toBe(1);
  }
  expect(await violationsOf(page)).toEqual([]);
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Last ned linjene som trenger en titt' }).click(),
  ]);
  expect(await readFile((await saved.path()) ?? '', 'utf8')).toContain(`"6";"'=HYPERLINK(""x"")";"Ingensteds"`);

  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await heading(page, '2 av 6 linjer er lagt inn');
  const [inBranch, ...more] = await mentors('Áilu Čáppagiid-Đorggu');
  expect([inBranch?.branchId, more.length]).toEqual([branch.branchId, 0]);
  expect((await mentors('Berg; Kari "Kaja"')).length).toBe(1);

  await page.getByRole('button', { name: 'Velg en annen fil' }).click();
  await choose(page, text);
  await heading(page, '0 av 6 linjer kan legges inn');
  expect(await page.getByRole('button', { name: 'Importer', exact: true }).count()).toBe(0);
});

test('more than one call holds are made; as an older spreadsheet on Windows writes them', async () => {
  const page = await openPage();
  const names = Array.from({ length: 501 }, (_, index) => `Bjørg Ås ${index}`);
  await choose(page, Buffer.from(['navn,lag', ...names.map((name) => `${name},`)].join('\n'), 'latin1'));
  await heading(page, '501 av 501 linjer kan legges inn');
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await heading(page, '501 av 501 linjer er lagt inn');
  const made = await page.evaluate(async (organisation) => {
    const headers = { 'verve-organisation': organisation };
    return (await fetch('/api/v1/mentors?q=Bjørg%20Ås&page=1&limit=1', { headers })).json();
  }, own.slug);
  expect(made.pagination.total).toBe(501);
});

test('a server that is away leaves each line told, and the file can be imported again', async () => {
  const page = await openPage();
  await choose(page, 'navn\nEli Sand\n');
  await heading(page, '1 av 1 linje kan legges inn');
  await page.route('**/api/v1/mentors/import', (route) => route.abort());
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await heading(page, '0 av 1 linje er lagt inn');
  await page.getByText('Det gikk ikke. Ingenting er tapt. Prøv igjen om litt.').waitFor();
  expect((await mentors('Eli Sand')).length).toBe(0);
});

test('a file without a column of names is refused', async () => {
  const page = await openPage();
  await choose(page, 'fornavn;etternavn\nEli;Sand\n');
  await page.getByText('Fant ingen kolonne som heter navn. Ingenting er lagt inn.').waitFor();
  expect(await page.getByRole('button', { name: 'Importer', exact: true }).count()).toBe(0);
});
