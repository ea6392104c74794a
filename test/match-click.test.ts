import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { system as actor, organisationWithMentor, testVerve } from './harness-verve.ts';

const base = new Date('2026-11-20T12:00:00.000Z');
let now = base;
const verve = await testVerve({ clock: () => now });

let orgId: string;
let mentorId: string;
let code: string;

beforeEach(async () => {
  now = base;
  ({ orgId, mentorId } = await organisationWithMentor(verve));
  const made = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  if (!('code' in made)) throw new Error(made.outcome);
  code = made.code.code;
});

const hour = 3_600_000;

async function click(token: string, of = code): Promise<void> {
  expect((await verve.clicks.recordReferralClick(of, { token, orgId })).outcome).toBe('recorded');
}

async function match(sessionToken: string, afterMs: number) {
  const registeredAt = new Date(base.getTime() + afterMs);
  now = new Date(Math.max(now.getTime(), registeredAt.getTime()));
  return verve.attributions.matchRegistrationToCode({
    orgId,
    actor,
    sessionToken,
    registeredAt,
    registrationRef: randomUUID(),
  });
}

describe('a registration without a code', () => {
  test.each([
    ['at the very moment of the click', 0, 'matched'],
    ['72 hours later to the millisecond', 72 * hour, 'matched'],
    ['a millisecond after that', 72 * hour + 1, 'noMatch'],
    ['a millisecond before the click', -1, 'noMatch'],
  ])('%s', async (_title, afterMs, outcome) => {
    const token = randomUUID();
    await click(token);
    expect((await match(token, afterMs)).outcome).toBe(outcome);
  });

  test('belongs to the last of several clicks, or to the first where the organisation chose so', async () => {
    const other = await verve.mentors.create({ orgId, actor, displayName: 'Torleif Lien', branchId: null });
    if (other.outcome !== 'created') throw new Error(other.outcome);
    const second = await verve.codes.getOrCreate({ orgId, actor, mentorId: other.mentor.mentorId });
    if (!('code' in second)) throw new Error(second.outcome);
    const token = randomUUID();
    await click(token);
    now = new Date(base.getTime() + hour);
    await click(token, second.code.code);
    const last = await match(token, 2 * hour);
    expect(last).toMatchObject({ outcome: 'matched' });
    await verve.organisations.update({ orgId, actor, change: { settings: { clicks: { matchMode: 'first' } } } });
    const first = await match(token, 2 * hour);
    const mentors = await Promise.all(
      [last, first].map(async (one) => {
        if (!('attributionId' in one)) throw new Error(one.outcome);
        return (await verve.attributions.get({ orgId, actor, attributionId: one.attributionId })).mentorId;
      }),
    );
    expect(mentors).toEqual([other.mentor.mentorId, mentorId]);
  });

  test('with a token of another organisation matches nothing and writes nothing', async () => {
    const token = randomUUID();
    await click(token);
    const other = await organisationWithMentor(verve);
    const registeredAt = base;
    const call = { orgId: other.orgId, actor, sessionToken: token, registeredAt, registrationRef: randomUUID() };
    expect(await verve.attributions.matchRegistrationToCode(call)).toEqual({ outcome: 'noMatch' });
    expect(
      await verve.attributions.getAttributionsByMentor({ orgId: other.orgId, actor, mentorId: other.mentorId }),
    ).toEqual([]);
  });

  test('carries the time and channel of its click, and is the same when it comes again', async () => {
    const token = randomUUID();
    await click(token);
    const registrationRef = randomUUID();
    const call = { orgId, actor, sessionToken: token, registeredAt: base, registrationRef };
    const matched = await verve.attributions.matchRegistrationToCode(call);
    expect(matched.outcome).toBe('matched');
    expect((await verve.attributions.matchRegistrationToCode(call)).outcome).toBe('alreadyMatched');
    if (!('attributionId' in matched)) throw new Error(matched.outcome);
    const view = await verve.attributions.get({ orgId, actor, attributionId: matched.attributionId });
    expect(view.clickedAt?.getTime()).toBe(base.getTime());
  });
});
