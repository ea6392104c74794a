// What nobody's browser sends, over raw sockets to a started server: every answer is a redirect to our own page or a plain
// refusal, and the server goes on.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phone, placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { testSecret, testVerve } from './harness-verve.ts';
import { type Program, startVerve, waitForOutput } from './programs.ts';

let program: Program;
let port = 0;
let place: Awaited<ReturnType<typeof placeWithCode>>;

beforeAll(async () => {
  place = await placeWithCode(await testVerve(), { joinUrl: null });
  const { appUrl } = await testDatabase();
  program = startVerve(['serve', '--json'], { PORT: '0', DATABASE_URL: appUrl, VERVE_SECRET: testSecret });
  const [line = '{}'] = await waitForOutput(program, /\{"event":"ready".*\}/);
  port = Number(new URL((JSON.parse(line) as { url: string }).url).port);
}, 60_000);

afterAll(async () => {
  program.process.kill('SIGTERM');
  await program.ended;
});

/** Sends bytes as they are and gives everything that comes back until the server closes. */
function sendRaw(bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.once('close', () => resolve(answer));
  return promise;
}

interface Answer {
  status: number;
  location: string | null;
  head: string;
}

async function ask(path: string, headers = `User-Agent: ${phone}\r\n`, method = 'GET'): Promise<Answer> {
  const text = await sendRaw(
    `${method} ${path} HTTP/1.1\r\nHost: verv.example.no\r\nConnection: close\r\n${headers}\r\n`,
  );
  const [head = ''] = text.split('\r\n\r\n');
  const location = /^location: (.*)$/im.exec(head)?.[1] ?? null;
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), location, head };
}

/** A code is written CODE in the tables. */
const written = (text: string): string => text.replaceAll('CODE', place.code);

describe('a hostile target', () => {
  const ownPage = /^\/join(?:\/-|\/[0-9A-Z]{10}(?:\/[a-z])?(?:\?t=[0-9a-f-]{36})?)?$/;

  test.each([
    '/r//evil.example',
    '/r/\\\\evil.example',
    '/r/%2f%2fevil.example',
    '/r/%252f%252fevil.example',
    '/r/%5c%5cevil.example',
    '/r/https:%2f%2fevil.example',
    '/r/%0d%0aSet-Cookie:a=b',
    '/r/CODE%0d%0aSet-Cookie:%20a=b',
    '/r/CODE%00',
    '/r/%00',
    '/r/%ff%fe',
    '/r/%E2%80%AECODE',
    '/r/CODE/..//evil.example',
    '/r/CODE/%2e%2e/%2e%2e/etc/passwd',
    '/r/CODE?t=%0d%0aLocation:%20//evil.example',
    '/r/CODE?t=<script>alert(1)</script>1234567890',
    `/r/CODE?t=${'a'.repeat(8_000)}`,
    `/r/CODE?${'url=//evil.example&'.repeat(400)}`,
    `/r/${'A'.repeat(9_000)}`,
    `/r/${'%41'.repeat(4_000)}`,
    '/referral/CODE#//evil.example',
    '/.well-known/../r/CODE',
    'http://evil.example/r/CODE',
  ])('%s leads to our own page and nowhere else', async (path) => {
    const answer = await ask(written(path));
    expect(answer.status).toBe(302);
    expect(answer.location).toMatch(ownPage);
    expect(answer.head).not.toMatch(/evil|set-cookie|script/i);
  });

  test.each([
    '//evil.example',
    '//evil.example/r/CODE',
    '/\\evil.example',
    '/join//evil.example',
    '/join/%E0%A4%A',
    '/join/CODE/%2f%2fevil.example',
    '/print/CODE/..%2f..%2f',
    '/assets/pages/%2e%2e/%2e%2e/package.json',
    '/assets/organisations/../../secret',
    '/r/\u00e9',
    '/r/ CODE',
    '*',
  ])('%s is refused and redirects nobody', async (path) => {
    const answer = await ask(written(path));
    expect([400, 404]).toContain(answer.status);
    expect(answer.location).toBeNull();
    expect(answer.head).not.toMatch(/set-cookie/i);
  });

  test('with something that is no token is one click, not two', async () => {
    const { codeId, code } = place;
    const before = await rawOf(codeId);
    const { location } = await ask(`/r/${code}?t=short`);
    await ask(location ?? '');
    expect(await rawOf(codeId)).toBe(before + 1);
  });
});

describe('hostile headers', () => {
  const many = Array.from({ length: 300 }, (_, n) => `X-${n}: a\r\n`).join('');

  test.each([
    ['an agent of 15,000 letters', `User-Agent: ${'a'.repeat(15_000)}\r\n`, 302],
    ['an agent that is no text', 'User-Agent: \u00ff\u00fe\u0080 Safari\r\n', 302],
    ['two agents', `User-Agent: ${phone}\r\nUser-Agent: Googlebot/2.1\r\n`, 302],
    ['9,000 letters of languages', `Accept-Language: ${'nb,'.repeat(3_000)}\r\n`, 302],
    ['another host in its place', 'X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n', 302],
    ['another address in its place', 'X-Original-URL: //evil.example\r\nX-Rewrite-URL: //evil.example\r\n', 302],
    ['1,500 forwarders', `X-Forwarded-For: ${'1.2.3.4,'.repeat(1_500)}\r\n`, 302],
    ['an upgrade', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n', 302],
    ['ranges', 'Range: bytes=0-10,5-9,99999999999999999999-\r\n', 302],
    ['headers of 17,000 letters', `User-Agent: ${'a'.repeat(17_000)}\r\n`, 431],
    ['300 headers and more than they may hold', `${many}Cookie: ${'a'.repeat(15_000)}\r\n`, 431],
    ['NUL in the agent', 'User-Agent: a\u0000b\r\n', 400],
    ['a folded line', 'User-Agent: a\r\n Location: //evil.example\r\n', 400],
    ['a blank before the colon', 'User-Agent : a\r\n', 400],
    ['two lengths', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', 400],
    ['a length below nothing', 'Content-Length: -1\r\n', 400],
    ['control letters among the languages', 'Accept-Language: nb;q=\u0001\r\n', 400],
  ])('%s are answered as they should be', async (_, headers, status) => {
    const answer = await ask(`/r/${place.code}`, headers);
    expect(answer.status).toBe(status);
    expect(answer.head).not.toMatch(/evil|set-cookie/i);
  });

  test('languages that are none show the page in the organisation’s', async () => {
    const text = await sendRaw(
      `GET /join/${place.code} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Language: */*;q=NaN,\u00ff;;;,../../etc,zz-ZZ;q=9\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    expect(text).toContain('<html lang="nb">');
  });
});

test('who closes the sending side after the request still gets the answer, and the click is in the database', async () => {
  const before = await rawOf(place.codeId);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  socket.on('end', () => resolve(text)).on('error', reject);
  socket.end(`GET /r/${place.code} HTTP/1.1\r\nHost: verv.example.no\r\nUser-Agent: ${phone}\r\n\r\n`);
  expect(await promise).toMatch(new RegExp(`^HTTP/1\\.1 302 Found\r\nLocation: /join/${place.code}`));
  socket.destroy();
  expect(await rawOf(place.codeId)).toBe(before + 1);
});

test('noise instead of HTTP is refused, a request within a body is none, and the server goes on', async () => {
  for (const noise of [
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
    '\u0000'.repeat(100),
    'GET /r/X HTTP/9.9\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]) {
    expect(await sendRaw(noise)).toMatch(/^HTTP\/1\.1 400/);
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS']) {
    expect((await ask(`/r/${place.code}`, '', method)).location).toBeNull();
  }
  const inner = 'GET //evil.example HTTP/1.1\r\nHost: y\r\n\r\n';
  const answers = await sendRaw(
    `GET /r/${place.code} HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}` +
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  expect(answers.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 302', 'HTTP/1.1 200']);
  expect(program.errors()).toBe('');
});
