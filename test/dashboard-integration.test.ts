import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { ReconciliationSource } from '../src/engine/reconciliation/service.ts';
import { signMessage } from '../src/engine/webhooks/sign.ts';
import { openDashboard } from './dashboard-site.ts';
import { expectRefused, settled, testScreens, violationsOf, visitorsOf } from './dashboard-visitor.ts';

// Integration health in a real Chromium: whether the data can be trusted, or why not.

const site = await openDashboard();
const own = await site.organisation();
const fresh = await site.organisation();
const call = { orgId: own.orgId, actor: hostActor };
const admin = await site.person('org_admin', own, fresh);
const coordinator = await site.person('coordinator', own, fresh);
const visitors = visitorsOf(site, own);
const newcomers = visitorsOf(site, fresh);
let code = '';

/** A membership system that names these members, or does not answer. */
const system = (memberIds: readonly string[] | null): ReconciliationSource => ({
  async *readPages() {
    if (memberIds === null) throw new Error('no answer');
    const facts = memberIds.map((memberId) => ({ kind: 'confirmed', memberId, code, source: 'poll' }) as const);
    yield { facts, unreadable: 0, changedUntil: new Date() };
  },
  explain: () => ({ code: 'unreachable', detail: 'The membership system does not answer.' }),
});
const reconcile = (memberIds: readonly string[] | null) =>
  site.verve.reconciliation.run({ orgId: own.orgId, trigger: 'person', source: system(memberIds) });

beforeAll(async () => {
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
  code = 'code' in given ? given.code.code : '';
  const key = await site.verve.secrets.rotateInboundSecret({ ...call, purpose: 'webhook_key', overlapHours: 0 });
  const send = (body: object) =>
    site.request(`/api/v1/webhooks/membership/${own.slug}`, {
      method: 'POST',
      headers: { 'x-referral-key': key.value ?? '', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await send({ status: 'confirmed', external_member_id: '1', referral_code: code });
  await send({ status: 'confirmed', external_member_id: '2', referral_code: 'NOBODY' });
  await site.verve.webhookEndpoints.create(call, {
    url: 'https://badges.example/hooks',
    description: 'Merketjenesten',
  });
  await reconcile(['1']);
  await reconcile(['1', '3', '4', '5']);
}, 60_000);

const paths = ['/health', '/health?view=table'];
const shown = (page: Parameters<typeof settled>[0], selector: string) => page.locator(selector).allInnerTexts();

describe('the screen', () => {
  testScreens(
    { visitors, userId: admin, paths },
    { visitors: newcomers, userId: admin, paths: ['/health'] },
    { visitors: newcomers, userId: coordinator, paths: ['/health'] },
  );
});

describe('whoever looks after the connections', () => {
  test('reads the answer as the heading, then four facts and what the last reconciliation found', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await visitors.visit(page, '/health');
    expect(await page.textContent('h1')).toBe('Medlemssystemet er i takt');
    expect(await page.textContent('.pagehead .sub')).toBe(
      'Siste avstemming fant 3 bekreftelser som ikke var kommet fram, og tok dem inn.',
    );
    const facts = (await shown(page, '.vitals dd:nth-of-type(1)')).map((text) => text.trim());
    expect(facts).toEqual([
      expect.stringMatching(/^(Nå nettopp|For \d minutter? siden)$/),
      expect.stringMatching(/^I dag kl\. /),
      '1 kode',
      expect.anything(),
    ]);
    const rows = (await shown(page, 'section[aria-labelledby=run] tr')).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(rows).toEqual([
      'Medlemskap lest 4',
      'Likt hos oss fra før 1',
      'Bekreftelser tatt inn 3',
      'Sendt til innboksen 0',
      'Feil 0',
    ]);
    expect(await page.textContent('.bars title')).toBe('2 meldinger inn på 14 dager, flest 2 på én dag');
  });

  test('sees the messages as a table too, and the address says so', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await visitors.visit(page, '/health');
    await page.getByRole('button', { name: 'Vis som tabell' }).press('Enter');
    expect(page.url()).toContain('?view=table');
    expect(await page.locator('section[aria-labelledby=messages] tbody tr').count()).toBe(14);
    await page.goBack();
    expect(await page.locator('.bars').count()).toBe(1);
  });

  test('opens an earlier reconciliation under its own address', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await visitors.visit(page, '/health');
    await page.locator('section[aria-labelledby=earlier] a').first().click();
    await page.waitForURL(/\/health\/runs\/[\w-]+$/);
    await settled(page);
    expect(await page.textContent('h1')).toMatch(/^Avstemming /);
    expect(await violationsOf(page)).toEqual([]);
    await visitors.visit(page, '/health/runs/no-such-run');
    await expectRefused(page);
  });

  test('is told when the membership system has been silent for more than three days', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await page.clock.setFixedTime(Date.now() + 4 * 86_400_000);
    await visitors.visit(page, '/health');
    expect(await page.textContent('h1')).toMatch(/^Medlemssystemet har vært stille siden \d+\. /);
  });

  test('is told when the network goes, and keeps the figures', async () => {
    const { page } = await visitors.open({ userId: coordinator });
    await page.clock.install();
    await visitors.visit(page, '/health');
    await page.context().setOffline(true);
    await page.clock.fastForward(31_000);
    await page.waitForSelector('.strip');
    expect(await page.textContent('.strip')).toMatch(/^Tilkoblingen er brutt\. Tallene er fra kl\. /);
    expect(await page.locator('.vitals').count()).toBe(1);
    await page.context().setOffline(false);
    await page.clock.fastForward(31_000);
    await page.waitForSelector('.strip', { state: 'detached' });
  });

  test('asks an administrator where nothing was ever connected; the administrator is told the steps', async () => {
    const one = await newcomers.open({ userId: coordinator });
    await newcomers.visit(one.page, '/health');
    expect(await one.page.textContent('h1')).toBe('Ikke koblet til medlemssystemet ennå');
    expect(await one.page.textContent('main')).toContain('Spør en administrator i Lydhør');
    const other = await newcomers.open({ userId: admin });
    await newcomers.visit(other.page, '/health');
    expect(await other.page.locator('main ol li').count()).toBe(3);
  });
});

describe('an administrator', () => {
  test('gets the address and a secret for the membership system, which it then may sign with', async () => {
    const { page } = await newcomers.open({ userId: admin });
    await newcomers.visit(page, '/health');
    const address = `/api/v1/webhooks/membership/${fresh.slug}`;
    expect(await page.textContent('#connect + ol dd')).toBe(site.origin + address);
    await page.getByRole('button', { name: 'Lag hemmelighet' }).click();
    const secret = await page.getByRole('textbox', { name: 'Hemmeligheten' }).inputValue();
    expect(await violationsOf(page)).toEqual([]);
    const body = JSON.stringify({ status: 'confirmed', external_member_id: 'one' });
    const [id, timestampSeconds] = [`msg_${randomUUID()}`, Math.floor(Date.now() / 1_000)];
    const delivered = await site.request(address, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': await signMessage([secret], { id, timestampSeconds, body }),
      },
    });
    expect(delivered.status).toBe(202);
  });

  test('reconciles now, and hears that it is not set up; a coordinator has no such button and is refused', async () => {
    const { page } = await visitors.open({ userId: admin });
    await visitors.visit(page, '/health');
    expect(await page.textContent('section[aria-labelledby=receivers]')).toContain('Merketjenesten');
    await page.getByRole('button', { name: 'Avstem nå' }).click();
    await page.waitForSelector('.toast');
    expect(await page.textContent('.toast')).toContain('Avstemming er ikke satt opp ennå.');
    const other = await visitors.open({ userId: coordinator });
    await visitors.visit(other.page, '/health');
    expect(await other.page.getByRole('button', { name: 'Avstem nå' }).count()).toBe(0);
    expect(await other.page.locator('section[aria-labelledby=receivers]').count()).toBe(0);
    const status = await other.page.evaluate(
      async () => (await fetch('/api/v1/reconciliations', { method: 'POST' })).status,
    );
    expect(status).toBe(403);
  });

  test('is told that the last reconciliation failed, and why', async () => {
    await reconcile(null);
    const { page } = await visitors.open({ userId: admin });
    await visitors.visit(page, '/health');
    expect(await page.textContent('h1')).toBe('Siste avstemming mislyktes');
    expect(await page.textContent('section[aria-labelledby=run] details')).toContain('unreachable');
    expect(await violationsOf(page)).toEqual([]);
  });
});

test('a reconciliation that runs shows how far it is, and its result by itself', async () => {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const slow: ReconciliationSource = {
    async *readPages() {
      const facts = [{ kind: 'confirmed', memberId: '1', code, source: 'poll' } as const];
      yield { facts, unreadable: 0, changedUntil: new Date() };
      await ended;
    },
    explain: () => null,
  };
  const running = site.verve.reconciliation.run({ orgId: own.orgId, trigger: 'person', source: slow });
  const { page } = await visitors.open({ userId: admin });
  await visitors.visit(page, '/health');
  await page.waitForFunction(() =>
    document.querySelector('section[aria-labelledby=run]')?.textContent?.includes('1 lest'),
  );
  expect(await page.locator('progress').count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Avstem nå' }).isDisabled()).toBe(true);
  expect(await violationsOf(page)).toEqual([]);
  end();
  await running;
  await page.waitForSelector('progress', { state: 'detached' });
  expect(await page.textContent('section[aria-labelledby=run] .tag')).toContain('Fullført');
});

test('a mentor has no such page and no such figures', async () => {
  const { page } = await visitors.open({ userId: own.userId });
  await visitors.visit(page, '/health');
  await expectRefused(page);
  expect(await page.evaluate(async () => (await fetch('/api/v1/integration')).status)).toBe(403);
});

test('codes that met nobody lead to the inbox, where they wait', async () => {
  const { page } = await visitors.open({ userId: coordinator });
  await visitors.visit(page, '/health');
  await page.getByRole('link', { name: '1 kode' }).click();
  await page.waitForSelector('.rowlink.case:has-text("NOBODY")');
  expect(new URL(page.url()).pathname).toBe(`/app/${own.slug}/inbox`);
});
