// Shapes that the contract promises, read as a client reads them.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeSite, type Site, type Tenant } from './http-site.ts';

let site: Site;
let tenant: Tenant;
let mentorId: string;
let codeId: string;
let code: string;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  ({ mentorId } = await tenant.mentor());
  const made = await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: mentorId } });
  [codeId, code] = [String(made.body.id), String(made.body.code)];
});

describe('the answer to a click', () => {
  const click = (body: object, as?: string) =>
    site.send('POST', '/api/v1/referral-attributions', { ...(as === undefined ? {} : { as }), body });

  test('names the mentor whose code it is, and where the click is found', async () => {
    const reply = await click({ code });
    expect(reply).toMatchObject({ status: 201, body: { outcome: 'recorded', mentor_id: mentorId, type: 'click' } });
    const address = reply.headers.get('location') ?? '';
    expect(await site.send('GET', address, { as: tenant.key })).toMatchObject({
      status: 200,
      body: { id: reply.body.id, mentor_id: mentorId, channel: null },
    });
    const list = await site.send('GET', '/api/v1/referral-attributions?type=click', { as: tenant.key });
    expect(list.body.data).toContainEqual(expect.objectContaining({ mentor_id: mentorId, channel: null }));
  });

  test('names him for a repetition and for a code that has ended, and nobody for an unknown one', async () => {
    const other = await tenant.mentor();
    const made = await site.send('POST', '/api/v1/referral-codes', {
      as: tenant.key,
      body: { mentor_id: other.mentorId },
    });
    const token = randomUUID();
    await click({ code: made.body.code, session_token: token });
    expect(await click({ code: made.body.code, session_token: token })).toMatchObject({
      status: 200,
      body: { outcome: 'deduplicated', mentor_id: other.mentorId },
    });
    await site.send('DELETE', `/api/v1/referral-codes/${made.body.id}`, { as: tenant.key });
    site.verve.clicks.forget({ kind: 'code', id: String(made.body.id) });
    expect((await click({ code: made.body.code })).body).toMatchObject({
      outcome: 'rejected',
      reason: 'code_ended',
      mentor_id: other.mentorId,
    });
    expect((await click({ code: '0000000000' })).body).toMatchObject({ reason: 'unknown_code', mentor_id: null });
  });

  test('to a key of another organisation is that the code is unknown', async () => {
    const foreign = await site.organisation();
    expect((await click({ code }, foreign.key)).body).toMatchObject({
      outcome: 'rejected',
      reason: 'unknown_code',
      mentor_id: null,
    });
  });
});

describe('a registration', () => {
  const past = '2026-01-01T12:00:00.000Z';
  const register = (as?: string) =>
    site.send('POST', '/api/v1/registrations', {
      ...(as === undefined ? {} : { as }),
      body: { code, registered_at: past },
    });
  const newest = async () => {
    const list = await site.send('GET', '/api/v1/referral-attributions?limit=1', { as: tenant.key });
    return (list.body.data as { registered_at: string }[])[0]?.registered_at;
  };

  test('is dated back by a key alone', async () => {
    expect((await register(tenant.key)).status).toBe(201);
    expect(await newest()).toBe(past);
    expect((await register()).status).toBe(201);
    expect(await newest()).not.toBe(past);
    const { token } = await tenant.mentor();
    expect((await register(token)).status).toBe(201);
    expect(await newest()).not.toBe(past);
  });
});

test('a leap second is the end of its minute', async () => {
  const send = (at: string) =>
    site.send('POST', '/api/v1/registrations', { as: tenant.key, body: { code, registered_at: at } });
  expect((await send('2016-12-31T23:59:60Z')).status).toBe(201);
  expect((await send('2016-12-31T23:59:61Z')).status).toBe(400);
  expect((await send('2016-12-31T23:58:60Z')).status).toBe(400);
});

test('figures of a mentor count shares for others than the mentor too', async () => {
  await site.send('POST', '/api/v1/shares', { as: tenant.key, body: { mentor_id: mentorId, channel: 'sms' } });
  const { body } = await site.send('GET', `/api/v1/referral-attributions/mentor/${mentorId}/stats`, { as: tenant.key });
  expect(body).toMatchObject({ mentor_id: mentorId, total_shares: 1 });
});

test('events about codes are written in snake_case', async () => {
  const rotated = await site.send('PUT', `/api/v1/referral-codes/${codeId}`, {
    as: tenant.key,
    body: { action: 'rotate' },
  });
  const heard: Record<string, unknown>[] = [];
  const stop = site.verve.events.on('*', ({ data }) => heard.push(data));
  const again = await site.send('PUT', `/api/v1/referral-codes/${rotated.body.id}`, {
    as: tenant.key,
    body: { action: 'rotate' },
  });
  stop();
  expect(heard).toContainEqual(expect.objectContaining({ next_code_id: again.body.id }));
  expect(heard).toContainEqual(expect.objectContaining({ previous_code_id: rotated.body.id }));
  code = String(again.body.code);
});

describe('a badge', () => {
  test('is asked for and granted by either name of the mentor, never by two different ones', async () => {
    const list = await site.send('GET', '/api/v1/badge-definitions', { as: tenant.key });
    const [definition] = list.body.data as { id: string }[];
    const body = { peer_mentor_id: mentorId, badge_definition_id: definition?.id };
    expect((await site.send('POST', '/api/v1/earned-badges', { as: tenant.key, body })).status).toBe(201);
    const ask = (query: string) => site.send('GET', `/api/v1/earned-badges${query}`, { as: tenant.key });
    for (const name of ['mentor_id', 'peer_mentor_id']) {
      const found = await ask(`/exists?${name}=${mentorId}&badge_definition_id=${definition?.id}`);
      expect(found.body).toMatchObject({ exists: true });
      expect((await ask(`?${name}=${mentorId}`)).body.data).toHaveLength(1);
    }
    const two = `mentor_id=${mentorId}&peer_mentor_id=${randomUUID()}`;
    expect((await ask(`/exists?${two}&badge_definition_id=${definition?.id}`)).status).toBe(400);
    expect((await ask(`/exists?badge_definition_id=${definition?.id}`)).status).toBe(400);
  });
});

describe('who I am', () => {
  test('tells a key its organisation and scopes', async () => {
    const key = await tenant.keyWith(['codes:read']);
    expect((await site.send('GET', '/api/v1/me', { as: key })).body).toEqual({
      user_id: null,
      key: { id: expect.any(String), scopes: ['codes:read'] },
      organisations: [{ id: tenant.orgId, slug: tenant.slug, name: 'Lydhør', mentor_id: null, roles: [] }],
    });
  });

  test('tells a person no key, and nobody nothing', async () => {
    const { token, userId } = await tenant.person('coordinator');
    expect((await site.send('GET', '/api/v1/me', { as: token })).body).toMatchObject({ user_id: userId, key: null });
    expect((await site.send('GET', '/api/v1/me')).status).toBe(401);
  });
});

describe('why a recruitment was moved', () => {
  const reason = 'Kari Kanarifugl ringte og fortalte';

  test('is told in the explanation, in no event and on no webhook, and goes with the member', async () => {
    const [from, to] = [await tenant.mentor(), await tenant.mentor()];
    const made = await site.send('POST', '/api/v1/referral-codes', {
      as: tenant.key,
      body: { mentor_id: from.mentorId },
    });
    await site.send('POST', '/api/v1/referral-codes', { as: tenant.key, body: { mentor_id: to.mentorId } });
    const click = await site.send('POST', '/api/v1/referral-attributions', { body: { code: made.body.code } });
    const memberId = `m-${randomUUID()}`;
    const confirmed = await site.send('PUT', `/api/v1/referral-attributions/${click.body.id}`, {
      as: tenant.key,
      body: { new_member_id: memberId },
    });
    const heard: unknown[] = [];
    const stop = site.verve.events.on('*', (event) => heard.push(event));
    const moved = await site.send('POST', `/api/v1/referral-attributions/${confirmed.body.id}/reassign`, {
      as: tenant.key,
      body: { mentor_id: to.mentorId, reason },
    });
    stop();
    expect(moved.body).toMatchObject({ outcome: 'reassigned', mentor_id: to.mentorId });
    expect(heard).toContainEqual(expect.objectContaining({ type: 'recruitment.reassigned' }));
    expect(JSON.stringify(heard)).not.toContain('Kanarifugl');
    const explain = () =>
      site.send('GET', `/api/v1/referral-attributions/${moved.body.attribution_id}/explanation`, { as: tenant.key });
    const before = await explain();
    expect(before.text).toContain(reason);
    expect((before.body.facts as { seq: number; outcome: string }[])[0]).toMatchObject({
      seq: 1,
      outcome: 'confirmed',
    });
    await site.send('POST', '/api/v1/privacy/erase', {
      as: tenant.key,
      body: { member_id: memberId, confirm: 'erase' },
    });
    expect((await explain()).text).not.toContain('Kanarifugl');
  });
});

describe('settings over HTTP', () => {
  const change = (body: object) =>
    site.send('PATCH', `/api/v1/organisations/${tenant.orgId}`, { as: tenant.key, body });

  test('are written in snake_case, except what is data, and read in either form', async () => {
    const settings = { join_form: { without_code_url: null }, rules: { velocityPerHour: 30 } };
    const terms = {
      en: { singular: 'peer', singular_definite: 'the peer', plural: 'peers', plural_definite: 'the peers' },
    };
    const { body } = await change({ settings, terms });
    expect(body).toMatchObject({ settings: { rules: { velocity_per_hour: 30 } }, terms });
    expect(namesIn(body.settings).filter((name) => /[A-Z]/.test(name))).toEqual([]);
    const organisation = await site.verve.organisations.get({
      orgId: tenant.orgId,
      actor: { kind: 'system', name: 'test' },
    });
    expect(organisation.settings.rules.velocityPerHour).toBe(30);
    expect(organisation.terms.en?.pluralDefinite).toBe('the peers');
  });

  test('what an answer said can be sent back as it is', async () => {
    const before = await site.send('GET', `/api/v1/organisations/${tenant.orgId}`, { as: tenant.key });
    const { settings, terms, brand, app_ids: appIds } = before.body;
    const { dataverse: _, ...ours } = settings as Record<string, unknown>;
    const after = await change({ settings: ours, terms, brand, app_ids: appIds });
    expect(after.body.settings).toEqual(settings);
  });

  test('status texts of a membership system keep their case', async () => {
    const dataverse = {
      environment_url: 'https://example.crm4.dynamics.com',
      table: 'm_membership',
      entity_set: 'm_memberships',
      id: 'm_membershipid',
      referral_code: 'm_code',
      member_column: 'm_number',
      status: 'm_status',
      status_map: { Aktiv: 'confirmed', inn_meldt: 'registered' },
    };
    const { body } = await change({ settings: { dataverse } });
    expect(body).toMatchObject({ settings: { dataverse: { status_map: dataverse.status_map } } });
  });

  test('a refusal names the field as it was sent', async () => {
    const refused = await change({ settings: { rules: { velocity_per_hour: 0 } } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(JSON.stringify(refused.body.errors)).toContain('velocity_per_hour');
  });
});

/** Every name in a value, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) ? [] : [name]), ...namesIn(inner)]);
}
