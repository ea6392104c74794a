import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClickStore } from '../src/engine/clicks/repository.ts';
import { createClicks } from '../src/engine/clicks/service.ts';
import { openDatabase } from '../src/engine/database.ts';
import { VerveError } from '../src/engine/errors.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { answerShortLink, readShortLink } from '../src/http/redirect.ts';
import { createFastRedirect } from '../src/server/fast-redirect.ts';
import { type Listener, listen } from '../src/server/listen.ts';
import { countsOf, openLink, phone, placeWithCode, rawOf } from './clicks-harness.ts';
import { testDatabase } from './harness.ts';
import { system, testSecret, testVerve } from './harness-verve.ts';
import { startVerve, waitForOutput } from './programs.ts';

type Clicks = ReturnType<typeof createClicks>;
let listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.map((listener) => listener.close(0)));
  listeners = [];
});

/** The redirect as the standalone server answers it, over real HTTP. */
async function serve(clicks: Clicks): Promise<string> {
  const intercept = createFastRedirect({ clicks, addressOf: ({ socket }) => socket.remoteAddress ?? '' });
  const handler = () => new Response('another page', { status: 404 });
  const listener = await listen({ host: '127.0.0.1', port: 0, handler, intercept });
  listeners.push(listener);
  return `http://127.0.0.1:${listener.port}`;
}

interface Answer {
  status: number;
  location: string;
  headers: Record<string, string | string[] | undefined>;
}

/** Sends a path exactly as written: fetch would tidy it up. */
function get(origin: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpRequest(
    origin,
    { path, method, headers: { 'user-agent': phone, ...headers }, agent: false },
    (answer) => {
      answer.resume();
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '', headers: answer.headers }),
      );
    },
  );
  sent.once('error', reject);
  sent.end();
  return promise;
}

describe('a short link', () => {
  test('sends the visitor to the organisation’s page with the code and nothing else, once the click is committed', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const answer = await get(await serve(verve.clicks), `/r/${code}`);
    expect(answer).toMatchObject({ status: 302, location: `https://medlem.example.no/bli?ref=${code}` });
    expect(await rawOf(codeId)).toBe(1);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['verve-click']).toBeUndefined();
  });

  test('is read in every documented form, and tells its channel', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const origin = await serve(verve.clicks);
    const dashed = `${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase();
    for (const path of [
      `/r/${code}`,
      `/R/${code}/`,
      `/r/${dashed}`,
      `/Q/${code}`,
      `/q/${code}/p`,
      `/r/${code}/W`,
      `/referral/${code}`,
    ]) {
      expect(await get(origin, path)).toMatchObject({
        status: 302,
        location: `https://medlem.example.no/bli?ref=${code}`,
      });
    }
    const { adminPool } = await testDatabase();
    const { rows } = await adminPool.query(
      'select channel, count(*)::int as n from verve.referral_clicks where code_id = $1 group by 1 order by 1',
      [codeId],
    );
    expect(rows).toEqual([
      { channel: 'poster', n: 1 },
      { channel: 'qr', n: 1 },
      { channel: 'unknown', n: 4 },
      { channel: 'whatsapp', n: 1 },
    ]);
  });

  test('without a join page of the organisation’s leads to ours, with a token that makes the two openings one', async () => {
    const verve = await testVerve();
    const { code } = await placeWithCode(verve, { joinUrl: null });
    const { location } = await get(await serve(verve.clicks), `/r/${code}/s`);
    expect(location).toMatch(new RegExp(`^/join/${code}/s\\?t=[0-9a-f-]{36}$`));
    const token = new URL(location, 'https://verv.example.no').searchParams.get('t');
    const signs = { method: 'GET', userAgent: phone };
    const link = await openLink(verve, code);
    expect(await verve.clicks.recordOpening(link, { signs, address: '', channel: 'sms', token })).toBe('duplicate');
  });

  test('that is ended, unknown, malformed or missing leads to a kind page and records nothing', async () => {
    const verve = await testVerve();
    const { orgId, mentorId, code, codeId } = await placeWithCode(verve);
    await verve.codes.deactivateCode({ orgId, actor: system, mentorId });
    const origin = await serve(verve.clicks);
    expect(await get(origin, `/r/${code}`)).toMatchObject({ status: 302, location: `/join/${code}` });
    expect(await get(origin, '/r/ZZZZZZZZZZ')).toMatchObject({ status: 302, location: '/join/ZZZZZZZZZZ' });
    expect(await get(origin, '/r/no%20code%20of%20ours')).toMatchObject({ status: 302, location: '/join/-' });
    expect(await get(origin, '/r/')).toMatchObject({ status: 302, location: '/join' });
    expect(await rawOf(codeId)).toBe(0);
  });

  test.each([
    '/r//evil.example',
    '/r/%2f%2fevil.example',
    '/r/%5cevil.example',
    '/r/\\evil.example',
    '/r/https:evil.example',
    '/r/ABC%0d%0aLocation:%20https://evil.example',
    '/r/..%2f..%2fetc%2fpasswd',
    '/r/%',
    '/r/%ff%fe',
    '/r/CODE?url=https://evil.example&t=%0d%0aX:1',
    `/r/${'A'.repeat(4_000)}`,
    '/r/<script>',
  ])('%s goes nowhere but to our own page', async (path) => {
    const verve = await testVerve();
    const answer = await get(await serve(verve.clicks), path);
    expect(answer.status).toBe(302);
    expect(answer.location).toMatch(/^\/join(\/-)?$/);
  });

  test.each([
    ['a HEAD', 'HEAD', {}, 'other'],
    ['a prefetch', 'GET', { 'sec-purpose': 'prefetch;prerender' }, 'prefetch'],
    ['an older prefetch', 'GET', { purpose: 'prefetch' }, 'prefetch'],
    ['an old Firefox’s prefetch', 'GET', { 'x-moz': 'prefetch' }, 'prefetch'],
    ['a preview', 'GET', { 'user-agent': 'facebookexternalhit/1.1' }, 'preview'],
    [
      'iMessage, which looks like Safari',
      'GET',
      { 'user-agent': `${phone} facebookexternalhit/1.1 Facebot Twitterbot/1.0` },
      'preview',
    ],
    ['an empty agent', 'GET', { 'user-agent': '' }, 'other'],
    ['an image', 'GET', { 'sec-fetch-dest': 'image' }, 'other'],
    ['a crawler', 'GET', { 'user-agent': 'Mozilla/5.0 (compatible; bingbot/2.0)' }, 'crawler'],
    ['Instagram’s browser', 'GET', { 'user-agent': `${phone} Instagram 320.0.0.0` }, 'human'],
    ['a phone that speaks no known language', 'GET', { 'accept-language': '*,;q=9,zz-%%%' }, 'human'],
    ['an agent of 6,000 letters', 'GET', { 'user-agent': `Mozilla/5.0 ${'x'.repeat(6_000)}` }, 'crawler'],
  ])('opened by %s is redirected and counted as what it is', async (_, method, headers, expected) => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    expect((await get(await serve(verve.clicks), `/r/${code}`, headers, method)).status).toBe(302);
    expect(await countsOf(codeId)).toEqual({ [expected]: 1 });
  });

  test('is answered alike by the Web-standard handler, which leaves other paths and methods alone', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const ask = (path: string, init: RequestInit = {}) =>
      answerShortLink(new Request(`https://verv.example.no${path}`, { headers: { 'user-agent': phone }, ...init }), {
        clicks: verve.clicks,
        address: '',
      });
    const answer = await ask(`/r/${code}`);
    expect(answer?.status).toBe(302);
    expect(answer?.headers.get('location')).toBe(`https://medlem.example.no/bli?ref=${code}`);
    expect(answer?.headers.get('cache-control')).toBe('no-store');
    expect(ask('/join/ABC')).toBeNull();
    expect(ask(`/r/${code}`, { method: 'POST' })).toBeNull();
    expect(await rawOf(codeId)).toBe(1);
  });
});

describe('a changed code', () => {
  test('is let go of when the server hears of it, and within five seconds anyway', async () => {
    const { database } = await testDatabase();
    const verve = await testVerve();
    const place = await placeWithCode(verve);
    const clicks = createClicks({ database, keyRing: createKeyRing(testSecret) });
    const kindNow = async () => (await clicks.lookUp(place.code))?.kind;
    expect(await kindNow()).toBe('open');
    await verve.codes.deactivateCode({ orgId: place.orgId, actor: system, mentorId: place.mentorId });
    expect(await kindNow()).toBe('open');
    clicks.forget({ kind: 'code', id: place.codeId });
    expect(await kindNow()).toBe('ended');
  });

  test('is told to listening servers by the database', async () => {
    const { listenToLinkChanges } = await import('../src/server/click-connection.ts');
    const { appUrl } = await testDatabase();
    const verve = await testVerve();
    const place = await placeWithCode(verve);
    const heard: string[] = [];
    const ready = Promise.withResolvers<void>();
    const line = listenToLinkChanges({
      connectionString: appUrl,
      onChange: ({ kind, id }) => heard.push(`${kind}:${id}`),
      onGap: ready.resolve,
    });
    await ready.promise;
    await verve.codes.deactivateCode({ orgId: place.orgId, actor: system, mentorId: place.mentorId });
    for (let tries = 0; heard.length === 0 && tries < 100; tries += 1) await sleep(20);
    expect(heard).toContain(`code:${place.codeId}`);
    await line.close();
  });
});

describe('while the database', () => {
  /** A pool and a store that can be taken away. */
  async function unsteady(patienceMs: number) {
    const { pool } = await testDatabase();
    const state = { isAway: false, slowMs: 0 };
    const steady = openDatabase({ pool });
    const database: typeof steady = {
      transaction: async (scope, work) => {
        if (state.isAway) throw new VerveError('database_unavailable');
        if (state.slowMs > 0) await sleep(state.slowMs);
        return steady.transaction(scope, work);
      },
    };
    const store: ClickStore = {
      query: (text, values, name) =>
        database.transaction({ role: 'verve_ingest' }, (session) => session.query(text, values, name)),
    };
    return { state, clicks: createClicks({ database, keyRing: createKeyRing(testSecret), store, patienceMs }) };
  }

  test('is away, remembered codes redirect, say that the click was not stored, and the counter is honest', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const { state, clicks } = await unsteady(200);
    const origin = await serve(clicks);
    await get(origin, `/r/${code}`);
    state.isAway = true;
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(origin, `/r/${code}`)));
    expect(answers.every(({ location }) => location.startsWith('https://medlem.example.no/'))).toBe(true);
    expect(answers.every(({ headers }) => headers['verve-click'] === 'not-stored')).toBe(true);
    expect(clicks.figures).toMatchObject({ stored: 1, notStored: 20 });
    const unheardOf = await get(origin, '/r/ZZZZZZZZZZ');
    expect(unheardOf).toMatchObject({ location: '/join/ZZZZZZZZZZ', headers: { 'verve-click': 'not-stored' } });
    expect(clicks.figures).toMatchObject({ stored: 1, notStored: 21 });
    state.isAway = false;
    await get(origin, `/r/${code}`);
    expect(await rawOf(codeId)).toBe(2);
  });

  test('is slow, the visitor waits so long and no longer, and the click is stored after all', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const { state, clicks } = await unsteady(200);
    const origin = await serve(clicks);
    await get(origin, `/r/${code}`);
    state.slowMs = 1_500;
    const start = performance.now();
    const answer = await get(origin, `/r/${code}`);
    expect(performance.now() - start).toBeLessThan(1_200);
    expect(answer).toMatchObject({ status: 302, headers: { 'verve-click': 'late' } });
    for (let tries = 0; (await rawOf(codeId)) < 2 && tries < 100; tries += 1) await sleep(50);
    expect(clicks.figures).toMatchObject({ stored: 2, late: 1, notStored: 0 });
  });
});

describe('a server killed in mid-load', () => {
  test('has stored every click that it answered without a notice', async () => {
    const verve = await testVerve();
    const { code, codeId } = await placeWithCode(verve);
    const { appUrl } = await testDatabase();
    const program = startVerve(['serve'], {
      PORT: '0',
      DATABASE_URL: appUrl,
      VERVE_SECRET: testSecret,
      VERVE_PUBLIC_URL: 'https://verv.example.no',
    });
    const [, origin = ''] = await waitForOutput(program, /ready at (http:\S+)/);
    const port = new URL(origin.startsWith('http://1') ? origin : 'http://127.0.0.1').port;
    expect(port).not.toBe('');
    let answered = 0;
    let isOver = false;
    const visitor = async (): Promise<void> => {
      while (!isOver) {
        const answer = await get(`http://127.0.0.1:${port}`, `/r/${code}`).catch(() => null);
        if (answer === null) return;
        if (answer.status === 302 && answer.headers['verve-click'] === undefined) answered += 1;
      }
    };
    const visitors = Array.from({ length: 16 }, visitor);
    for (let tries = 0; answered < 300 && tries < 400; tries += 1) await sleep(25);
    program.process.kill('SIGKILL');
    isOver = true;
    await Promise.all(visitors);
    await program.ended;
    expect(answered).toBeGreaterThanOrEqual(300);
    await sleep(300);
    const stored = await rawOf(codeId);
    expect(stored).toBeGreaterThanOrEqual(answered);
    expect(stored).toBeLessThanOrEqual(answered + 16);
    expect(await countsOf(codeId)).toEqual({ human: stored });
  }, 60_000);
});

describe('reading a short link', () => {
  test('takes only its own paths', () => {
    expect(readShortLink('/join/3PKCM78AQS')).toBeNull();
    expect(readShortLink('/rest/3PKCM78AQS')).toBeNull();
    expect(readShortLink('/r/3PKCM78AQS?t=abc')).toMatchObject({ code: '3PKCM78AQS', token: 'abc' });
  });

  test('that lost its code and kept its query is still one, and leads to the field for it', () => {
    for (const target of ['/r?utm_source=brev', '/Q?x', '/referral?t=abc'])
      expect(readShortLink(target), target).toMatchObject({ code: null, isMissing: true });
  });
});
