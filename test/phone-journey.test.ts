// From a printed poster to a credited membership, as a phone does it: real PostgreSQL, HTTP and Chromium, two QR readers.
import { randomUUID } from 'node:crypto';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { signMessage } from '../src/engine/webhooks/sign.ts';
import { openBrowser } from './browser.ts';
import { openSite, type Site } from './pages-site.ts';
import { pictureOf, readByJsqr, readByZxing, turned } from './qr-picture.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});

const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
};

async function openPhone(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await (await openBrowser()).newContext({ ...phone, ...options });
  return context.newPage();
}

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(fields)) await page.locator(`#${name}`).fill(text);
}

const kari = { name: 'Kari Ærlig Ødegård', phone: '+47 400 00 000', email: 'kari@epost.example' };

describe('a phone', () => {
  it('goes from a poster on the wall to a credited membership that explains itself', async () => {
    const { orgId, slug, code } = await site.organisation();
    const wall = await (await openBrowser()).newPage({ viewport: { width: 900, height: 1300 } });
    await wall.goto(`${site.origin}/print/${code}/poster`);
    // The whole poster, as a camera held aslant sees it from some way off.
    const seen = turned(pictureOf(await wall.screenshot()), 8, 0.6);
    await wall.close();
    const [link = ''] = await readByZxing(seen);
    expect(readByJsqr(seen)).toBe(link);

    const page = await openPhone();
    await page.goto(site.origin + new URL(link).pathname);
    await fill(page, kari);
    await page.locator('#consent').tap();
    await page.locator('button.btn').tap();
    await page.waitForURL(/registered/);
    const registrationRef = new URL(page.url()).searchParams.get('ref');
    await page.context().close();
    expect(await site.registrations(orgId)).toMatchObject([{ status: 'pending', registration_ref: registrationRef }]);

    const made = await site.verve.secrets.rotateInboundSecret({
      orgId,
      actor: hostActor,
      purpose: 'webhook_signing',
      overlapHours: 1,
    });
    const body = JSON.stringify({ status: 'confirmed', external_member_id: 'M-1', registration_ref: registrationRef });
    const [id, timestampSeconds] = [`msg_${randomUUID()}`, Math.floor(Date.now() / 1000)];
    const answer = await fetch(`${site.origin}/api/v1/webhooks/membership/${slug}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': await signMessage([made.value ?? ''], { id, timestampSeconds, body }),
      },
    });
    expect(await answer.json()).toMatchObject({ results: [{ result: 'confirmed' }] });

    const rows = await site.rows<{ id: string; channel: string }>(
      'select id from verve.referral_attributions where org_id = $1',
      [orgId],
    );
    expect(rows).toHaveLength(1);
    const explained = await site.verve.attributions.explain({
      orgId,
      actor: hostActor,
      attributionId: rows[0]?.id ?? '',
    });
    expect(JSON.stringify(explained)).toContain('registration_ref');
    expect(explained.attribution.status).toBe('confirmed');
    expect(JSON.stringify(explained)).not.toMatch(/Ødegård|400 ?00|epost/);
  });

  it('may press twice, reload, go back and press again: one registration', async () => {
    const { orgId, code } = await site.organisation();
    const page = await openPhone();
    await page.goto(`${site.origin}/join/${code}`);
    await fill(page, kari);
    await page.locator('#consent').tap();
    const button = page.locator('button.btn');
    await Promise.all([page.waitForURL(/registered/), button.dblclick()]);
    await page.reload();
    expect(await page.locator('h1').textContent()).toBe('Takk!');
    await page.goBack();
    // The page is a new one; what was typed may stand in it, as the browser likes.
    await fill(page, kari);
    await page.locator('#consent').check();
    await Promise.all([page.waitForURL(/registered/), page.locator('button.btn').tap()]);
    expect(await page.locator('h1').textContent()).toBe('Du er allerede registrert');
    expect(await site.registrations(orgId)).toHaveLength(1);
    await page.context().close();
  });

  it.each([true, false])('has everything typed kept when something is wrong, with script %s', async (script) => {
    const { orgId, code } = await site.organisation();
    const page = await openPhone({ javaScriptEnabled: script });
    await page.goto(`${site.origin}/join/${code}?lang=nn`);
    const typed = { name: 'Åse «Lønø» <b>&amp;🌸', phone: '12 34', email: 'åse@æøå' };
    await fill(page, typed);
    await page.locator('#consent').tap();
    await Promise.all([page.waitForResponse((answer) => answer.status() === 422), page.locator('button.btn').tap()]);
    await page.locator('#phone-wrong').waitFor();
    expect(await page.locator('#name').inputValue()).toBe(typed.name);
    expect(await page.locator('#phone').inputValue()).toBe(typed.phone);
    expect(await page.locator('#consent').isChecked()).toBe(true);
    expect(await page.locator('#email-wrong').textContent()).toBe('Skriv ei e-postadresse, til dømes namn@epost.no');
    await fill(page, { phone: '90000000', email: 'åse@blåbær.no' });
    await Promise.all([page.waitForURL(/registered.*lang=nn/), page.locator('button.btn').tap()]);
    const [contact] = await site.contacts.list({ orgId, actor: hostActor });
    expect(contact).toMatchObject({ name: typed.name, phone: '+4790000000' });
    // Chromium sends the domain as the network writes it.
    expect(contact?.email).toMatch(/^åse@(?:blåbær|xn--blbr-roah)\.no$/);
    await page.context().close();
  });

  it('tells the keyboard and the address book what each field is', async () => {
    const { code } = await site.organisation();
    const page = await openPhone();
    await page.goto(`${site.origin}/join/${code}`);
    const fields = await page
      .locator('.input')
      .evaluateAll((found) =>
        found.map((one) => ['type', 'inputmode', 'autocomplete', 'name'].map((name) => one.getAttribute(name))),
      );
    expect(fields).toEqual([
      ['text', 'text', 'name', 'name'],
      ['tel', 'tel', 'tel', 'phone'],
      ['email', 'email', 'email', 'email'],
    ]);
    // Smaller letters make an iPhone zoom into the field.
    const size = await page.locator('#name').evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
    expect(size).toBeGreaterThanOrEqual(16);
    await page.context().close();
  });

  it('survives a novel in every field, and keeps the beginning of it', async () => {
    const { orgId, code } = await site.organisation();
    const page = await openPhone();
    await page.goto(`${site.origin}/join/${code}`);
    await fill(page, { name: 'Å'.repeat(900), phone: '4'.repeat(900), email: `${'e'.repeat(900)}@epost.no` });
    await page.locator('#consent').tap();
    await Promise.all([page.waitForResponse((answer) => answer.status() === 422), page.locator('button.btn').tap()]);
    await page.locator('#name-wrong').waitFor();
    expect((await page.locator('#name').inputValue()).length).toBeGreaterThan(200);
    expect(await page.locator('.wrong').count()).toBe(3);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await site.registrations(orgId)).toEqual([]);
    await page.context().close();
  });

  it('keeps the language it chose when a newer code is typed', async () => {
    const { code } = await site.organisation();
    const page = await openPhone({ locale: 'nb-NO' });
    await page.goto(`${site.origin}/join?lang=en`);
    await page.locator('#ref').fill(`${code.slice(0, 5)} ${code.slice(5).toLowerCase()}`);
    await Promise.all([page.waitForURL(/ref=/), page.locator('button.btn').tap()]);
    expect(await page.locator('h1').textContent()).toBe('Welcome to Lydhør');
    await page.context().close();
  });
});
