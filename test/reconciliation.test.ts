import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDataverseClient } from '../src/connectors/dataverse/client.ts';
import { dataverseConfigurationSchema } from '../src/connectors/dataverse/configuration.ts';
import { dataverseReconciliation } from '../src/connectors/dataverse/reconciliation-source.ts';
import { hostActor } from '../src/engine/actor.ts';
import { createBulkIntake } from '../src/engine/attributions/bulk-intake.ts';
import { createFactIntake } from '../src/engine/attributions/fact-intake.ts';
import { openDatabase } from '../src/engine/database.ts';
import { createReconciliation } from '../src/engine/reconciliation/service.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { type DataverseStandIn, startDataverse } from './stand-ins/dataverse.ts';
import { expectAllZero } from './zero-list.ts';

const keys = await createKeyRing('a secret of the test that is long enough');
const { adminPool, pool } = await testDatabase();
let now = new Date('2026-11-21T02:00:00Z');
const database = openDatabase({ pool, clock: () => now });
const intake = createFactIntake({ database, keys });
const reconciliation = createReconciliation({ database, bulk: createBulkIntake({ database, intake }) });

let dataverse: DataverseStandIn;
let orgId: string;
let mentor: { mentorId: string; code: string };

beforeEach(async () => {
  now = new Date('2026-11-21T02:00:00Z');
  dataverse = await startDataverse();
  ({ orgId } = await freshOrganisation());
  mentor = await addMentor(orgId);
});
afterEach(async () => {
  await dataverse.close();
  await expectAllZero(adminPool, orgId);
});

const source = (pageSize = 10) => {
  const configuration = dataverseConfigurationSchema([dataverse.host]).parse({
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
    statusMap: { '1': 'registered', '2': 'confirmed', '3': 'reversed' },
  });
  const client = createDataverseClient({
    configuration,
    clientSecret: dataverse.clientSecret,
    now: () => now,
    sleep: async () => {},
  });
  return dataverseReconciliation({ client, configuration, timeZone: 'Europe/Oslo', now: () => now, pageSize });
};
const run = (options: object = {}) => reconciliation.run({ orgId, trigger: 'person', source: source(), ...options });
const runs = () => reconciliation.list({ orgId });

const seconds = (at: Date) => at.toISOString().replace(/\.\d+/, '');
/** A confirmed membership changed so many hours before now. */
const addRow = (hoursAgo: number, changes: object = {}) => {
  const id = randomUUID();
  const at = seconds(new Date(now.getTime() - hoursAgo * 3_600_000));
  const row = { hlf_membershipid: id, hlf_referralcode: mentor.code, _hlf_member_value: randomUUID(), statuscode: 2 };
  dataverse.rows.set(id, { ...row, createdon: at, modifiedon: at, ...changes });
  return id;
};
const memberOf = (rowId: string) => String(dataverse.rows.get(rowId)?._hlf_member_value);
const count = async (table: string) => {
  const { rows } = await adminPool.query(`select count(*)::int as count from verve.${table} where org_id = $1`, [
    orgId,
  ]);
  return rows[0].count as number;
};
const counts = (result: Awaited<ReturnType<typeof run>>) => ('run' in result ? result.run.counts : null);

describe('a reconciliation', () => {
  test('credits what the webhook missed, and reports it', async () => {
    for (let at = 0; at < 25; at += 1) addRow(at);
    addRow(30, { hlf_referralcode: 'UNKNOWN123' });
    addRow(31, { _hlf_member_value: null });
    addRow(32, { statuscode: 9 });
    const result = await run();
    expect(result.outcome).toBe('succeeded');
    expect(counts(result)).toEqual({ seen: 27, matched: 25, credited: 25, alreadyKnown: 0, toInbox: 1, failed: 1 });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(25);
  });

  test('that reads the same rows again changes nothing at all', async () => {
    for (let at = 0; at < 12; at += 1) addRow(at);
    await run();
    const before = [await count('attribution_facts'), await count('referral_events')];
    now = new Date(now.getTime() + 86_400_000);
    expect(counts(await run())).toMatchObject({ seen: 12, matched: 12, credited: 0, alreadyKnown: 12 });
    expect([await count('attribution_facts'), await count('referral_events')]).toEqual(before);
  });

  test('does not reopen what the webhook has told already', async () => {
    const rowId = addRow(1);
    const memberId = memberOf(rowId);
    const facts = [{ kind: 'confirmed' as const, memberId, code: mentor.code, source: 'webhook' as const }];
    await intake.applyFacts({ orgId, actor: hostActor, facts });
    expect(counts(await run())).toMatchObject({ seen: 1, matched: 1, credited: 0, alreadyKnown: 1 });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(1);
  });

  test('reverses what the membership system no longer confirms', async () => {
    const rowId = addRow(5);
    await run();
    Object.assign(dataverse.rows.get(rowId) ?? {}, { statuscode: 3, modifiedon: seconds(now) });
    now = new Date(now.getTime() + 3_600_000);
    expect((await run()).outcome).toBe('succeeded');
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(0);
  });

  test('leaves alone what a coordinator moved to another mentor after it was read', async () => {
    const rowId = addRow(5);
    await run();
    const other = await addMentor(orgId);
    const facts = [
      { kind: 'confirmed' as const, memberId: memberOf(rowId), code: other.code, source: 'person' as const },
    ];
    await intake.applyFacts({ orgId, actor: hostActor, facts });
    const items = await count('inbox_items');
    await run();
    expect(await count('inbox_items')).toBe(items);
  });

  test('decides a row anew whose code was not known the last time', async () => {
    const late = { mentorId: randomUUID(), code: 'ABCDEFGH23' };
    addRow(5, { hlf_referralcode: late.code });
    expect(counts(await run())).toMatchObject({ toInbox: 1, credited: 0 });
    await addMentor(orgId, late);
    expect(counts(await run())).toMatchObject({ toInbox: 0, credited: 1 });
    expect((await creditsOf(orgId)).get(late.mentorId)).toBe(1);
  });
});

describe('the watermark', () => {
  test('is the start of the last success, and the next run begins 48 hours before it', async () => {
    addRow(200);
    await run();
    now = new Date('2026-11-22T02:00:00Z');
    addRow(20);
    await run();
    const [second, first] = await runs();
    expect(first?.since).toBeNull();
    expect(second?.since).toEqual(new Date('2026-11-19T02:00:00Z'));
    expect(second?.counts.seen).toBe(1);
  });

  test('does not move when a run fails, and the next goes on from where it got to', async () => {
    for (let at = 40; at > 0; at -= 1) addRow(at * 24);
    dataverse.faults.afterPage = () => {
      if (dataverse.counts.pages === 1) dataverse.faults.foreignNextLink = 'https://evil.example';
    };
    const failed = await run();
    expect(failed).toMatchObject({ outcome: 'failed', run: { errorCode: 'foreign_next_link', pages: 2 } });
    dataverse.faults.foreignNextLink = null;
    dataverse.faults.afterPage = null;
    const resumed = await run();
    // Twenty rows were dealt with, the twentieth 21 days old; less two days of overlap.
    expect(resumed).toMatchObject({ outcome: 'succeeded', run: { since: new Date('2026-10-29T02:00:00Z') } });
    expect(counts(resumed)).toMatchObject({ credited: 20, alreadyKnown: 3 });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(40);
  });

  test('does not move for a run that was told to begin later than due', async () => {
    addRow(200);
    await run({ from: new Date('2026-11-20T00:00:00Z') });
    expect(counts(await run())).toMatchObject({ seen: 1, credited: 1 });
  });

  test('may be passed over: the beginning reads everything again', async () => {
    addRow(200);
    await run();
    expect(counts(await run())).toMatchObject({ seen: 0 });
    expect(counts(await run({ from: null }))).toMatchObject({ seen: 1, alreadyKnown: 1 });
  });
});

describe('runs at the same time', () => {
  test('are one', async () => {
    for (let at = 0; at < 30; at += 1) addRow(at);
    const results = await Promise.all([run(), run(), run()]);
    expect(results.map((result) => result.outcome).sort()).toEqual(['alreadyRunning', 'alreadyRunning', 'succeeded']);
  });

  test('a run that was cut off is ended after three silent minutes, and cannot go on then', async () => {
    for (let at = 0; at < 30; at += 1) addRow(at);
    let resume = () => {};
    const paused = new Promise<void>((done) => {
      resume = done;
    });
    const slow = source();
    const first = run({
      source: {
        ...slow,
        async *readPages(options: { since: Date | null; runId: string }) {
          for await (const page of slow.readPages(options)) {
            yield page;
            await paused;
          }
        },
      },
    });
    await expect.poll(async () => (await runs())[0]?.pages).toBe(1);
    expect((await run()).outcome).toBe('alreadyRunning');
    now = new Date(now.getTime() + 181_000);
    expect(await run()).toMatchObject({ outcome: 'succeeded', run: { counts: { seen: 30 } } });
    resume();
    expect(await first).toMatchObject({ outcome: 'failed', run: { errorCode: 'interrupted', pages: 1 } });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(30);
  });

  test('with webhooks for the same members credit each once', async () => {
    const rowIds = Array.from({ length: 60 }, (_, at) => addRow(at));
    const webhook = (rowId: string) =>
      intake.applyFacts({
        orgId,
        actor: hostActor,
        facts: [
          { kind: 'confirmed', memberId: memberOf(rowId), code: mentor.code, source: 'webhook', occurredAt: now },
        ],
      });
    const [result] = await Promise.all([run(), ...rowIds.map(webhook), ...rowIds.toReversed().map(webhook)]);
    expect(result.outcome).toBe('succeeded');
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(60);
  });
});

describe('faults of Dataverse', () => {
  test('throttling, an ended token, broken JSON and cut connections lose and double nothing', async () => {
    for (let at = 0; at < 55; at += 1) addRow(at);
    Object.assign(dataverse.faults, {
      throttle: { count: 2, retryAfter: '3' },
      tokenEndsAfter: 4,
      truncated: 1,
      cut: 1,
    });
    expect(counts(await run())).toMatchObject({ seen: 55, credited: 55, failed: 0 });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(55);
  });

  test('a refused secret is a failed run that says what to do', async () => {
    dataverse.clientSecret = 'changed';
    const good = source();
    dataverse.clientSecret = 'changed again';
    expect(await run({ source: good })).toMatchObject({
      outcome: 'failed',
      run: { errorCode: 'credentials_refused', errorDetail: expect.stringContaining('client secret') },
    });
  });

  test('a fault of our own ends the run as failed and is not hidden', async () => {
    const broken = {
      ...source(),
      readPages: () => {
        throw new TypeError('a fault');
      },
    };
    await expect(run({ source: broken })).rejects.toThrow('a fault');
    expect((await runs())[0]).toMatchObject({ status: 'failed', errorCode: 'fault' });
  });
});
