import { createServer } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJoinTargetProbe } from '../src/server/join-target-probe.ts';

const asked: { method: string; url: string }[] = [];
const server = createServer((request, response) => {
  asked.push({ method: request.method ?? '', url: request.url ?? '' });
  if (request.url === '/slow') return;
  response.writeHead(Number(request.url?.slice(1)) || 200, { location: '/elsewhere' }).end();
});
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the question whether a join page answers', () => {
  it.each([
    [200, true],
    [302, true],
    [403, true],
    [405, true],
    [501, true],
    [401, false],
    [404, false],
    [410, false],
    [500, false],
    [503, false],
  ])('takes %i for up: %s', async (status, isUp) => {
    expect(await createJoinTargetProbe({ allowLoopback: true })(`${origin}/${status}`)).toBe(isUp);
  });

  it('is a HEAD, asked once in 30 seconds, also by many at once, and follows no redirect', async () => {
    let time = 0;
    const probe = createJoinTargetProbe({ allowLoopback: true, now: () => time });
    asked.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => probe(`${origin}/302`)));
    time = 29_999;
    await probe(`${origin}/302`);
    expect(asked).toEqual([{ method: 'HEAD', url: '/302' }]);
    time = 30_000;
    await probe(`${origin}/302`);
    expect(asked).toHaveLength(2);
  });

  it('is no where the page turns to another protocol, and keeps nobody waiting', async () => {
    const turning = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      );
    });
    await new Promise<void>((resolve) => turning.listen(0, '127.0.0.1', resolve));
    const { port } = turning.address() as AddressInfo;
    expect(await createJoinTargetProbe({ allowLoopback: true })(`http://127.0.0.1:${port}/`)).toBe(false);
    turning.close();
  });

  it('is no after a second and a half, without connection, and for addresses that are not public', async () => {
    const probe = createJoinTargetProbe({ allowLoopback: true });
    expect(await probe(`${origin}/slow`)).toBe(false);
    expect(await probe('http://127.0.0.1:1/')).toBe(false);
    expect(await probe('not an address')).toBe(false);
    const guarded = createJoinTargetProbe();
    asked.length = 0;
    expect(await guarded(`${origin}/200`)).toBe(false);
    expect(await guarded('https://127.0.0.1/')).toBe(false);
    expect(await guarded('https://169.254.169.254/latest')).toBe(false);
    expect(asked).toEqual([]);
  });
});
