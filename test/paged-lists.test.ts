import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../src/http/operations.ts';
import { testDatabase } from './harness.ts';
import { system } from './harness-verve.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';
import { runVerve } from './programs.ts';

// Every list is paged in the same two ways (specification §6), on the command line too.

/** Lists that hold a handful by their nature, or are no list to go through. */
const unpaged: Record<string, string> = {
  listMilestones: 'the thresholds of an organisation',
  listOrganisationSecrets: 'two of a purpose at most',
  listRegistrationContacts: 'a queue: what is handed over leaves it',
};

let site: Site;
let tenant: Tenant;
let other: Tenant;
beforeAll(async () => {
  site = await makeSite();
  [tenant, other] = [await site.organisation(), await site.organisation()];
});

test('every list takes cursor, limit and page, or says why not', () => {
  const lists = operations.filter(({ id, method }) => method === 'get' && id.startsWith('list'));
  expect(lists.length).toBeGreaterThan(20);
  const without = lists.filter(({ query }) => {
    const names = Object.keys((query as { shape?: object } | undefined)?.shape ?? {});
    return !['cursor', 'limit', 'page'].every((name) => names.includes(name));
  });
  expect(without.map(({ id }) => id).sort()).toEqual(Object.keys(unpaged).sort());
});

/** Three rows of each list, made by what they stand for; the ids come in the order of the list. */
const rows: Record<string, (of: Tenant) => Promise<unknown>> = {
  'webhook-endpoints': (of) =>
    site.send('POST', '/api/v1/webhook-endpoints', { as: of.key, body: { url: 'https://hooks.example.org/in' } }),
  imports: async ({ orgId }) => {
    const reading = { timeZone: 'Europe/Oslo', statusMap: {}, defaultStatus: null, ignoreUnknownColumns: false };
    const file = new TextEncoder().encode('member_id\nM1\n');
    await site.verve.imports.store({ orgId, actor: system, file, isPreview: true, totalLines: 1, reading });
  },
  reconciliations: async ({ orgId }) => {
    const { adminPool } = await testDatabase();
    await adminPool.query(
      `insert into verve.reconciliation_runs (org_id, trigger, status, started_at, finished_at, heartbeat_at)
       values ($1, 'schedule', 'succeeded', verve.clock() - (random() * 1000000)::int * interval '1 s', verve.clock(), verve.clock())`,
      [orgId],
    );
  },
};

describe.each(Object.keys(rows))('%s', (noun) => {
  const at = (query: string, as = tenant.key) => site.send('GET', `/api/v1/${noun}?${query}`, { as });
  const idsOf = (body: Record<string, unknown>) => (body.data as { id: string }[]).map(({ id }) => id);
  beforeAll(async () => {
    for (let number = 0; number < 3; number += 1) await rows[noun]?.(tenant);
    await rows[noun]?.(other);
  });

  test('are gone through by cursor, each once, and by numbered pages', async () => {
    const all = idsOf((await at('limit=200')).body);
    expect(new Set(all).size).toBe(3);
    const seen: string[] = [];
    for (let query = 'limit=1'; ; ) {
      const { status, body } = await at(query);
      expect(status).toBe(200);
      seen.push(...idsOf(body));
      if (body.next_cursor === null) break;
      query = `limit=1&cursor=${encodeURIComponent(String(body.next_cursor))}`;
    }
    expect(seen).toEqual(all);
    const second = await at('limit=1&page=2');
    expect(second.body).toMatchObject({ data: [{ id: all[1] }], pagination: { page: 2, limit: 1, total: 3 } });
    expect((await at('limit=0')).status).toBe(400);
  });

  test('are shown to administrators, to nobody of another organisation, and not to a mentor', async () => {
    const admin = await tenant.person('org_admin');
    expect(idsOf((await at('', admin.token)).body)).toHaveLength(3);
    expect(idsOf((await at('', other.key)).body)).toHaveLength(1);
    expect((await at('', (await tenant.mentor()).token)).status).toBe(403);
    const { body } = await at('limit=1');
    const foreign = await at(`cursor=${encodeURIComponent(String(body.next_cursor))}`, other.key);
    expect(foreign).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
  });
});

test('a person’s organisations are all of the person’s, a page at a time; a key has one', async () => {
  const { userId, token } = await tenant.person('org_admin');
  for (const { orgId } of [other, await site.organisation()])
    await site.verve.roles.grant({ orgId, actor: system, userId, role: 'coordinator' });
  const headers = { 'verve-organisation': tenant.slug };
  const page = (query: string) => site.send('GET', `/api/v1/organisations?${query}`, { as: token, headers });
  const first = await page('limit=2');
  const cursor = encodeURIComponent(String(first.body.next_cursor));
  const rest = await page(`limit=2&cursor=${cursor}`);
  const seen = [...(first.body.data as { slug: string }[]), ...(rest.body.data as { slug: string }[])];
  expect(seen.map(({ slug }) => slug)).toHaveLength(3);
  expect(seen.map(({ slug }) => slug)).toEqual(expect.arrayContaining([tenant.slug, other.slug]));
  expect(rest.body.next_cursor).toBeNull();
  expect((await page('page=3&limit=1')).body).toMatchObject({ pagination: { page: 3, limit: 1, total: 3 } });
  const ofKey = await site.send('GET', '/api/v1/organisations', { as: tenant.key });
  expect(ofKey.body).toMatchObject({ data: [{ id: tenant.orgId, slug: tenant.slug }], next_cursor: null });
});

describe('on the command line', () => {
  const run = async (...args: string[]) => {
    const { appUrl } = await testDatabase();
    return runVerve(args, { DATABASE_URL: appUrl, VERVE_SECRET: 'a secret of the tests that is long enough' });
  };
  const walk = async (...list: string[]) => {
    const seen: Record<string, unknown>[] = [];
    for (let more: string[] = []; ; ) {
      const { data, next_cursor: cursor } = JSON.parse((await run(...list, '--limit', '2', '--json', ...more)).output);
      expect(data.length).toBeLessThanOrEqual(2);
      seen.push(...data);
      if (cursor === null) return seen;
      more = ['--cursor', cursor];
    }
  };

  test('organisations, keys and codes are gone through, and the text says how to go on', async () => {
    const { orgId, slug } = await site.organisation();
    for (let number = 0; number < 3; number += 1) {
      await site.verve.apiKeys.create({ orgId, actor: system, name: `Key ${number}`, scopes: ['codes:read'] });
      const made = await site.verve.mentors.create({ orgId, actor: system, displayName: 'Solveig Tveitmo' });
      if (!('mentor' in made)) throw new Error(made.outcome);
      await site.verve.codes.getOrCreate({ orgId, actor: system, mentorId: made.mentor.mentorId });
    }
    const organisations = await walk('organisation', 'list');
    expect(organisations.map(({ id }) => id)).toEqual(await site.verve.organisations.listIds());
    expect(organisations[0]).toMatchObject({ slug });
    expect(new Set((await walk('code', 'list', '--organisation', slug)).map(({ id }) => id)).size).toBe(3);
    const keys = await walk('key', 'list', '--organisation', slug);
    expect(keys.map(({ name }) => name)).toEqual(expect.arrayContaining(['Key 0', 'Key 1', 'Key 2']));

    const text = await run('key', 'list', '--organisation', slug, '--limit', '1');
    const [, cursor = ''] = text.output.match(/There are more: --cursor (\S+)/) ?? [];
    const next = await run('key', 'list', '--organisation', slug, '--limit', '200', '--cursor', cursor);
    expect(next.output).not.toContain('There are more');
    expect(next.output.trim().split('\n')).toHaveLength(keys.length - 1);
    for (const wrong of [
      ['--limit', '0'],
      ['--limit', 'x'],
      ['--limit', '201'],
      ['--cursor', randomUUID()],
    ])
      expect((await run('key', 'list', '--organisation', slug, ...wrong)).code, wrong.join(' ')).toBe(2);
  });
});
