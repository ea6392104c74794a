import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { authenticateDelivery } from '../src/connectors/authentication/authenticate-delivery.ts';
import { matchStaticKey, presentedKey } from '../src/connectors/authentication/static-key.ts';
import { createSecret, signMessage } from '../src/engine/webhooks/sign.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const query = (text: string) => new URLSearchParams(text);

/** Events-badges §5.2, vectors 1 and 2. */
const VECTORS = [
  {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    id: 'evt_01J8Z0000000000000000000AA',
    timestamp: 1740823200,
    body: '{"specversion":"1.0","id":"evt_01J8Z0000000000000000000AA","source":"https://referral.example.no/orgs/hlf","type":"no.example.referral.milestone.reached.v1","subject":"mentor/5d0d2d2c-6b3e-4f4b-9d1c-0a4f7c2b1a10","time":"2025-03-01T10:00:00Z","datacontenttype":"application/json","data":{"milestone":"recruits_5","count":5,"award_key":"hlf:5d0d2d2c-6b3e-4f4b-9d1c-0a4f7c2b1a10:recruits_5"}}',
    signature: 'v1,n7QswoHt1FMr8osNs4c6q5iZX7PVHJGhgM5c6GJQEdc=',
  },
] as const;
const [vector] = VECTORS;

const signedHeaders = (id: string, timestamp: number | string, signature: string) =>
  new Headers({ 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature });

const authenticateVector = (changes: Partial<Parameters<typeof authenticateDelivery>[0]> = {}) =>
  authenticateDelivery({
    headers: signedHeaders(vector.id, vector.timestamp, vector.signature),
    query: query(''),
    body: bytes(vector.body),
    secrets: { signing: [vector.secret], keys: [] },
    now: new Date(vector.timestamp * 1000),
    ...changes,
  });

describe('a signed delivery', () => {
  test.each(VECTORS)('with the published signature of $id is let in', async (each) => {
    const headers = signedHeaders(each.id, each.timestamp, each.signature);
    const secrets = { signing: [each.secret], keys: [] };
    const signedAt = new Date(each.timestamp * 1000);
    const result = await authenticateVector({ headers, body: bytes(each.body), secrets, now: signedAt });
    expect(result).toEqual({ outcome: 'signed', deliveryId: each.id, signedAt });
  });

  test('from standardwebhooks and from svix is let in', async () => {
    const secret = createSecret();
    const now = new Date();
    for (const signer of [new Webhook(secret), new SvixWebhook(secret)]) {
      const seconds = Math.floor(now.getTime() / 1000);
      const headers = signedHeaders('msg_1', seconds, signer.sign('msg_1', now, '{"æ":"ø"}'));
      const secrets = { signing: [secret], keys: [] };
      const result = await authenticateVector({ headers, body: bytes('{"æ":"ø"}'), secrets, now });
      expect(result.outcome).toBe('signed');
    }
  });

  test('is let in by the older of two secrets', async () => {
    const secrets = { signing: [createSecret(), vector.secret], keys: [] };
    expect((await authenticateVector({ secrets })).outcome).toBe('signed');
  });

  test.each([
    ['300 s late is let in', 300, 'signed'],
    ['301 s late is refused', 301, 'badTimestamp'],
    ['300 s early is let in', -300, 'signed'],
    ['301 s early is refused', -301, 'badTimestamp'],
  ])('%s', async (_title, skew, outcome) => {
    expect(await authenticateVector({ now: new Date((vector.timestamp + skew) * 1000) })).toMatchObject({ outcome });
  });

  test('with any byte of its body changed is refused', async () => {
    for (let at = 0; at < vector.body.length; at += 1) {
      const body = bytes(vector.body);
      body[at] = (body[at] ?? 0) ^ 1;
      expect((await authenticateVector({ body })).outcome).toBe('badSignature');
    }
  });

  test.each([
    ['another id', signedHeaders('msg_other', vector.timestamp, vector.signature)],
    ['another time', signedHeaders(vector.id, vector.timestamp + 1, vector.signature)],
    ['no version before the signature', signedHeaders(vector.id, vector.timestamp, vector.signature.slice(3))],
    ['an empty signature', signedHeaders(vector.id, vector.timestamp, 'v1,')],
    ['an id with a full stop', signedHeaders('a.b', vector.timestamp, vector.signature)],
    ['no id', signedHeaders('', vector.timestamp, vector.signature)],
  ])('with %s is refused', async (_title, headers) => {
    expect((await authenticateVector({ headers })).outcome).toBe('badSignature');
  });

  test('is refused for an organisation without secrets', async () => {
    expect((await authenticateVector({ secrets: { signing: [], keys: [] } })).outcome).toBe('badSignature');
  });

  test('with a bad signature is not let in by a good key beside it', async () => {
    const signature = await signMessage([createSecret()], {
      id: 'msg_1',
      timestampSeconds: vector.timestamp,
      body: bytes(vector.body),
    });
    const headers = signedHeaders('msg_1', vector.timestamp, signature);
    headers.set('x-referral-key', 'static');
    const secrets = { signing: [vector.secret], keys: ['static'] };
    expect((await authenticateVector({ headers, secrets })).outcome).toBe('badSignature');
  });
});

describe('a static key', () => {
  const authenticate = (headers: Headers, search = '', keys = ['new-key', 'old-key']) =>
    authenticateVector({ headers, query: query(search), secrets: { signing: [], keys } });

  test.each([
    ['in the header', new Headers({ 'X-Referral-Key': 'new-key' }), ''],
    ['as ?code=, the WebhookKey kind of Dataverse', new Headers(), 'code=new-key'],
    ['as ?x-referral-key=, its HttpQueryString kind', new Headers(), 'x-referral-key=new-key'],
    ['that is the older of two', new Headers({ 'x-referral-key': 'old-key' }), ''],
  ])('%s lets in', async (_title, headers, search) => {
    expect(await authenticate(headers, search)).toEqual({ outcome: 'keyed' });
  });

  test('with a plus sign may stand in the query as it is', async () => {
    expect(await authenticate(new Headers(), 'code=a+b/c=', ['a+b/c='])).toEqual({ outcome: 'keyed' });
  });

  test('that is wrong, empty or missing does not', async () => {
    expect(await authenticate(new Headers({ 'x-referral-key': 'new-ke' }))).toEqual({ outcome: 'badKey' });
    expect(await authenticate(new Headers({ 'x-referral-key': 'new-key' }), '', [])).toEqual({ outcome: 'badKey' });
    expect(await authenticate(new Headers({ 'x-referral-key': 'wrong' }), 'code=new-key')).toEqual({
      outcome: 'badKey',
    });
    expect(await authenticate(new Headers(), 'code=')).toEqual({ outcome: 'nothingPresented' });
    expect(await authenticate(new Headers())).toEqual({ outcome: 'nothingPresented' });
  });

  test('that is empty on our side matches nothing', async () => {
    expect(await matchStaticKey('', [''])).toBeNull();
    expect(await matchStaticKey(null, [''])).toBeNull();
    expect(presentedKey(new Headers({ 'x-referral-key': '' }), query('code=b'))).toBeNull();
  });
});
