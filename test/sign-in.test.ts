import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { SignInLetter } from '../src/http/dashboard/dashboard-options.ts';
import { type DashboardSite, openDashboard } from './dashboard-site.ts';
import { testDatabase } from './harness.ts';
import { inThisOrder } from './interleave.ts';

const { adminPool } = await testDatabase();

let now = new Date();
let site: DashboardSite;
beforeAll(async () => {
  site = await openDashboard({ clock: () => now });
});

const minutes = (count: number) => {
  now = new Date(now.getTime() + count * 60_000);
};

/** An organisation with one administrator, whose address is known. */
async function scene() {
  const tenant = await site.organisation();
  const { orgId } = tenant;
  const userId = randomUUID();
  await site.verve.roles.grant({ orgId, actor: hostActor, userId, role: 'org_admin' });
  const email = `${userId.slice(0, 8)}@epost.example`;
  await site.verve.signIn.setAddress({ orgId, actor: hostActor, userId, email });
  return { ...tenant, userId, email };
}

const askAtOnce = (slug: string, email: string, headers: Record<string, string> = {}) =>
  site.post('/app/sign-in', { organisation: slug, email, next: `/app/${slug}/overview` }, headers);

/** Asks for a link and waits for the letter, if there is one. */
async function ask(slug: string, email: string, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await askAtOnce(slug, email, headers);
  await site.settled();
  return answer;
}

/** The link of the newest letter to an address. */
function linkOf(letters: readonly SignInLetter[], email: string): string {
  const text = letters.findLast(({ to }) => to === email)?.text ?? '';
  return new URL(/http\S+/.exec(text)?.[0] ?? 'http://nothing').pathname;
}

describe('a sign-in link', () => {
  test('goes to the address, looks on GET, signs in once on POST, and leads where one wanted to go', async () => {
    const { slug, email } = await scene();
    expect((await ask(slug, email)).status).toBe(200);
    const link = linkOf(site.letters, email);
    for (let visit = 0; visit < 3; visit += 1) expect((await site.get(link)).status).toBe(200);
    const entered = await site.post(link, { next: `/app/${slug}/overview` });
    expect(entered.status).toBe(303);
    expect(entered.headers.get('location')).toBe(`/app/${slug}/overview`);
    expect(entered.headers.get('set-cookie')).toMatch(
      new RegExp(`^verve_${slug}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000$`),
    );
    expect((await site.post(link, {})).status).toBe(410);
    expect((await site.get(link)).status).toBe(410);
  });

  test('opens one session, however many press at once', async () => {
    const { slug, orgId, userId } = await scene();
    const { token } = await site.verve.signIn.makeLink({ orgId, actor: hostActor, userId });
    const answers = await Promise.all(Array.from({ length: 6 }, () => site.post(`/app/sign-in/${slug}.${token}`, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410, 410, 410]);
  });

  test('works for 15 minutes', async () => {
    const { slug, orgId, userId } = await scene();
    const { token } = await site.verve.signIn.makeLink({ orgId, actor: hostActor, userId });
    minutes(15);
    expect((await site.post(`/app/sign-in/${slug}.${token}`, {})).status).toBe(410);
  });

  test('that was tried too often says so to a person, in the language of the browser, and when to try again', async () => {
    const strict = await openDashboard({ budgetFactor: 1 });
    const { slug } = await strict.organisation();
    const link = `/app/sign-in/${slug}.${'x'.repeat(43)}`;
    for (let time = 0; time < 60; time += 1) expect((await strict.get(link)).status).toBe(410);
    const said = { nb: 'Prøv igjen om 15 minutter', nn: 'Prøv igjen om 15 minutt', en: 'Try again in 15 minutes' };
    for (const [language, sentence] of Object.entries(said)) {
      for (const answer of [
        await strict.get(link, { 'accept-language': language }),
        await strict.post(link, {}, { 'accept-language': language }),
      ]) {
        expect(answer.status).toBe(429);
        expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        const page = await answer.text();
        expect(page).toContain(`<html lang="${language}">`);
        expect(page).toContain(sentence);
      }
    }
  });

  test('of one organisation opens nothing at another', async () => {
    const [one, other] = [await scene(), await scene()];
    const { token } = await site.verve.signIn.makeLink({ orgId: one.orgId, actor: hostActor, userId: one.userId });
    expect((await site.post(`/app/sign-in/${other.slug}.${token}`, {})).status).toBe(410);
  });

  test('is answered the same for an address that nobody has, and sent to nobody', async () => {
    const { slug, email } = await scene();
    const before = site.letters.length;
    const [known, unknown] = [await ask(slug, email), await ask(slug, 'nobody@epost.example')];
    expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()]);
    expect(site.letters.slice(before).map(({ to }) => to)).toEqual([email]);
  });

  test('is answered before anybody is looked for, so that no time tells whether there is one', async () => {
    const { slug, email } = await scene();
    const before = site.letters.length;
    const client = await adminPool.connect();
    try {
      await client.query('begin');
      await client.query('lock table verve.sign_in_addresses in access exclusive mode');
      expect((await askAtOnce(slug, email)).status).toBe(200);
      expect((await askAtOnce(slug, 'nobody@epost.example')).status).toBe(200);
      expect(site.letters.length).toBe(before);
    } finally {
      await client.query('rollback');
      client.release();
    }
    await site.settled();
    expect(site.letters.slice(before).map(({ to }) => to)).toEqual([email]);
  });

  test('is made three times at most while they wait, also of many asked for at once', async () => {
    const { slug, email } = await scene();
    const before = site.letters.length;
    for (let time = 0; time < 5; time += 1) expect((await ask(slug, email)).status).toBe(200);
    expect(site.letters.length - before).toBe(3);
    const other = await scene();
    const asked = site.letters.length;
    await Promise.all(Array.from({ length: 8 }, () => askAtOnce(other.slug, other.email)));
    await site.settled();
    expect(site.letters.length - asked).toBe(3);
  });

  test('is neither made nor used by another site’s form', async () => {
    const { slug, email, orgId, userId } = await scene();
    const before = site.letters.length;
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example', 'sec-fetch-site': '' },
    ];
    const { token } = await site.verve.signIn.makeLink({ orgId, actor: hostActor, userId });
    for (const headers of foreign) {
      expect((await ask(slug, email, headers)).status).toBe(403);
      expect((await site.post(`/app/sign-in/${slug}.${token}`, {}, headers)).status).toBe(403);
    }
    expect(site.letters.length).toBe(before);
    expect((await site.post(`/app/sign-in/${slug}.${token}`, {})).status).toBe(303);
  });

  test.each([
    '//elsewhere.example',
    'https://elsewhere.example/app/',
    '/app/other',
    '/\\elsewhere.example',
    '/app/{slug}x',
    '/app/{slug}/..//elsewhere.example',
    'http://[',
  ])('never leads out of the organisation: next=%s', async (next) => {
    const { slug, orgId, userId } = await scene();
    const { token } = await site.verve.signIn.makeLink({ orgId, actor: hostActor, userId });
    const link = `/app/sign-in/${slug}.${token}`;
    expect((await site.get(`${link}?${new URLSearchParams({ next })}`)).status).toBe(200);
    const entered = await site.post(link, { next: next.replace('{slug}', slug) });
    expect(entered.headers.get('location')).toBe(`/app/${slug}`);
  });

  test('is made for nobody who has no role, and by nobody but the installation', async () => {
    const { orgId, userId } = await scene();
    const stranger = { orgId, actor: hostActor, userId: randomUUID() };
    await expect(site.verve.signIn.makeLink(stranger)).rejects.toMatchObject({ code: 'not_found' });
    const roles = [{ role: 'org_admin', branchId: null }] as const;
    const admin = { kind: 'person', userId, mentorId: null, roles } as const;
    await expect(site.verve.signIn.makeLink({ orgId, actor: admin, userId })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a session', () => {
  test('is its person at the API, and at no other organisation', async () => {
    const [one, other] = [await scene(), await scene()];
    // The same account is an administrator of the other organisation as well.
    await site.verve.roles.grant({ orgId: other.orgId, actor: hostActor, userId: one.userId, role: 'org_admin' });
    const cookie = await site.enter(one);
    const me = await site.get('/api/v1/me', { cookie });
    expect(await me.json()).toMatchObject({ user_id: one.userId, organisations: [{ slug: one.slug }] });
    expect((await site.get('/api/v1/roles', { cookie, 'verve-organisation': one.slug })).status).toBe(200);
    expect((await site.get('/api/v1/roles', { cookie, 'verve-organisation': other.slug })).status).toBe(401);
    const renamed = cookie.replace(one.slug, other.slug);
    expect((await site.get('/api/v1/roles', { cookie: renamed })).status).toBe(401);
    const page = await site.get(`/app/${other.slug}/overview`, { cookie });
    expect(page.headers.get('location')).toContain('/app/sign-in?next=');
  });

  test('sees of an account with roles in two organisations only those of its own', async () => {
    const [one, other] = [await scene(), await scene()];
    await site.verve.roles.grant({ orgId: other.orgId, actor: hostActor, userId: one.userId, role: 'org_admin' });
    const cookie = await site.enter(one);
    const { data } = (await (await site.get('/api/v1/roles', { cookie })).json()) as { data: unknown[] };
    const { pool } = await testDatabase();
    const client = await pool.connect();
    try {
      await client.query('begin');
      const claims = JSON.stringify({ sub: one.userId, verve_org: one.orgId });
      await client.query(
        `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`,
        [claims],
      );
      const { rows } = await client.query('select distinct org_id from verve.roles');
      expect(rows).toEqual([{ org_id: one.orgId }]);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(data).toHaveLength(1);
  });

  test('changes something only for our own pages', async () => {
    const own = await scene();
    const cookie = await site.enter(own);
    const body = () => JSON.stringify({ name: randomUUID() });
    const send = (headers: Record<string, string>) =>
      site.request('/api/v1/branches', {
        method: 'POST',
        body: body(),
        headers: { cookie, 'content-type': 'application/json', 'verve-organisation': own.slug, ...headers },
      });
    const { origin } = new URL(site.origin);
    const refused = [
      {},
      { 'sec-fetch-site': 'cross-site', origin },
      { 'sec-fetch-site': 'same-site', origin },
      { origin: 'null' },
      { origin: 'https://elsewhere.example' },
    ];
    for (const headers of refused) expect((await send(headers)).status).toBe(401);
    expect((await send({ 'sec-fetch-site': 'same-origin', origin })).status).toBe(201);
    expect((await send({ origin })).status).toBe(201);
  });

  test('ends with signing out, here or everywhere, and leaves entries on the audit log', async () => {
    const own = await scene();
    const [first, second, third] = [await site.enter(own), await site.enter(own), await site.enter(own)];
    const out = await site.post(`/app/${own.slug}/sign-out`, {}, { cookie: first });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    const status = async (cookie: string) => (await site.get('/api/v1/me', { cookie })).status;
    expect([await status(first), await status(second), await status(third)]).toEqual([401, 200, 200]);
    await site.post(`/app/${own.slug}/sign-out?everywhere=true`, {}, { cookie: second });
    expect([await status(second), await status(third)]).toEqual([401, 401]);
    const { rows } = await adminPool.query(
      `select action, count(*)::int from verve.audit_log where org_id = $1 and action like 'sign_in.%' group by 1 order by 1`,
      [own.orgId],
    );
    expect(rows).toEqual([
      { action: 'sign_in.enter', count: 3 },
      { action: 'sign_in.leave', count: 2 },
      { action: 'sign_in.make_link', count: 3 },
      { action: 'sign_in.set_address', count: 1 },
    ]);
  });

  test('takes its stream of events along when it ends', async () => {
    const own = await scene();
    const cookie = await site.enter(own);
    const stream = await site.get('/api/v1/events', { cookie });
    expect(stream.status).toBe(200);
    await site.post(`/app/${own.slug}/sign-out`, {}, { cookie });
    expect(await stream.text()).toContain('retry: 3000');
  });

  test('of a person without an address is ended by removing it all the same', async () => {
    const own = await site.organisation();
    const cookie = await site.enter(own);
    const person = { orgId: own.orgId, actor: hostActor, userId: own.userId };
    expect(await site.verve.signIn.removeAddress(person)).toEqual({ outcome: 'removed' });
    expect((await site.get('/api/v1/me', { cookie })).status).toBe(401);
    expect(await site.verve.signIn.removeAddress(person)).toEqual({ outcome: 'notSet' });
  });

  test('is nobody once the role is gone, and when the address is removed', async () => {
    const own = await scene();
    const cookie = await site.enter(own);
    const [role] = await site.verve.roles.list({ orgId: own.orgId, actor: hostActor, userId: own.userId });
    await site.verve.roles.revoke({ orgId: own.orgId, actor: hostActor, roleId: role?.roleId ?? '' });
    expect((await site.get('/api/v1/roles', { cookie })).status).toBe(403);
    expect((await site.get(`/app/${own.slug}`, { cookie })).status).toBe(403);
    await site.verve.signIn.removeAddress({ orgId: own.orgId, actor: hostActor, userId: own.userId });
    expect((await site.get('/api/v1/me', { cookie })).status).toBe(401);
  });

  test('gets another token after a day; the former one holds for ten minutes', async () => {
    const own = await scene();
    const cookie = await site.enter(own);
    minutes(25 * 60);
    const [page, twin] = await Promise.all([
      site.get(`/app/${own.slug}/overview`, { cookie }),
      site.get(`/app/${own.slug}/overview`, { cookie }),
    ]);
    const renewed = [page, twin].flatMap(({ headers }) => headers.get('set-cookie') ?? []);
    expect(renewed).toHaveLength(1);
    const next = renewed[0]?.split(';')[0] ?? '';
    expect(next).not.toBe(cookie);
    const status = async (sent: string) => (await site.get('/api/v1/me', { cookie: sent })).status;
    expect([await status(cookie), await status(next)]).toEqual([200, 200]);
    minutes(11);
    expect([await status(cookie), await status(next)]).toEqual([401, 200]);
  });

  test('ends after 30 days without use, and after 90 days whatever happens', async () => {
    const own = await scene();
    const [idle, used] = [await site.enter(own), await site.enter(own)];
    const status = async (sent: string) => (await site.get('/api/v1/me', { cookie: sent })).status;
    for (let day = 0; day < 80; day += 20) {
      expect(await status(used)).toBe(200);
      minutes(20 * 24 * 60);
    }
    expect(await status(idle)).toBe(401);
    expect(await status(used)).toBe(200);
    minutes(10 * 24 * 60);
    expect(await status(used)).toBe(401);
    expect(await site.verve.signIn.deleteEnded({ orgId: own.orgId })).toBeGreaterThanOrEqual(2);
  });

  test('keeps no token and no address in the database that could be read', async () => {
    const own = await scene();
    const cookie = await site.enter(own);
    const token = cookie.split('=')[1] ?? '';
    const { rows } = await adminPool.query(
      `select sessions::text as row from verve.sign_in_sessions as sessions where org_id = $1
      union all select addresses::text from verve.sign_in_addresses as addresses where org_id = $1`,
      [own.orgId],
    );
    expect(rows).toHaveLength(2);
    const text = JSON.stringify(rows);
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('hex'));
    expect(text).not.toContain(Buffer.from(own.email).toString('hex'));
  });
});

describe('an address', () => {
  test('belongs to one person of an organisation, in any spelling, and to another one elsewhere', async () => {
    const [one, other] = [await scene(), await scene()];
    const userId = randomUUID();
    await site.verve.roles.grant({ orgId: one.orgId, actor: hostActor, userId, role: 'coordinator' });
    const taken = { orgId: one.orgId, actor: hostActor, userId, email: one.email.toUpperCase() };
    await expect(site.verve.signIn.setAddress(taken)).rejects.toMatchObject({ code: 'already_exists' });
    expect(await site.verve.signIn.setAddress({ ...taken, orgId: other.orgId, userId: other.userId })).toEqual({
      outcome: 'set',
    });
  });

  test('that two persons are given at once belongs to the first', async () => {
    const { orgId, userId } = await scene();
    const other = randomUUID();
    await site.verve.roles.grant({ orgId, actor: hostActor, userId: other, role: 'coordinator' });
    const email = `${other.slice(0, 8)}@epost.example`;
    const give = (to: string) => () => site.verve.signIn.setAddress({ orgId, actor: hostActor, userId: to, email });
    await site.verve.signIn.removeAddress({ orgId, actor: hostActor, userId });
    const [first, second] = await inThisOrder({
      adminPool,
      lock: { text: 'select id from verve.organisations where id = $1 for update', values: [orgId] },
      first: give(userId),
      second: give(other),
    });
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'already_exists' } });
  });

  test('is exported opened, and erased, with the mentor', async () => {
    const tenant = await site.organisation();
    const { orgId, mentorId, userId } = tenant;
    const email = 'solveig@epost.example';
    await site.verve.signIn.setAddress({ orgId, actor: hostActor, userId, email });
    const cookie = await site.enter({ ...tenant, userId });
    const { tables } = await site.verve.privacy.exportMentor({ orgId, actor: hostActor, mentorId });
    expect(tables).toMatchObject({ sign_in_addresses: [{ email }], sign_in_sessions: [{ user_id: userId }] });
    await site.verve.privacy.eraseMentor({ orgId, actor: hostActor, mentorId });
    expect((await site.get('/api/v1/me', { cookie })).status).toBe(401);
    expect(await site.verve.signIn.requestLink({ orgId, email })).toBeNull();
  });
});
