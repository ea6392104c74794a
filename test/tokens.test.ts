import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIssuerKeys, IssuerUnavailable } from '../src/http/people/issuer-keys.ts';
import { type TokenIssuer, verifyToken } from '../src/http/people/verify-token.ts';

// Attacks from RFC 8725, RFC 7515 and the public catalogues of JWT attacks, each against a real key set over HTTP.
const now = new Date('2026-11-21T10:00:00.000Z');
const seconds = Math.floor(now.getTime() / 1000);
const userId = '0b0b0b0b-0000-4000-8000-000000000002';
const claims = { sub: userId, role: 'authenticated', app_metadata: {}, user_metadata: { role: 'org_admin' } };

let server: Server;
let requests = 0;
let status = 200;
let published: JWK[] = [];
let keyPair: { privateKey: CryptoKey; publicKey: CryptoKey };
let rsaPair: { privateKey: CryptoKey; publicKey: CryptoKey };
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey };
let issuer: TokenIssuer;

beforeAll(async () => {
  keyPair = await generateKeyPair('ES256', { extractable: true });
  rsaPair = await generateKeyPair('RS256', { extractable: true });
  stranger = await generateKeyPair('ES256', { extractable: true });
  published = [
    { ...(await exportJWK(keyPair.publicKey)), kid: 'first', alg: 'ES256', use: 'sig' },
    { ...(await exportJWK(rsaPair.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
    { kty: 'oct', kid: 'symmetric', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA' },
  ];
  server = createServer((_, response) => {
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  issuer = { issuer: `${base}/auth/v1`, audience: 'authenticated', jwksUrl: `${base}/jwks.json` };
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function signer(extra: Record<string, unknown> = {}) {
  return new SignJWT({ ...claims, ...extra })
    .setIssuer(issuer.issuer)
    .setAudience('authenticated')
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600);
}
const header = { alg: 'ES256', kid: 'first', typ: 'JWT' };
const sign = (extra: Record<string, unknown> = {}, over: Record<string, unknown> = {}) =>
  signer(extra)
    .setProtectedHeader({ ...header, ...over })
    .sign(keyPair.privateKey);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payload = () => ({ ...claims, iss: issuer.issuer, aud: 'authenticated', exp: seconds + 3600 });
const keys = () => createIssuerKeys({ jwksUrl: issuer.jwksUrl, now: () => now });
const judge = async (token: string) => {
  const verdict = await verifyToken(token, issuer, keys().find, now);
  return verdict.outcome === 'verified' ? verdict.outcome : verdict.reason;
};
const raw = (head: unknown, body: unknown = payload()) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(body)))
    .setProtectedHeader(head as { alg: string })
    .sign(keyPair.privateKey);

test('a token of the issuer is accepted, with its subject and nothing of user_metadata', async () => {
  const verdict = await verifyToken(await sign(), issuer, keys().find, now);
  expect(verdict).toMatchObject({ outcome: 'verified', token: { userId, isAnonymous: false } });
});

test('a token signed with RS256 by a published key is accepted', async () => {
  const token = await signer().setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(rsaPair.privateKey);
  expect(await judge(token)).toBe('verified');
});

test.each(['none', 'None', 'NONE', 'nOnE', ''])('a token without a signature is refused (alg %s)', async (alg) => {
  expect(await judge(`${encode({ alg, typ: 'JWT' })}.${encode(payload())}.`)).not.toBe('verified');
  expect(await judge(`${encode({ alg, typ: 'JWT', kid: 'first' })}.${encode(payload())}.AAAA`)).not.toBe('verified');
});

test('HS256 with the public key as the secret is refused', async () => {
  for (const secret of [
    new TextEncoder().encode(await exportSPKI(rsaPair.publicKey)),
    new TextEncoder().encode(JSON.stringify(published[0])),
    new TextEncoder().encode('secret-secret-secret-secret-secret'),
  ]) {
    for (const kid of ['first', 'rsa', 'symmetric']) {
      const token = await signer().setProtectedHeader({ alg: 'HS256', kid }).sign(secret);
      expect(await judge(token)).toBe('algorithm');
    }
  }
});

test('a key of another algorithm than the header says is refused', async () => {
  const [head, body, signature] = (await sign()).split('.');
  expect(head).toBeDefined();
  expect(await judge(`${encode({ alg: 'RS256', kid: 'first' })}.${body}.${signature}`)).toBe('key');
  expect(await judge(`${encode({ alg: 'ES384', kid: 'first' })}.${body}.${signature}`)).toBe('key');
});

test('a token of a stranger is refused under a known and an unknown key id', async () => {
  const known = await signer().setProtectedHeader(header).sign(stranger.privateKey);
  const unknown = await signer()
    .setProtectedHeader({ ...header, kid: 'other' })
    .sign(stranger.privateKey);
  expect(await judge(known)).toBe('signature');
  expect(await judge(unknown)).toBe('key');
});

test.each([
  ['another issuer', { iss: 'https://evil.example/auth/v1' }],
  ['the issuer with a slash more', { iss: 'slash' }],
  ['another audience', { aud: 'anon' }],
  ['a list of other audiences', { aud: ['anon', 'authenticated '] }],
  ['an audience that is an object', { aud: { authenticated: true } }],
  ['an issuer that is a list', { iss: ['https://issuer.example'] }],
  ['a negative expiry', { exp: -1 }],
  ['an expiry in milliseconds beyond all calendars', { exp: 8.64e15 }],
  ['a not-before that is text', { nbf: '0' }],
  ['an issue time that is text', { iat: 'now' }],
  ['an issue time a century ahead', { iat: seconds + 3_155_760_000 }],
  ['no audience', { aud: undefined }],
  ['no issuer', { iss: undefined }],
  ['no expiry', { exp: undefined }],
  ['an expiry that is text', { exp: '9999999999' }],
  ['not valid yet', { nbf: seconds + 600 }],
  ['issued in the future', { iat: seconds + 600 }],
])('%s is refused', async (name, over) => {
  const changed = name === 'the issuer with a slash more' ? { iss: `${issuer.issuer}/` } : over;
  expect(await judge(await raw(header, { ...payload(), ...changed }))).not.toBe('verified');
});

test('one audience among several is enough', async () => {
  expect(await judge(await raw(header, { ...payload(), aud: ['anon', 'authenticated'] }))).toBe('verified');
});

test('an expiry beyond every number is refused', async () => {
  const text = JSON.stringify(payload()).replace(/"exp":\d+/, '"exp":1e999');
  const token = await new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader(header)
    .sign(keyPair.privateKey);
  expect(await judge(token)).not.toBe('verified');
});

test('an expired token is refused beyond the tolerance and accepted within it', async () => {
  expect(await judge(await raw(header, { ...payload(), exp: seconds - 31 }))).toBe('expired');
  expect(await judge(await raw(header, { ...payload(), exp: seconds - 29 }))).toBe('verified');
});

test.each([undefined, 'admin', '', `${userId} `, userId.toUpperCase(), `${userId}' or 1=1`, '../../etc/passwd', 42])(
  'a subject that is no UUID is refused (%s)',
  async (sub) => {
    expect(await judge(await raw(header, { ...payload(), sub }))).not.toBe('verified');
  },
);

test.each([
  ['crit', { crit: ['exp'], exp: 1 }],
  ['an unknown extension', { crit: ['http://example.com/x'], 'http://example.com/x': true }],
  ['b64', { b64: true }],
  ['an unencoded payload', { b64: false, crit: ['b64'] }],
  ['jku', { jku: 'https://evil.example/jwks.json' }],
  ['x5u', { x5u: 'https://evil.example/cert' }],
  ['x5c', { x5c: ['MIIB'] }],
  ['x5t', { x5t: 'AAAA' }],
  ['another type', { typ: 'secevent+jwt' }],
])('a header with %s is refused', async (_, over) => {
  const head = { ...header, ...over };
  const [, body, signature] = (await sign()).split('.');
  expect(await judge(`${encode(head)}.${body}.${signature}`)).toBe('header');
});

test('a key embedded in the header is not trusted', async () => {
  const jwk = await exportJWK(stranger.publicKey);
  const token = await signer().setProtectedHeader({ alg: 'ES256', typ: 'JWT', jwk }).sign(stranger.privateKey);
  expect(await judge(token)).toBe('header');
});

test.each(['../../../dev/null', "' or '1'='1", 'first\u0000', '|whoami', '', { a: 1 }, ['first'], 1, null])(
  'a key id cannot be used to inject anything (%s)',
  async (kid) => {
    const [, body, signature] = (await sign()).split('.');
    expect(await judge(`${encode({ alg: 'ES256', kid })}.${body}.${signature}`)).not.toBe('verified');
  },
);

test('other spellings of the same bytes are refused', async () => {
  const token = await sign();
  const [head = '', body = '', signature = ''] = token.split('.');
  const last = signature.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sibling = alphabet[alphabet.indexOf(last) ^ 1] ?? 'A';
  expect(await judge(`${head}.${body}.${signature.slice(0, -1)}${sibling}`)).not.toBe('verified');
  for (const spelled of [
    `${head}=.${body}.${signature}`,
    ` ${token}`,
    `${token}\n`,
    `${head}.${body}.${signature}==`,
  ]) {
    expect(await judge(spelled)).toBe('malformed');
  }
  expect(
    await judge(
      token.replace(
        head,
        Buffer.from(head, 'base64url')
          .toString('base64')
          .padEnd(head.length + 1, '='),
      ),
    ),
  ).not.toBe('verified');
});

test('a claim or header named twice is refused', async () => {
  const twice = Buffer.from(
    `{"sub":"${userId}","sub":"${userId}","iss":"${issuer.issuer}","aud":"authenticated","exp":${seconds + 60}}`,
  );
  const token = await new CompactSign(new Uint8Array(twice)).setProtectedHeader(header).sign(keyPair.privateKey);
  expect(await judge(token)).toBe('malformed');
  const [, body, signature] = (await sign()).split('.');
  const head = Buffer.from('{"alg":"none","alg":"ES256","kid":"first"}').toString('base64url');
  expect(await judge(`${head}.${body}.${signature}`)).toBe('malformed');
});

test('what is no compact JWS is refused', async () => {
  const token = await sign();
  const [head, body, signature] = token.split('.');
  for (const broken of [
    '',
    '.',
    '..',
    '...',
    'a.b.c',
    `${token}.`,
    `${token}.${signature}`,
    `${head}.${body}`,
    'A'.repeat(9_000),
  ]) {
    expect(await judge(broken)).toBe('malformed');
  }
  expect(await judge(`${encode([])}.${body}.${signature}`)).toBe('malformed');
  expect(await judge(`${head}.${encode('text')}.${signature}`)).toBe('signature');
  expect(await judge(await raw(header, 'text'))).toBe('malformed');
});

test('a blank or all-zero ECDSA signature is refused', async () => {
  const [head, body] = (await sign()).split('.');
  expect(await judge(`${head}.${body}.${Buffer.alloc(64).toString('base64url')}`)).toBe('signature');
});

test('an anonymous user is told apart, whatever the form of the claim', async () => {
  for (const value of [true, 'true', 1]) {
    const verdict = await verifyToken(await sign({ is_anonymous: value }), issuer, keys().find, now);
    expect(verdict).toMatchObject({ outcome: 'verified', token: { isAnonymous: true } });
  }
});

test('an unknown key id asks the issuer once, then not again until the cool-down has ended', async () => {
  let time = now;
  const found = createIssuerKeys({ jwksUrl: issuer.jwksUrl, now: () => time, cooldownSeconds: 30 });
  await verifyToken(await sign(), issuer, found.find, now);
  time = new Date(now.getTime() + 31_000);
  const before = requests;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const token = await signer()
      .setProtectedHeader({ ...header, kid: `unknown-${attempt}` })
      .sign(stranger.privateKey);
    expect(await verifyToken(token, issuer, found.find, now)).toEqual({ outcome: 'refused', reason: 'key' });
  }
  expect(requests - before).toBe(1);
});

test('a key that the issuer has just published is found at the first token that names it', async () => {
  let time = now;
  const found = createIssuerKeys({ jwksUrl: issuer.jwksUrl, now: () => time });
  await verifyToken(await sign(), issuer, found.find, now);
  time = new Date(now.getTime() + 60_000);
  const fresh = await generateKeyPair('ES256', { extractable: true });
  published.push({ ...(await exportJWK(fresh.publicKey)), kid: 'fresh', alg: 'ES256' });
  const token = await signer()
    .setProtectedHeader({ ...header, kid: 'fresh' })
    .sign(fresh.privateKey);
  expect(await verifyToken(token, issuer, found.find, now)).toMatchObject({ outcome: 'verified' });
  published.pop();
});

test('a revoked key is refused at once after the keys were dropped', async () => {
  const found = keys();
  const token = await sign();
  expect(await verifyToken(token, issuer, found.find, now)).toMatchObject({ outcome: 'verified' });
  const [revoked] = published.splice(0, 1);
  expect(await verifyToken(token, issuer, found.find, now)).toMatchObject({ outcome: 'verified' });
  found.drop();
  expect(await verifyToken(token, issuer, found.find, now)).toEqual({ outcome: 'refused', reason: 'key' });
  published.unshift(revoked as JWK);
});

test('an issuer that is down is a fault, not a refusal; keys that are known serve for twenty minutes more', async () => {
  status = 503;
  await expect(verifyToken(await sign(), issuer, keys().find, now)).rejects.toThrow(IssuerUnavailable);
  status = 200;
  let time = now;
  const found = createIssuerKeys({ jwksUrl: issuer.jwksUrl, now: () => time });
  await verifyToken(await sign(), issuer, found.find, now);
  status = 503;
  time = new Date(now.getTime() + 15 * 60_000);
  expect(await verifyToken(await sign(), issuer, found.find, now)).toMatchObject({ outcome: 'verified' });
  time = new Date(now.getTime() + 21 * 60_000);
  await expect(verifyToken(await sign(), issuer, found.find, now)).rejects.toThrow(IssuerUnavailable);
  status = 200;
});

test('an address of keys without https is refused, except on loopback', () => {
  expect(() => createIssuerKeys({ jwksUrl: 'http://issuer.example/jwks.json' })).toThrow(/https/);
  expect(() => createIssuerKeys({ jwksUrl: 'file:///etc/passwd' })).toThrow(/https/);
});

test('a weak RSA key of the issuer is not used', async () => {
  const weak = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  );
  const jwk = await exportJWK(weak.publicKey);
  published.push({ ...jwk, kid: 'weak', alg: 'RS256' });
  const head = encode({ alg: 'RS256', kid: 'weak' });
  const text = new TextEncoder().encode(`${head}.${encode(payload())}`);
  const signature = Buffer.from(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', weak.privateKey, text));
  expect(await judge(`${new TextDecoder().decode(text)}.${signature.toString('base64url')}`)).toBe('key');
  published.pop();
  expect(await importJWK({ ...jwk, alg: 'RS256' })).toBeDefined();
});
