// Operations that no other test walks through, each as a client uses it: what it answers, who is refused, what of another
// organisation stays unseen.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;
let foreign: Tenant;
let mentor: { mentorId: string; token: string };
let code: { id: string; code: string };
beforeAll(async () => {
  site = await makeSite();
  [tenant, foreign] = [await site.organisation(), await site.organisation()];
  mentor = await tenant.mentor();
  code = await codeOf(mentor.mentorId);
});

const get = (path: string, as = tenant.key) => site.send('GET', `/api/v1/${path}`, { as });
const post = (path: string, body?: unknown, as = tenant.key) =>
  site.send('POST', `/api/v1/${path}`, { as, ...(body === undefined ? {} : { body }) });

async function codeOf(mentorId: string, as = tenant.key): Promise<{ id: string; code: string }> {
  const { body } = await post('referral-codes', { mentor_id: mentorId }, as);
  return { id: String(body.id), code: String(body.code) };
}

/** A confirmed recruitment of a new mentor. */
async function recruitment(of = tenant) {
  const { mentorId, token } = await of.mentor();
  const { code: text } = await codeOf(mentorId, of.key);
  const click = await post('referral-attributions', { code: text }, of.key);
  const path = `/api/v1/referral-attributions/${click.body.id}`;
  const { body } = await site.send('PUT', path, { as: of.key, body: { new_member_id: randomUUID() } });
  return { mentorId, token, id: String(body.id), code: text };
}

/** Whatever was seen before is so afterwards. */
async function expectUnchanged(look: () => Promise<unknown>, act: () => Promise<unknown>): Promise<void> {
  const before = await look();
  await act();
  expect(await look()).toEqual(before);
}

describe('a code’s link and picture', () => {
  test('the link is the code’s own, and missing where there is no link domain', async () => {
    const reply = await get(`referral-codes/${code.id}/url`);
    expect(reply.body).toEqual({ url: `https://${tenant.slug}.example/join/${code.code}` });
    const bare = await site.organisation();
    await site.send('PATCH', `/api/v1/organisations/${bare.orgId}`, { as: bare.key, body: { link_domains: [] } });
    const { id } = await codeOf((await bare.mentor()).mentorId, bare.key);
    for (const what of ['url', 'qr.svg', 'qr.png', 'share-kit']) {
      const refused = await get(`referral-codes/${id}/${what}`, bare.key);
      expect(refused, what).toMatchObject({ status: 409, body: { code: 'missing_link_domain' } });
      // The very call that the answer names mends it, for codes that were made before too.
      const [, path = '', body = ''] = String(refused.body.detail).match(/PATCH (\S+) with (\{.*?\})/) ?? [];
      expect(refused.body.detail).toContain(`--organisation ${bare.slug}`);
      const set = await site.send('PATCH', path, { as: bare.key, body: JSON.parse(body) });
      expect(set.status).toBe(200);
      expect((await get(`referral-codes/${id}/${what}`, bare.key)).status).toBe(200);
      await site.send('PATCH', path, { as: bare.key, body: { link_domains: [] } });
    }
  });

  test('the picture comes as SVG and PNG in the size asked for', async () => {
    const svg = await get(`referral-codes/${code.id}/qr.svg?size=400`);
    expect(svg.headers.get('content-type')).toContain('image/svg+xml');
    expect(svg.text).toContain('width="400"');
    const request = new Request(`http://verve.example/api/v1/referral-codes/${code.id}/qr.png?size=400`, {
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    const png = await site.handler(request);
    expect(png.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await png.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const width = bytes.readUInt32BE(16); // a whole number of pixels a module
    expect(width > 300 && width <= 400).toBe(true);
    for (const size of ['99', '4001', 'big']) {
      expect((await get(`referral-codes/${code.id}/qr.png?size=${size}`)).status, size).toBe(400);
    }
  });

  test('are for the mentor, coordinators and keys of the organisation', async () => {
    const other = await tenant.mentor();
    for (const what of ['url', 'qr.svg', 'qr.png']) {
      const path = `referral-codes/${code.id}/${what}`;
      expect((await get(path, mentor.token)).status, what).toBe(200);
      expect((await get(path, other.token)).status, what).toBe(403);
      expect((await get(path, foreign.key)).status, what).toBe(404);
    }
  });
});

describe('GET /referral-code-records/active', () => {
  test('is the mentor’s active code, the caller’s own by default, and nothing after it ended', async () => {
    const own = await tenant.mentor();
    const made = await codeOf(own.mentorId);
    const expected = { id: made.id, code: made.code, status: 'active', deactivated_at: null };
    expect((await get(`referral-code-records/active?mentor_id=${own.mentorId}`)).body).toMatchObject(expected);
    expect((await get('referral-code-records/active', own.token)).body).toMatchObject(expected);
    expect((await get('referral-code-records/active')).status).toBe(400); // a key has no code of its own
    expect((await get(`referral-code-records/active?mentor_id=${own.mentorId}`, foreign.key)).status).toBe(404);
    await site.send('DELETE', `/api/v1/referral-codes/${made.id}`, { as: tenant.key });
    expect((await get(`referral-code-records/active?mentor_id=${own.mentorId}`)).status).toBe(404);
  });
});

describe('reports by branch and channel', () => {
  test('count a recruitment once, in the branch and channel it has, also as CSV', async () => {
    const own = await site.organisation();
    const branchId = await own.branch('Bergen');
    const { mentorId } = await own.mentor({ branchId });
    const { code: text } = await codeOf(mentorId, own.key);
    const metadata = { share_channel: 'whatsapp' };
    const click = await post('referral-attributions', { code: text, metadata }, own.key);
    const path = `/api/v1/referral-attributions/${click.body.id}`;
    await site.send('PUT', path, { as: own.key, body: { new_member_id: randomUUID() } });
    const branches = (await get('reports/branches', own.key)).body.data;
    expect(branches).toContainEqual(expect.objectContaining({ branch_id: branchId, clicked: 1, credited: 1 }));
    const channels = (await get('reports/channels', own.key)).body.data;
    expect(channels).toContainEqual(expect.objectContaining({ channel: 'whatsapp', clicked: 1, credited: 1 }));
    for (const report of ['branches', 'channels']) {
      const file = await get(`reports/${report}?format=csv&delimiter=semicolon`, own.key);
      expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${report}.csv"`);
      expect(file.text).toMatch(/Bergen|whatsapp/);
      const { token } = await own.mentor();
      expect((await get(`reports/${report}?from=2026-01-02&to=2026-01-01`, own.key)).status).toBe(400);
      expect((await get(`reports/${report}`, token)).status, report).toBe(403);
    }
  });
});

test('a mentor’s conversion rate is credited by clicks, 0 without any, and nobody else’s to ask', async () => {
  const { mentorId, token, code: text } = await recruitment();
  const rate = (as?: string) => get(`referral-attributions/mentor/${mentorId}/conversion-rate`, as);
  expect((await rate()).body).toEqual({ conversion_rate: 1 });
  await post('referral-attributions', { code: text });
  expect((await rate()).body).toEqual({ conversion_rate: 0.5 });
  expect((await rate(token)).body).toEqual({ conversion_rate: 0 }); // as of 06:00
  expect((await rate(mentor.token)).status).toBe(403);
  expect((await rate(foreign.key)).status).toBe(404);
});

describe('previews write nothing and tell what the act then does', () => {
  const totals = (mentorId: string, before: number, after: number) => ({ mentor_id: mentorId, before, after });
  const look =
    (id: string, as = tenant.key) =>
    async () =>
      (await get(`referral-attributions/${id}`, as)).body;

  test('reassign', async () => {
    const [from, to] = [await recruitment(), await tenant.mentor()];
    await codeOf(to.mentorId);
    const path = `referral-attributions/${from.id}/reassign`;
    const body = { mentor_id: to.mentorId, reason: 'They met first' };
    const moved = { totals: expect.arrayContaining([totals(from.mentorId, 1, 0), totals(to.mentorId, 0, 1)]) };
    await expectUnchanged(look(from.id), async () => {
      expect((await post(`${path}/preview`, body)).body).toMatchObject({ outcome: 'reassigned', consequence: moved });
    });
    expect((await post(`${path}/preview`, body, foreign.key)).status).toBe(404);
    expect((await post(`${path}/preview`, body, from.token)).status).toBe(403);
    expect((await post(path, body)).body).toMatchObject({ outcome: 'reassigned', consequence: moved });
  });

  test('reverse', async () => {
    const { id, mentorId, token } = await recruitment();
    const path = `referral-attributions/${id}/reverse`;
    await expectUnchanged(look(id), async () => {
      const preview = await post(`${path}/preview`, {});
      expect(preview.body).toMatchObject({ outcome: 'reversed', consequence: { totals: [totals(mentorId, 1, 0)] } });
    });
    expect((await post(`${path}/preview`, {}, foreign.key)).status).toBe(404);
    expect((await post(`${path}/preview`, {}, token)).status).toBe(403);
    expect((await post(path, {})).body).toMatchObject({ consequence: { totals: [totals(mentorId, 1, 0)] } });
  });

  test('reject', async () => {
    const own = await site.organisation({ settings: { rules: { review: 'all' } } });
    const { id, mentorId } = await recruitment(own);
    const path = `referral-attributions/${id}/reject`;
    const body = { reason_code: 'duplicate' };
    await expectUnchanged(look(id, own.key), async () => {
      const preview = await post(`${path}/preview`, body, own.key);
      expect(preview.body).toMatchObject({ outcome: 'rejected', consequence: { totals: [totals(mentorId, 0, 0)] } });
    });
    expect((await post(`${path}/preview`, {}, own.key)).status).toBe(400);
    expect((await post(path, body, own.key)).body.outcome).toBe('rejected');
    expect((await post(`${path}/preview`, body, own.key)).body.outcome).toBe('already_rejected');
  });

  test('settle a case, which reads the same before and after', async () => {
    const { mentorId } = await tenant.mentor();
    await codeOf(mentorId);
    const claim = { claimant: 'member', mentor_id: mentorId, member_id: randomUUID() };
    const { inbox_item_id: itemId } = (await post('claims', claim)).body;
    const read = async (as = tenant.key) => get(`inbox/${itemId}`, as);
    expect((await read()).body).toMatchObject({ id: itemId, kind: 'claim', status: 'open', mentor_id: mentorId });
    expect((await read(foreign.key)).status).toBe(404);
    expect((await read(mentor.token)).status).toBe(403);
    const body = { how: 'attach', mentor_id: mentorId, reason: 'They met at the meeting' };
    await expectUnchanged(
      async () => (await read()).body,
      async () =>
        expect((await post(`inbox/${itemId}/resolve/preview`, body)).body).toMatchObject({ outcome: 'resolved' }),
    );
    expect((await post(`inbox/${itemId}/resolve/preview`, body, foreign.key)).status).toBe(404);
    expect((await post(`inbox/${itemId}/resolve/preview`, { how: 'attach', reason: 'x' })).status).toBe(400);
    expect((await post(`inbox/${itemId}/resolve`, body)).body.outcome).toBe('resolved');
    expect((await read()).body).toMatchObject({ status: 'resolved', resolution_reason: body.reason });
  });

  test('a claim that names no member is linked to a recruitment; case and claim tell who decided', async () => {
    const claimant = await tenant.mentor();
    await codeOf(claimant.mentorId);
    const recruited = await recruitment();
    const filed = await post('claims', { claimant: 'mentor', met_on: '2026-11-14' }, claimant.token);
    const claimed = (await get(`inbox?kind=claim&mentor_id=${claimant.mentorId}`)).body.data as { id: string }[];
    expect(claimed).toMatchObject([{ claim_id: filed.body.claim_id, resolved_by: null, resolved_by_name: null }]);
    const path = `inbox/${claimed[0]?.id}`;
    const attach = { how: 'attach', mentor_id: claimant.mentorId, reason: 'They met' };
    const refused = await post(`${path}/resolve`, attach);
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining('link the claim') } });

    const link = { how: 'link', attribution_id: recruited.id, reason: 'They met' };
    expect((await post(`${path}/resolve`, { ...link, attribution_id: undefined })).status).toBe(400);
    expect((await post(`${path}/resolve`, link, claimant.token)).status).toBe(403);
    expect((await post(`${path}/resolve`, link, foreign.key)).status).toBe(404);
    const elsewhere = { ...link, attribution_id: (await recruitment(foreign)).id };
    expect((await post(`${path}/resolve`, elsewhere)).status).toBe(404);

    const coordinator = await tenant.mentor();
    await site.verve.roles.grant({
      orgId: tenant.orgId,
      actor: { kind: 'system', name: 'test' },
      userId: coordinator.userId,
      role: 'coordinator',
    });
    const settled = await post(`${path}/resolve`, link, coordinator.token);
    expect(settled.body).toMatchObject({ outcome: 'resolved', resolution: 'reassigned' });
    expect(settled.body.consequence).toMatchObject({
      totals: expect.arrayContaining([totals(claimant.mentorId, 0, 1), totals(recruited.mentorId, 1, 0)]),
    });
    const decider = `person:${coordinator.userId}`;
    for (const as of [coordinator.token, tenant.key])
      expect((await get(path, as)).body).toMatchObject({ resolved_by: decider, resolved_by_name: 'Solveig Tveitmo' });
    const claims = (await get('claims')).body.data as { id: string }[];
    expect(claims.find(({ id }) => id === filed.body.claim_id)).toMatchObject({
      status: 'accepted',
      filed_by: `person:${claimant.userId}`,
      filed_by_name: 'Solveig Tveitmo',
      decided_by: decider,
      decided_by_name: 'Solveig Tveitmo',
    });
    expect((await get('claims', claimant.token)).body.data).toMatchObject([{ decided_by: null, filed_by: null }]);
  });

  test('milestone backfill', async () => {
    const own = await site.organisation();
    await site.send('PUT', '/api/v1/milestones', { as: own.key, body: { thresholds: [50] } });
    for (const definition of (await get('badge-definitions', own.key)).body.data as { id: string }[])
      await site.send('DELETE', `/api/v1/badge-definitions/${definition.id}`, { as: own.key });
    await site.send('PUT', '/api/v1/milestones', { as: own.key, body: { thresholds: [50] } });
    const { mentorId } = await recruitment(own);
    await site.send('PUT', '/api/v1/milestones', { as: own.key, body: { thresholds: [1, 50] } });
    const missing = [{ mentor_id: mentorId, threshold: 1, count: 1 }];
    await expectUnchanged(
      async () => (await get('milestones/awards', own.key)).body,
      async () => {
        const preview = await post('milestones/backfill/preview', undefined, own.key);
        expect(preview.body).toMatchObject({ outcome: 'preview', milestones: missing });
      },
    );
    const { token } = await own.person('coordinator');
    expect((await post('milestones/backfill/preview', undefined, token)).status).toBe(403);
    expect((await post('milestones/backfill', undefined, own.key)).body).toMatchObject({ milestones: missing });
    const awards = (await get(`milestones/awards?mentor_id=${mentorId}`, own.key)).body.data;
    expect(awards).toMatchObject([{ mentor_id: mentorId, threshold: 1, origin: 'backfill', reached_count: 1 }]);
    expect((await post('milestones/backfill/preview', undefined, own.key)).body.milestones).toEqual([]);
  });
});

test('earned badges of the organisation come with their number, and a mentor sees own ones', async () => {
  const own = await site.organisation();
  const [one] = [await recruitment(own), await recruitment(own)];
  const all = await get('earned-badges/by-organisation', own.key);
  expect(all.headers.get('x-total-count')).toBe('2');
  expect(all.body.data).toHaveLength(2);
  expect((await get('earned-badges/by-organisation', foreign.key)).text).not.toContain(one.mentorId);
  const { token } = await own.mentor();
  expect((await get('earned-badges/by-organisation', token)).headers.get('x-total-count')).toBe('0');
});

describe('the log of an endpoint', () => {
  test('lists deliveries by status, shows one with its text, and nothing to another organisation', async () => {
    const endpoint = await post('webhook-endpoints', { url: 'https://hooks.example.org/in' });
    const path = `webhook-endpoints/${endpoint.body.id}/deliveries`;
    await recruitment();
    const list = await get(`${path}?status=pending`);
    const deliveries = list.body.data as { id: string; event_type: string }[];
    const credited = deliveries.find(({ event_type: type }) => type === 'recruitment.credited');
    expect(credited).toMatchObject({ endpoint_id: endpoint.body.id, attempts: 0, status: 'pending' });
    expect((await get(`${path}?status=delivered`)).body.data).toEqual([]);
    const one = await get(`webhook-deliveries/${credited?.id}`);
    expect(one.body).toMatchObject({ id: credited?.id, tries: [], body: null }); // written at the first try
    for (const hidden of [path, `webhook-deliveries/${credited?.id}`]) {
      expect((await get(hidden, foreign.key)).status, hidden).toBe(404);
      expect((await get(hidden, mentor.token)).status, hidden).toBe(403);
    }
  });
});

test('secrets are listed by purpose and version, never by value', async () => {
  const made = await post(`organisations/${tenant.orgId}/secrets/rotate`, { purpose: 'webhook_signing' });
  const list = await get(`organisations/${tenant.orgId}/secrets`);
  expect(list.body.data).toContainEqual(expect.objectContaining({ purpose: 'webhook_signing', version: 1 }));
  expect(list.text).not.toContain(String(made.body.value));
  expect((await get(`organisations/${tenant.orgId}/secrets`, foreign.key)).status).toBe(404);
  const { token } = await tenant.person('coordinator');
  expect((await get(`organisations/${tenant.orgId}/secrets`, token)).status).toBe(403);
});

describe('mentors in bulk', () => {
  test('a whole organisation’s, with accounts and branches, fits one request', async () => {
    const own = await site.organisation();
    const branchId = await own.branch('Bergen');
    const mentors = Array.from({ length: 1_000 }, (_, at) => ({
      id: randomUUID(),
      user_id: randomUUID(),
      display_name: `Likeperson nummer ${at}`,
      branch_id: branchId,
    }));
    expect(JSON.stringify({ mentors }).length).toBeGreaterThan(65_536);
    const reply = await post('mentors/import', { mentors }, own.key);
    const outcomes = (reply.body.data as { outcome: string }[]).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['created']));
    const again = await post('mentors/import', { mentors }, own.key);
    expect(new Set((again.body.data as { outcome: string }[]).map(({ outcome }) => outcome)).size).toBe(1);
    expect((await get('mentors?page=1', own.key)).body.pagination).toMatchObject({ total: 1_000 });
    expect((await post('mentors/import', { mentors: [...mentors, {}] }, own.key)).status).toBe(400);
    const { token } = await own.person('coordinator');
    expect((await post('mentors/import', { mentors: mentors.slice(0, 1) }, token)).status).toBe(403);
  });
});

describe('an export of everything', () => {
  test('whose reader takes nothing is cut off, and holds no transaction', async () => {
    const impatient = await makeSite({ exportPatienceMs: 1_000 });
    const own = await impatient.organisation();
    const path = `/api/v1/organisations/${own.orgId}/export`;
    const headers = { authorization: `Bearer ${own.key}` };
    const response = await impatient.handler(new Request(`http://verve.example${path}`, { method: 'POST', headers }));
    const { pool } = await testDatabase();
    const open = () => pool.totalCount - pool.idleCount;
    await expect.poll(open).toBe(1);
    await expect.poll(open, { timeout: 20_000 }).toBe(0);
    await expect(response.text()).rejects.toThrow('takes too long');
  });

  test('whose reader leaves at once is over, and holds no transaction', async () => {
    const own = await site.organisation();
    const request = new Request(`http://verve.example/api/v1/organisations/${own.orgId}/export`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.key}` },
    });
    const response = await site.handler(request);
    await response.body?.cancel();
    const { pool } = await testDatabase();
    await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0);
    const entries = await get('audit?action=organisation.export', own.key);
    expect(JSON.stringify(entries.body.data)).not.toContain('"is_complete":true');
  });

  test('lets the organisation leave over HTTP: its key ends with the answer, another organisation notices nothing', async () => {
    const own = await site.organisation();
    const path = `organisations/${own.orgId}`;
    const file = await post(`${path}/export`, undefined, own.key);
    const lines = file.text.trim().split('\n');
    const { receipt } = JSON.parse(lines.at(-1) ?? '{}') as { receipt: string };
    expect((await post(`${path}/offboard`, { confirm: own.slug }, own.key)).status).toBeGreaterThanOrEqual(400);
    expect((await post(`${path}/offboard`, { confirm: 'another', receipt }, own.key)).status).toBeGreaterThanOrEqual(
      400,
    );
    expect((await post(`${path}/offboard`, { confirm: own.slug, receipt }, foreign.key)).status).toBe(404);
    const { token } = await own.person('coordinator');
    expect((await post(`${path}/offboard`, { confirm: own.slug, receipt }, token)).status).toBe(403);
    expect(await post(`${path}/offboard`, { confirm: own.slug, receipt }, own.key)).toMatchObject({
      status: 202,
      body: { outcome: 'leaving', organisation_id: own.orgId },
    });
    expect((await get(path, own.key)).status).toBe(401);
    expect((await get(`organisations/${foreign.orgId}`, foreign.key)).status).toBe(200);
  });
});
