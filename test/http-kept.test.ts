import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeSite, type Site, type Tenant } from './http-site.ts';

// Requests that come twice, too early or about the wrong person: what is said is kept, and what is kept is answered 2xx
// (spec §2.6, §2.8), with an Idempotency-Key too.

let site: Site;
let org: Tenant;
let codes: string[];
beforeAll(async () => {
  site = await makeSite();
});
beforeEach(async () => {
  org = await site.organisation();
  codes = [await newCode(org), await newCode(org)];
});

async function newCode(tenant: Tenant): Promise<string> {
  const { mentorId } = await tenant.mentor();
  const made = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  return String(made.body.code);
}
const register = (code: string | undefined, memberId: string, headers: Record<string, string> = {}) =>
  site.send('POST', '/api/v1/registrations', { as: org.key, body: { code, new_member_id: memberId }, headers });
const inbox = async (tenant = org) =>
  ((await site.send('GET', '/api/v1/inbox', { as: tenant.key })).body.data as { kind: string }[]).map(
    ({ kind }) => kind,
  );

describe.each([
  ['without', (): Record<string, string> => ({})],
  ['with', (): Record<string, string> => ({ 'idempotency-key': randomUUID() })],
])('a registration by key, %s an Idempotency-Key', (_, headers) => {
  test('of a member under two codes is a conflict, in the inbox once', async () => {
    await register(codes[0] as string, 'M1');
    const answer = { status: 202, body: { outcome: 'conflict' } };
    expect(await register(codes[1] as string, 'M1', headers())).toMatchObject(answer);
    expect(await register(codes[1] as string, 'M1', headers())).toMatchObject(answer);
    expect(await inbox()).toEqual(['conflict']);
  });

  test('under an unknown code, or under another organisation’s, goes to the inbox', async () => {
    const elsewhere = await site.organisation();
    const foreign = await newCode(elsewhere);
    expect(await register('0000000000', 'M1', headers())).toMatchObject({
      status: 202,
      body: { outcome: 'unmatched' },
    });
    expect(await register(foreign, 'M1', headers())).toMatchObject({ status: 202, body: { outcome: 'unmatched' } });
    expect((await inbox()).sort()).toEqual(['foreign_code', 'unknown_code']);
    expect(await inbox(elsewhere)).toEqual([]);
  });

  test('of the mentor himself is kept for a person, and credits nobody', async () => {
    const { mentorId } = await org.mentor();
    await site.send('PATCH', `/api/v1/mentors/${mentorId}`, { as: org.key, body: { member_id: 'own' } });
    const made = await site.send('POST', '/api/v1/referral-codes', { as: org.key, body: { mentor_id: mentorId } });
    const reply = await register(String(made.body.code), 'own', headers());
    expect(reply).toMatchObject({ status: 202, body: { outcome: 'self_referral' } });
    expect(await inbox()).toEqual(['self_referral']);
  });
});

test('a registration under an unknown code that names no member is not found, and asks nobody', async () => {
  for (const as of [undefined, org.key]) {
    const reply = await site.send('POST', '/api/v1/registrations', {
      ...(as === undefined ? {} : { as }),
      body: { code: '0000000000', organisation: org.slug },
    });
    expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } });
  }
  expect(await inbox()).toEqual([]);
});

describe('a time in the future', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

  test('is refused for a confirmation, which no reversal could undo until then', async () => {
    const pending = await site.send('POST', '/api/v1/registrations', { as: org.key, body: { code: codes[0] } });
    const path = `/api/v1/referral-attributions/${pending.body.attribution_id}`;
    const confirm = (confirmed_at: string) =>
      site.send('PUT', path, { as: org.key, body: { new_member_id: 'M1', confirmed_at } });
    expect(await confirm(inDays(2))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'confirmed_at', message: 'lies in the future' }] },
    });
    expect(await confirm(inDays(0))).toMatchObject({ status: 200, body: { outcome: 'confirmed' } });
  });

  test('counts as now for a registration: clocks of phones are wrong', async () => {
    await site.send('POST', '/api/v1/registrations', { body: { code: codes[0], registered_at: inDays(2) } });
    const list = await site.send('GET', '/api/v1/referral-attributions', { as: org.key });
    const [row] = list.body.data as { registered_at: string }[];
    expect(new Date(row?.registered_at ?? '9999').getTime()).toBeLessThanOrEqual(Date.now());
  });
});

test('conversions and clicks are found by a code in any spelling', async () => {
  await register(codes[0] as string, 'M1');
  await register(codes[1] as string, 'M2');
  await site.send('POST', '/api/v1/referral-attributions', { body: { code: codes[0] } });
  const typed = encodeURIComponent(`${codes[0]?.slice(0, 5)}-${codes[0]?.slice(5)}`.toLowerCase());
  for (const type of ['conversion', 'click']) {
    const list = await site.send('GET', `/api/v1/referral-attributions?type=${type}&code=${typed}`, { as: org.key });
    expect(list.body.data).toMatchObject([{ type, code: codes[0] }]);
  }
});

describe('a click', () => {
  const click = async (code = codes[0]) => {
    const told = await site.send('POST', '/api/v1/referral-attributions', {
      body: { code, metadata: { platform: 'ios' } },
    });
    return `/api/v1/referral-attributions/${told.body.id}`;
  };

  test('confirmed for a member of another mentor is a conflict, in the inbox', async () => {
    const confirm = async (code: string | undefined) =>
      site.send('PUT', await click(code), { as: org.key, body: { new_member_id: 'M1' } });
    expect(await confirm(codes[1])).toMatchObject({ status: 200, body: { outcome: 'confirmed' } });
    expect(await confirm(codes[0])).toMatchObject({ status: 202, body: { outcome: 'conflict' } });
    expect(await inbox()).toEqual(['conflict']);
  });

  test('shows under the id that its answer gave, as pending, in its own organisation', async () => {
    const path = await click();
    expect(await site.send('GET', path, { as: org.key })).toMatchObject({
      status: 200,
      body: { type: 'click', status: 'pending', is_confirmed: false, code: codes[0], class: 'human', platform: 'ios' },
    });
    const elsewhere = await site.organisation();
    expect((await site.send('GET', path, { as: elsewhere.key })).status).toBe(404);
    expect((await site.send('GET', path, { as: await org.keyWith(['codes:read']) })).status).toBe(403);
    const mentor = await org.mentor();
    expect((await site.send('GET', path, { as: mentor.token })).status).toBe(404);
  });

  test('that an administrator deletes is taken out of its day, once', async () => {
    const path = await click();
    await click();
    const clicked = async () => {
      const funnel = await site.send('GET', '/api/v1/reports/funnel', { as: org.key });
      return (funnel.body.steps as { stage: string; count: number }[]).find(({ stage }) => stage === 'clicked')?.count;
    };
    expect(await clicked()).toBe(2);
    const coordinator = await org.person('coordinator');
    const remove = (as: string) => site.send('DELETE', `${path}?reason=mistake`, { as });
    expect((await remove(coordinator.token)).status).toBe(403);
    expect((await remove((await site.organisation()).key)).status).toBe(404);
    expect((await remove(org.key)).status).toBe(204);
    expect((await remove(org.key)).status).toBe(204);
    expect(await clicked()).toBe(1);
    const audit = await site.send('GET', '/api/v1/audit?action=click.remove', { as: org.key });
    expect(audit.body.data).toHaveLength(1);
    expect(audit.text).not.toContain(path.split('/').at(-1));
    expect(await site.send('GET', path, { as: org.key })).toMatchObject({
      status: 410,
      body: { code: 'click_pruned' },
    });
  });
});

test('a code rotated by its id ten times at once, and once more later, is rotated once', async () => {
  const { mentorId } = await org.mentor();
  const made = await site.send('POST', '/api/v1/referral-codes', { as: org.key, body: { mentor_id: mentorId } });
  const rotate = () =>
    site.send('PUT', `/api/v1/referral-codes/${made.body.id}`, { as: org.key, body: { action: 'rotate' } });
  const replies = await Promise.all(Array.from({ length: 10 }, rotate));
  replies.push(await rotate());
  const rotated = replies.filter(({ status }) => status === 200);
  expect(rotated).toMatchObject([{ body: { status: 'active', previous_code: made.body.code } }]);
  for (const reply of replies.filter((one) => one !== rotated[0]))
    expect(reply).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const list = await site.send('GET', `/api/v1/referral-codes?mentor_id=${mentorId}`, { as: org.key });
  expect((list.body.data as { status: string }[]).map(({ status }) => status)).toEqual(['active', 'rotated']);
});
