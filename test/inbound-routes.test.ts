import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createDataverseConnections } from '../src/connectors/dataverse/connections.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { makeSite } from './http-site.ts';
import { startDataverse } from './stand-ins/dataverse.ts';

const dataverse = await startDataverse();
const site = await makeSite();
const connections = createDataverseConnections(site.verve, { trustedHosts: [dataverse.host] });
const connected = await makeSite({ dataverse: connections });
afterAll(() => dataverse.close());

const header = 'medlemsnummer;vervekode;status;dato\n';
const csv = { 'content-type': 'text/csv' };

describe('POST /api/v1/imports', () => {
  const tenant = async () => {
    const made = await site.organisation();
    return { ...made, owner: await addMentor(made.orgId) };
  };

  test('previews and then imports, telling the lines that need a look', async () => {
    const { key, orgId, owner } = await tenant();
    const body = `${header}1;${owner.code};bekreftet;20.11.2026\n2;UKJENT1234;bekreftet;\n3;${owner.code};kanskje;\n`;
    const send = (query: string) => site.send('POST', `/api/v1/imports${query}`, { as: key, body, headers: csv });
    const expected = {
      counts: { seen: 3, credited: 1, to_inbox: 1, failed: 1 },
      results: { confirmed: 1, unmatched: 1, unknown_status: 1 },
      lines: [
        { line: 3, result: 'unmatched' },
        { line: 4, result: 'unknown_status' },
      ],
    };
    const preview = await send('?preview=true');
    expect(preview).toMatchObject({ status: 200, body: { is_preview: true, ...expected } });
    expect((await creditsOf(orgId)).size).toBe(0);
    expect((await send('')).body).toMatchObject({ is_preview: false, ...expected });
    expect((await send('?map=kanskje:confirmed')).body).toMatchObject({ counts: { credited: 1, already_known: 1 } });
    expect((await creditsOf(orgId)).get(owner.mentorId)).toBe(2);
  });

  test('answers with a file of results, or tells how it gets on', async () => {
    const { key, owner } = await tenant();
    const lines = Array.from({ length: 2500 }, (_, at) => `${at};${owner.code};bekreftet;20.11.2026\n`).join('');
    const request = (format: string) =>
      site.handler(
        new Request(`http://verve.example/api/v1/imports?format=${format}`, {
          method: 'POST',
          headers: { ...csv, authorization: `Bearer ${key}` },
          body: header + lines,
        }),
      );
    const progress = (await (await request('progress')).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(progress.slice(0, -1).map((step) => step.lines)).toEqual([1500, 2500]);
    expect(progress.at(-1)).toMatchObject({ report: { counts: { credited: 2500 } } });
    const file = await request('csv');
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect((await file.text()).split('\r\n')).toHaveLength(2502);
  });

  test('refuses a file it cannot read, and everybody but administrators', async () => {
    const { key, person, mentor } = await tenant();
    const body = 'navn;e-post\n';
    const refused = await site.send('POST', '/api/v1/imports', { as: key, body, headers: csv });
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining('remove column 1') } });
    for (const { token } of [await person('coordinator'), await mentor()]) {
      expect((await site.send('POST', '/api/v1/imports', { as: token, body, headers: csv })).status).toBe(403);
    }
    const { token } = await person('org_admin');
    expect((await site.send('POST', '/api/v1/imports', { as: token, body, headers: csv })).status).toBe(422);
  });
});

describe('reconciliations', () => {
  const tenant = () =>
    connected.organisation({
      settings: {
        dataverse: {
          environmentUrl: dataverse.url,
          authorityUrl: dataverse.url,
          tenantId: dataverse.tenantId,
          clientId: dataverse.clientId,
          table: 'hlf_membership',
          entitySet: 'hlf_memberships',
          id: 'hlf_membershipid',
          referralCode: 'hlf_referralcode',
          memberLookup: 'hlf_member',
          status: 'statuscode',
          statusMap: { '2': 'confirmed' },
        },
      },
    });
  const send = (method: string, path: string, as: string) => connected.send(method, path, { as });

  test('are started by an administrator, checked, and listed for coordinators', async () => {
    const { orgId, key, person, mentor } = await tenant();
    expect(await send('POST', '/api/v1/reconciliations', key)).toMatchObject({ status: 422 });
    const system = { kind: 'system', name: 'test' } as const;
    await connected.verve.secrets.setClientSecret({ orgId, actor: system, value: dataverse.clientSecret });
    const owner = await addMentor(orgId);
    const id = randomUUID();
    const at = '2026-11-01T10:00:00Z';
    const row = { hlf_membershipid: id, hlf_referralcode: owner.code, _hlf_member_value: randomUUID(), statuscode: 2 };
    dataverse.rows.set(id, { ...row, createdon: at, modifiedon: at });

    const check = await send('POST', '/api/v1/reconciliations/check', key);
    expect(check.body).toMatchObject({ is_good: true, steps: { length: 5 } });
    const coordinator = await person('coordinator');
    expect((await connected.send('POST', '/api/v1/reconciliations', { as: coordinator.token })).status).toBe(403);
    expect((await connected.send('POST', '/api/v1/reconciliations', { as: key })).status).toBe(202);
    await expect.poll(async () => (await creditsOf(orgId)).get(owner.mentorId)).toBe(1);
    const listed = await connected.send('GET', '/api/v1/reconciliations', { as: coordinator.token });
    expect(listed.body).toMatchObject({ data: [{ status: 'succeeded', seen: 1, credited: 1 }] });
    expect((await connected.send('GET', '/api/v1/reconciliations', { as: (await mentor()).token })).status).toBe(403);
  });

  test('need a membership system', async () => {
    const { key } = await site.organisation();
    for (const path of ['/api/v1/reconciliations', '/api/v1/reconciliations/check']) {
      expect(await send('POST', path, key)).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining('set up') },
      });
    }
  });
});

describe('GET /api/v1/integration', () => {
  test('tells coordinators what came in, day by day, and what could not be understood', async () => {
    const { orgId, slug, key, person, mentor } = await site.organisation();
    const system = { kind: 'system', name: 'test' } as const;
    const made = await site.verve.secrets.rotateInboundSecret({ orgId, actor: system, purpose: 'webhook_key' });
    const post = (body: object) =>
      site.send('POST', `/api/v1/webhooks/membership/${slug}`, {
        body,
        headers: { 'x-referral-key': made.value ?? '' },
      });
    await post({ status: 'confirmed', external_member_id: '1' });
    await post({ status: 'nonsense' });
    const shown = await site.send('GET', '/api/v1/integration', { as: (await person('coordinator')).token });
    const body = shown.body as { messages_by_day: { received: number }[] };
    expect(shown).toMatchObject({
      status: 200,
      body: { failed_messages: [{ channel: 'neutral', error_code: 'malformed' }] },
    });
    expect(body.messages_by_day).toHaveLength(14);
    expect(body.messages_by_day.at(-1)?.received).toBe(2);
    expect((await site.send('GET', '/api/v1/integration', { as: key })).status).toBe(200);
    expect((await site.send('GET', '/api/v1/integration', { as: (await mentor()).token })).status).toBe(403);
  });
});
