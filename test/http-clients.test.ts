import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listener, listen } from '../src/server/listen.ts';
import { makeSite, type Site } from './http-site.ts';

// Clients that hurt, against the real server on a socket.
let site: Site;
let listener: Listener;
beforeAll(async () => {
  site = await makeSite();
  listener = await listen({ host: '127.0.0.1', port: 0, handler: (request) => site.handler(request) });
});
afterAll(() => listener.close(0));

function talk(text: string | null): Promise<{ answer: string; milliseconds: number }> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket: Socket = connect(listener.port, '127.0.0.1', () => {
      if (text !== null) socket.write(text);
    });
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, milliseconds: performance.now() - startedAt }));
  });
}
const isServed = async () => (await fetch(`http://127.0.0.1:${listener.port}/healthz`)).status === 200;

test('ten thousand headers are refused, and the next client is served', async () => {
  const headers = Array.from({ length: 10_000 }, (_, number) => `x-${number}: y`).join('\r\n');
  const { answer } = await talk(`GET /api/v1/branches HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(await isServed()).toBe(true);
});

test('one header of a megabyte, bytes that are no HTTP, and a body that lies about its length end their connection alone', async () => {
  for (const text of [
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`,
    '\u0000\u0001\u0002 nonsense\r\n\r\n',
    'POST /api/v1/registrations HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ]) {
    const { answer } = await talk(text);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
    expect(await isServed()).toBe(true);
  }
});

test('two hundred clients that send half a request are let go in time, and others are served meanwhile', async () => {
  const slow = Promise.all(
    Array.from({ length: 200 }, () => talk('GET /api/v1/branches HTTP/1.1\r\nhost: x\r\nx-slow: ')),
  );
  const unused = talk(null);
  const times: number[] = [];
  for (let count = 0; count < 20; count += 1) {
    const startedAt = performance.now();
    expect(await isServed()).toBe(true);
    times.push(performance.now() - startedAt);
  }
  expect(Math.max(...times)).toBeLessThan(2_000);
  const ends = await slow;
  expect(Math.max(...ends.map(({ milliseconds }) => milliseconds))).toBeLessThan(20_000);
  expect(new Set(ends.map(({ answer }) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 408']));
  // A connection in reserve gets no answer to a question it has not asked: the first question would be taken for answered.
  expect((await unused).answer).toBe('');
});
