// The recorder's own connection where PostgreSQL is there and says nothing: what was answered ends stored, or counted as not
// stored, and nothing waits for ever.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createHitRecorder, type Hit } from '../src/engine/clicks/record-hits.ts';
import { openClickConnection } from '../src/server/click-connection.ts';
import { makePool } from '../src/server/pool.ts';
import { placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { testVerve } from './harness-verve.ts';

const hit: Hit = {
  codeId: '0b0b0b0b-0000-4000-8000-000000000002',
  class: 'human',
  channel: null,
  platform: null,
  locale: null,
  occurredAt: null,
  clickId: null,
  tokenHash: null,
  duplicateWindowMinutes: 5,
};

/** What says `hello` to whoever comes, and nothing more. Gives a connection string. */
async function startSilent(hello: Buffer): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(hello));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `postgres://verve_app@127.0.0.1:${(server.address() as AddressInfo).port}/verve`;
}

/** PostgreSQL's «you are in» and «ready». */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

test.each([
  ['lets nobody in', Buffer.alloc(0)],
  ['lets us in and answers nothing', welcome],
])(
  'a PostgreSQL that %s is away, for all that wait, within seconds',
  async (_, hello) => {
    const store = openClickConnection({ connectionString: await startSilent(hello) });
    onTestFinished(() => store.close());
    const recorder = createHitRecorder({ store, patienceMs: 100 });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => recorder.record(hit)));
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'late'));
    await expect.poll(() => recorder.figures.notStored, { timeout: 8_000 }).toBe(5);
    expect(recorder.figures).toMatchObject({ stored: 0, late: 5 });
    await expect(store.query('select', [], 'one')).rejects.toThrow('database_unavailable');
  },
  20_000,
);

test('what was given up is not stored after all when PostgreSQL comes to itself', async () => {
  const { appUrl, superuserUrl } = await testDatabase();
  const { codeId } = await placeWithCode(await testVerve());
  const superuser = makePool({ connectionString: superuserUrl, max: 1 });
  onTestFinished(() => superuser.end());
  const pids = async () => {
    const { rows } = await superuser.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'verve clicks' and datname = current_database()`,
    );
    return rows.map(({ pid }) => pid);
  };
  const store = openClickConnection({ connectionString: appUrl, timeoutMs: 300 });
  onTestFinished(() => store.close());
  const recorder = createHitRecorder({ store });
  expect(await recorder.record({ ...hit, codeId })).toBe('stored');
  const [former = 0] = await pids();
  process.kill(former, 'SIGSTOP');
  expect(await recorder.record({ ...hit, codeId })).toBe('not_stored');
  await expect.poll(() => recorder.record({ ...hit, codeId }), { timeout: 5_000, interval: 100 }).toBe('stored');
  process.kill(former, 'SIGCONT');
  await expect.poll(pids, { timeout: 5_000 }).not.toContain(former);
  expect(await rawOf(codeId)).toBe(recorder.figures.stored);
});

test('clicks that still wait when the server stops are told as not stored', async () => {
  const told: number[] = [];
  const recorder = createHitRecorder({
    store: { query: () => new Promise(() => undefined) },
    patienceMs: 20,
    longestFlushMs: 50,
    onNotStored: (hits) => told.push(hits),
  });
  expect(await Promise.all([recorder.record(hit), recorder.record(hit)])).toEqual(['late', 'late']);
  await recorder.flush();
  expect(told).toEqual([2]);
});
