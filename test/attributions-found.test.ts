import { expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { openDatabase } from '../src/engine/database.ts';
import { testDatabase } from './harness.ts';
import type { Command } from './model/commands.ts';
import { snapshotOfModel } from './model/play.ts';
import { expectAgreement, playOnBoth } from './model/play-both.ts';
import { setStage } from './model/stage.ts';
import { DAY_MS } from './model/world.ts';

// Histories in which engine and model once differed, shrunk by fast-check, each with the sentence that was broken.

type FactCommand = Command & { do: 'fact' };

const fact = (kind: FactCommand['kind'], member: number | null, more: Partial<FactCommand> = {}): Command => ({
  do: 'fact',
  kind,
  member,
  code: 'none',
  ref: null,
  registeredAgo: null,
  occurredAgo: null,
  type: null,
  device: null,
  times: 1,
  ...more,
});

const found: readonly { sentence: string; history: readonly Command[]; credits: number }[] = [
  {
    sentence: 'reassigning a removed attribution does not bring it back',
    history: [
      fact('confirmed', 1, { code: { made: 1 } }),
      { do: 'remove', member: 1, person: 0 },
      { do: 'reassign', member: 1, mentor: 0, person: 0 },
    ],
    credits: 0,
  },
  {
    sentence: 'a mentor cannot be credited for himself under a member id that was merged into his own',
    history: [{ do: 'relink', from: 1, to: 0 }, fact('confirmed', 1, { code: { made: 0 } })],
    credits: 0,
  },
  {
    sentence: 'a mentor whose own member id is merged away is still not credited for himself',
    history: [{ do: 'relink', from: 0, to: 1 }, fact('confirmed', 1, { code: { made: 0 } })],
    credits: 0,
  },
  {
    sentence: 'a mentor whose own member id is merged away by an id merged into it is still not credited for himself',
    history: [
      { do: 'relink', from: 1, to: 0 },
      { do: 'relink', from: 1, to: 2 },
      fact('confirmed', 1, { code: { made: 0 } }),
      { do: 'reassign', member: 1, mentor: 0, person: 0 },
    ],
    credits: 0,
  },
  {
    sentence: 'of two members who wait for one registration reference the first to arrive is tied to it',
    history: [
      fact('confirmed', 1, { ref: 0 }),
      fact('registered', 2, { ref: 0 }),
      fact('registered', null, { code: { made: 0 }, ref: 0 }),
    ],
    credits: 1,
  },
  {
    sentence: 'a new attribution under a used reference is as late as its registration was',
    history: [
      { do: 'rotate', mentor: 1 },
      fact('registered', 1, { code: { made: 1 }, ref: 0 }),
      fact('confirmed', 2, { code: { made: 0 }, ref: 0 }),
    ],
    credits: 1,
  },
  {
    sentence: 'a kept reversal that ends a pending does not make the fact that links it a conflict',
    history: [
      fact('registered', null, { code: { made: 1 }, ref: 2 }),
      fact('reversed', 1, { code: { made: 0 } }),
      fact('reversed', 1, { code: { made: 0 }, ref: 2 }),
    ],
    credits: 0,
  },
  {
    sentence: 'a confirmation that waited under an ended code of the same mentor is no mismatch',
    history: [
      { do: 'invalidate', mentor: 1 },
      { do: 'advance', ms: DAY_MS },
      fact('confirmed', 1, { code: { made: 1 } }),
      fact('registered', 1, { code: { made: 3 } }),
    ],
    credits: 1,
  },
  {
    sentence:
      'an older confirmation of a type that never credits does not make a refused registration a member who left',
    history: [
      fact('registered', 1, { code: { made: 1 }, occurredAgo: DAY_MS }),
      fact('rejected', 1),
      fact('confirmed', 1, { type: 'supporter', occurredAgo: 1 }),
    ],
    credits: 0,
  },
  {
    sentence: 'a refusal for the membership type stays provable when an older confirmation arrives after it',
    history: [
      fact('registered', 1, { code: { made: 1 }, occurredAgo: 30 * DAY_MS }),
      fact('confirmed', 1, { type: 'supporter' }),
      fact('confirmed', 1, { occurredAgo: DAY_MS }),
    ],
    credits: 0,
  },
  {
    sentence: 'a type that never credits, waiting beside a confirmation that credits, ends nothing',
    history: [
      fact('confirmed', 1),
      fact('confirmed', 1, { type: 'supporter' }),
      fact('registered', 1, { code: { made: 1 } }),
    ],
    credits: 1,
  },
  {
    sentence: 'what waited for a mentor who is the member himself credits him in no order of arrival',
    history: [
      fact('registered', null, { code: { made: 0 }, occurredAgo: 30 * DAY_MS }),
      fact('confirmed', 0, { code: { made: 0 } }),
      fact('reversed', 0, { code: { made: 0 }, occurredAgo: DAY_MS }),
    ],
    credits: 0,
  },
  {
    sentence: 'a case that was decided under an id of before a merge is not opened again after it',
    history: [
      fact('confirmed', 1, { code: { made: 1 } }),
      fact('confirmed', 1, { code: { made: 2 } }),
      { do: 'resolve', case: 0, by: 'dismiss', person: 0 },
      { do: 'relink', from: 1, to: 2 },
      fact('confirmed', 1, { code: { made: 2 } }),
    ],
    credits: 1,
  },
  {
    sentence: 'recruitments that a coordinator moves to a mentor did not arrive with him: they are no velocity',
    history: [
      { do: 'rules', review: 'flagged', roles: ['coordinator'], velocity: 1 },
      fact('registered', 1, { code: { made: 1 } }),
      { do: 'reassign', member: 1, mentor: 2, person: 0 },
      fact('registered', 2, { code: { made: 2 } }),
      fact('confirmed', 2),
    ],
    credits: 1,
  },
  {
    sentence: 'a row that gave way to another is not taken out in its place when a case is opened again',
    history: [
      { do: 'claim', member: 1 },
      { do: 'resolve', case: 0, by: { mentor: 1 }, person: 0 },
      fact('confirmed', 1),
      { do: 'reassign', member: 1, mentor: 2, person: 0 },
      { do: 'reopen', case: 0, person: 0 },
    ],
    credits: 1,
  },
];

test.each(found)('$sentence', async ({ history, credits }) => {
  const stage = await setStage({ excludedTypes: ['supporter'] });
  for (const command of history) await playOnBoth(stage, command);
  await expectAgreement(stage);
  const { totals } = snapshotOfModel(stage.world);
  expect(Object.values(totals).reduce((sum, total) => sum + total, 0)).toBe(credits);
});

test('a confirmation and the registration it waits for credit also when they come in one batch', async () => {
  const { orgId, engine, world } = await setStage();
  const code = [...world.codes.keys()][1] as string;
  await engine.attributions.applyFacts({
    orgId,
    actor: hostActor,
    facts: [
      { kind: 'confirmed', memberId: 'member-1', registrationRef: 'r', source: 'webhook' },
      { kind: 'registered', memberId: null, registrationRef: 'r', code, source: 'webhook' },
    ],
  });
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select credited from verve.mentor_totals where org_id = $1', [orgId]);
  expect(rows).toEqual([{ credited: 1 }]);
});

test('a registration settles the case of a confirmation that came before it in the same batch, and tells of both', async () => {
  const { orgId, engine, world, cast } = await setStage();
  const [, code] = [...world.codes.keys()];
  await engine.attributions.applyFacts({
    orgId,
    actor: hostActor,
    facts: [
      { kind: 'confirmed', memberId: 'member-1', code: cast.unknownCode, source: 'webhook' },
      { kind: 'registered', memberId: 'member-1', code: code as string, source: 'webhook' },
    ],
  });
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    `select items.resolution, (select array_agg(events.type order by events.seq) from verve.referral_events as events
       where events.org_id = items.org_id and events.type like 'inbox.%') as told
     from verve.inbox_items as items where items.org_id = $1`,
    [orgId],
  );
  expect(rows).toEqual([{ resolution: 'settled', told: ['inbox.opened', 'inbox.resolved'] }]);
});

test('of what waited at one instant the first to arrive acts first, also when the last comes with the registration', async () => {
  const { orgId, engine, world, cast } = await setStage();
  const [, code] = [...world.codes.keys()];
  const at = new Date(world.now);
  const confirmed = { kind: 'confirmed', memberId: 'member-1', occurredAt: at, source: 'webhook' } as const;
  const say = (facts: Parameters<typeof engine.attributions.applyFacts>[0]['facts']) =>
    engine.attributions.applyFacts({ orgId, actor: hostActor, facts });
  await say([confirmed]);
  await say([
    { ...confirmed, code: cast.unknownCode },
    { kind: 'registered', memberId: 'member-1', code: code as string, source: 'webhook' },
  ]);
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query(
    'select status, flags from verve.referral_attributions where org_id = $1 and superseded_at is null',
    [orgId],
  );
  expect(rows).toEqual([{ status: 'confirmed', flags: [] }]);
});

test('a recruitment that is moved to a mentor is a member in his own list too', async () => {
  const { orgId, engine, world, cast } = await setStage();
  const [, code] = [...world.codes.keys()];
  const { adminPool, pool } = await testDatabase();
  const actor = hostActor;
  await engine.organisations.update({ orgId, actor, change: { settings: { mentors: { figures: 'live' } } } });
  const fact = { kind: 'confirmed', memberId: 'member-1', code: code as string, source: 'webhook' } as const;
  const [outcome] = await engine.attributions.applyFacts({ orgId, actor, facts: [fact] });
  const attributionId = outcome !== undefined && 'attributionId' in outcome ? outcome.attributionId : '';
  const toMentorId = cast.mentorIds[2] as string;
  await engine.attributions.reassign({ orgId, actor, attributionId, toMentorId, reason: 'they met' });
  const mentor = await adminPool.query('select user_id as sub from verve.mentors where id = $1', [toMentorId]);
  const claims = { sub: mentor.rows[0].sub, role: 'authenticated' };
  const reading = openDatabase({ pool, clock: () => new Date(world.now) });
  const recruits = await reading.transaction({ role: 'authenticated', claims }, (session) =>
    session.query('select status, confirmed_day is not null as "hasDay" from verve_private.own_recruits()'),
  );
  expect(recruits).toEqual([{ status: 'confirmed', hasDay: true }]);
});
