import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { settled, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// The audit log in a real Chromium: who did what.

const site = await openDashboard();
const own = await site.organisation();
const other = await site.organisation();
const call = { orgId: own.orgId, actor: hostActor };
const [admin, coordinator] = [randomUUID(), randomUUID()];
const { open, visit, expectAccessible, expectFitting } = visitorsOf(site, own);
const elsewhere = visitorsOf(site, other);
const path = '/admin/audit';

beforeAll(async () => {
  await site.verve.roles.grant({ ...call, userId: admin, role: 'org_admin' });
  await site.verve.roles.grant({ ...call, userId: coordinator, role: 'coordinator' });
  await site.verve.roles.grant({ ...call, orgId: other.orgId, userId: admin, role: 'org_admin' });
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
  test.each(['light', 'dark'] as const)(
    'is free of barriers when %s, in three languages',
    (theme) => expectAccessible(admin, theme, [path, `${path}?action=person.erase`]),
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
