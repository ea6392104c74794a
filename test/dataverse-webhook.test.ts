import { randomInt, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSenders } from '../src/connectors/authentication/senders.ts';
import { createDataverseConnections } from '../src/connectors/dataverse/connections.ts';
import { dataverseReconciliation } from '../src/connectors/dataverse/reconciliation-source.ts';
import { createDeliveryReader, understoodOf } from '../src/connectors/understand-delivery.ts';
import { hostActor } from '../src/engine/actor.ts';
import { creditsOf } from './add-mentor.ts';
import { type DataverseOrganisation, dataverseOrganisation } from './dataverse-organisation.ts';
import { testDatabase } from './harness.ts';
import { testVerve } from './harness-verve.ts';
import { choice, contextText } from './stand-ins/dataverse-sender.ts';
import { expectAllZero } from './zero-list.ts';

const { adminPool } = await testDatabase();
const verve = await testVerve();
let org: DataverseOrganisation;

beforeEach(async () => {
  org = await dataverseOrganisation(verve);
});
afterEach(async () => {
  await org.dataverse.close();
  await expectAllZero(adminPool, org.orgId);
});

const credits = async () => (await creditsOf(org.orgId)).get(org.mentor.mentorId) ?? 0;
const messages = async () => {
  const text =
    'select status, error_code, channel from verve.inbound_messages where org_id = $1 order by received_at, id';
  return (await adminPool.query<{ status: string; error_code: string | null; channel: string }>(text, [org.orgId]))
    .rows;
};
const sweep = () =>
  verve.inbound.sweep({
    orgId: org.orgId,
    olderThanSeconds: 0,
    understand: async (delivery) => understoodOf(await org.understand(delivery)),
  });
const onlyStatus = (rowId: string) => ({ hlf_membershipid: rowId, statuscode: choice(2) });

describe('a delivery of Dataverse', () => {
  test.each([
    ['a header', (key: string) => ({ headers: { 'x-referral-key': key } })],
    ['?code=', (key: string) => ({ headers: {}, query: `code=${key}` })],
    ['a query parameter of its own', (key: string) => ({ headers: {}, query: `x-referral-key=${key}` })],
  ])('with its key in %s is stored and credits', async (_title, how) => {
    expect(await org.post(org.contextOf(org.addRow()), how(org.key))).toMatchObject({ outcome: 'stored' });
    expect(await credits()).toBe(1);
    expect(await messages()).toEqual([{ status: 'processed', error_code: null, channel: 'dataverse' }]);
  });

  test('with a wrong key or for an unknown organisation is refused alike, and nothing is stored', async () => {
    const context = org.contextOf(org.addRow());
    const refused = { outcome: 'refused', reason: 'invalid_signature' };
    expect(await org.post(context, { headers: { 'x-referral-key': 'wrong' } })).toEqual(refused);
    expect(await org.post(context, { headers: {} })).toEqual(refused);
    expect(await messages()).toEqual([]);
  });

  test('is answered within a second although Dataverse does not answer us', async () => {
    const stuck = await dataverseOrganisation(verve, { fetch: () => new Promise(() => {}) });
    const rowId = stuck.addRow();
    const startedAt = performance.now();
    const context = stuck.contextOf(rowId, { message: 'Update', attributes: onlyStatus(rowId) });
    expect((await stuck.post(context, { mayWait: false })).outcome).toBe('stored');
    expect(performance.now() - startedAt).toBeLessThan(1000);
    await stuck.dataverse.close();
  });

  test('with only changed columns, or above 256 KB, is understood by fetching the row', async () => {
    const [first, second] = [org.addRow(), org.addRow()];
    await org.post(org.contextOf(first, { message: 'Update', attributes: onlyStatus(first) }));
    await org.post(org.contextOf(second, { isOversized: true }));
    expect(await credits()).toBe(2);
  });

  test('whose row is gone means nothing', async () => {
    const rowId = org.addRow();
    const context = org.contextOf(rowId, { message: 'Update', attributes: onlyStatus(rowId) });
    org.dataverse.rows.delete(rowId);
    await org.post(context);
    expect(await messages()).toMatchObject([{ status: 'ignored', error_code: 'rowDeleted' }]);
  });

  test('waits while Dataverse is away, and is understood by the sweep', async () => {
    const rowId = org.addRow();
    org.dataverse.faults.unavailable = 5;
    await org.post(org.contextOf(rowId, { message: 'Update', attributes: onlyStatus(rowId) }));
    expect(await messages()).toMatchObject([{ status: 'received' }]);
    expect(await sweep()).toEqual({ taken: 1, processed: 1 });
    expect(await credits()).toBe(1);
  });

  test('without credentials says so on record, and reconciliation or a post-image helps', async () => {
    const bare = await dataverseOrganisation(verve, { hasSecret: false });
    const rowId = bare.addRow();
    const context = bare.contextOf(rowId, { message: 'Update', attributes: onlyStatus(rowId) });
    await bare.post(context);
    await bare.post({ ...context, operationId: randomUUID(), postImage: bare.attributesOf(rowId) });
    expect((await creditsOf(bare.orgId)).get(bare.mentor.mentorId)).toBe(1);
    const { rows } = await adminPool.query(
      'select error_code from verve.inbound_messages where org_id = $1 and status = $2',
      [bare.orgId, 'failed'],
    );
    expect(rows).toEqual([{ error_code: 'row_not_readable' }]);
    await bare.dataverse.close();
  });

  test('is understood by the settings of this moment where another server changed them a moment ago', async () => {
    const { settings } = await verve.organisations.get({ orgId: org.orgId, actor: hostActor });
    const full = settings.dataverse;
    const change = (dataverse: typeof full) =>
      verve.organisations.update({ orgId: org.orgId, actor: hostActor, change: { settings: { dataverse } } });
    const body = new TextEncoder().encode(contextText(org.contextOf(org.addRow())));
    const delivery = {
      orgId: org.orgId,
      channel: 'dataverse',
      messageId: null,
      contentType: 'application/json',
    } as const;
    const before = [
      null,
      full && { ...full, organizationId: randomUUID() },
      full && { ...full, status: 'hlf_otherstatus' },
    ];
    const outcomes = [];
    for (const settingsBefore of before) {
      const server = await testVerve();
      await change(settingsBefore);
      await server.organisations.recent(org.orgId); // remembered, as they were
      await change(full);
      const { host } = new URL(org.dataverse.url);
      const read = createDeliveryReader(server, createDataverseConnections(server, { trustedHosts: [host] }));
      outcomes.push((await read({ ...delivery, body, signedAt: null, receivedAt: new Date() })).outcome);
    }
    expect(outcomes).toEqual(['facts', 'facts', 'facts']);
  });

  test('of another Dataverse organisation is kept and never credited', async () => {
    await org.post(org.contextOf(org.addRow(), { organizationId: randomUUID() }));
    expect(await messages()).toMatchObject([{ status: 'failed', error_code: 'wrong_organisation' }]);
    expect(await credits()).toBe(0);
  });

  test('with an unknown code waits in the inbox; in small letters and with a hyphen the code is known', async () => {
    const { code } = org.mentor;
    await org.post(org.contextOf(org.addRow({ hlf_referralcode: 'NOBODY' })));
    await org.post(
      org.contextOf(org.addRow({ hlf_referralcode: `${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase() })),
    );
    expect(await credits()).toBe(1);
    const { rows } = await adminPool.query('select kind from verve.inbox_items where org_id = $1', [org.orgId]);
    expect(rows).toEqual([{ kind: 'unknown_code' }]);
  });

  test('that is an Update may come before its Create', async () => {
    const rowId = org.addRow({ statuscode: 1, createdon: '2026-11-01T10:00:00Z', modifiedon: '2026-11-01T10:00:00Z' });
    const create = org.contextOf(rowId, { operationAt: new Date('2026-11-01T10:00:00Z') });
    Object.assign(org.dataverse.rows.get(rowId) ?? {}, { statuscode: 2, modifiedon: '2026-11-09T10:00:00Z' });
    await org.post(org.contextOf(rowId, { message: 'Update', attributes: onlyStatus(rowId) }));
    await org.post(create);
    expect(await credits()).toBe(1);
  });

  test('of a flow, which forwards the flat record, is read too', async () => {
    const rowId = org.addRow();
    const body = new TextEncoder().encode(JSON.stringify({ ...org.dataverse.rows.get(rowId), SdkMessage: 'Create' }));
    const { receiveDataverse } = await import('../src/connectors/receive-dataverse.ts');
    const receipt = await receiveDataverse(verve, createSenders(verve), org.understand, {
      slug: org.slug,
      headers: new Headers({ 'x-referral-key': org.key, 'content-type': 'application/json' }),
      query: new URLSearchParams(),
      body,
      now: new Date(),
    });
    if ('understanding' in receipt) await receipt.understanding;
    expect(await messages()).toMatchObject([{ status: 'processed', channel: 'odata_record' }]);
    expect(await credits()).toBe(1);
  });

  test('that is no JSON is kept as failed', async () => {
    const { receiveDataverse } = await import('../src/connectors/receive-dataverse.ts');
    const headers = new Headers({ 'x-referral-key': org.key });
    const body = new TextEncoder().encode('{"a":1,"a":2}');
    const request = { slug: org.slug, headers, query: new URLSearchParams(), body, now: new Date() };
    const receipt = await receiveDataverse(verve, createSenders(verve), org.understand, request);
    if ('understanding' in receipt) await receipt.understanding;
    expect(await messages()).toMatchObject([{ status: 'failed', error_code: 'malformed' }]);
  });
});

describe('deliveries in any number and order', () => {
  /** Registered, confirmed, some reversed: three messages a membership, each with what the row was then. */
  const history = (size: number) =>
    Array.from({ length: size }, (_, at) => {
      const rowId = org.addRow({
        statuscode: 1,
        createdon: '2026-11-01T10:00:00Z',
        modifiedon: '2026-11-01T10:00:00Z',
      });
      const states = at % 4 === 0 ? [1, 2, 3] : [1, 2];
      const contexts = states.map((statuscode, day) => {
        const modifiedon = `2026-11-0${day + 1}T10:00:00Z`;
        Object.assign(org.dataverse.rows.get(rowId) ?? {}, { statuscode, modifiedon });
        const attributes = org.attributesOf(rowId);
        const operationAt = new Date(modifiedon);
        if (day === 0) return org.contextOf(rowId, { operationAt });
        return org.contextOf(rowId, { message: 'Update', attributes, postImage: attributes, operationAt });
      });
      return contexts.map((context) => ({ ...context, operationId: randomUUID() }));
    });
  const shuffle = <Item>(items: Item[]): Item[] => {
    for (let at = items.length - 1; at > 0; at -= 1) {
      const other = randomInt(at + 1);
      [items[at], items[other]] = [items[other] as Item, items[at] as Item];
    }
    return items;
  };
  const postAll = async (contexts: ReturnType<typeof history>[number]) => {
    const queue = [...contexts];
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let context = queue.pop(); context !== undefined; context = queue.pop()) await org.post(context);
      }),
    );
  };

  test('each 1 to 20 times, shuffled, over 8 connections: every member is credited once, or reversed', async () => {
    const rows = history(40);
    const deliveries = rows.flat().flatMap((context) => Array.from({ length: randomInt(1, 21) }, () => context));
    await postAll(shuffle(deliveries));
    expect(await credits()).toBe(30);
    const stored = await messages();
    expect(stored).toHaveLength(rows.flat().length);
    expect(stored.every(({ status }) => status === 'processed')).toBe(true);
  });

  test('racing a reconciliation of the same rows: every member is credited once', async () => {
    const rows = history(40);
    const connection = await org.connections.get(org.orgId);
    if (!connection?.client) throw new Error('no client');
    const { client, configuration } = connection;
    const source = dataverseReconciliation({
      client,
      configuration,
      timeZone: 'Europe/Oslo',
      now: () => new Date(),
      pageSize: 7,
    });
    const reconcile = () => verve.reconciliation.run({ orgId: org.orgId, trigger: 'person', source, from: null });
    const [result] = await Promise.all([reconcile(), postAll(shuffle(rows.flat()))]);
    expect(result.outcome).toBe('succeeded');
    expect(await credits()).toBe(30);
    await reconcile();
    expect(await credits()).toBe(30);
  });

  test('lost altogether: the reconciliation finds all of them', async () => {
    history(40);
    const connection = await org.connections.get(org.orgId);
    if (!connection?.client) throw new Error('no client');
    const { client, configuration } = connection;
    const source = dataverseReconciliation({ client, configuration, timeZone: 'Europe/Oslo', now: () => new Date() });
    const result = await verve.reconciliation.run({ orgId: org.orgId, trigger: 'schedule', source });
    expect(result).toMatchObject({ run: { counts: { seen: 40, credited: 30 } } });
    expect(await credits()).toBe(30);
  });
});
