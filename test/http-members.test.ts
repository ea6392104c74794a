// What is about one person over HTTP: everything told, everything erased, two ids joined; and a reconciliation on demand.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { dataverseOrganisation } from './dataverse-organisation.ts';
import { testVerve } from './harness-verve.ts';
import { makeSite, type Site, siteSecret, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;
let foreign: Tenant;
beforeAll(async () => {
  site = await makeSite();
  [tenant, foreign] = [await site.organisation(), await site.organisation()];
});

const newMemberId = () => `m-${randomUUID()}`;
const post = (path: string, body: unknown, as = tenant.key) => site.send('POST', `/api/v1/${path}`, { as, body });
const auditOf = async (action: string, as = tenant.key) =>
  (await site.send('GET', `/api/v1/audit?limit=200&action=${action}`, { as })).body.data as Record<string, unknown>[];
const totalOf = async (mentorId: string) =>
  (await site.send('GET', `/api/v1/referral-attributions/mentor/${mentorId}/stats`, { as: tenant.key })).body
    .confirmed_count;

/** A mentor with a code, and members who were confirmed under it. */
async function recruiter(memberIds: string[], of = tenant) {
  const { mentorId, token } = await of.mentor();
  const { body: code } = await post('referral-codes', { mentor_id: mentorId }, of.key);
  for (const memberId of memberIds) {
    const click = await site.send('POST', '/api/v1/referral-attributions', { body: { code: code.code } });
    const path = `/api/v1/referral-attributions/${click.body.id}`;
    const confirmed = await site.send('PUT', path, { as: of.key, body: { new_member_id: memberId } });
    expect(confirmed.body.outcome).toBe('confirmed');
  }
  return { mentorId, token, code: String(code.code) };
}

/** Who may not, and what they are told. */
async function expectRefused(path: string, body: unknown): Promise<void> {
  const { token: coordinator } = await tenant.person('coordinator');
  const { token: mentor } = await tenant.mentor();
  const narrow = await tenant.keyWith(['attributions:confirm', 'members:read']);
  for (const as of [coordinator, mentor, narrow]) {
    expect(await post(path, body, as)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  }
  expect((await site.send('POST', `/api/v1/${path}`, { body })).status).toBe(401);
}

describe('POST /privacy/export', () => {
  test('tells everything about a member, as often as it is asked for, and notes each time', async () => {
    const memberId = newMemberId();
    const { mentorId } = await recruiter([memberId]);
    const before = (await auditOf('person.export')).length;
    for (const _ of [1, 2]) {
      const reply = await post('privacy/export', { member_id: memberId });
      expect(reply).toMatchObject({
        status: 200,
        body: {
          subject: { kind: 'member', id: memberId },
          tables: {
            sources: [{ ref: memberId }],
            referral_attributions: [{ mentor_id: mentorId, status: 'confirmed' }],
          },
        },
      });
      expect(reply.headers.get('cache-control')).toBe('no-store');
    }
    expect(await auditOf('person.export')).toHaveLength(before + 2);
  });

  test('tells about a mentor, and nothing that names a recruit', async () => {
    const memberId = newMemberId();
    const { mentorId } = await recruiter([memberId]);
    const reply = await post('privacy/export', { mentor_id: mentorId });
    expect(reply.body).toMatchObject({ subject: { kind: 'mentor', id: mentorId } });
    expect(reply.text).toContain('Solveig Tveitmo');
    expect(reply.text).not.toContain(memberId);
  });

  test('finds nothing of another organisation', async () => {
    const memberId = newMemberId();
    const { mentorId } = await recruiter([memberId], foreign);
    for (const body of [{ member_id: memberId }, { mentor_id: mentorId }]) {
      expect(await post('privacy/export', body)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  test('is refused to everybody but administrators and keys with admin, and without a subject', async () => {
    await expectRefused('privacy/export', { member_id: newMemberId() });
    for (const body of [{}, { member_id: '' }, { member_id: 'x', mentor_id: randomUUID() }, { mentor_id: 'x' }]) {
      expect((await post('privacy/export', body)).status, JSON.stringify(body)).toBe(400);
    }
  });
});

describe('POST /privacy/erase', () => {
  test('removes a member and keeps the count; the second time there is nothing left', async () => {
    const memberId = newMemberId();
    const { mentorId, code } = await recruiter([memberId]);
    expect(await post('privacy/erase', { member_id: memberId, confirm: 'erase' })).toMatchObject({
      status: 200,
      body: { outcome: 'erased' },
    });
    expect((await post('privacy/erase', { member_id: memberId, confirm: 'erase' })).body.outcome).toBe(
      'already_erased',
    );
    expect(await totalOf(mentorId)).toBe(1);
    const list = await site.send('GET', `/api/v1/referral-attributions?code=${code}`, { as: tenant.key });
    expect(list.body.data).toMatchObject([{ is_credited: true, new_member_id: null }]);
    expect(JSON.stringify(await auditOf('person.erase'))).not.toContain(memberId);
  });

  test('by two at the same time erases once', async () => {
    const memberId = newMemberId();
    await recruiter([memberId]);
    const both = [1, 2].map(() => post('privacy/erase', { member_id: memberId, confirm: 'erase' }));
    const outcomes = (await Promise.all(both)).map(({ body }) => body.outcome);
    expect(outcomes.sort()).toEqual(['already_erased', 'erased']);
  });

  test('under an Idempotency-Key answers as the first time', async () => {
    const memberId = newMemberId();
    await recruiter([memberId]);
    const headers = { 'idempotency-key': randomUUID() };
    const send = () =>
      site.send('POST', '/api/v1/privacy/erase', {
        as: tenant.key,
        body: { member_id: memberId, confirm: 'erase' },
        headers,
      });
    expect((await send()).body.outcome).toBe('erased');
    expect((await send()).body.outcome).toBe('erased');
  });

  test('removes a mentor’s name and account, and keeps the recruits', async () => {
    const { mentorId, token } = await recruiter([newMemberId()]);
    expect((await post('privacy/erase', { mentor_id: mentorId, confirm: 'erase' })).body.outcome).toBe('erased');
    const shown = await site.send('GET', `/api/v1/mentors/${mentorId}`, { as: tenant.key });
    expect(shown.body.display_name).not.toContain('Solveig');
    expect((await site.send('GET', '/api/v1/referral-codes', { as: token })).status).toBe(403);
    expect(await totalOf(mentorId)).toBe(1);
  });

  test('does not reach another organisation', async () => {
    const memberId = newMemberId();
    const { mentorId } = await recruiter([memberId], foreign);
    expect((await post('privacy/erase', { member_id: memberId, confirm: 'erase' })).body.outcome).toBe('not_found');
    const mentor = await post('privacy/erase', { mentor_id: mentorId, confirm: 'erase' });
    expect([mentor.status === 404, mentor.body.outcome === 'not_found']).toContain(true);
    const list = await site.send('GET', '/api/v1/referral-attributions', { as: foreign.key });
    expect(list.body.data).toContainEqual(expect.objectContaining({ new_member_id: memberId }));
  });

  test('is refused to everybody but administrators and keys with admin, and unless it is meant', async () => {
    const memberId = newMemberId();
    const { code } = await recruiter([memberId]);
    await expectRefused('privacy/erase', { member_id: memberId, confirm: 'erase' });
    for (const confirm of [undefined, '', 'yes', true]) {
      expect((await post('privacy/erase', { member_id: memberId, confirm })).status).toBe(400);
    }
    const list = await site.send('GET', `/api/v1/referral-attributions?code=${code}`, { as: tenant.key });
    expect(list.body.data).toMatchObject([{ new_member_id: memberId }]);
  });
});

describe('POST /members/relink', () => {
  const ids = () => ({ old_member_id: newMemberId(), new_member_id: newMemberId() });

  test('joins two ids: what names the old one reaches the new; again it is so already', async () => {
    const pair = ids();
    const { mentorId, code } = await recruiter([pair.old_member_id]);
    expect(await post('members/relink', pair)).toMatchObject({ status: 200, body: { outcome: 'relinked' } });
    expect((await post('members/relink', pair)).body).toEqual({
      outcome: 'already_relinked',
      consequence: { totals: [], milestones: [], badges: [] },
    });
    const list = await site.send('GET', `/api/v1/referral-attributions?code=${code}`, { as: tenant.key });
    expect(list.body.data).toMatchObject([{ new_member_id: pair.new_member_id, is_credited: true }]);
    expect(await totalOf(mentorId)).toBe(1);
  });

  test('shown beforehand tells what it would credit, and writes nothing', async () => {
    const pair = ids();
    const { mentorId, code } = await recruiter([]);
    const registration = { code, new_member_id: pair.old_member_id };
    expect((await post('registrations', registration)).status).toBe(201);
    const actor = { kind: 'system', name: 'test' } as const;
    const fact = { kind: 'confirmed' as const, memberId: pair.new_member_id, source: 'api' as const };
    await site.verve.attributions.applyFacts({ orgId: tenant.orgId, actor, facts: [fact] });
    const moved = {
      totals: [{ mentor_id: mentorId, before: 0, after: 1 }],
      milestones: [{ mentor_id: mentorId, threshold: 1 }],
    };
    const before = (await auditOf('member.relink')).length;
    for (const _ of [1, 2]) {
      const preview = await post('members/relink/preview', pair);
      expect(preview.body).toMatchObject({ outcome: 'relinked', consequence: moved });
    }
    expect(await totalOf(mentorId)).toBe(0);
    expect(await auditOf('member.relink')).toHaveLength(before);
    expect((await post('members/relink', pair)).body).toMatchObject({ outcome: 'relinked', consequence: moved });
    expect(await totalOf(mentorId)).toBe(1);
    const [entry] = await auditOf('member.relink');
    expect(entry).toMatchObject({ payload: { outcome: 'relinked' } });
    expect(JSON.stringify(entry)).not.toContain(pair.old_member_id);
  });

  test('of two who were both credited lets both stand, and asks a person', async () => {
    const pair = ids();
    const [one, other] = [await recruiter([pair.old_member_id]), await recruiter([pair.new_member_id])];
    expect((await post('members/relink', pair)).body.outcome).toBe('conflict');
    expect([await totalOf(one.mentorId), await totalOf(other.mentorId)]).toEqual([1, 1]);
    const inbox = await site.send('GET', `/api/v1/inbox?kind=conflict&mentor_id=${one.mentorId}`, { as: tenant.key });
    expect(inbox.body.data).toHaveLength(1);
  });

  test('by two at the same time joins once', async () => {
    const pair = ids();
    await recruiter([pair.old_member_id]);
    const outcomes = await Promise.all([1, 2].map(() => post('members/relink', pair)));
    expect(outcomes.map(({ body }) => body.outcome).sort()).toEqual(['already_relinked', 'relinked']);
  });

  test('joins nobody with one who was erased', async () => {
    const pair = ids();
    await recruiter([pair.old_member_id]);
    await post('privacy/erase', { member_id: pair.old_member_id, confirm: 'erase' });
    expect((await post('members/relink', pair)).body.outcome).toBe('ignored_erased');
  });

  test('does not touch another organisation’s member of the same id', async () => {
    const pair = ids();
    const { mentorId } = await recruiter([pair.old_member_id], foreign);
    await post('members/relink', pair);
    const path = `/api/v1/referral-attributions/mentor/${mentorId}`;
    const list = await site.send('GET', path, { as: foreign.key });
    expect(list.body.data).toMatchObject([{ new_member_id: pair.old_member_id }]);
  });

  test('is refused to everybody but administrators and keys with admin, and for one id twice', async () => {
    await expectRefused('members/relink', ids());
    await expectRefused('members/relink/preview', ids());
    for (const body of [{}, { old_member_id: 'a', new_member_id: 'a' }, { old_member_id: 'a', new_member_id: ' ' }]) {
      expect((await post('members/relink', body)).status, JSON.stringify(body)).toBe(400);
    }
  });
});

test('a reconciliation that somebody starts leaves an entry of who it was', async () => {
  const verve = await testVerve({ secret: siteSecret });
  const org = await dataverseOrganisation(verve);
  const connected = await makeSite({ dataverse: org.connections });
  const actor = { kind: 'system', name: 'test' } as const;
  const { secret: key, key: made } = await verve.apiKeys.create({
    orgId: org.orgId,
    actor,
    name: 'k',
    scopes: ['admin'],
  });
  org.addRow();
  expect((await connected.send('POST', '/api/v1/reconciliations', { as: key })).status).toBe(202);
  const { body } = await connected.send('GET', '/api/v1/audit?action=reconciliation.run', { as: key });
  expect(body.data).toMatchObject([{ actor: `key:${made.apiKeyId}`, subject_id: org.orgId }]);
  await expect
    .poll(async () => (await verve.reconciliation.list({ orgId: org.orgId, limit: 1 }))[0]?.status)
    .toBe('succeeded');
  await org.dataverse.close();
});
