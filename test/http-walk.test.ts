import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { beforeAll, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { makeSite, type Site } from './http-site.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

async function signedDelivery(slug: string, orgId: string, statement: unknown) {
  const { value } = await site.verve.secrets.rotateInboundSecret({
    orgId,
    actor: hostActor,
    purpose: 'webhook_signing',
  });
  const body = JSON.stringify(statement);
  const id = `msg_${randomUUID()}`;
  const at = new Date();
  const signature = new Webhook(value ?? '').sign(id, at, body);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
  return { path: `/api/v1/webhooks/membership/${slug}`, options: { body, headers } };
}

test('a mentor’s code, a click, a registration, a signed confirmation, and the explanation of the credit', async () => {
  const { key, slug, orgId, mentor } = await site.organisation();
  const { mentorId, token } = await mentor();
  const made = await site.send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
  expect(made.status).toBe(201);
  const code = String(made.body.code);
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
  const again = await site.send('POST', '/api/v1/referral-codes', { as: token });
  expect(again).toMatchObject({ status: 200, body: { code, url: `https://${slug}.example/join/${code}` } });

  const click = await site.send('POST', '/api/v1/referral-attributions', {
    body: { code, metadata: { platform: 'ios' } },
  });
  expect(click).toMatchObject({ status: 201, body: { outcome: 'recorded', type: 'click', status: 'pending' } });

  const registered = await site.send('POST', '/api/v1/registrations', { body: { code } });
  expect(registered).toMatchObject({ status: 201, body: { outcome: 'registered' } });
  const registrationRef = String(registered.body.registration_ref);

  const statement = {
    status: 'confirmed',
    external_member_id: '10293',
    registration_ref: registrationRef,
    occurred_at: new Date().toISOString(),
  };
  const { path, options } = await signedDelivery(slug, orgId, statement);
  const delivered = await site.send('POST', path, options);
  expect(delivered).toMatchObject({
    status: 202,
    body: { accepted: 1, is_repeated: false, results: [{ result: 'confirmed' }] },
  });
  const repeated = await site.send('POST', path, options);
  expect(repeated).toMatchObject({ status: 202, body: { is_repeated: true, results: [{ result: 'confirmed' }] } });

  const list = await site.send('GET', `/api/v1/referral-attributions?mentor_id=${mentorId}`, { as: key });
  expect(list.body.data).toMatchObject([{ status: 'confirmed', is_credited: true, new_member_id: '10293' }]);
  const [row] = list.body.data as { id: string }[];
  const why = await site.send('GET', `/api/v1/referral-attributions/${row?.id}/explanation`, { as: key });
  expect(why.status).toBe(200);
  expect(why.body.strength_of_link).toBe('certain');
  expect(why.text).not.toContain('10293 '); // the explanation itself names no member
});

test('a delivery to an unknown organisation and one with a wrong signature are answered alike', async () => {
  const { slug, orgId } = await site.organisation();
  const statement = { status: 'confirmed', external_member_id: '1' };
  const { options } = await signedDelivery(slug, orgId, statement);
  const wrong = { ...options, headers: { ...options.headers, 'webhook-signature': 'v1,AAAA' } };
  const one = await site.send('POST', `/api/v1/webhooks/membership/${slug}`, wrong);
  const other = await site.send('POST', '/api/v1/webhooks/membership/nobody-here', wrong);
  expect(one.status).toBe(401);
  expect({ ...one.body, request_id: '' }).toEqual({ ...other.body, request_id: '' });
});

test('confirming with a click’s id credits the click’s code and answers the conversion', async () => {
  const { key, mentor } = await site.organisation();
  const { mentorId } = await mentor();
  const { body } = await site.send('POST', '/api/v1/referral-codes', { as: key, body: { mentor_id: mentorId } });
  const click = await site.send('POST', '/api/v1/referral-attributions', { body: { code: body.code } });
  const path = `/api/v1/referral-attributions/${click.body.id}`;
  const mismatch = await site.send('PUT', path, { as: key, body: { code: 'ZZZZZZZZZZ', new_member_id: '77' } });
  expect(mismatch).toMatchObject({ status: 409, body: { code: 'code_mismatch' } });
  const confirmed = await site.send('PUT', path, { as: key, body: { code: body.code, new_member_id: '77' } });
  expect(confirmed).toMatchObject({
    status: 200,
    body: { type: 'conversion', status: 'confirmed', outcome: 'confirmed' },
  });
  expect(confirmed.headers.get('content-location')).toBe(`/api/v1/referral-attributions/${confirmed.body.id}`);
  const same = await site.send('PUT', path, { as: key, body: { new_member_id: '77' } });
  expect(same).toMatchObject({ status: 200, body: { outcome: 'already_confirmed', id: confirmed.body.id } });
  const another = await site.send('PUT', path, { as: key, body: { new_member_id: '78' } });
  expect(another).toMatchObject({ status: 200, body: { outcome: 'confirmed', clicked_on: null } });
});
