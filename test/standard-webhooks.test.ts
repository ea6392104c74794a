import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { decodeSecret, encodeBase64, generateSecret } from '../src/connectors/standard-webhooks/secret.ts';
import { signWebhook } from '../src/connectors/standard-webhooks/sign.ts';
import { matchStaticKey, presentedKey } from '../src/connectors/standard-webhooks/static-key.ts';
import { verifyWebhook } from '../src/connectors/standard-webhooks/verify.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const keyOf = (secret: string) => decodeSecret(secret) ?? new Uint8Array();

/** Events-badges §5.2: the reference libraries' own vector, and one whose body is a CloudEvent. */
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
];
const vector = VECTORS[0] as (typeof VECTORS)[number];

const headersOf = (id: string, timestamp: number | string, signature: string) =>
  new Headers({ 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature });

const verifyVector = (changes: Partial<Parameters<typeof verifyWebhook>[0]> = {}) =>
  verifyWebhook({
    headers: headersOf(vector.id, vector.timestamp, vector.signature),
    body: bytes(vector.body),
    keys: [keyOf(vector.secret)],
    now: new Date(vector.timestamp * 1000),
    ...changes,
  });

describe('signing', () => {
  test.each(VECTORS)('gives the published signature of $id', async ({ secret, id, timestamp, body, signature }) => {
    const headers = await signWebhook({ id, timestamp, body: bytes(body), keys: [keyOf(secret)] });
    expect(headers['webhook-signature']).toBe(signature);
  });

  test('is accepted by standardwebhooks and svix, whatever the text in the body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), async (text) => {
        const body = JSON.stringify({ text });
        const secret = generateSecret();
        const timestamp = Math.floor(Date.now() / 1000);
        const headers = await signWebhook({ id: 'evt_1', timestamp, body: bytes(body), keys: [keyOf(secret)] });
        expect(new Webhook(secret).verify(body, headers)).toEqual({ text });
        expect(() => new SvixWebhook(secret).verify(body, headers)).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  test('with two keys satisfies a receiver who has only the old one, and one who has only the new', async () => {
    const [older, newer] = [generateSecret(), generateSecret()];
    const timestamp = Math.floor(Date.now() / 1000);
    const keys = [keyOf(newer), keyOf(older)];
    const headers = await signWebhook({ id: 'evt_1', timestamp, body: bytes('{}'), keys });
    for (const secret of [older, newer]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
  });
});

describe('verifying', () => {
  test.each(VECTORS)('accepts the published signature of $id', async ({ secret, id, timestamp, body, signature }) => {
    const result = await verifyWebhook({
      headers: headersOf(id, timestamp, signature),
      body: bytes(body),
      keys: [keyOf(secret)],
      now: new Date(timestamp * 1000),
    });
    expect(result).toEqual({ outcome: 'verified', webhookId: id, signedAt: new Date(timestamp * 1000), keyIndex: 0 });
  });

  test('accepts what standardwebhooks and svix sign', async () => {
    const secret = generateSecret();
    const now = new Date();
    const timestamp = Math.floor(now.getTime() / 1000);
    for (const signer of [new Webhook(secret), new SvixWebhook(secret)]) {
      const headers = headersOf('msg_1', timestamp, signer.sign('msg_1', now, '{"æ":"ø"}'));
      const result = await verifyWebhook({ headers, body: bytes('{"æ":"ø"}'), keys: [keyOf(secret)], now });
      expect(result.outcome).toBe('verified');
    }
  });

  test('accepts the second key during rotation, and says which', async () => {
    const keys = [keyOf(generateSecret()), keyOf(vector.secret)];
    expect(await verifyVector({ keys })).toMatchObject({ outcome: 'verified', keyIndex: 1 });
  });

  test('finds the good signature among several, of several versions', async () => {
    const wrong = `v1,${encodeBase64(new Uint8Array(32))}`;
    const headers = headersOf(
      vector.id,
      vector.timestamp,
      `v1a,AAAA v2,BBBB ${wrong} v1,not~base64 ${vector.signature}`,
    );
    expect(await verifyVector({ headers })).toMatchObject({ outcome: 'verified' });
  });

  test.each([
    ['accepts a delivery 300 s late', 300, 'verified'],
    ['refuses a delivery 301 s late', 301, 'timestamp_out_of_tolerance'],
    ['accepts a delivery 300 s early', -300, 'verified'],
    ['refuses a delivery 301 s early', -301, 'timestamp_out_of_tolerance'],
  ])('%s', async (_title, skew, outcome) => {
    expect(await verifyVector({ now: new Date((vector.timestamp + skew) * 1000 + 999) })).toMatchObject({ outcome });
  });

  test('refuses any changed byte of the body', async () => {
    for (let at = 0; at < vector.body.length; at += 1) {
      const body = bytes(vector.body);
      body[at] = (body[at] ?? 0) ^ 1;
      expect((await verifyVector({ body })).outcome).toBe('no_matching_signature');
    }
  });

  test.each([
    ['another id', headersOf('msg_other', vector.timestamp, vector.signature), 'no_matching_signature'],
    ['another time', headersOf(vector.id, vector.timestamp + 1, vector.signature), 'no_matching_signature'],
    [
      'a signature without its version',
      headersOf(vector.id, vector.timestamp, vector.signature.slice(3)),
      'no_matching_signature',
    ],
    ['an empty signature', headersOf(vector.id, vector.timestamp, 'v1,'), 'no_matching_signature'],
    ['a time that is no number', headersOf(vector.id, '1614265330x', vector.signature), 'malformed_headers'],
    ['an id with a full stop', headersOf('a.b', vector.timestamp, vector.signature), 'malformed_headers'],
    ['no header at all', new Headers(), 'missing_headers'],
  ])('refuses %s', async (_title, headers, outcome) => {
    expect(await verifyVector({ headers })).toMatchObject({ outcome });
  });

  test('refuses a signature made with the filler key of an unknown organisation', async () => {
    const filler = new Uint8Array(32);
    const signed = await signWebhook({ ...vector, body: bytes(vector.body), keys: [filler] });
    expect(await verifyVector({ headers: new Headers(signed), keys: [] })).toEqual({
      outcome: 'no_matching_signature',
    });
    expect((await verifyVector({ headers: new Headers(signed) })).outcome).toBe('no_matching_signature');
  });
});

describe('secrets', () => {
  test('are 32 random bytes behind whsec_', () => {
    const secret = generateSecret();
    expect(secret).toMatch(/^whsec_/);
    expect(decodeSecret(secret)).toHaveLength(32);
    expect(generateSecret()).not.toBe(secret);
  });

  test.each(['whsec_', 'whsec_***', '', 'whsec_A'])('"%s" is none', (text) => {
    expect(decodeSecret(text)).toBeNull();
  });
});

describe('static keys', () => {
  const query = (text: string) => new URLSearchParams(text);

  test('are found in the header and in both query forms, the header first', () => {
    expect(presentedKey(new Headers({ 'X-Referral-Key': 'a' }), query('code=b'))).toBe('a');
    expect(presentedKey(new Headers(), query('code=b'))).toBe('b');
    expect(presentedKey(new Headers(), query('x-referral-key=c'))).toBe('c');
    expect(presentedKey(new Headers(), query(''))).toBeNull();
    expect(presentedKey(new Headers(), query('code='))).toBeNull();
  });

  test('match either of two during rotation and nothing else', async () => {
    expect(await matchStaticKey('new', ['new', 'old'])).toBe(0);
    expect(await matchStaticKey('old', ['new', 'old'])).toBe(1);
    for (const wrong of ['ne', 'newer', 'NEW', '']) expect(await matchStaticKey(wrong, ['new', 'old'])).toBeNull();
    expect(await matchStaticKey('', ['new'])).toBeNull();
    expect(await matchStaticKey('', [])).toBeNull();
    expect(await matchStaticKey(null, [''])).toBeNull();
  });
});
