import { beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { verify } from '../src/engine/verification/service.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { newMentor, organisationWithMentor, system, testVerve } from './harness-verve.ts';

/** Half past midnight of the 11th in Oslo, half past seven in the evening of the 10th in New York. */
const moment = new Date('2026-03-10T23:30:00Z');
const inOslo = '2026-03-11';
const inNewYork = '2026-03-10';
const actor = system;
let now: Date;
let verve: Verve;
let orgId: string;
let mentorId: string;
let otherId: string;
let code: string;

beforeEach(async () => {
  now = moment;
  verve = await testVerve({ clock: () => now });
  ({ orgId, mentorId } = await organisationWithMentor(verve));
  otherId = await newMentor(verve, orgId);
  for (const owner of [otherId, mentorId]) {
    const made = await verve.codes.getOrCreate({ orgId, actor, mentorId: owner });
    code = 'code' in made ? made.code.code : '';
  }
});

async function tell(memberId: string, kind: Fact['kind'], occurredAt = now): Promise<string> {
  const fact: Fact = {
    kind,
    memberId,
    code,
    occurredAt,
    registeredAt: kind === 'registered' ? now : null,
    source: 'api',
  };
  const [outcome] = await verve.attributions.applyFacts({ orgId, actor, facts: [fact] });
  return outcome !== undefined && 'attributionId' in outcome ? outcome.attributionId : '';
}

async function daysOf(attributionId: string) {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    `select registered_day::text as registered, confirmed_day::text as confirmed, credited_day::text as credited
     from verve.referral_attributions where id = $1`,
    [attributionId],
  );
  return rows[0];
}

async function moveToNewYork(): Promise<void> {
  await verve.organisations.update({ orgId, actor, change: { timeZone: 'America/New_York' } });
}

const funnel = () => verve.reports.funnel({ orgId, actor, fromDay: '2026-03-01', toDay: '2026-04-01' });
const differences = async () => (await verify(verve.parts.database, orgId)).differences;

describe('a day is fixed when it is stored: after the organisation has moved to another time zone', () => {
  test('a row that changes keeps the days of what stays as it was', async () => {
    const attributionId = await tell('a', 'registered');
    expect(await daysOf(attributionId)).toEqual({ registered: inOslo, confirmed: null, credited: null });
    await tell('a', 'confirmed');
    await moveToNewYork();
    now = new Date(moment.getTime() + 1_000);
    await tell('a', 'reversed');
    expect(await daysOf(attributionId)).toEqual({ registered: inOslo, confirmed: inOslo, credited: inOslo });
    now = new Date(moment.getTime() + 2_000);
    await tell('a', 'confirmed');
    expect(await daysOf(attributionId)).toEqual({ registered: inOslo, confirmed: inNewYork, credited: inNewYork });
    expect(await differences()).toEqual([]);
  });

  test('what is new gets the day of the new zone, also on a row of before', async () => {
    const attributionId = await tell('b', 'registered');
    await moveToNewYork();
    await tell('b', 'confirmed');
    expect(await daysOf(attributionId)).toEqual({ registered: inOslo, confirmed: inNewYork, credited: inNewYork });
    expect(await daysOf(await tell('c', 'confirmed'))).toEqual({
      registered: inNewYork,
      confirmed: inNewYork,
      credited: inNewYork,
    });
    expect(await differences()).toEqual([]);
  });

  test('a row that takes another’s place is of the same days, but for its own credit', async () => {
    await tell('d', 'registered');
    const attributionId = await tell('d', 'confirmed');
    await moveToNewYork();
    const call = { orgId, actor, attributionId, toMentorId: otherId, reason: 'Feil verver' };
    const moved = await verve.attributions.reassign(call);
    expect(await daysOf(moved.attributionId)).toEqual({ registered: inOslo, confirmed: inOslo, credited: inNewYork });
    expect(await daysOf(attributionId)).toEqual({ registered: inOslo, confirmed: inOslo, credited: inOslo });
    expect(await differences()).toEqual([]);
  });

  test('no figure of the funnel moves by itself, clicks and what was reversed and restored included', async () => {
    await verve.clicks.recordReferralClick(code);
    await tell('e', 'registered');
    const attributionId = await tell('e', 'confirmed');
    const before = await funnel();
    await moveToNewYork();
    await verve.attributions.remove({ orgId, actor, attributionId, reason: 'Prøve' });
    await verve.attributions.restore({ orgId, actor, attributionId });
    expect(await funnel()).toEqual(before);
    expect(await differences()).toEqual([]);
  });
});
