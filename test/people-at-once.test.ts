import { describe, expect, test } from 'vitest';
import { hostActor as actor } from '../src/engine/actor.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { countDeadlocks, inThisOrder, untilWaiting, withGate } from './interleave.ts';
import { collide, outcomeOf, person, type Scene, setScene, settled, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

const { adminPool } = await testDatabase();

async function cases({ orgId }: Scene) {
  const { rows } = await adminPool.query<{ id: string; kind: string; resolution: string | null }>(
    'select id, kind, resolution from verve.inbox_items where org_id = $1 order by kind',
    [orgId],
  );
  return rows;
}

const attach = ({ orgId }: Scene, engine: Verve, inboxItemId: string, mentorId: string) =>
  engine.inbox.resolve({ orgId, actor: person(), inboxItemId, reason: 'they met', by: { how: 'attach', mentorId } });

const dismiss = ({ orgId }: Scene, engine: Verve, inboxItemId: string) =>
  engine.inbox.resolve({ orgId, actor: person(), inboxItemId, reason: 'nobody knows', by: { how: 'dismiss' } });

describe('a person beside facts and beside other people', () => {
  test('a registration that settles a case ‖ attach: the case says who was credited, and asks nobody else', async () => {
    const scene = await setScene();
    await scene.confirm(scene.one, 'kari', { code: scene.stage.cast.unknownCode });
    const [item] = await cases(scene);
    const results = await collide(
      scene,
      'kari',
      () => scene.confirm(scene.one, 'kari', { kind: 'registered', code: scene.codes[0] }),
      () => attach(scene, scene.other, item?.id ?? '', scene.mentorIds[1]),
    );
    expect(results.map(outcomeOf)).toEqual(['registered', 'alreadyResolved']);
    expect(await cases(scene)).toMatchObject([{ kind: 'unknown_code', resolution: 'settled' }]);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('attach ‖ a registration under another’s code: the person’s word stands, the registration is a conflict', async () => {
    const scene = await setScene();
    await scene.confirm(scene.one, 'kari', { code: scene.stage.cast.unknownCode });
    const [item] = await cases(scene);
    const results = await collide(
      scene,
      'kari',
      () => attach(scene, scene.one, item?.id ?? '', scene.mentorIds[0]),
      () => scene.confirm(scene.other, 'kari', { kind: 'registered', code: scene.codes[1] }),
    );
    expect(results.map(outcomeOf)).toEqual(['resolved', 'conflict']);
    expect(await totalsOf(scene)).toEqual([1, 0]);
    expect(await cases(scene)).toMatchObject([{ kind: 'conflict', resolution: null }, { resolution: 'attached' }]);
  });

  test('accept ‖ decline of a claim by many: one decides, and claim, case and credit say the same', async () => {
    const scene = await setScene();
    const { orgId, stage } = scene;
    const claim = { claimant: 'member', memberId: 'kari', mentorId: scene.mentorIds[0] } as const;
    const { inboxItemId } = await scene.one.inbox.claimRecruitment({ orgId, actor, ...claim });
    await scene.confirm(scene.one, 'kari');
    const engines = Array.from({ length: 6 }, () => stage.otherEngine());
    const answers = await Promise.all(
      engines.map((engine, place) =>
        place % 2 === 0 ? dismiss(scene, engine, inboxItemId) : attach(scene, engine, inboxItemId, scene.mentorIds[0]),
      ),
    );
    expect(answers.filter((one) => one.outcome === 'resolved')).toHaveLength(1);
    const { rows } = await adminPool.query<{ status: string; resolution: string; told: number }>(
      `select claims.status, items.resolution, (select count(*)::int from verve.referral_events as events
         where events.org_id = $1 and events.type = 'inbox.resolved') as told
       from verve.claims join verve.inbox_items as items on items.subject = claims.id::text where claims.org_id = $1`,
      [orgId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ told: 1, status: rows[0]?.resolution });
    expect(await totalsOf(scene)).toEqual([rows[0]?.status === 'accepted' ? 1 : 0, 0]);
    await expectAllZero(adminPool, orgId);
  });

  test('a confirmation in flight ‖ the mentor’s own member id becomes known: a person is asked', async () => {
    const scene = await setScene();
    const { orgId, other, mentorIds } = scene;
    await withGate(adminPool, async (openGate) => {
      const confirming = scene.confirm(scene.one, 'own', { code: scene.codes[0], sourceRef: 'held' });
      await untilWaiting(adminPool, 1);
      const telling = other.mentors.update({ orgId, actor, mentorId: mentorIds[0], change: { memberId: 'own' } });
      await untilWaiting(adminPool, 2);
      await openGate();
      await Promise.all([confirming, telling]);
    });
    expect(await cases(scene)).toMatchObject([{ kind: 'self_referral', resolution: null }]);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('a reassignment in flight ‖ the mentor’s own member id becomes known: refused, or a person is asked', async () => {
    const scene = await setScene();
    const { orgId, one, other, mentorIds } = scene;
    await scene.confirm(one, 'own', { code: scene.codes[1] });
    const move = { attributionId: await scene.attributionOf('own'), toMentorId: mentorIds[0], reason: 'they met' };
    const lock = {
      text: 'select from verve.sources where org_id = $1 and ref = $2 for update',
      values: [orgId, 'own'],
    };
    const [moved] = await inThisOrder({
      adminPool,
      lock,
      first: () => one.attributions.reassign({ orgId, actor, ...move }),
      second: () => other.mentors.update({ orgId, actor, mentorId: mentorIds[0], change: { memberId: 'own' } }),
    });
    expect(outcomeOf(moved)).toBe('reassigned');
    expect(await cases(scene)).toMatchObject([{ kind: 'self_referral', resolution: null }]);
  });

  test('approve ‖ erase: both happen, in whichever order, without waiting for one another in a circle', async () => {
    const scene = await setScene({ review: 'all' });
    const { orgId, one, other } = scene;
    await scene.confirm(one, 'kari', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('kari');
    const before = await countDeadlocks(adminPool);
    const results = await collide(
      scene,
      'kari',
      () => one.attributions.approve({ orgId, attributionId, actor: person() }),
      () => other.privacy.eraseMember({ orgId, actor, memberId: 'kari' }),
    );
    expect(results.map(outcomeOf)).toEqual(['approved', 'erased']);
    expect(await countDeadlocks(adminPool)).toBe(before);
    expect(await totalsOf(scene)).toEqual([1, 0]);
  });

  test('a merge ‖ an act on the recruitment that it moves: the act finds it where it is now', async () => {
    const scene = await setScene();
    const { orgId, one, other, mentorIds } = scene;
    await scene.confirm(one, 'old', { code: scene.codes[0] });
    const attributionId = await scene.attributionOf('old');
    await collide(
      scene,
      'old',
      () => one.attributions.relinkMember({ orgId, actor, oldMemberId: 'old', newMemberId: 'new' }),
      () => other.attributions.reassign({ orgId, actor, attributionId, toMentorId: mentorIds[1], reason: 'they met' }),
    );
    expect(await totalsOf(scene)).toEqual([0, 1]);
    expect(outcomeOf(await settled(scene.confirm(one, 'new', { kind: 'reversed' })))).toBe('reversed');
    expect(await totalsOf(scene)).toEqual([0, 0]);
    await expectAllZero(adminPool, orgId);
  });
});
