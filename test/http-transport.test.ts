// What no browser sends, over raw sockets: refused with problem details where HTTP itself is broken, answered where it is not.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../src/server/listen.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;
let listener: Listener;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  listener = await listen({ host: '127.0.0.1', port: 0, handler: (request) => site.handler(request) });
});
afterAll(() => listener.close(0));

/** Sends bytes as they are and gives everything that comes back until the server closes. */
function sendRaw(...parts: string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = '';
  const socket = connect(listener.port, '127.0.0.1', () => {
    for (const part of parts) socket.write(Buffer.from(part, 'latin1'));
  });
  socket.setTimeout(20_000, () => socket.destroy());
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.once('close', () => resolve(answer));
  return promise;
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: verve.example\r\n${key()}${headers}\r\n`;
const post = (headers: string, body: string) =>
  `POST /api/v1/branches HTTP/1.1\r\nHost: verve.example\r\n${key()}Content-Type: application/json\r\n${headers}\r\n${body}`;
const key = () => `Authorization: Bearer ${tenant.key}\r\n`;
const close = 'Connection: close\r\n';
const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((found) => Number(found[1]));

/** The one answer is a problem, and the connection is over. */
function expectProblem(answer: string, status: number): void {
  expect(statuses(answer), answer).toEqual([status]);
  expect(answer).toMatch(/^content-type: application\/problem\+json/im);
  expect(answer).toContain(`"status":${status}`);
}

describe('what is not readable is a problem', () => {
  test.each([
    ['two Hosts', () => get('/healthz', `Host: other.example\r\n${close}`)],
    ['two Hosts of a short link', () => get('/r/3PKCM78AQS', `Host: other.example\r\n${close}`)],
    ['the same Host twice', () => get('/r/3PKCM78AQS', `HOST: verve.example\r\n${close}`)],
    ['a Host that is none', () => `GET /healthz HTTP/1.1\r\nHost: a b\r\n${close}\r\n`],
    ['a target that is no path', () => `GET healthz HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
    ['a length and chunks', () => post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['two lengths', () => post('Content-Length: 5\r\nContent-Length: 6\r\n', 'abcdef')],
    ['a negative length', () => post('Content-Length: -1\r\n', '')],
    ['a coding that is not known', () => post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['a space before the colon', () => post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
    ['a folded header', () => get('/healthz', `X-Folded: a\r\n b\r\n${close}`)],
    ['line feeds alone', () => get('/healthz', close).replaceAll('\r', '')],
    ['a chunk without a length', () => `${post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n')}`],
    ['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    expectProblem(await sendRaw(bytes()), 400);
  });

  test('no Host', async () => {
    expectProblem(await sendRaw('GET /healthz HTTP/1.1\r\n\r\n'), 400);
    expectProblem(await sendRaw('GET /r/3PKCM78AQS HTTP/1.1\r\n\r\n'), 400);
  });

  test('10,000 headers', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => `X-${at}: a\r\n`).join('');
    expect([[431], []]).toContainEqual(statuses(await sendRaw(get('/healthz', many)))); // or cut while still sending
  });

  test('a head that is too long', async () => {
    expectProblem(await sendRaw(get(`/api/v1/${'a'.repeat(17_000)}`)), 431);
  });

  test('an expectation that nobody knows', async () => {
    expectProblem(await sendRaw(post(`Expect: magic\r\nContent-Length: 2\r\n`, '{}')), 417);
  });

  test('a client that never ends its head is told so', { timeout: 30_000 }, async () => {
    expectProblem(await sendRaw('GET /healthz HTTP/1.1\r\nHost: a\r\n'), 408);
  });
});

describe('what is unusual is answered', () => {
  test('HTTP/1.0', async () => {
    const answer = await sendRaw(get('/api/v1/branches').replace('HTTP/1.1', 'HTTP/1.0'));
    expect(statuses(answer)).toEqual([200]);
    expect(answer).not.toMatch(/transfer-encoding/i);
  });

  test('requests sent ahead of their answers, in their order', async () => {
    const answer = await sendRaw(get('/api/v1/branches'), get('/healthz'), get('/api/v1/nothing', close));
    expect(statuses(answer)).toEqual([200, 200, 404]);
  });

  test('a target in absolute form', async () => {
    expect(statuses(await sendRaw(get('http://other.example/api/v1/branches', close)))).toEqual([200]);
  });

  test('a target with two slashes leads nowhere else', async () => {
    expect(statuses(await sendRaw(get('//other.example/api/v1/branches', close)))).toEqual([404]);
  });

  test('100-continue, then the body', async () => {
    const body = '{"name":"Fortsett"}';
    const headers = `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n${close}`;
    expect(statuses(await sendRaw(post(headers, ''), body))).toEqual([100, 201]);
  });

  test('chunks with trailers, which are no headers', async () => {
    const trailers = 'Authorization: Bearer nobody\r\nVerve-Organisation: nobody\r\n';
    const chunks = `7\r\n{"name"\r\n9\r\n:"Biter"}\r\n0\r\n${trailers}\r\n`;
    expect(statuses(await sendRaw(post(`Transfer-Encoding: chunked\r\n${close}`, chunks)))).toEqual([201]);
  });

  test('a length that is promised and not sent changes nothing', async () => {
    const before = (await site.send('GET', '/api/v1/branches?page=1', { as: tenant.key })).body.pagination;
    const socket = connect(listener.port, '127.0.0.1');
    socket.write(post('Content-Length: 100\r\n', '{"name":"Halv"'));
    socket.end();
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await site.send('GET', '/api/v1/branches?page=1', { as: tenant.key })).body.pagination).toEqual(before);
    expect(site.faults).toEqual([]);
  });

  test('a stream of events ends with its client: who went away ten times opens another one', async () => {
    const opened: number[][] = [];
    for (let time = 0; time < 11; time += 1) {
      const socket = connect(listener.port, '127.0.0.1', () => socket.write(get('/api/v1/events')));
      const begin = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
      opened.push(statuses(begin.toString('latin1')));
      // As a browser's tab that is closed: its sending side ends, and nobody reads on.
      await new Promise<void>((resolve) => socket.once('close', () => resolve()).end());
    }
    expect(opened).toEqual(Array.from({ length: 11 }, () => [200]));
  });

  test('an answer tells its length', async () => {
    expect(await sendRaw(get('/api/v1/branches', close))).toMatch(/^content-length: \d+/im);
  });
});
