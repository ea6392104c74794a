import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { system as actor, organisationWithMentor, testSecret, testVerve } from './harness-verve.ts';

/** A mounted Verve: its engine, and one request through the host's own front door. */
interface Mounted {
  verve: Verve;
  send: (request: Request) => Promise<Response>;
  close: () => Promise<void>;
}

beforeAll(async () => {
  const { appUrl } = await testDatabase();
  vi.stubEnv('DATABASE_URL', appUrl);
  vi.stubEnv('VERVE_SECRET', testSecret);
});
afterAll(() => vi.unstubAllEnvs());

const hosts: Record<string, () => Promise<Mounted>> = {
  hono: async () => {
    const { app, pool, verve } = await import('../examples/hono/app.ts');
    return { verve, send: async (request) => app.fetch(request), close: () => pool.end() };
  },
  next: async () => {
    const route = await import('../examples/next/route.ts');
    const methods: Record<string, (request: Request) => Promise<Response>> = route as never;
    const send = (request: Request) => methods[request.method]?.(request) ?? Promise.reject(new Error(request.method));
    return { verve: await testVerve(), send, close: async () => undefined }; // a route exports nothing but its methods
  },
  express: async () => {
    const { app, pool, verve } = await import('../examples/express/app.ts');
    const server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const send = async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = method === 'GET' ? null : await request.arrayBuffer();
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, { method, headers, body });
    };
    const close = async () => {
      server.closeAllConnections();
      server.close();
      await pool.end();
    };
    return { verve, send, close };
  },
};

describe.each(Object.keys(hosts))('mounted in %s', (name) => {
  let host: Mounted;
  beforeAll(async () => {
    host = await (hosts[name] as () => Promise<Mounted>)();
  });
  afterAll(() => host.close());

  test('ends in a credit: the signed webhook through the host’s own front door, twice, counts once', async () => {
    const { verve, send } = host;
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const { slug } = await verve.organisations.get({ orgId, actor });
    const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (!('code' in issued)) throw new Error(issued.outcome);
    const secret = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_signing' });
    const statement = {
      event_id: 'd-1',
      status: 'confirmed',
      external_member_id: 'M-1',
      referral_code: issued.code.code,
    };
    const body = JSON.stringify(statement);
    const deliver = () => {
      const now = new Date();
      const headers = {
        'content-type': 'application/json',
        'webhook-id': 'd-1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': new Webhook(secret.value ?? '').sign('d-1', now, body),
      };
      return send(
        new Request(`http://host.test/api/v1/webhooks/membership/${slug}`, { method: 'POST', headers, body }),
      );
    };
    expect([(await deliver()).status, (await deliver()).status]).toEqual([202, 202]);
    expect(await verve.attributions.getTotalRecruitments({ orgId, actor, mentorId })).toBe(1);
  });

  test('answers what is refused with problem details', async () => {
    const answer = await host.send(new Request('http://host.test/api/v1/me'));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  });
});
