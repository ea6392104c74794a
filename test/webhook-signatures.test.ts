import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { createSecret, decodeSecret, signMessage, verifyMessage } from '../src/engine/webhooks/sign.ts';
import { nodeKeyedHash } from '../src/server/keyed-hash.ts';

/** The vectors of the reference libraries' own tests, and one over a CloudEvents body. */
const VECTORS = [
  {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    id: 'evt_01J8Z0000000000000000000AA',
    timestampSeconds: 1740823200,
    body: '{"specversion":"1.0","id":"evt_01J8Z0000000000000000000AA","source":"https://referral.example.no/orgs/hlf","type":"no.example.referral.milestone.reached.v1","subject":"mentor/5d0d2d2c-6b3e-4f4b-9d1c-0a4f7c2b1a10","time":"2025-03-01T10:00:00Z","datacontenttype":"application/json","data":{"milestone":"recruits_5","count":5,"award_key":"hlf:5d0d2d2c-6b3e-4f4b-9d1c-0a4f7c2b1a10:recruits_5"}}',
    signature: 'v1,n7QswoHt1FMr8osNs4c6q5iZX7PVHJGhgM5c6GJQEdc=',
  },
];

const NOW = new Date('2026-11-21T09:00:00Z');
const NOW_SECONDS = NOW.getTime() / 1000;

function received(over: Partial<Parameters<typeof verifyMessage>[0]> = {}) {
  const vector = VECTORS[0] as (typeof VECTORS)[number];
  return {
    secrets: [vector.secret],
    id: vector.id,
    timestamp: String(vector.timestampSeconds),
    signature: vector.signature,
    body: vector.body,
    now: new Date(vector.timestampSeconds * 1000),
    ...over,
  };
}

describe('signing', () => {
  test.each(VECTORS)('gives the published signature of $id', async (vector) => {
    expect(await signMessage([vector.secret], vector)).toBe(vector.signature);
  });

  test('is accepted by two independent verifiers', async () => {
    const secret = createSecret();
    const message = { id: 'evt_1', timestampSeconds: Math.floor(Date.now() / 1000), body: '{"navn":"Lydhør"}' };
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestampSeconds),
      'webhook-signature': await signMessage([secret], message),
    };
    expect(new StandardWebhook(secret).verify(message.body, headers)).toEqual({ navn: 'Lydhør' });
    expect(() => new SvixWebhook(secret).verify(message.body, headers)).not.toThrow();
    for (const verifier of [new StandardWebhook(secret), new SvixWebhook(secret)]) {
      expect(() => verifier.verify(`${message.body} `, headers)).toThrow();
    }
  });

  test('during a rotation is accepted by who holds the old secret and by who holds the new', async () => {
    const [current, previous] = [createSecret(), createSecret()];
    const message = { id: 'evt_1', timestampSeconds: Math.floor(Date.now() / 1000), body: '{}' };
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestampSeconds),
      'webhook-signature': await signMessage([current, previous], message),
    };
    for (const secret of [current, previous]) expect(new StandardWebhook(secret).verify('{}', headers)).toEqual({});
  });

  test('refuses an id with a dot, which could be read as another message', async () => {
    await expect(signMessage([createSecret()], { id: 'a.1', timestampSeconds: 1, body: '' })).rejects.toThrow('no dot');
  });
});

describe.each([
  ['WebCrypto', undefined],
  ['a synchronous hash', nodeKeyedHash],
])('verifying by %s', (_name, keyedHash) => {
  const verify = (input: Parameters<typeof verifyMessage>[0]) => verifyMessage({ ...input, keyedHash });

  test('accepts the published vector, as text and as bytes', async () => {
    expect(await verify(received())).toEqual({ outcome: 'valid' });
    const body = new TextEncoder().encode(VECTORS[0]?.body);
    expect(await verify(received({ body }))).toEqual({ outcome: 'valid' });
  });

  test('accepts what an independent library signed', async () => {
    const secret = createSecret();
    const signature = new StandardWebhook(secret).sign('evt_9', NOW, '{"a":1}');
    const message = { id: 'evt_9', timestamp: String(NOW_SECONDS), body: '{"a":1}', now: NOW };
    expect(await verify({ ...message, secrets: [secret], signature })).toEqual({ outcome: 'valid' });
    expect(await verify({ ...message, secrets: [createSecret(), secret], signature })).toEqual({
      outcome: 'valid',
    });
    expect(await verify({ ...message, secrets: [createSecret()], signature })).toEqual({
      outcome: 'badSignature',
    });
  });

  test('accepts any listed v1 signature and passes over other versions', async () => {
    const signature = `v1a,AAAA v1,!!! v1,AAAA ${received().signature}`;
    expect(await verify(received({ signature }))).toEqual({ outcome: 'valid' });
  });

  test.each([
    ['another body', { body: '{"test": 2432232315}' }],
    ['another id', { id: 'msg_other' }],
    ['an id with a dot', { id: 'a.b' }],
    ['no signature', { signature: '' }],
    ['only an unknown version', { signature: 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }],
    ['no secret', { secrets: [] }],
    ['a secret that is not base64', { secrets: ['whsec_ø'] }],
  ])('refuses %s', async (_what, over) => {
    expect(await verify(received(over))).toEqual({ outcome: 'badSignature' });
  });

  test('accepts a timestamp 300 seconds off either way and refuses one of 301', async () => {
    const at = (seconds: number) => new Date((1614265330 + seconds) * 1000);
    for (const seconds of [-300, 300]) expect((await verify(received({ now: at(seconds) }))).outcome).toBe('valid');
    for (const seconds of [-301, 301]) {
      expect((await verify(received({ now: at(seconds) }))).outcome).toBe('badTimestamp');
    }
  });

  test.each(['', 'soon', '-1', '1614265330.0', '1e9'])('refuses the timestamp %j', async (timestamp) => {
    expect((await verify(received({ timestamp }))).outcome).toBe('badTimestamp');
  });
});

describe('a secret', () => {
  test('is new each time and decodes to 32 bytes', () => {
    expect(createSecret()).not.toBe(createSecret());
    expect(decodeSecret(createSecret())).toHaveLength(32);
  });

  test('is between 24 and 64 bytes', () => {
    const secretOf = (bytes: number) => `whsec_${btoa('x'.repeat(bytes))}`;
    expect([23, 24, 64, 65].map((bytes) => decodeSecret(secretOf(bytes)) !== null)).toEqual([false, true, true, false]);
  });
});
