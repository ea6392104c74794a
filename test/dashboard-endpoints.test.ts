import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createWebhookEndpoints } from '../src/engine/webhooks/endpoints.ts';
import { createOutbox } from '../src/engine/webhooks/outbox.ts';
import { createWebhookPoster } from '../src/server/post-webhook.ts';
import { startSender } from '../src/server/sender.ts';
import { openAdministration } from './dashboard-administration.ts';
import { expectRefused, settled, testScreens, violationsOf } from './dashboard-visitor.ts';
import { startBadgeReceiver } from './stand-ins/badge-receiver.ts';

// Receivers of events in a real Chromium, with a real sender and a real receiver: the log tells what arrived.

const { site, own, call, admin, coordinator, visitors, elsewhere } = await openAdministration('/admin/connections');
const { open, visit } = visitors;
const receiver = await startBadgeReceiver();
const { parts } = site.verve;
const { database, keyRing } = parts;
const outbox = createOutbox({ database, keyRing, publicUrl: site.origin, onAcknowledged: async () => {} });
const poster = createWebhookPoster({ allowLoopback: true, timeoutMs: 2_000 });
const sender = startSender({ outbox, poster, pollMs: 50, onFault: (error) => console.error(error) });
afterAll(async () => {
  await sender.stop(0);
  poster.close();
  await receiver.close();
});
let path = '';

beforeAll(async () => {
  const endpoints = createWebhookEndpoints(parts, { allowLoopback: true });
  const settings = { url: receiver.url, description: 'Merketjenesten' };
  const { endpoint, secret } = await endpoints.create(call, settings);
  receiver.secrets.push(secret);
  path = `/admin/connections/endpoints/${endpoint.endpointId}`;
  const given = await site.verve.codes.getOrCreate({ ...call, mentorId: own.mentorId });
  await site.verve.attributions.registerReferral({ ...call, code: 'code' in given ? given.code.code : '' });
  await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThan(0), { timeout: 10_000 });
}, 30_000);

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const toast = async (page: Page): Promise<string | null> => {
  await page.waitForSelector('.toast');
  return page.textContent('.toast .grow');
};
async function administration(to: string): Promise<Page> {
  const { page } = await open({ userId: admin });
  await visit(page, to);
  return page;
}

describe('the screens', () => {
  testScreens({ visitors, userId: admin, paths: () => ['/admin/connections', path, `${path}?status=parked`] });

  test('cost at most 250 kB of compressed script', async () => {
    const { page } = await open({ userId: admin });
    const loaded: Promise<number>[] = [];
    page.on('response', (response) => {
      if (!response.headers()['content-type']?.startsWith('text/javascript')) return;
      loaded.push(response.body().then((body) => gzipSync(body).length));
    });
    await visit(page, path);
    const bytes = await Promise.all(loaded);
    expect(bytes.length).toBeGreaterThan(1);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(250_000);
  });

  test('are not there for a coordinator, nor for an administrator of another organisation', async () => {
    const theirs = await open({ userId: coordinator });
    await visit(theirs.page, path);
    await expectRefused(theirs.page);
    const status = await theirs.page.evaluate(async () => (await fetch('/api/v1/webhook-endpoints')).status);
    expect(status).toBe(403);
    const stranger = await elsewhere.open({ userId: admin });
    await elsewhere.visit(stranger.page, path);
    await expectRefused(stranger.page);
    await elsewhere.visit(stranger.page, '/admin/connections');
    expect(await stranger.page.textContent('main')).toContain('Ingen mottakere ennå');
  });
});

describe('an administrator', () => {
  test('adds a receiver: its secret is shown this once; an address that cannot be used is refused', async () => {
    const page = await administration('/admin/connections');
    await button(page, 'Legg til mottaker').click();
    await page.fill('#endpoint-url', 'https://127.0.0.1/hooks');
    await page.fill('#endpoint-types', 'milestone.*, badge.awarded');
    expect(await violationsOf(page)).toEqual([]);
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('dialog [role=alert]');
    expect(await page.textContent('dialog [role=alert]')).toContain('Adressen kan ikke brukes.');
    await page.fill('#endpoint-url', 'https://badges.example/hooks');
    await page.locator('dialog button[type=submit]').click();
    await page.waitForSelector('#secret');
    const secret = await page.inputValue('#secret');
    expect(secret).toMatch(/^whsec_/);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'badges.example' }).click();
    await page.waitForURL(/endpoints/);
    await settled(page);
    expect(await page.content()).not.toContain(secret);
    expect(await page.textContent('main')).toContain('badge.awarded, milestone.*');
  });

  test('reads what was sent and how it went, and sends it again under the same id', async () => {
    const page = await administration(path);
    await page.waitForSelector('.card.lined li');
    const row = page.locator('.card.lined > li', { hasText: 'Levert' }).first();
    expect(await row.textContent()).toContain('Svar 204');
    await row.getByRole('button', { name: /^Se innhold/ }).click();
    await page.waitForSelector('#body');
    const sent = await page.inputValue('#body');
    const before = receiver.received.filter(({ body }) => body === sent);
    expect(before).toHaveLength(1);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await row.getByRole('button', { name: /^Send på nytt/ }).click();
    expect(await toast(page)).toBe('Leveringen sendes på nytt');
    const ids = () => receiver.received.filter(({ body }) => body === sent).map(({ id }) => id);
    await expect.poll(ids, { timeout: 10_000 }).toEqual([before[0]?.id, before[0]?.id]);
  });

  test('narrows the log by status; the address says so, and Back undoes it', async () => {
    const page = await administration(path);
    await button(page, 'Ligger på vent').press('Enter');
    await page.waitForFunction(() => document.querySelector('main')?.textContent?.includes('Ingen leveringer her'));
    expect(page.url()).toContain('?status=parked');
    await page.goBack();
    await page.waitForSelector('.card.lined li');
  });

  test('sends a test, which is in the log', async () => {
    const page = await administration(path);
    await button(page, 'Send en prøve').click();
    expect(await toast(page)).toBe('Prøven er sendt. Den kommer i loggen.');
    await page.locator('.card.lined > li', { hasText: 'Prøve' }).first().waitFor();
  });

  test('stops a receiver and starts it again', async () => {
    const page = await administration(path);
    await button(page, 'Stans').click();
    expect(await toast(page)).toBe('Mottakeren er stanset');
    await button(page, 'Start igjen').click();
    await page.waitForFunction(() => document.querySelector('.toast')?.textContent?.includes('får meldinger igjen'));
    await button(page, 'Stans').waitFor();
  });

  test('makes a new secret, and removes a receiver after a question', async () => {
    const { endpoint } = await site.verve.webhookEndpoints.create(call, { url: 'https://old.example/hooks' });
    const page = await administration(`/admin/connections/endpoints/${endpoint.endpointId}`);
    await button(page, 'Ny hemmelighet').click();
    await page.locator('dialog .btn.danger').click();
    await page.waitForSelector('#secret');
    expect(await page.inputValue('#secret')).toMatch(/^whsec_/);
    await page.keyboard.press('Escape');
    await button(page, 'Fjern').click();
    expect(await page.textContent('dialog')).toContain('Dette kan ikke angres.');
    await page.locator('dialog .btn.danger').click();
    expect(await toast(page)).toBe('Mottakeren er fjernet');
    await page.waitForURL(/\/admin\/connections$/);
    await expect(site.verve.webhookEndpoints.get(call, endpoint.endpointId)).rejects.toThrow('not_found');
  });
});
