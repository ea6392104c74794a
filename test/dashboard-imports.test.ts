import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAdministration } from './dashboard-administration.ts';
import { settled, testScreens, violationsOf } from './dashboard-visitor.ts';

// Importing memberships in a real Chromium: a preview that writes nothing, the import, what became of each line, long files.

const {
  site,
  own,
  call,
  path,
  admin,
  visitors,
  elsewhere,
  openPage: importPage,
  expectRefusedToCoordinator,
} = await openAdministration('/admin/import');
let code = '';

beforeAll(async () => {
  const made = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
  code = 'code' in made ? made.code.code : '';
});

const head = 'medlemsnummer;vervekode;status;dato';
const lineOf = (memberId: string, status = 'bekreftet') => `${memberId};${code};${status};01.11.2026`;
async function choose(page: Page, text: string): Promise<void> {
  await page.setInputFiles('#import-file', { name: 'medlemmer.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Forhåndsvis' }).click();
}
const credited = () => site.verve.attributions.getTotalRecruitments({ ...call, mentorId: own.mentorId });
const memberId = () => `M-${randomUUID().slice(0, 8)}`;

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
    expect(await page.evaluate(async () => (await fetch('/api/v1/imports')).status)).toBe(403);
  });
});

describe('a file', () => {
  test('is previewed without a trace, then imported; lines that want a look are told and can be saved', async () => {
    const page = await importPage();
    const before = await credited();
    await choose(page, [head, lineOf(memberId()), lineOf(memberId()), lineOf(memberId(), 'kanskje'), ''].join('\n'));
    await page.getByRole('heading', { name: '2 av 3 linjer er som de skal' }).waitFor();
    expect(await page.getByText('1 linje trenger en titt.').count()).toBe(1);
    await page.getByText('Vis linjen').click();
    await page.getByText('Linje 4: Ukjent status').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await credited()).toEqual(before);
    await page.getByRole('button', { name: 'Importer', exact: true }).click();
    await page.getByRole('heading', { name: '2 av 3 linjer er tatt inn' }).waitFor();
    expect(await credited()).toEqual(before + 2);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Last ned linjene som trenger en titt' }).click();
    const text = await readFile(await (await saved).path(), 'utf8');
    expect(text).toContain('"4";"Ukjent status";');
    expect(await violationsOf(page)).toEqual([]);
  });

  test('can be had back whole from the preview, with what would become of each line', async () => {
    const page = await importPage();
    const one = memberId();
    await choose(page, [head, lineOf(one), ''].join('\n'));
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Last ned alle linjene' }).click();
    expect(await readFile(await (await saved).path(), 'utf8')).toContain(one);
    expect((await site.verve.privacy.previewEraseMember({ ...call, memberId: one })).outcome).toBe('notFound');
  });

  test('without a status says what all lines mean', async () => {
    const page = await importPage();
    const one = memberId();
    await page.getByLabel('Hva betyr linjer uten status?').selectOption('confirmed');
    await choose(page, `medlemsnummer;vervekode\n${one};${code}\n`);
    await page.getByRole('heading', { name: '1 av 1 linje er som de skal' }).waitFor();
  });

  test('that cannot be read is refused as a whole, with what to mend; without a file the field says so', async () => {
    const page = await importPage();
    await page.getByRole('button', { name: 'Forhåndsvis' }).click();
    await page.getByText('Velg en fil').waitFor();
    expect(await page.getAttribute('#import-file', 'aria-invalid')).toBe('true');
    await choose(page, 'medlemsnummer;skostørrelse;status\n1;42;bekreftet\n');
    await page.getByText('Filen kan ikke leses. Ingenting er tatt inn.').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/column/);
    expect(await page.getByRole('alert').textContent()).not.toContain('42');
    expect(await violationsOf(page)).toEqual([]);
  });
});

test('a long file is worked through in the background: its progress and result stand at an address of their own', async () => {
  const page = await importPage();
  const before = await credited();
  const lines = Array.from({ length: 2_100 }, () => lineOf(memberId()));
  await choose(page, [head, ...lines, ''].join('\n'));
  await page.getByRole('heading', { name: /2.100 av 2.100 linjer er som de skal/ }).waitFor({ timeout: 60_000 });
  expect(await credited()).toEqual(before);
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await page.getByRole('heading', { name: /2.100 av 2.100 linjer er tatt inn/ }).waitFor({ timeout: 60_000 });
  expect(await credited()).toEqual(before + 2_100);
  expect(new URL(page.url()).searchParams.get('import')).toMatch(/^[0-9a-f-]{36}$/);
  await page.reload();
  await settled(page);
  await page.getByRole('heading', { name: /2.100 av 2.100 linjer er tatt inn/ }).waitFor();
  expect(await page.getByRole('region', { name: 'Store filer før' }).getByRole('listitem').count()).toBe(2);
  expect(await violationsOf(page)).toEqual([]);
  const stranger = await elsewhere.open({ userId: admin });
  await elsewhere.visit(stranger.page, `${path}${new URL(page.url()).search}`);
  expect(await stranger.page.textContent('main')).not.toContain('2 100');
  await stranger.page.getByRole('heading', { name: 'Denne importen finnes ikke' }).waitFor();
}, 180_000);

test.each(['half-an-id', randomUUID()])(
  'an address of no import (%s) says what to do, and not to try again',
  async (id) => {
    const page = await importPage();
    await page.goto(`${page.url().split('?')[0]}?import=${id}`);
    await page.getByRole('heading', { name: 'Denne importen finnes ikke' }).waitFor();
    expect(await page.getByRole('button', { name: 'Prøv igjen' }).count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Velg en annen fil' }).click();
    await page.getByLabel('Fil (CSV)').waitFor();
  },
);
