import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeSite, type Site, type Tenant } from './http-site.ts';

// What erasing a person would find, over HTTP: the same as the export holds, and nothing is written.

let site: Site;
let tenant: Tenant;
let admin: string;
let mentorId: string;
const memberId = `M-${randomUUID()}`;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  admin = (await tenant.person('org_admin')).token;
  ({ mentorId } = await tenant.mentor());
  const code = await post('referral-codes', { mentor_id: mentorId });
  const registered = await post('registrations', { code: code.body.code });
  await site.send('PUT', `/api/v1/referral-attributions/${registered.body.attribution_id}`, {
    as: admin,
    body: { new_member_id: memberId },
  });
});

const post = (path: string, body: object, as = admin) => site.send('POST', `/api/v1/${path}`, { as, body });
const preview = (whom: object, as = admin) => post('privacy/erase/preview', whom, as);
const countsOf = (tables: unknown) => {
  const counts = Object.entries(tables as Record<string, unknown[]>).map(
    ([name, rows]) => [name, rows.length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

describe('the preview', () => {
  test.each(['member', 'mentor'] as const)('of a %s counts what the export holds, and writes nothing', async (kind) => {
    const whom = kind === 'member' ? { member_id: memberId } : { mentor_id: mentorId };
    const first = await preview(whom);
    expect(first.body.outcome).toBe('would_erase');
    expect(first.body.rows).toMatchObject({ referral_attributions: 1, referral_events: expect.any(Number) });
    expect((await preview(whom)).body).toEqual(first.body);
    const { body } = await post('privacy/export', whom);
    expect(first.body.rows).toEqual(countsOf(body.tables));
  });

  test('knows who was erased, and who was never known', async () => {
    const [one, other] = [`M-${randomUUID()}`, (await tenant.mentor()).mentorId];
    const nobody = { outcome: 'not_found', rows: {} };
    expect((await preview({ member_id: one })).body).toEqual(nobody);
    expect((await preview({ mentor_id: randomUUID() })).body).toEqual(nobody);
    await post('privacy/erase', { mentor_id: other, confirm: 'erase' });
    expect((await preview({ mentor_id: other })).body).toEqual({ outcome: 'already_erased', rows: {} });
    const code = await post('referral-codes', { mentor_id: mentorId });
    const click = await post('referral-attributions', { code: code.body.code });
    const path = `/api/v1/referral-attributions/${click.body.id}`;
    await site.send('PUT', path, { as: admin, body: { new_member_id: one } });
    await post('privacy/erase', { member_id: one, confirm: 'erase' });
    expect((await preview({ member_id: one })).body).toEqual({ outcome: 'already_erased', rows: {} });
  });

  test('is for administrators and their keys, and finds nobody of another organisation', async () => {
    const coordinator = (await tenant.person('coordinator')).token;
    expect((await preview({ member_id: memberId }, coordinator)).status).toBe(403);
    expect((await preview({ member_id: memberId }, await tenant.keyWith(['members:read']))).status).toBe(403);
    const elsewhere = (await site.organisation()).key;
    for (const whom of [{ member_id: memberId }, { mentor_id: mentorId }]) {
      expect((await preview(whom, elsewhere)).body).toEqual({ outcome: 'not_found', rows: {} });
    }
  });
});
