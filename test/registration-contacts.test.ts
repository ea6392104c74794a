import { beforeAll, expect, test } from 'vitest';
import { makeSite, type Site, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;

beforeAll(async () => {
  site = await makeSite();
});

async function register(): Promise<void> {
  tenant = await site.organisation();
  const { mentorId } = await tenant.mentor();
  const made = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  const contact = { name: 'Kari Nord', phone: '+4740000000', email: 'kari@epost.example' };
  const sheet = { code: String(made.body.code), submission: crypto.randomUUID(), contact };
  await site.verve.join.submit({ ...sheet, consentVersion: '1', sessionToken: null });
}

test('contact data is listed for whoever may, handed over once, and then gone', async () => {
  await register();
  const list = () => site.send('GET', '/api/v1/registration-contacts', { as: tenant.key });
  const waiting = await list();
  expect(waiting).toMatchObject({
    status: 200,
    body: { data: [{ name: 'Kari Nord', phone: '+4740000000', email: 'kari@epost.example', consent_version: '1' }] },
  });
  const [contact] = waiting.body.data as { contact_id: string; registration_ref: string }[];
  const handOver = () =>
    site.send('POST', '/api/v1/registration-contacts/hand-over', {
      as: tenant.key,
      body: { contact_ids: [contact?.contact_id] },
    });
  expect(await handOver()).toMatchObject({ status: 200, body: { deleted: 1 } });
  expect(await handOver()).toMatchObject({ status: 200, body: { deleted: 0 } });
  expect((await list()).body).toEqual({ data: [] });
});

test('contact data is nobody else’s: mentors, coordinators, narrow keys, other organisations, the public', async () => {
  await register();
  const { token } = await tenant.mentor();
  const coordinator = await tenant.person('coordinator');
  const narrow = await tenant.keyWith(['attributions:read']);
  for (const as of [token, coordinator.token, narrow]) {
    expect((await site.send('GET', '/api/v1/registration-contacts', { as })).status).toBe(403);
  }
  const admin = await tenant.person('org_admin');
  const own = await site.send('GET', '/api/v1/registration-contacts', { as: admin.token });
  expect(own.body.data).toHaveLength(1);
  const stranger = await site.organisation();
  expect((await site.send('GET', '/api/v1/registration-contacts', { as: stranger.key })).body).toEqual({ data: [] });
  expect((await site.send('GET', '/api/v1/registration-contacts')).status).toBe(401);
});
