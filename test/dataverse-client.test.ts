import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkDataverse } from '../src/connectors/dataverse/check.ts';
import { createDataverseClient } from '../src/connectors/dataverse/client.ts';
import type { Columns } from '../src/connectors/dataverse/column-value.ts';
import { dataverseConfigurationSchema } from '../src/connectors/dataverse/configuration.ts';
import { type DataverseStandIn, startDataverse } from './stand-ins/dataverse.ts';

let dataverse: DataverseStandIn;
let now: Date;
let waits: number[];

beforeEach(async () => {
  dataverse = await startDataverse();
  now = new Date('2026-11-21T02:00:00Z');
  waits = [];
});
afterEach(() => dataverse.close());

const configure = (changes = {}) =>
  dataverseConfigurationSchema([dataverse.host]).parse({
    environmentUrl: dataverse.url,
    authorityUrl: dataverse.url,
    organizationId: dataverse.organizationId,
    tenantId: dataverse.tenantId,
    clientId: dataverse.clientId,
    table: 'hlf_membership',
    entitySet: 'hlf_memberships',
    id: 'hlf_membershipid',
    referralCode: 'hlf_referralcode',
    memberLookup: 'hlf_member',
    status: 'statuscode',
    statusMap: { '1': 'registered', '100000002': 'confirmed' },
    ...changes,
  });

const connect = (changes: object = {}, clientSecret = dataverse.clientSecret) =>
  createDataverseClient({
    configuration: configure(changes),
    clientSecret,
    now: () => now,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now = new Date(now.getTime() + milliseconds);
    },
  });

/** Adds a membership changed so many minutes after midnight. */
const addRow = (minute: number, changes = {}) => {
  const id = randomUUID();
  const at = new Date(Date.UTC(2026, 10, 20, 0, minute)).toISOString().replace('.000', '');
  const row = { hlf_membershipid: id, hlf_referralcode: '4X2MTAAR0D', _hlf_member_value: randomUUID(), statuscode: 1 };
  dataverse.rows.set(id, { ...row, createdon: at, modifiedon: at, ...changes });
  return id;
};

const readAll = async (client = connect(), since: Date | null = null, pageSize = 10) => {
  const ids: string[] = [];
  for await (const page of client.readPages({ since, pageSize })) ids.push(...page.map(idOf));
  return ids;
};
const idOf = (row: Columns) => String(row.get('hlf_membershipid'));

describe('reading pages', () => {
  test('gives every row once, oldest change first, over as many pages as it takes', async () => {
    const ids = Array.from({ length: 35 }, (_, minute) => addRow(minute));
    expect(await readAll()).toEqual(ids);
    expect(dataverse.counts).toEqual({ tokens: 1, requests: 4, pages: 4 });
  });

  test('gives rows changed since then that carry a code', async () => {
    addRow(1);
    const [second, third] = [addRow(2), addRow(3)];
    addRow(4, { hlf_referralcode: null });
    expect(await readAll(connect(), new Date('2026-11-20T00:02:00.900Z'))).toEqual([second, third]);
  });

  test('gives rows that carry a registration reference instead', async () => {
    const id = addRow(1, { hlf_referralcode: null, hlf_registrationref: 'r1' });
    addRow(2, { hlf_referralcode: null });
    expect(await readAll(connect({ registrationRef: 'hlf_registrationref' }))).toEqual([id]);
    expect(await readAll(connect({ readRows: 'all' }))).toHaveLength(2);
  });

  test('meets a row that is changed between two pages again, and misses none', async () => {
    const ids = Array.from({ length: 20 }, (_, minute) => addRow(minute));
    dataverse.faults.afterPage = () => {
      dataverse.faults.afterPage = null;
      const row = dataverse.rows.get(ids[12] ?? '');
      if (row) row.modifiedon = '2026-11-20T09:00:00Z';
    };
    const read = await readAll();
    expect(new Set(read)).toEqual(new Set(ids));
    expect(read.at(-1)).toBe(ids[12]);
  });

  test('does not follow a next link to another origin', async () => {
    for (let minute = 0; minute < 20; minute += 1) addRow(minute);
    dataverse.faults.foreignNextLink = 'http://127.0.0.1:1';
    await expect(readAll()).rejects.toMatchObject({ fault: 'foreign_next_link' });
  });

  test('shows lookups under their own name', async () => {
    const id = addRow(1);
    const row = await connect().readRow(id);
    expect(row?.get('hlf_member')).toBe(dataverse.rows.get(id)?._hlf_member_value);
  });

  test('a row that is gone is null, and an id that is none is not asked for', async () => {
    expect(await connect().readRow(randomUUID())).toBeNull();
    expect(await connect().readRow('x)/$value')).toBeNull();
    expect(dataverse.counts.requests).toBe(1);
  });
});

describe('tokens', () => {
  test('are kept until five minutes before their end', async () => {
    const client = connect();
    await readAll(client);
    now = new Date(now.getTime() + (3599 - 301) * 1000);
    await readAll(client);
    expect(dataverse.counts.tokens).toBe(1);
    now = new Date(now.getTime() + 2000);
    await readAll(client);
    expect(dataverse.counts.tokens).toBe(2);
  });

  test('are shared by callers at the same time', async () => {
    const client = connect();
    await Promise.all([readAll(client), readAll(client), readAll(client)]);
    expect(dataverse.counts.tokens).toBe(1);
  });

  test('that end in mid-run are renewed once, and no row is lost', async () => {
    const ids = Array.from({ length: 35 }, (_, minute) => addRow(minute));
    dataverse.faults.tokenEndsAfter = 2;
    expect(await readAll()).toEqual(ids);
    expect(dataverse.counts).toMatchObject({ tokens: 2, requests: 5 });
  });

  test('that are refused even when new end the run', async () => {
    dataverse.faults.tokensRefused = true;
    await expect(readAll()).rejects.toMatchObject({ fault: 'not_allowed', status: 401 });
    expect(dataverse.counts).toMatchObject({ tokens: 2, requests: 2 });
  });

  test('asked for with a wrong secret or environment say what to check', async () => {
    await expect(readAll(connect({}, 'wrong'))).rejects.toMatchObject({
      fault: 'credentials_refused',
      message: expect.stringContaining('AADSTS7000215'),
    });
    const elsewhere = dataverse.url.replace('127.0.0.1', 'localhost');
    const configuration = dataverseConfigurationSchema([dataverse.host, new URL(elsewhere).host]).parse({
      ...configure(),
      environmentUrl: elsewhere,
    });
    const client = createDataverseClient({ configuration, clientSecret: dataverse.clientSecret });
    await expect(readAll(client)).rejects.toMatchObject({ fault: 'scope_refused' });
  });

  test('whose answer breaks off may be had later', async () => {
    const cut = new ReadableStream({ start: (stream) => stream.error(new TypeError('terminated')) });
    const client = createDataverseClient({
      configuration: configure(),
      clientSecret: dataverse.clientSecret,
      fetch: async () => new Response(cut),
      sleep: async () => {},
    });
    await expect(readAll(client)).rejects.toMatchObject({ name: 'DataverseError', fault: 'unavailable' });
  });

  test('that could not be had are asked for anew', async () => {
    const client = connect({}, 'wrong');
    await expect(readAll(client)).rejects.toThrow();
    await expect(readAll(client)).rejects.toThrow();
    expect(dataverse.counts.tokens).toBe(2);
  });
});

describe('faults on the way', () => {
  test('429 waits as long as Retry-After says', async () => {
    dataverse.faults.throttle = { count: 2, retryAfter: '17' };
    await readAll();
    expect(waits).toEqual([17_000, 17_000]);
  });

  test('503, a cut connection and JSON that breaks off are tried again, each time after longer', async () => {
    const ids = [addRow(1)];
    dataverse.faults.unavailable = 2;
    dataverse.faults.cut = 1;
    dataverse.faults.truncated = 1;
    expect(await readAll()).toEqual(ids);
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });

  test('after five tries the run ends', async () => {
    dataverse.faults.unavailable = 5;
    await expect(readAll()).rejects.toMatchObject({ fault: 'unavailable', status: 503 });
    expect(dataverse.counts.requests).toBe(5);
  });

  test('a pause longer than five minutes ends the run at once', async () => {
    dataverse.faults.throttle = { count: 1, retryAfter: '3600' };
    await expect(readAll()).rejects.toMatchObject({ fault: 'throttled', retryAfterSeconds: 3_600 });
    expect(waits).toEqual([]);
  });

  test('no message repeats what Dataverse sent beyond a code', async () => {
    await expect(readAll(connect({ status: 'nosuchcolumn' }))).rejects.toMatchObject({
      fault: 'query_refused',
      message: 'Dataverse refused the query (0x80060888): check the column names.',
    });
  });
});

describe('the check', () => {
  const check = async (changes: object = {}, secret?: string) => {
    const configuration = configure(changes);
    const client = connect(changes, secret);
    const steps = await checkDataverse({ client, configuration, timeZone: 'Europe/Oslo', now });
    return steps.map(({ step, ok, message }) => `${step} ${ok ? 'ok' : `failed: ${message}`}`);
  };

  test('of a good configuration finds everything in order', async () => {
    addRow(1);
    expect(await check()).toEqual(['credentials ok', 'organisation ok', 'table ok', 'columns ok', 'page ok']);
  });

  test.each([
    ['a wrong secret', {}, 'wrong', 'credentials failed: Entra refused the credentials'],
    [
      'another organisation',
      { organizationId: randomUUID() },
      undefined,
      'organisation failed: The environment is organis',
    ],
    ['a wrong table', { entitySet: 'memberships' }, undefined, 'table failed: Dataverse knows no such thing'],
    ['wrong columns', { status: 'a', confirmedAt: 'b' }, undefined, 'columns failed: Dataverse knows no column a, b:'],
  ])('says so of %s', async (_title, changes, secret, expected) => {
    expect((await check(changes, secret)).at(-1)).toContain(expected);
  });

  test('says so of a missing privilege', async () => {
    dataverse.mayRead = false;
    expect((await check()).at(-1)).toMatch(/^table failed: .*organisation-level read/);
  });

  test('names statuses that nobody mapped, and a member column that is empty everywhere', async () => {
    addRow(1, { statuscode: 7 });
    const configuration = configure();
    const steps = await checkDataverse({ client: connect(), configuration, timeZone: 'Europe/Oslo', now });
    expect(steps.at(-1)?.message).toBe('1 rows read, 0 with a known status. Not in statusMap, and passed over: 7.');
    expect((await check({ memberLookup: null, memberColumn: 'hlf_membernumber' })).at(-1)).toContain(
      'hlf_membernumber is empty',
    );
  });
});
