// Methods, media and headers of every resource, made from the table of operations.
import { beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../src/http/operations.ts';
import { openDashboard } from './dashboard-site.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
});

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const missing = '99999999-9999-4999-8999-999999999999';
/** `/active` is also an id's place, where methods of one record would be refused for the id. */
const covers = (pattern: string, path: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
const addresses = [...new Set(operations.map(({ path }) => path))].map((path) => ({
  path,
  address: path.replaceAll(/\{organisation\}/g, 'nobody').replaceAll(/\{\w+\}/g, missing),
  methods: operations.filter((one) => covers(one.path, path)).map(({ method }) => method.toUpperCase()),
}));

/** A problem with the header that lists what would be taken. */
function expectNotAllowed(reply: Awaited<ReturnType<Site['send']>>, methods: readonly string[]): void {
  expect(reply).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  const heads = methods.includes('GET') ? ['HEAD'] : [];
  expect(reply.headers.get('allow')?.split(', ')).toEqual([...new Set([...methods, ...heads, 'OPTIONS'])].sort());
}

test.each([
  ['/app', ['GET']],
  ['/app/lydhor', ['GET']],
  ['/app/lydhor/inbox/1', ['GET']],
  ['/app/sign-in', ['GET', 'POST']],
  ['/app/sign-in/lydhor.abc', ['GET', 'POST']],
  ['/app/lydhor/sign-out', ['GET', 'POST']],
  ['/join', ['GET', 'POST']],
  ['/join/3PKCM78AQS', ['GET', 'POST']],
])('%s, which people open, refuses other methods in the same form', async (path, methods) => {
  const open = await openDashboard();
  for (const method of everyMethod.filter((one) => !methods.includes(one))) {
    const { status, headers, ...reply } = await open.request(path, { method }).then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      body: await answer.json(),
    }));
    expectNotAllowed({ status, headers, text: '', ...reply }, methods);
  }
});

describe.each(addresses)('$path', ({ address, methods }) => {
  test('refuses every other method and lists its own', async () => {
    for (const method of everyMethod.filter((one) => !methods.includes(one))) {
      expectNotAllowed(await site.send(method, address, { as: tenant.key }), methods);
    }
    const options = await site.send('OPTIONS', address);
    expect(options).toMatchObject({ status: 204, text: '' });
    expect(options.headers.get('allow')).toContain(methods[0]);
  });

  test('with a slash at the end is the same resource', async () => {
    for (const method of methods) {
      const plain = await site.send(method, address, { as: tenant.key });
      const slashed = await site.send(method, `${address}/`, { as: tenant.key });
      expect(slashed.status, method).toBe(plain.status);
      expect(slashed.body.code, method).toBe(plain.body.code);
    }
  });
});

test.each(addresses.filter(({ methods }) => methods.includes('GET')))(
  '$path answers HEAD as GET, without a body',
  async ({ address }) => {
    const [get, head] = [
      await site.send('GET', address, { as: tenant.key }),
      await site.send('HEAD', address, { as: tenant.key }),
    ];
    expect(head).toMatchObject({ status: get.status, text: '' });
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  },
);

describe('media', () => {
  const withBody = operations.filter(({ body, access }) => body !== null && access.to !== 'signed');
  test.each(withBody.map((one) => [one.id, one] as const))('%s takes JSON alone', async (_, { method, path }) => {
    const address = path.replaceAll(/\{\w+\}/g, missing);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type };
      const reply = await site.send(method.toUpperCase(), address, { as: tenant.key, body: '{}', headers });
      expect(reply, type).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    }
  });

  test('a body with a content coding is refused, and says how to send it', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const reply = await site.send('POST', '/api/v1/branches', { as: tenant.key, body: { name: 'Troms' }, headers });
    expect(reply).toMatchObject({ status: 415, body: { detail: expect.stringContaining('Content-Encoding') } });
  });

  test('a body that breaks off is the sender’s fault and is not logged as ours', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.error(new Error('the connection was cut')),
    });
    const headers = { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const response = await site.handler(new Request('http://verve.example/api/v1/branches', init));
    expect(response.status).toBe(400);
    expect(site.faults).toEqual([]);
  });
});

describe('the service’s own routes', () => {
  test.each(['/healthz', '/readyz', '/openapi.json', '/docs', '/problems', '/problems/not_found'])(
    '%s is read only',
    async (path) => {
      expectNotAllowed(await site.send('DELETE', path), ['GET']);
      expect((await site.send('HEAD', path)).status).toBe(200);
    },
  );

  test('an id in an address that is none is refused by the code that the library has for it', async () => {
    for (const path of ['/api/v1/branches/half-an-id', '/api/v1/referral-attributions/{id}/explanation']) {
      const reply = await site.send('GET', path, { as: tenant.key });
      expect(reply, path).toMatchObject({ status: 400, body: { code: 'invalid_id', errors: [{ field: 'id' }] } });
    }
  });

  test('what is nowhere is a problem, whatever the method', async () => {
    for (const method of [...everyMethod, 'OPTIONS']) {
      const reply = await site.send(method, '/api/v1/nothing-here');
      expect(reply, method).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  test('a link page that only answers GET says so', async () => {
    const paged = await makeSite({ fallback: async () => null });
    expectNotAllowed(await paged.send('POST', '/r/3PKCM78AQS'), ['GET']);
    expectNotAllowed(await paged.send('PUT', '/join/3PKCM78AQS'), ['GET', 'POST']);
    expectNotAllowed(await paged.send('POST', '/'), ['GET']);
    expect((await paged.send('GET', '/r/3PKCM78AQS')).status).toBe(404);
  });
});

describe('headers', () => {
  test('an empty Verve-Organisation names none', async () => {
    for (const value of ['', '  ']) {
      const headers = { 'verve-organisation': value };
      expect((await site.send('GET', '/api/v1/branches', { as: tenant.key, headers })).status).toBe(200);
    }
  });

  test('a token that does not hold is told apart from none at all', async () => {
    const none = await site.send('GET', '/api/v1/branches');
    const wrong = await site.send('GET', '/api/v1/branches', { as: 'a.b.c' });
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="verve"');
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="verve", error="invalid_token"');
  });
});

describe('pages of other origins', () => {
  const app = 'https://app.example.org';
  const preflight = (origin: string) => ({
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type',
  });

  test('are let in nowhere by default', async () => {
    const asked = await site.send('OPTIONS', '/api/v1/branches', { headers: preflight(app) });
    const read = await site.send('GET', '/api/v1/branches', { as: tenant.key, headers: { origin: app } });
    for (const { headers } of [asked, read]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('may send and read once they are named, and others still not', async () => {
    const open = await makeSite({ origins: [app] });
    const { key } = await open.organisation();
    const asked = await open.send('OPTIONS', '/api/v1/branches', { headers: preflight(app) });
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-methods': 'GET, HEAD, OPTIONS, POST',
      'access-control-allow-headers': expect.stringContaining('Authorization, Content-Type, Idempotency-Key'),
      vary: 'Origin',
    });
    expect(asked.status).toBe(204);
    const read = await open.send('GET', '/api/v1/branches', { as: key, headers: { origin: app } });
    expect(read.headers.get('access-control-allow-origin')).toBe(app);
    expect(read.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await open.send('GET', '/api/v1/branches', { headers: { origin: app } });
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.headers.get('access-control-allow-origin')).toBe(app); // so that the page can read why
    for (const origin of ['https://evil.example', `${app}.evil.example`, 'null']) {
      const other = await open.send('OPTIONS', '/api/v1/branches', { headers: preflight(origin) });
      expect(other.headers.get('access-control-allow-origin'), origin).toBeNull();
      expect(other.headers.get('vary')).toBe('Origin');
    }
    expect((await open.send('GET', '/docs', { headers: { origin: app } })).headers.get('vary')).toBeNull();
  });

  test('all may where everybody is let in', async () => {
    const open = await makeSite({ origins: ['*'] });
    const asked = await open.send('OPTIONS', '/api/v1/deep-links/parse', { headers: preflight('https://x.example') });
    expect(asked.headers.get('access-control-allow-origin')).toBe('*');
    expect(asked.headers.get('vary')).toBeNull();
  });
});
