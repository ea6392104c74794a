import { describe, expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { inThisOrder, untilWaiting, withGate } from './interleave.ts';
import {
  approveWhatIsSeenWaiting,
  catchUniqueViolation,
  countThenAward,
  endThenMake,
  lookThenInsert,
  readThenWrite,
  readTotalThenSet,
} from './naive-guards.ts';
import { collide, outcomeOf, person, setScene, settled, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

describe('the naive variant of each guard fails, on record', () => {
  test('counting, then awarding at exactly five: from 4 to 6 two awards, from 3 to 5 none', async () => {
    const { adminPool } = await testDatabase();
    expect(await countThenAward(adminPool, 4, '=')).toBe(2);
    expect(await countThenAward(adminPool, 3, '=')).toBe(0);
  });

  test('counting, then awarding from five on with a unique award: from 3 to 5 the milestone is missed', async () => {
    const { adminPool } = await testDatabase();
    expect(await countThenAward(adminPool, 3, '>=')).toBe(0);
  });

  test('looking for a credit, then inserting one: two codes credit one member twice', async () => {
    const { adminPool } = await testDatabase();
    expect(await lookThenInsert(adminPool)).toBe(2);
  });

  test('deciding by a caught unique violation: the loser cannot record the conflict any more', async () => {
    const { adminPool } = await testDatabase();
    expect(await catchUniqueViolation(adminPool)).toEqual({ conflicts: 0, error: '25P02' });
  });

  test('reading a state and writing later: a reversal beside a confirmation leaves a credit of a rejected member', async () => {
    const { adminPool } = await testDatabase();
    expect(await readThenWrite(adminPool)).toEqual({ status: 'rejected', total: 1 });
  });

  test('reading a total and setting it: one of two credits is lost', async () => {
    const { adminPool } = await testDatabase();
    expect(await readTotalThenSet(adminPool)).toBe(1);
  });

  test('approving what was seen waiting: two approvals credit twice', async () => {
    const { adminPool } = await testDatabase();
    expect(await approveWhatIsSeenWaiting(adminPool)).toBe(2);
  });

  test('ending the active code and making the next: two rotations leave two active codes', async () => {
    const { adminPool } = await testDatabase();
    expect(await endThenMake(adminPool)).toBe(2);
  });
});

// The guards themselves: test/scene.ts says how two are made to meet.

describe('the critical pairs, seen to wait for one another on real connections', () => {
  test('confirm ‖ confirm with two codes: the first is credited, the second is a conflict', async () => {
    const scene = await setScene();
    const results = await collide(
      scene,
      'kari',
      () => scene.confirm(scene.one, 'kari', { code: scene.codes[0] }),
      () => scene.confirm(scene.other, 'kari', { code: scene.codes[1] }),
    );
    expect(results.map(outcomeOf)).toEqual(['confirmed', 'conflict']);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('webhook ‖ import of one confirmation: credited once', async () => {
    const scene = await setScene();
    const results = await collide(
      scene,
      'kari',
      () => scene.confirm(scene.one, 'kari', { code: scene.codes[0] }),
      () => scene.confirm(scene.other, 'kari', { code: scene.codes[0], source: 'import', sourceRef: 'row 17' }),
    );
    expect(results.map(outcomeOf)).toEqual(['confirmed', 'alreadyConfirmed']);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test.each(['confirmation first', 'reversal first'])('confirm ‖ reverse, %s: net 0', async (order) => {
    const scene = await setScene();
    const at = (hour: number) => new Date(Date.UTC(2024, 0, 1, hour));
    const confirm = () => scene.confirm(scene.one, 'kari', { code: scene.codes[0], occurredAt: at(9) });
    const reverse = () => scene.confirm(scene.other, 'kari', { kind: 'reversed', occurredAt: at(10) });
    if (order === 'confirmation first') await collide(scene, 'kari', confirm, reverse);
    else await collide(scene, 'kari', reverse, confirm);
    expect(await totalsOf(scene)).toEqual([0, 0]);
  });

  test('a repeated confirmation ‖ reassign: the credit moves and stays moved', async () => {
    const scene = await setScene();
    await scene.confirm(scene.one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    const [moved] = await collide(
      scene,
      'kari',
      () =>
        scene.one.attributions.reassign({
          orgId: scene.orgId,
          attributionId,
          toMentorId: scene.mentorIds[1],
          reason: 'they met at the fair',
          actor: person(),
        }),
      () => scene.confirm(scene.other, 'kari', { code: scene.codes[0] }),
    );
    expect(outcomeOf(moved)).toBe('reassigned');
    expect(await totalsOf(scene)).toEqual([0, 1]);
  });

  test('reverse ‖ reassign: nobody is credited for what is no more', async () => {
    const scene = await setScene();
    await scene.confirm(scene.one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    await collide(
      scene,
      'kari',
      () => scene.confirm(scene.other, 'kari', { kind: 'reversed' }),
      () =>
        scene.one.attributions.reassign({
          orgId: scene.orgId,
          attributionId,
          toMentorId: scene.mentorIds[1],
          reason: 'they met at the fair',
          actor: person(),
        }),
    );
    expect(await totalsOf(scene)).toEqual([0, 0]);
  });

  test.each(['removal first', 'confirmation first'])('remove ‖ confirm again, %s: it stays removed', async (order) => {
    const scene = await setScene();
    await scene.confirm(scene.one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    const remove = () =>
      scene.one.attributions.remove({
        orgId: scene.orgId,
        attributionId,
        reason: 'a test entry',
        actor: person('org_admin'),
      });
    const again = () => scene.confirm(scene.other, 'kari', { code: scene.codes[0] });
    if (order === 'removal first') await collide(scene, 'kari', remove, again);
    else await collide(scene, 'kari', again, remove);
    expect(await totalsOf(scene)).toEqual([0, 0]);
  });

  test('approve ‖ approve by two people: one credit', async () => {
    const scene = await setScene({ review: 'all' });
    await scene.confirm(scene.one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    const approve = (engine: Verve) => () =>
      engine.attributions.approve({ orgId: scene.orgId, attributionId, actor: person() });
    const results = await collide(scene, 'kari', approve(scene.one), approve(scene.other));
    expect(results.map(outcomeOf)).toEqual(['approved', 'alreadyApproved']);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('approve ‖ reject: whoever comes second hears that it is decided', async () => {
    const scene = await setScene({ review: 'all' });
    await scene.confirm(scene.one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    const on = { orgId: scene.orgId, attributionId };
    const results = await collide(
      scene,
      'kari',
      () => scene.one.attributions.approve({ ...on, actor: person() }),
      () => scene.other.attributions.reject({ ...on, reasonCode: 'duplicate', actor: person() }),
    );
    expect(results.map(outcomeOf)).toEqual(['approved', 'already_credited']);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('rotate ‖ confirm: the confirmation credits, the mentor has one active code', async () => {
    const scene = await setScene();
    const { adminPool } = await testDatabase();
    const lock = {
      text: 'select from verve.referral_codes where org_id = $1 and code = $2 for update',
      values: [scene.orgId, scene.codes[0]],
    };
    const rotate = (engine: Verve) => () =>
      engine.codes.rotateCode({ orgId: scene.orgId, mentorId: scene.mentorIds[0], actor: person('org_admin') });
    await inThisOrder({ adminPool, lock, first: rotate(scene.one), second: rotate(scene.other) });
    expect(outcomeOf(await settled(scene.confirm(scene.one, 'kari', { code: scene.codes[0] })))).toBe('confirmed');
    const both = await Promise.allSettled([
      rotate(scene.one)(),
      scene.confirm(scene.other, 'ola', { code: scene.codes[0] }),
    ]);
    expect(both.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await totalsOf(scene)).toEqual([2, 0]);
    await expectAllZero(adminPool, scene.orgId);
  });

  test.each([
    { start: 4, end: 6 },
    { start: 3, end: 5 },
  ])('crossing five from $start to $end with two confirmations at once: one award', async ({ start, end }) => {
    const scene = await setScene();
    const { adminPool } = await testDatabase();
    for (let n = 0; n < start; n += 1) await scene.confirm(scene.one, `earlier-${n}`, { code: scene.codes[0] });
    const lock = {
      text: 'select from verve.mentor_totals where org_id = $1 and mentor_id = $2 for update',
      values: [scene.orgId, scene.mentorIds[0]],
    };
    await inThisOrder({
      adminPool,
      lock,
      first: () => scene.confirm(scene.one, 'kari', { code: scene.codes[0] }),
      second: () => scene.confirm(scene.other, 'ola', { code: scene.codes[0] }),
    });
    expect(await totalsOf(scene)).toEqual([end, 0]);
    const { rows } = await adminPool.query(
      'select threshold from verve.milestone_awards where org_id = $1 and threshold = 5',
      [scene.orgId],
    );
    expect(rows).toHaveLength(1);
    await expectAllZero(adminPool, scene.orgId);
  });

  test('a registration ‖ the confirmation that names its reference: neither misses the other', async () => {
    const scene = await setScene();
    const { adminPool } = await testDatabase();
    const register = (sourceRef: string | null) =>
      scene.one.attributions.applyFacts({
        orgId: scene.orgId,
        actor: hostActor,
        facts: [
          { kind: 'registered', memberId: null, code: scene.codes[0], registrationRef: 'r', source: 'api', sourceRef },
        ],
      });
    await withGate(adminPool, async (openGate) => {
      const registering = register('held');
      await untilWaiting(adminPool, 1);
      const confirming = scene.confirm(scene.other, 'kari', { registrationRef: 'r' });
      await Promise.race([confirming, untilWaiting(adminPool, 2)]);
      await openGate();
      await Promise.all([registering, confirming]);
    });
    expect(await totalsOf(scene)).toEqual([1, 0]);
    await expectAllZero(adminPool, scene.orgId);
  });

  test.each([
    ['confirmations', (ref: string) => ({ kind: 'confirmed', memberId: ref }) as const],
    ['registrations', (ref: string) => ({ kind: 'registered', memberId: null, registrationRef: ref }) as const],
  ])(
    '%s of one mentor that could not see one another: no more than the limit are without the flag',
    async (_, factOf) => {
      const scene = await setScene({ review: 'flagged', velocityPerHour: 2 });
      const { adminPool } = await testDatabase();
      const { orgId, codes } = scene;
      const engines = Array.from({ length: 4 }, () => scene.stage.otherEngine());
      await withGate(adminPool, async (openGate) => {
        const all = engines.map((engine, place) => {
          const fact: Fact = { ...factOf(`one-${place}`), code: codes[0], source: 'webhook', sourceRef: 'held' };
          return engine.attributions.applyFacts({ orgId, actor: hostActor, facts: [fact] });
        });
        await untilWaiting(adminPool, engines.length);
        await openGate();
        await Promise.all(all);
      });
      const { rows } = await adminPool.query<{ flags: string[] }>(
        'select flags from verve.referral_attributions where org_id = $1',
        [orgId],
      );
      expect(rows.map(({ flags }) => flags.join()).sort()).toEqual(['', '', 'velocity', 'velocity']);
      await expectAllZero(adminPool, orgId);
    },
  );
});
