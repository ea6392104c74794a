import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDashboard } from './dashboard-site.ts';
import { testScreens, visitorsOf } from './dashboard-visitor.ts';
import { freshOrganisation } from './harness.ts';

// An organisation in which nothing has happened: every screen says so, and what to do first.

const site = await openDashboard();
const own = { ...(await freshOrganisation({ name: 'Lydhør' })), mentorId: '', userId: randomUUID() };
const admin = await site.person('org_admin', own);
const coordinator = await site.person('coordinator', own);
const visitors = visitorsOf(site, own);
const paths = ['/overview', '/mentors', '/branches', '/channels', '/attributions', '/health'];

testScreens({ visitors, userId: admin, paths }, { visitors, userId: coordinator, paths });

test('an administrator is led to what comes first; there is nothing to filter, and nothing to reset', async () => {
  const { page } = await visitors.open({ userId: admin });
  await visitors.visit(page, '/mentors');
  expect(await page.getByRole('heading', { name: 'Ingen likepersoner ennå' }).count()).toBe(1);
  expect(
    await page
      .getByRole('searchbox')
      .or(page.getByRole('button', { name: 'Nullstill' }))
      .count(),
  ).toBe(0);
  await page.getByRole('link', { name: 'Legg inn lagene' }).click();
  await page.waitForURL('**/admin/branches');
  await visitors.visit(page, '/branches');
  expect(await page.getByRole('link', { name: 'Legg inn lag' }).count()).toBe(1);
});

test('a coordinator is told whom to ask, and a mentor ends it', async () => {
  const { page } = await visitors.open({ userId: coordinator });
  await visitors.visit(page, '/overview');
  expect(await page.getByText('En administrator i Lydhør kan legge dem inn.').count()).toBe(1);
  expect(await page.getByRole('link', { name: 'Legg inn lagene' }).count()).toBe(0);
  await site.verve.mentors.create({ orgId: own.orgId, actor: hostActor, displayName: 'Solveig Tveitmo' });
  await visitors.visit(page, '/overview');
  expect(await page.getByRole('heading', { name: 'Ingen likepersoner ennå' }).count()).toBe(0);
});

test('a page whose script does not come says so in its place, and comes by itself when the network is back', async () => {
  const { page } = await visitors.open({ userId: admin });
  await visitors.visit(page, '/overview');
  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'Kanaler' }).click();
  await page.getByText('Vi fikk ikke hentet tallene').waitFor();
  expect(await page.getByRole('link', { name: 'Oversikt' }).count()).toBe(1);
  await page.context().setOffline(false);
  await page.getByRole('heading', { name: 'Ingen medlemmer fra en kjent kanal i perioden' }).waitFor();
});
