import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makePool } from '../src/server/pool.ts';
import { createWebhookPoster, guardLookup } from '../src/server/post-webhook.ts';
import { killSenders } from './kill-sender.ts';
import type { BadgeReceiver } from './stand-ins/badge-receiver.ts';
import { all, type Outgoing, openOutgoing } from './webhooks-out.ts';

let out: Outgoing;

beforeEach(async () => {
  out = await openOutgoing();
});
afterEach(() => out.close());

const range = (length: number) => Array.from({ length }, (_, index) => index + 1);

/** How often each message arrived. */
function arrivals(receiver: BadgeReceiver): number[] {
  return [...Map.groupBy(receiver.received, (request) => request.id).values()].map((requests) => requests.length);
}

describe('several senders at once', () => {
  test('send each of 400 deliveries once: none lost, none claimed twice', async () => {
    const receivers = [await out.receiver(), await out.receiver()];
    await out.reach(...range(200));
    for (const _ of range(4)) out.sender({ concurrency: 8, perEndpoint: 4 });
    await out.until(all('delivered'), 20_000);
    for (const receiver of receivers) {
      expect(arrivals(receiver)).toHaveLength(200);
      expect(Math.max(...arrivals(receiver))).toBe(1);
      expect(receiver.verified.refused).toBe(0);
    }
  }, 30_000);

  test('that claim without regard to each other send twice: the check can fail', async () => {
    const receiver = await out.receiver();
    receiver.afterwards({ kind: 'slow', delayMs: 150 });
    await out.reach(...range(10));
    const { outbox } = out;
    const careless = {
      ...outbox,
      // Gives what it has claimed back at once, as a claim without a lease would be.
      claim: async (orgId: string, room: Parameters<typeof outbox.claim>[1]) => {
        const claimed = await outbox.claim(orgId, room);
        await outbox.release(orgId, claimed);
        return claimed;
      },
    };
    for (const _ of range(2)) out.sender({ outbox: careless });
    await out.until(all('delivered'));
    expect(Math.max(...arrivals(receiver))).toBeGreaterThan(1);
  });
});

describe('a sender', () => {
  test('killed in mid-send, again and again, loses nothing, and awards are made once', async () => {
    const receiver = await out.receiver();
    receiver.afterwards({ kind: 'slow', delayMs: 120 });
    const { heldByTheDead } = await killSenders(out, {
      kills: 5,
      longestMs: 150,
      onRound: async (round) => void (await out.reach(...range(20).map((n) => round * 100 + n))),
    });
    out.ahead = 10 * 61;
    out.sender();
    await out.until(all('delivered'), 15_000);
    expect(arrivals(receiver)).toHaveLength(100);
    expect([...receiver.awards.values()].every((times) => times === 1)).toBe(true);
    expect(receiver.awards.size).toBe(100);
    expect(heldByTheDead).toBeGreaterThan(0);
  }, 60_000);

  test('that stops finishes what is under way and leaves the rest for another', async () => {
    const receiver = await out.receiver();
    receiver.afterwards({ kind: 'slow', delayMs: 200 });
    await out.reach(...range(10));
    const sender = out.sender({ perEndpoint: 4 });
    await out.until((deliveries) => deliveries.filter((one) => one.claim !== null).length === 4);
    await sender.stop();
    const deliveries = await out.deliveries();
    expect(deliveries.filter((one) => one.status === 'delivered')).toHaveLength(4);
    expect(
      deliveries.filter((one) => one.status === 'pending' && one.claim === null && one.attempts === 0),
    ).toHaveLength(6);
  });

  test('that may not wait gives back what has no answer yet, without counting a try', async () => {
    const receiver = await out.receiver();
    receiver.afterwards({ kind: 'slow', delayMs: 1500 });
    await out.reach(...range(3));
    const sender = out.sender();
    await out.until((deliveries) => deliveries.every((one) => one.claim !== null));
    await sender.stop(50);
    const deliveries = await out.deliveries();
    expect(deliveries.every((one) => one.claim === null && one.attempts === 0)).toBe(true);
  });

  test('goes on after the database was away, and records what it had sent', async () => {
    const receiver = await out.receiver();
    receiver.afterwards({ kind: 'slow', delayMs: 100 });
    await out.reach(...range(5));
    const { outbox } = out;
    let failures = 2;
    const faults: unknown[] = [];
    const shaky: typeof outbox = {
      ...outbox,
      record: async (orgId, tries) => {
        if (failures-- > 0) throw new Error('connection terminated');
        await outbox.record(orgId, tries);
      },
    };
    out.sender({ outbox: shaky, onFault: (error) => faults.push(error) });
    await out.until(all('delivered'));
    expect(faults.length).toBeGreaterThan(0);
    expect(Math.max(...arrivals(receiver))).toBe(1);
  });

  test('whose connections the database cuts, again and again, loses nothing', async () => {
    const receiver = await out.receiver();
    await out.reach(...range(150));
    out.sender({ concurrency: 8, onFault: () => undefined });
    const superuser = makePool({ connectionString: out.db.superuserUrl, max: 1 });
    for (let cuts = 0; cuts < 10; cuts += 1) {
      await sleep(30);
      await superuser.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'verve test'`,
        [out.db.name],
      );
    }
    await superuser.end();
    for (let round = 0; round < 5 && !all('delivered')(await out.deliveries()); round += 1) {
      out.ahead += 61; // what was claimed and could not be recorded is due again
      await sleep(1500);
    }
    expect(all('delivered')(await out.deliveries())).toBe(true);
    expect(arrivals(receiver)).toHaveLength(150);
    expect([...receiver.awards.values()].every((times) => times === 1)).toBe(true);
  }, 30_000);

  test('that is woken sends at once, not at the next poll', async () => {
    const receiver = await out.receiver();
    const sender = out.sender({ pollMs: 60_000 });
    await sleep(100);
    const startedAt = Date.now();
    await out.reach(1);
    sender.wake();
    await out.until(() => receiver.received.length === 1);
    expect(Date.now() - startedAt).toBeLessThan(1000);
  });

  test('passes by an endpoint whose secret no key opens, and sends the others', async () => {
    const good = await out.receiver();
    const bad = await out.receiver();
    await out.db.adminPool.query(`update verve.webhook_endpoints set sealed_secret = '\\x01' where id = $1`, [
      bad.endpointId,
    ]);
    await out.reach(1, 5);
    out.sender();
    await out.until((deliveries) => deliveries.filter((one) => one.status === 'delivered').length === 2);
    expect(good.received).toHaveLength(2);
    expect((await out.deliveries()).filter((one) => one.status === 'pending')).toHaveLength(2);
  });
});

describe('a connection', () => {
  const request = { headers: {}, body: '{"data":{}}' };

  test('is never made to an address that is not public, whatever the name', async () => {
    const receiver = await out.receiver();
    const port = new URL(receiver.url).port;
    const poster = createWebhookPoster({ timeoutMs: 500 });
    for (const url of [
      receiver.url,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::1]:${port}/`,
    ]) {
      expect((await poster.post({ ...request, url })).answer).toEqual({ kind: 'failed', failure: 'address_refused' });
    }
    expect(receiver.received).toEqual([]);
    poster.close();
  });

  test('that development allows does reach this machine: the check can fail', async () => {
    const receiver = await out.receiver();
    const poster = createWebhookPoster({ allowLoopback: true, timeoutMs: 500 });
    expect((await poster.post({ ...request, url: receiver.url })).answer).toMatchObject({
      kind: 'status',
      status: 204,
    });
    poster.close();
  });

  test.each([
    ['a private address', [{ address: '10.0.0.8', family: 4 }]],
    ['the metadata service', [{ address: '169.254.169.254', family: 4 }]],
    ['a mapped loopback address', [{ address: '::ffff:127.0.0.1', family: 6 }]],
  ])('is not made when the name stands for %s', async (_what, addresses) => {
    const poster = createWebhookPoster({ timeoutMs: 500, lookup: answering(() => addresses) });
    const { answer } = await poster.post({ ...request, url: 'https://merker.example.no/' });
    expect(answer).toEqual({ kind: 'failed', failure: 'address_refused' });
    poster.close();
  });

  test('goes to the address that was checked: there is no second look-up to answer differently', async () => {
    const receiver = await out.receiver();
    const answers = ['127.0.0.1', '10.0.0.8'];
    let lookups = 0;
    const lookup = answering(() => [{ address: answers[lookups++] as string, family: 4 }]);
    const poster = createWebhookPoster({ allowLoopback: true, timeoutMs: 500, lookup });
    const url = `http://merker.example.no:${new URL(receiver.url).port}/`;
    expect((await poster.post({ ...request, url })).answer).toMatchObject({ kind: 'status', status: 204 });
    expect(lookups).toBe(1);
    poster.close();
  });

  test('passes over the private addresses of a name that has both kinds', async () => {
    const both = ['10.0.0.8', '8.8.8.8', '169.254.169.254', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const lookup = guardLookup(
      answering(() => both),
      false,
    );
    const found = await new Promise((resolve) => {
      lookup('merker.example.no', { all: true }, (_error, addresses) => resolve(addresses));
    });
    expect(found).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  test.each([
    ['turns to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', 101],
    ['never ends', 'HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nx', 202],
    ['breaks off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n', 200],
    ['says more before', 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n', 204],
  ])(
    'whose answer %s has been answered all the same, and is not waited for for ever',
    async (_what, answer, status) => {
      const url = await rawReceiver(answer);
      const poster = createWebhookPoster({ allowLoopback: true, timeoutMs: 300 });
      expect((await poster.post({ ...request, url })).answer).toMatchObject({ kind: 'status', status });
      poster.close();
    },
  );

  test.each([
    ['only promises an answer', 'HTTP/1.1 100 Continue\r\n\r\n', 'timeout'],
    ['speaks no HTTP', 'good day\r\n\r\n', 'connection_failed'],
  ])('to somebody who %s has failed', async (_what, answer, failure) => {
    const url = await rawReceiver(answer);
    const poster = createWebhookPoster({ allowLoopback: true, timeoutMs: 300 });
    expect((await poster.post({ ...request, url })).answer).toEqual({ kind: 'failed', failure });
    poster.close();
  });

  test('to a name that does not exist says so', async () => {
    const poster = createWebhookPoster({ timeoutMs: 500, lookup: failing('ENOTFOUND') });
    const { answer } = await poster.post({ ...request, url: 'https://finnes-ikke.example.no/' });
    expect(answer).toEqual({ kind: 'failed', failure: 'name_not_found' });
    poster.close();
  });
});

/** Somebody who answers every request with these bytes, and keeps the connection. */
async function rawReceiver(answer: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Lookup = NonNullable<NonNullable<Parameters<typeof createWebhookPoster>[0]>['lookup']>;
interface Address {
  address: string;
  family: number;
}

/** A resolver that answers what a test says. */
function answering(addresses: () => Address[]): Lookup {
  const lookup = (_name: string, _options: unknown, callback: (error: null, found: Address[]) => void) =>
    callback(null, addresses());
  return lookup as unknown as Lookup;
}

function failing(code: string): Lookup {
  const lookup = (_name: string, _options: unknown, callback: (error: Error, found: Address[]) => void) =>
    callback(Object.assign(new Error('no such name'), { code }), []);
  return lookup as unknown as Lookup;
}
