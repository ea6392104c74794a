import { beforeAll, describe, expect, test } from 'vitest';
import { openAdministration } from './dashboard-administration.ts';
import { settled, testScreens, violationsOf } from './dashboard-visitor.ts';

// The audit log in a real Chromium: who did what.

const { site, call, path, admin, visitors, elsewhere, expectRefusedToCoordinator } =
  await openAdministration('/admin/audit');
const { open, visit } = visitors;

beforeAll(async () => {
  const person = {
    kind: 'person',
    userId: admin,
    mentorId: null,
    roles: [{ role: 'org_admin', branchId: null }],
  } as const;
  for (let made = 0; made < 52; made += 1) {
    await site.verve.apiKeys.create({ ...call, actor: person, name: `Nøkkel ${made}`, scopes: ['codes:read'] });
  }
}, 30_000);

describe('the screen', () => {
  testScreens({ visitors, userId: admin, paths: [path, `${path}?action=person.erase`] });

  test('is not there for a coordinator, and the API refuses too', async () => {
    const page = await expectRefusedToCoordinator();
    expect(await page.evaluate(async () => (await fetch('/api/v1/audit')).status)).toBe(403);
  });

  test('shows nothing of another organisation', async () => {
    const { page } = await elsewhere.open({ userId: admin });
    await elsewhere.visit(page, path);
    expect(await page.textContent('main ul')).not.toContain('En nøkkel ble laget');
  });
});

describe('an administrator', () => {
  test('reads who did what, and the details on demand', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, `${path}?action=key.create`);
    const first = page.locator('.card.lined > li').first();
    expect(await first.textContent()).toContain('En nøkkel ble laget');
    expect(await first.textContent()).toContain(`Konto ${admin} Deg`);
    await first.locator('summary').press('Enter');
    expect(await first.locator('pre').textContent()).toContain('codes:read');
    expect(await violationsOf(page)).toEqual([]);
  });

  test('narrows by act and days and turns pages; the address says how, and Back undoes it', async () => {
    const { page } = await open({ userId: admin });
    await visit(page, path);
    await page.selectOption('#audit-action', { label: 'En nøkkel ble laget' });
    await page.waitForFunction(() => document.querySelector('[role=status].small')?.textContent === 'Viser 50 av 52');
    expect(page.url()).toContain('?action=key.create');
    await page.getByRole('button', { name: 'Neste' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.card.lined > li').length === 2);
    expect(page.url()).toContain('page=2');
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('.card.lined > li').length === 50);
    await page.fill('#audit-to', '2020-01-01');
    await page.waitForFunction(() =>
      document.querySelector('main')?.textContent?.includes('Ingenting i loggen passer'),
    );
    await page.getByRole('button', { name: 'Vis hele loggen' }).click();
    await page.waitForSelector('.card.lined');
    await settled(page);
    expect(page.url().endsWith(path)).toBe(true);
  });
});
